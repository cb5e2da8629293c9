//! What converge does with chaincodes of the lifecycle before Fabric 2.0.

use crate::looped::{converge, is_done};
use crate::world::World;

const STATE: &str = "\
organization Org1MSP
peer peer0.org1:7051
peer peer1.org1:7051
channel mychannel 4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce 0
join mychannel peer0.org1:7051
join mychannel peer1.org1:7051
orderer mychannel orderer0.orderer:7050 OrdererMSP
member mychannel Org1MSP peer0.org1:7051
member mychannel Org2MSP peer0.org2:7051
chaincode mychannel mycc 2.0 2 mycc-2.0:fee1 OR('Org1MSP.member', 'Org2MSP.member')
legacy mychannel mycc
replaced mychannel mycc 1.0
";
const INIT: &str = r#"{"Args":["init","a","100","b","200"]}"#;

/// Peers that have joined, and a channel without the chaincode.
fn channel() -> World {
    let world = World::new();
    world.write("pod/desired/state", STATE);
    world.write("pod/desired/mycc.tgz", "2.0\n");
    world.write("pod/desired/mycc.init", INIT);
    world.write("genesis", "3");
    world.write("height", "5");
    world.write("fingerprint", "fee1");
    for peer in ["peer0.org1", "peer1.org1"] {
        world.write(&format!("joined.{peer}"), "mychannel\n");
    }
    world
}

fn transaction(command: &str) -> String {
    format!("{command} 2.0 {INIT} OR('Org1MSP.member', 'Org2MSP.member')")
}

#[test]
fn a_chaincode_is_installed_instantiated_once_and_then_left_alone() {
    let world = channel();
    let outcome = converge(&world, 6);
    assert!(is_done(&world), "{}", outcome.text);
    let wanted = [
        "install peer0.org1".to_owned(),
        "install peer1.org1".to_owned(),
        transaction("instantiate"),
    ];
    assert_eq!(world.lines("writes"), wanted, "{}", outcome.text);
    world.new_pod();
    converge(&world, 2);
    assert!(is_done(&world));
    assert_eq!(world.lines("writes").len(), 3, "nothing is written again");
}

#[test]
fn an_earlier_version_is_upgraded() {
    let world = channel();
    world.write("instantiated", "1.0\n");
    world.write("legacy.peer0.org1", "1.0\n");
    let outcome = converge(&world, 6);
    assert!(is_done(&world), "{}", outcome.text);
    assert_eq!(world.lines("writes").last(), Some(&transaction("upgrade")), "{}", outcome.text);
}

#[test]
fn a_version_that_no_release_before_wanted_is_left_alone() {
    for other in ["3.0", "2.0.1", "1.0.0"] {
        let world = channel();
        world.write("instantiated", &format!("{other}\n"));
        let outcome = converge(&world, 4);
        assert!(!is_done(&world));
        assert_eq!(world.lines("writes").len(), 2, "{other}: {}", outcome.text);
        assert!(outcome.text.contains("it is left alone"), "{}", outcome.text);
    }
}

#[test]
fn another_package_under_the_version_is_reported() {
    let world = channel();
    world.write("instantiated", "2.0\n");
    world.write("fingerprint", "dead");
    let outcome = converge(&world, 4);
    assert!(!is_done(&world));
    assert!(outcome.text.contains("with another package than ours"), "{}", outcome.text);
    assert_eq!(world.lines("writes").len(), 2, "nothing is overwritten");
}

#[test]
fn what_has_no_effect_is_never_taken_for_done() {
    let world = channel();
    world.write("deaf", "");
    let outcome = converge(&world, 4);
    assert!(!is_done(&world), "{}", outcome.text);
    assert!(outcome.text.contains("has been told to install mycc 2.0"), "{}", outcome.text);
    world.remove("deaf");
    world.write("legacy.peer0.org1", "2.0\n");
    world.write("legacy.peer1.org1", "2.0\n");
    world.write("deaf", "");
    let outcome = converge(&world, 4);
    assert!(!is_done(&world));
    assert!(outcome.text.contains("instantiate has been sent"), "{}", outcome.text);
}

#[test]
fn the_second_member_installs_and_waits_for_the_first() {
    let world = channel();
    world.write("pod/desired/state", &STATE.replace("b49fce 0\n", "b49fce 1\n"));
    let outcome = converge(&world, 4);
    assert_eq!(world.lines("writes"), ["install peer0.org1", "install peer1.org1"]);
    assert!(outcome.text.contains("the first member instantiates version 2.0"), "{}", outcome.text);
}

#[test]
fn a_peer_that_reads_behind_is_waited_for_and_instantiates_nothing() {
    let world = channel();
    world.write("instantiated", "2.0\n");
    world.write("lagging.peer0.org1", "");
    let outcome = converge(&world, 4);
    assert!(!is_done(&world));
    assert!(outcome.text.contains("has read 1 of 5 blocks"), "{}", outcome.text);
    assert_eq!(world.lines("writes").len(), 2);
    world.remove("lagging.peer0.org1");
    world.write("lagging.peer1.org1", "");
    let outcome = converge(&world, 4);
    assert!(outcome.text.contains("has not read as far as version 2.0"), "{}", outcome.text);
}
