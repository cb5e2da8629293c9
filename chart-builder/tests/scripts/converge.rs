//! What converge writes, and when it calls itself done.

use crate::looped::{converge, converge_as, is_done};
use crate::world::{Outcome, World};

const STATE: &str = "\
organization Org1MSP
peer peer0.org1:7051
peer peer1.org1:7051
channel mychannel 4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce 0
join mychannel peer0.org1:7051
join mychannel peer1.org1:7051
orderer mychannel orderer0.orderer:7050 OrdererMSP
orderer mychannel orderer1.orderer:7050 OrdererMSP
member mychannel Org1MSP peer0.org1:7051
member mychannel Org2MSP peer0.org2:7051
chaincode mychannel basic 1.0 1 basic-1:id -
";
/// Every change that a new network needs of its first member.
const ALL_WRITES: &[&str] = &[
    "join peer0.org1",
    "join peer1.org1",
    "install peer0.org1",
    "install peer1.org1",
    "approve 1",
    "commit 1",
];

/// A network in which Org2 has approved and nothing else has happened.
fn new_network() -> World {
    let world = World::new();
    world.write("pod/desired/state", STATE);
    world.write("pod/desired/basic.tgz", "basic-1:id\n");
    // The SHA-256 of `3` is the channel's digest in the state above.
    world.write("genesis", "3");
    world.write("height", "5");
    world.write("approved.1", "Org2MSP\n");
    world
}

/// The converge of one owner's release.
fn converge_alone(world: &World, rounds: usize) -> Outcome {
    converge_as("alone", world, rounds)
}

#[test]
fn a_new_network_is_joined_and_defined_and_then_left_alone() {
    let world = new_network();
    let outcome = converge(&world, 12);
    assert!(is_done(&world), "{}", outcome.text);
    assert_eq!(world.lines("writes"), ALL_WRITES, "{}", outcome.text);
    assert_eq!(world.lines("rounds").last().map(String::as_str), Some("20"), "idle at the end");
}

#[test]
fn a_pod_that_dies_after_every_round_ends_in_the_same_state() {
    let world = new_network();
    for _ in 0..12 {
        world.new_pod();
        assert!(converge(&world, 1).success);
    }
    assert!(is_done(&world));
    assert_eq!(world.lines("writes"), ALL_WRITES);
}

#[test]
fn a_transaction_without_effect_is_never_taken_for_done() {
    let world = new_network();
    world.write("deaf", "");
    let outcome = converge(&world, 8);
    assert!(!is_done(&world), "{}", outcome.text);
    assert!(!outcome.text.contains("everything is as desired"), "{}", outcome.text);
}

#[test]
fn a_block_of_another_network_is_not_joined() {
    let world = new_network();
    world.write("genesis", "4");
    let outcome = converge(&world, 3);
    assert!(world.lines("writes").is_empty(), "{:?}", world.lines("writes"));
    assert!(outcome.text.contains("not the one of this network"), "{}", outcome.text);
}

#[test]
fn a_peer_that_has_lost_its_volume_writes_nothing_while_it_reads() {
    let world = new_network();
    world.write("committed", "1 1.0");
    world.write("approved.1", "Org1MSP\nOrg2MSP\n");
    world.write("package.Org1MSP", "basic-1:id");
    world.write("lagging.peer0.org1", "");
    let outcome = converge(&world, 6);
    assert!(!is_done(&world));
    assert!(outcome.text.contains("has read 1 of 5 blocks"), "{}", outcome.text);
    assert!(!world.lines("writes").iter().any(|it| it.starts_with("approve")));
    world.remove("lagging.peer0.org1");
    converge(&world, 2);
    assert!(is_done(&world));
    assert_eq!(world.lines("writes"), ALL_WRITES[..4]);
}

#[test]
fn a_peer_that_is_away_takes_readiness_with_it() {
    let world = new_network();
    converge(&world, 12);
    world.write("down.peer1.org1", "");
    converge(&world, 2);
    assert!(!is_done(&world));
    world.remove("down.peer1.org1");
    converge(&world, 2);
    assert!(is_done(&world));
    assert_eq!(world.lines("writes"), ALL_WRITES, "nothing is written again");
}

#[test]
fn a_sequence_above_the_wanted_one_is_left_as_it_is() {
    let world = new_network();
    world.write("committed", "2 2.0");
    converge(&world, 4);
    assert!(is_done(&world));
    assert_eq!(world.lines("writes"), ALL_WRITES[..4]);
}

#[test]
fn sequences_are_made_one_after_the_other() {
    let world = new_network();
    world.write("pod/desired/state", &STATE.replace("basic 1.0 1", "basic 1.0 2"));
    world.write("approved.2", "Org2MSP\n");
    converge(&world, 16);
    assert!(is_done(&world));
    let writes = world.lines("writes");
    assert_eq!(writes[4..], ["approve 1", "commit 1", "approve 2", "commit 2"]);
}

#[test]
fn the_second_member_leaves_the_commit_to_the_first() {
    let world = new_network();
    world.write("pod/desired/state", &STATE.replace("b49fce 0\n", "b49fce 1\n"));
    let outcome = converge(&world, 8);
    assert_eq!(world.lines("writes"), ALL_WRITES[..5], "{}", outcome.text);
    assert!(outcome.text.contains("the first member commits it"), "{}", outcome.text);
}

#[test]
fn nothing_is_committed_before_every_member_has_approved() {
    let world = new_network();
    world.remove("approved.1");
    let outcome = converge(&world, 8);
    assert_eq!(world.lines("writes"), ALL_WRITES[..5], "{}", outcome.text);
    assert!(outcome.text.contains("waits for approval by Org2MSP"), "{}", outcome.text);
}

#[test]
fn another_definition_under_the_wanted_sequence_is_reported() {
    let world = new_network();
    world.write("committed", "1 0.9");
    let outcome = converge(&world, 3);
    assert!(!is_done(&world));
    assert!(outcome.text.contains("is committed as version 0.9, not 1.0"), "{}", outcome.text);
}

#[test]
fn an_owner_is_ready_while_orderers_of_others_are_not_there() {
    let world = new_network();
    world.write("no-orderers", "");
    let outcome = converge_alone(&world, 4);
    assert!(is_done(&world), "{}", outcome.text);
    assert!(outcome.text.contains("block 0 cannot be had"), "{}", outcome.text);
    assert!(outcome.text.contains("can do alone"), "{}", outcome.text);
    assert_eq!(world.lines("writes"), ["install peer0.org1", "install peer1.org1"]);
    assert_eq!(world.lines("rounds").last().map(String::as_str), Some("5"), "it looks again soon");
    world.new_pod();
    converge(&world, 4);
    assert!(!is_done(&world), "where all come up together that is not as it should be");
}

#[test]
fn an_owner_writes_nothing_before_all_consenters_have_started() {
    let world = new_network();
    converge_alone(&world, 8);
    assert!(is_done(&world));
    assert_eq!(world.lines("writes").len(), 4, "joined and installed: {:?}", world.lines("writes"));
    world.write("pod/tmp/consenters.mychannel", "");
    let outcome = converge_alone(&world, 8);
    assert_eq!(world.lines("writes").last().map(String::as_str), Some("commit 1"));
    assert!(outcome.text.contains("everything is as desired"), "{}", outcome.text);
}

#[test]
fn an_owner_is_ready_while_others_have_not_approved() {
    let world = new_network();
    world.write("pod/tmp/consenters.mychannel", "");
    world.remove("approved.1");
    let outcome = converge_alone(&world, 10);
    assert!(is_done(&world), "{}", outcome.text);
    assert!(outcome.text.contains("waits for approval by Org2MSP"), "{}", outcome.text);
    world.write("approved.1", "Org1MSP\nOrg2MSP\n");
    converge_alone(&world, 4);
    assert_eq!(world.lines("writes").last().map(String::as_str), Some("commit 1"));
}

#[test]
fn an_owner_whose_own_peer_is_away_is_not_ready() {
    let world = new_network();
    world.write("no-orderers", "");
    world.write("down.peer1.org1", "");
    converge_alone(&world, 4);
    assert!(!is_done(&world));
}
