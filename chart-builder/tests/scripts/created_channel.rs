//! Channels that are made from a system channel: who makes them, how their block 0 is known, and their anchors.

use crate::looped::{converge, is_done};
use crate::world::World;

const STATE: &str = "\
organization Org1MSP
channel mychannel - 0
system mychannel system-channel -
anchors mychannel 70656572302e6f726731
join mychannel peer0.org1:7051
orderer mychannel orderer0.orderer:7050 OrdererMSP
member mychannel Org1MSP peer0.org1:7051
";

/// What a new channel needs of its first member.
const ALL_WRITES: &[&str] = &["create", "join peer0.org1", "update mychannel.anchors.tx"];

/// Orderers without the channel. The marks are `creation` and `roots`, the anchor's is `peer0.org1`.
fn new_network() -> World {
    let world = World::new();
    world.write("pod/desired/state", STATE);
    world.write("pod/desired/mychannel.create.tx", "transaction");
    world.write("pod/desired/mychannel.anchors.tx", "update");
    world.write("pod/desired/mychannel.marks", "6372656174696f6e\n726f6f7473\n");
    world.write("made", "a block of this creation under these roots");
    world.write("configuration", "no anchors");
    world.write("updated", "the anchor peer0.org1");
    world.write("height", "2");
    world
}

#[test]
fn the_first_member_makes_the_channel_joins_it_and_names_its_anchors() {
    let world = new_network();
    let outcome = converge(&world, 6);
    assert!(is_done(&world), "{}", outcome.text);
    assert_eq!(world.lines("writes"), ALL_WRITES, "{}", outcome.text);
    world.new_pod();
    converge(&world, 2);
    assert!(is_done(&world));
    assert_eq!(world.lines("writes"), ALL_WRITES, "nothing is written again");
}

#[test]
fn the_second_member_waits_for_the_channel() {
    let world = new_network();
    world.write("pod/desired/state", &STATE.replace("mychannel - 0", "mychannel - 1"));
    let outcome = converge(&world, 3);
    assert!(world.lines("writes").is_empty(), "{}", outcome.text);
    assert!(outcome.text.contains("the first member makes it"), "{}", outcome.text);
}

#[test]
fn a_channel_of_another_creation_or_of_other_orderers_is_not_joined() {
    for made in ["a block of another hand under these roots", "a block of this creation"] {
        let world = new_network();
        world.write("made", made);
        let outcome = converge(&world, 4);
        assert_eq!(world.lines("writes"), ["create"], "{}", outcome.text);
        assert!(outcome.text.contains("not the one of this network"), "{}", outcome.text);
    }
}

#[test]
fn a_creation_and_anchors_without_effect_are_never_taken_for_done() {
    let world = new_network();
    world.write("deaf", "");
    let outcome = converge(&world, 3);
    assert_eq!(world.lines("writes"), ["create"; 3], "{}", outcome.text);
    world.remove("deaf");
    converge(&world, 1);
    world.write("deaf", "");
    let outcome = converge(&world, 4);
    assert!(!is_done(&world), "{}", outcome.text);
    assert!(outcome.text.contains("our anchor peers have been sent"), "{}", outcome.text);
}

#[test]
fn a_channel_without_anchors_is_left_without() {
    let world = new_network();
    world
        .write("pod/desired/state", &STATE.replace("anchors mychannel 70656572302e6f726731\n", ""));
    converge(&world, 4);
    assert!(is_done(&world));
    assert_eq!(world.lines("writes"), ALL_WRITES[..2]);
}
