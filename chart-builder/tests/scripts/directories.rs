//! What the look at directories names before anything starts.

use crate::world::{Outcome, World, definition};

/// The SHA-256 of `A`.
const SHA256: &str = "559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd";

/// Looks at `/live` for these lines.
fn look(world: &World, lines: &str) -> Outcome {
    let script = definition("_directories.tpl", "directories.sh");
    let script = format!("set -u\n{script}\ncheck_lines /live/. files:/share \"$LINES\"\n");
    world.run(&script, 1, &[("LINES", lines)])
}

#[test]
fn what_is_there_and_right_passes_in_silence_and_leaves_no_trace() {
    let world = World::new();
    world.write("pod/live/org1/peer0/CURRENT", "ledger");
    world.write("pod/live/tls/server.crt", "A");
    world.write("pod/live/keystore/0123_sk", "key");
    let lines =
        format!("directory org1/peer0 peer0.org1\nfile tls/server.crt {SHA256}\nkeys keystore\n");
    let outcome = look(&world, &lines);
    assert!(outcome.success && outcome.text.is_empty(), "{}", outcome.text);
    let left: Vec<_> = std::fs::read_dir(world.path("pod/live/org1/peer0")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn everything_that_is_missing_is_named_in_one_run_with_its_place() {
    let outcome = look(
        &World::new(),
        "directory org1/peer0 peer0.org1\nfile tls/server.key any\nkeys keystore\n",
    );
    assert!(!outcome.success);
    for words in [
        "directory org1/peer0 for peer0.org1 is missing on files:/share: make it there",
        "file tls/server.key is missing on files:/share",
        "directory keystore is missing on files:/share",
    ] {
        assert!(outcome.text.contains(words), "{}", outcome.text);
    }
}

#[test]
fn a_mount_that_made_a_directory_of_a_file_and_other_identities_are_told_apart() {
    let world = World::new();
    world.write("pod/live/tls/server.crt", "B");
    world.write("pod/live/tls/server.key/x", "");
    world.write("pod/live/tls/ca.crt", "");
    world.write("pod/live/keystore/readme", "no key");
    let lines = format!(
        "file tls/server.crt {SHA256}\nfile tls/server.key any\nfile tls/ca.crt any\nkeys keystore\n"
    );
    let outcome = look(&world, &lines);
    assert!(!outcome.success);
    for words in [
        "server.crt on files:/share is of other identities",
        "server.key is a directory on files:/share: a mount made it",
        "file tls/ca.crt is empty",
        "keystore on files:/share has no key",
    ] {
        assert!(outcome.text.contains(words), "{}", outcome.text);
    }
}
