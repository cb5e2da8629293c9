//! What operators do with a storage, by the program itself: `verify`, `gc`, backup and `restore`.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chart_registry::{Options, Registry};
use serde_json::{Value, json};

use crate::commands::{answer, program};
use crate::harness::Harness;
use crate::support::package;

fn verified(data: &Path) -> Value {
    answer(&program(&["verify", "--json"], data))
}

/// Charts, one signed, one deleted, an image, and a checkpoint.
async fn filled() -> Harness {
    let harness = Harness::with(Options { checkpoint_after: 4, ..Options::default() }).await;
    for minor in 0..4 {
        harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
    }
    harness.post(package("peer", "2.0.0", "a: 2\n")).await;
    harness.push_image("team/tool", "1", &json!({})).await;
    harness.request("DELETE", "/api/charts/org/1.2.0").await;
    harness.wait_for_file("state/").await;
    harness
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_storage_has_no_faults_and_servers_may_run() {
    let harness = filled().await;
    let found = verified(harness.storage.path());
    assert_eq!((&found["faultCount"], &found["faults"]), (&json!(0), &json!([])), "{found}");
    assert_eq!((&found["versions"], &found["seq"]), (&json!(4), &json!(7)));
    assert!(found["checkpoints"].as_u64() >= Some(1), "{found}");
    // Five packages, a manifest, and its two blobs.
    assert_eq!(found["objects"], 8, "{found}");
    let missing = program(&["verify"], Path::new("/nowhere"));
    assert_eq!(missing.status.code(), Some(1));
    assert!(!Path::new("/nowhere").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_flipped_bit_in_any_file_is_found_and_named() {
    let harness = filled().await;
    let seq = harness.registry.state().head().seq;
    let files = harness.stored();
    // The last entry has none behind it that says its digest: `verify` prints it for comparison.
    let last = format!("journal/{seq:016}");
    let looked_at = |path: &&String| {
        ["journal/", "objects/sha", "state/"].iter().any(|it| path.starts_with(it))
            && **path != last
    };
    for path in files.keys().filter(looked_at) {
        let file = harness.storage.path().join(path);
        let whole = std::fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        let at = flipped.len() / 2;
        flipped[at] ^= 1;
        std::fs::write(&file, &flipped).unwrap();
        let output = program(&["verify", "--json"], harness.storage.path());
        let found = answer(&output);
        let faults = found["faults"].as_array().unwrap();
        let next = path.strip_prefix("journal/").map(|number| number.parse::<u64>().unwrap() + 1);
        let is_meant = |fault: &Value| {
            let place = fault["where"].as_str().unwrap();
            // A changed entry is found when the next one does not follow from it.
            place == path || next.is_some_and(|next| place == format!("journal/{next:016}"))
        };
        assert!(faults.iter().any(is_meant), "{path}: {found}");
        assert_eq!(output.status.code(), Some(1), "{path}");
        std::fs::write(&file, &whole).unwrap();
        let told =
            faults.iter().all(|fault| fault["fix"].as_str().is_some_and(|it| !it.is_empty()));
        assert!(told, "{found}");
    }
    assert_eq!(verified(harness.storage.path())["faultCount"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_and_what_does_not_belong_there_is_named() {
    let harness = filled().await;
    let root = harness.storage.path();
    let lost: Vec<PathBuf> = harness
        .stored()
        .keys()
        .filter(|path| path.starts_with("objects/sha256/") || path.ends_with("0000000003"))
        .map(|path| root.join(path))
        .collect();
    let aside = tempfile::tempdir().unwrap();
    for file in lost {
        let kept = aside.path().join("kept");
        std::fs::copy(&file, &kept).unwrap();
        std::fs::remove_file(&file).unwrap();
        let count = verified(root)["faultCount"].as_u64().unwrap();
        let deleted = package("org", "1.2.0", "a: 1\n");
        // The package of a deleted version need not be there.
        let expected = std::fs::read(&kept).unwrap() != deleted;
        assert_eq!(count > 0, expected, "{}", file.display());
        std::fs::copy(&kept, &file).unwrap();
    }
    std::fs::write(root.join("objects/sha256/00/notes.txt"), "x").unwrap();
    let output = program(&["verify"], root);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("objects/sha256/00/notes.txt: "), "{text}");
    assert!(text.contains("1 faults"), "{text}");
}

fn make_old(directory: &Path, age: Duration) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            make_old(&path, age);
        } else {
            let file = std::fs::File::open(&path).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_goes_when_it_is_old_and_everything_else_stays() {
    let harness = filled().await;
    let root = harness.storage.path();
    let purge = r#"{"reason":"a test"}"#;
    harness.send_text("POST", "/-/v1/versions/org/1.3.0/purge", purge).await;
    harness.push_blob("team/tool", b"nobody names this").await;
    let collected =
        |keep: &str| answer(&program(&["gc", "--keep-deleted", keep, "--pause", "0s"], root));
    let purged = harness.get("/charts/org-1.3.0.tgz").await.status.as_u16();
    assert_eq!((collected("0s")["objects"].as_u64(), purged), (Some(0), 404));
    make_old(root, Duration::from_hours(25));
    let dry = answer(&program(&["gc", "--keep-deleted", "0s", "--dry-run"], root));
    // The deleted package, the purged one, and the blob.
    assert_eq!((&dry["objects"], &dry["notes"]), (&json!(3), &json!(1)), "{dry}");
    assert_eq!(collected("1h")["objects"], 2);
    assert_eq!(collected("0s")["objects"], 1);
    assert_eq!(collected("0s")["objects"], 0);
    let found = verified(root);
    assert_eq!(
        (&found["faultCount"], &found["objects"], &found["garbage"]),
        (&json!(0), &json!(6), &json!(0))
    );
    // The same bytes bring the deleted version back.
    let again = harness.post(package("org", "1.2.0", "a: 1\n")).await;
    assert_eq!(again.status.as_u16(), 201, "{}", again.text());
    assert_eq!(harness.get("/charts/org-1.2.0.tgz").await.body, package("org", "1.2.0", "a: 1\n"));
    assert_eq!(verified(root)["faultCount"], 0);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_while_a_server_writes_is_a_backup_of_every_moment_up_to_it() {
    let harness = filled().await;
    let before = harness.registry.state().head();
    let index = harness.get("/index.yaml").await.body;
    let (root, folder) = (harness.storage.path(), tempfile::tempdir().unwrap());
    let backup = folder.path().join("backup");
    let registry = harness.registry.clone();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = std::sync::Arc::clone(&stop);
    let writer = tokio::spawn(async move {
        let mut patch = 0;
        while !stopped.load(std::sync::atomic::Ordering::SeqCst) || patch < 20 {
            registry.publish(package("busy", &format!("1.0.{patch}"), "a: 1\n")).await.unwrap();
            patch += 1;
        }
    });
    // The journal first: the objects that it names are there already.
    let (from, to) = (root.to_owned(), backup.clone());
    let copied = tokio::task::spawn_blocking(move || {
        for part in ["journal", "objects"] {
            copy(&from.join(part), &to.join(part));
        }
        std::fs::copy(from.join("FORMAT"), to.join("FORMAT")).unwrap();
    });
    copied.await.unwrap();
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    writer.await.unwrap();
    let found = verified(&backup);
    assert_eq!(found["faultCount"], 0, "{found}");
    assert!(found["seq"].as_u64().unwrap() >= before.seq);
    // Back to the moment before the writer began.
    let data = folder.path().join("data");
    let at = before.seq.to_string();
    let backup = backup.to_str().unwrap();
    let restored = answer(&program(&["restore", backup, "--at", &at], &data));
    assert_eq!(restored, json!({ "seq": before.seq, "objects": 8, "gone": 0 }));
    assert_eq!(verified(&data)["faultCount"], 0);
    let registry = Registry::open(&data).await.unwrap();
    assert_eq!(registry.state().head(), before);
    let repository = registry.state().repository("");
    assert_eq!(repository.index_frames().flatten().collect::<Vec<_>>(), index);
    // Never over a journal, never beyond the backup.
    assert_eq!(program(&["restore", backup], &data).status.code(), Some(1));
    let late = program(&["restore", backup, "--at", "100000000"], &folder.path().join("other"));
    assert_eq!(late.status.code(), Some(1));
}
