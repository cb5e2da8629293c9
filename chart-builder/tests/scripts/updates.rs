//! Updates by which organizations join a channel: who sends them, and when they count as done.

use crate::looped::{converge, is_done};
use crate::world::World;

/// The mark is `Org3`; the SHA-256 of `3` is the channel's digest.
const STATE: &str = "\
organization Org1MSP
channel mychannel 4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce 0
update mychannel 1 0 4f726733
join mychannel peer0.org1:7051
orderer mychannel orderer0.orderer:7050 OrdererMSP
member mychannel Org1MSP peer0.org1:7051
";

fn built_network() -> World {
    let world = World::new();
    world.write("pod/desired/state", STATE);
    world.write("pod/desired/mychannel.update-1.tx", "signed");
    world.write("genesis", "3");
    world.write("height", "5");
    world.write("configuration", "Org1 and Org2");
    world.write("updated", "Org1, Org2 and Org3");
    world
}

#[test]
fn the_first_member_sends_an_update_once_and_reads_it_back() {
    let world = built_network();
    let outcome = converge(&world, 4);
    assert!(is_done(&world), "{}", outcome.text);
    let writes = ["join peer0.org1", "update mychannel.update-1.tx"];
    assert_eq!(world.lines("writes"), writes, "{}", outcome.text);
    world.new_pod();
    converge(&world, 2);
    assert!(is_done(&world));
    assert_eq!(world.lines("writes"), writes, "nothing is written again");
}

#[test]
fn the_second_member_waits_and_is_ready_when_the_first_has_sent_it() {
    let world = built_network();
    world
        .write("pod/desired/state", &STATE.replace("update mychannel 1 0", "update mychannel 1 1"));
    let outcome = converge(&world, 3);
    assert!(!is_done(&world), "{}", outcome.text);
    assert_eq!(world.lines("writes"), ["join peer0.org1"], "{}", outcome.text);
    assert!(outcome.text.contains("the first member sends update 1"), "{}", outcome.text);
    world.write("configuration", "Org1, Org2 and Org3");
    converge(&world, 2);
    assert!(is_done(&world));
    assert_eq!(world.lines("writes"), ["join peer0.org1"]);
}

#[test]
fn an_update_without_effect_is_never_taken_for_done() {
    let world = built_network();
    world.write("deaf", "");
    let outcome = converge(&world, 4);
    assert!(!is_done(&world), "{}", outcome.text);
    assert!(outcome.text.contains("update 1 has been sent"), "{}", outcome.text);
}

#[test]
fn updates_are_sent_one_after_the_other() {
    let world = built_network();
    let state = STATE.replace(
        "update mychannel 1 0 4f726733\n",
        "update mychannel 1 0 4f726733\nupdate mychannel 2 0 4f726734\n",
    );
    world.write("pod/desired/state", &state);
    converge(&world, 2);
    let sent = world.lines("writes");
    assert_eq!(sent[1..], ["update mychannel.update-1.tx", "update mychannel.update-2.tx"]);
}

#[test]
fn orderers_that_are_away_are_waited_for() {
    let world = built_network();
    converge(&world, 4);
    world.write("no-orderers", "");
    let outcome = converge(&world, 2);
    assert!(outcome.text.contains("its configuration cannot be had"), "{}", outcome.text);
    assert_eq!(world.lines("writes").len(), 2);
}
