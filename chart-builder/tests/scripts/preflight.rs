//! What preflight refuses before a release touches anything.

use crate::world::{Outcome, World, definition};

const SECRETS: &str = "\
peer0-tls ca.crt 559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd
peer0-tls tls.crt any
peer0-tls tls.key any
";

/// A namespace with the Secret of one node; the SHA-256 of `A` is the digest above.
fn namespace() -> World {
    let world = World::new();
    world.write("pod/secrets/peer0-tls/ca.crt", "A");
    world.write("pod/secrets/peer0-tls/tls.crt", "certificate");
    world.write("pod/secrets/peer0-tls/tls.key", "key");
    world
}

fn preflight(world: &World, desired: &str) -> Outcome {
    let variables = [
        ("NAMESPACE", "org1"),
        ("RELEASE", "article"),
        ("RELEASE_NAMESPACE", "shop"),
        ("ORGANIZATION", "Org1"),
        ("SECRETS", SECRETS),
        ("DESIRED", desired),
    ];
    world.run(&definition("_preflight.tpl", "preflight.sh"), 1, &variables)
}

#[test]
fn secrets_of_these_identities_pass() {
    let outcome = preflight(&namespace(), "");
    assert!(outcome.success && outcome.text.is_empty(), "{}", outcome.text);
}

#[test]
fn a_missing_secret_is_named_once_with_the_command_that_makes_it() {
    let world = World::new();
    let outcome = preflight(&world, "");
    assert!(!outcome.success);
    assert_eq!(outcome.text.matches("Secret peer0-tls is missing").count(), 1, "{}", outcome.text);
    let command = "kubectl apply --server-side -f private/Org1/manifest.yaml";
    assert!(outcome.text.contains(command), "{}", outcome.text);
}

#[test]
fn secrets_of_other_identities_and_missing_keys_are_named() {
    let world = namespace();
    world.write("pod/secrets/peer0-tls/ca.crt", "B");
    world.remove("pod/secrets/peer0-tls/tls.key");
    let outcome = preflight(&world, "");
    assert!(!outcome.success);
    assert!(outcome.text.contains("is of other identities: ca.crt"), "{}", outcome.text);
    assert!(outcome.text.contains("has no key tls.key"), "{}", outcome.text);
}

#[test]
fn a_release_that_lowers_a_sequence_is_refused() {
    let world = namespace();
    world.write("pod/live/state", "chaincode mychannel basic 2.0 2 basic-2:id -\n");
    let outcome = preflight(&world, "chaincode mychannel basic 1.0 1 basic-1:id -\n");
    assert!(!outcome.success);
    assert!(outcome.text.contains("from sequence 2 back to 1"), "{}", outcome.text);
    assert!(!outcome.text.contains("kubectl apply"), "the Secrets are good: {}", outcome.text);
    let unlock = "kubectl delete secret --namespace shop \
                  --selector owner=helm,name=article,status=pending-rollback";
    assert!(outcome.text.contains(unlock), "{}", outcome.text);
    let outcome = preflight(&world, "chaincode mychannel basic 3.0 3 basic-3:id -\n");
    assert!(outcome.success, "{}", outcome.text);
}

#[test]
fn a_release_without_a_consenter_of_the_channel_is_refused() {
    let world = namespace();
    world.write(
        "pod/live/state",
        "consenter mychannel orderer0.orderer\nconsenter mychannel orderer1.orderer\n",
    );
    let outcome = preflight(&world, "consenter mychannel orderer0.orderer\n");
    assert!(!outcome.success);
    assert!(outcome.text.contains("consenter orderer1.orderer of channel mychannel"));
}

#[test]
fn a_release_without_one_of_the_peers_is_none_of_its_business() {
    let world = namespace();
    world.write("pod/live/state", "peer peer0.org1:7051\npeer peer1.org1:7051\n");
    let outcome = preflight(&world, "peer peer0.org1:7051\n");
    assert!(outcome.success, "{}", outcome.text);
}

#[test]
fn a_release_that_forgets_how_a_channel_got_its_members_is_refused() {
    let world = namespace();
    world.write("pod/live/state", "organization Org1MSP\nupdate mychannel 1 0 4f72\n");
    let outcome = preflight(&world, "organization Org1MSP\n");
    assert!(!outcome.success);
    assert!(
        outcome.text.contains("update 1 of channel mychannel would be forgotten"),
        "{}",
        outcome.text
    );
    assert!(outcome.text.contains("unlock it: kubectl delete secret"), "{}", outcome.text);
    // Whose turn it is may change; another update is no replacement.
    assert!(preflight(&world, "update mychannel 1 2 4f72\n").success);
    assert!(!preflight(&world, "update mychannel 11 0 4f72\n").success);
}
