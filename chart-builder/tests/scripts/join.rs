//! What an orderer's init container does with volumes that are new, known, foreign and lost.

use crate::world::{Outcome, World, chart_file};

const STAMP: &str = "network=demo\nnode=orderer0.orderer\nroot=11\ngenesis.mychannel=22";
const CHANNELS: &str = "channel mychannel\nconsenter mychannel orderer1.orderer:8443\n\
     consenter mychannel orderer2.orderer:8443\nanchor mychannel peer0.org1:9443\n";
const JOIN: &str = "pod/var/hyperledger/production/orderer/pendingops/join/mychannel.join";
const STAMP_FILE: &str = "pod/var/hyperledger/production/network.stamp";

fn orderer() -> World {
    let world = World::new();
    world.write("pod/desired/mychannel.block", "block");
    world.write("pod/var/hyperledger/production/.made", "");
    world
}

fn join(world: &World) -> Outcome {
    join_with(world, CHANNELS)
}

fn join_with(world: &World, channels: &str) -> Outcome {
    world.write("pod/desired/orderer0.stamp", STAMP);
    world.write("pod/desired/orderer0.channels", channels);
    world.run(&chart_file("fabric-orderer/files/join.sh"), 5, &[("NODE", "orderer0")])
}

fn witness(world: &World, host: &str, height: u32) {
    let page = format!("# HELP\nledger_blockchain_height{{channel=\"mychannel\"}} {height}\n");
    world.write(&format!("metrics.{host}"), &page);
}

#[test]
fn a_new_orderer_of_a_new_channel_joins_and_stamps_its_volume() {
    let world = orderer();
    witness(&world, "orderer1.orderer", 1);
    witness(&world, "orderer2.orderer", 0);
    let outcome = join(&world);
    assert!(outcome.success, "{}", outcome.text);
    let own = world.lines("pod/tmp/www/metrics").join("\n");
    assert_eq!(own, "ledger_blockchain_height{channel=\"mychannel\"} 0", "what others are told");
    assert_eq!(world.lines(JOIN), ["block"]);
    assert_eq!(world.lines(STAMP_FILE).join("\n"), STAMP);
}

#[test]
fn an_empty_volume_is_refused_when_the_channel_has_moved_on() {
    for host in ["orderer1.orderer", "peer0.org1"] {
        let world = orderer();
        witness(&world, host, 7);
        let outcome = join(&world);
        assert!(!outcome.success);
        assert!(outcome.text.contains(&format!("{host}:")), "{}", outcome.text);
        assert!(outcome.text.contains("with height 7"), "{}", outcome.text);
        assert!(outcome.text.contains("What to do"), "{}", outcome.text);
        assert!(!world.exists(JOIN) && !world.exists(STAMP_FILE));
    }
}

#[test]
fn a_known_volume_starts_without_asking_anybody() {
    let world = orderer();
    world.write(STAMP_FILE, &format!("{STAMP}\n"));
    world.write("pod/var/hyperledger/production/orderer/chains/mychannel/blockfile_000000", "");
    witness(&world, "orderer1.orderer", 7);
    let outcome = join(&world);
    assert!(outcome.success, "{}", outcome.text);
    assert!(world.lines("asked").is_empty());
    assert!(!world.exists(JOIN), "the channel is there already");
}

#[test]
fn a_volume_of_another_network_is_refused_with_both_names() {
    let world = orderer();
    world.write(STAMP_FILE, "network=other\nnode=orderer0.orderer\n");
    let outcome = join(&world);
    assert!(!outcome.success);
    let words = "this volume belongs to another network: it says other, this node is demo";
    assert!(outcome.text.contains(words), "{}", outcome.text);
    assert_eq!(world.lines(STAMP_FILE)[0], "network=other");
}

#[test]
fn one_silent_consenter_of_three_may_be_the_one_that_knows_more() {
    let world = orderer();
    witness(&world, "orderer1.orderer", 1);
    witness(&world, "peer0.org1", 1);
    let outcome = join(&world);
    assert!(outcome.text.contains("silent: orderer2.orderer:8443"), "{}", outcome.text);
    assert_eq!(outcome.text.matches("waits until").count(), 1, "said once: {}", outcome.text);
    assert_eq!(world.lines("rounds").len(), 5, "it goes on asking");
    assert!(!world.exists(JOIN) && !world.exists(STAMP_FILE));
}

#[test]
fn a_consenter_that_has_not_opened_its_ledgers_has_said_nothing() {
    let world = orderer();
    witness(&world, "orderer1.orderer", 1);
    world.write("metrics.orderer2.orderer", "# HELP\nprocess_start_time_seconds 1\n");
    let outcome = join(&world);
    assert!(outcome.text.contains("silent: orderer2.orderer:8443"), "{}", outcome.text);
    assert!(!world.exists(JOIN));
}

#[test]
fn two_silent_consenters_of_five_may_not_hide_a_block() {
    let channels = "channel mychannel\nconsenter mychannel a:8443\nconsenter mychannel b:8443\n\
                    consenter mychannel c:8443\nconsenter mychannel d:8443\n";
    let world = orderer();
    witness(&world, "a", 1);
    witness(&world, "b", 1);
    join_with(&world, channels);
    assert!(!world.exists(JOIN), "c and d could have ordered with this one");
    witness(&world, "c", 1);
    join_with(&world, channels);
    assert!(world.exists(JOIN), "d and this one are no majority");
}

#[test]
fn an_added_channel_does_not_hold_up_an_orderer_that_has_its_log() {
    let world = orderer();
    world.write(STAMP_FILE, "network=demo\nnode=orderer0.orderer\nroot=11\ngenesis.first=33\n");
    let outcome = join(&world);
    assert!(outcome.success, "{}", outcome.text);
    assert!(world.lines("asked").is_empty());
    assert!(world.exists(JOIN));
    assert_eq!(world.lines(STAMP_FILE).join("\n"), STAMP);
}

#[test]
fn an_orderer_that_nobody_could_answer_starts_and_says_so() {
    let world = orderer();
    let outcome = join_with(&world, "channel mychannel\n");
    assert!(outcome.success && world.exists(JOIN), "{}", outcome.text);
    assert!(outcome.text.contains("nobody else knows channel mychannel"), "{}", outcome.text);
}

#[test]
fn a_single_consenter_asks_an_anchor_peer() {
    let channels = "channel mychannel\nanchor mychannel peer0.org1:9443\n";
    let world = orderer();
    join_with(&world, channels);
    assert!(!world.exists(JOIN));
    witness(&world, "peer0.org1", 0);
    assert!(join_with(&world, channels).success);
    assert!(world.exists(JOIN) && world.exists(STAMP_FILE));
}

#[test]
fn an_orderer_with_a_system_channel_is_asked_about_it_and_joins_nothing() {
    let channels = "watch mychannel\nconsenter mychannel orderer1.orderer:8443\n\
                    consenter mychannel orderer2.orderer:8443\n";
    let world = orderer();
    witness(&world, "orderer1.orderer", 1);
    join_with(&world, channels);
    assert!(!world.exists(STAMP_FILE), "two of three may know more");
    let own = world.lines("pod/tmp/www/metrics").join("\n");
    assert_eq!(own, "ledger_blockchain_height{channel=\"mychannel\"} 0", "what others are told");
    witness(&world, "orderer2.orderer", 0);
    let outcome = join_with(&world, channels);
    assert!(outcome.success, "{}", outcome.text);
    assert!(world.exists(STAMP_FILE) && !world.exists(JOIN));
    let lost = orderer();
    witness(&lost, "orderer1.orderer", 3);
    assert!(!join_with(&lost, channels).success, "a channel has been made since");
}

#[test]
fn logs_with_volumes_of_their_own_carry_the_stamp_of_the_ledger() {
    let script = chart_file("fabric-orderer/files/join.sh");
    let world = orderer();
    world.write("pod/desired/orderer0.stamp", STAMP);
    world.write("pod/desired/orderer0.channels", "channel mychannel\n");
    world.write("pod/var/hyperledger/wal/.made", "");
    let start = || world.run(&script, 5, &[("NODE", "orderer0"), ("LOGS", "wal")]);
    assert!(start().success, "both volumes are new");
    let stamp = "pod/var/hyperledger/wal/network.stamp";
    assert_eq!(world.lines(stamp).join("\n"), STAMP);
    assert!(start().success, "both volumes are known");
    world.remove(stamp);
    let outcome = start();
    assert!(!outcome.success && outcome.text.contains("the volume of its wal is empty"));
    assert!(!world.exists(stamp));
    world.write(stamp, "network=demo\nnode=orderer1.orderer\n");
    assert!(start().text.contains("belongs to another node"));
}

#[test]
fn an_orderer_of_kafka_starts_with_an_empty_volume_and_asks_nobody() {
    let world = orderer();
    let outcome = join_with(&world, "");
    assert!(outcome.success && world.exists(STAMP_FILE), "{}", outcome.text);
    assert!(world.lines("asked").is_empty() && !world.exists(JOIN));
}

#[test]
fn the_creation_of_a_channel_waits_for_all_who_vote_in_the_system_channel() {
    let world = World::new();
    let state = |votes: &str| {
        format!(
            "channel mychannel - 0\nsystem mychannel system-channel {votes}\n\
             orderer mychannel orderer0.orderer:7050 OrdererMSP\n\
             orderer mychannel orderer1.orderer:7050 OrdererMSP\n"
        )
    };
    world.write("pod/desired/state", &state("votes"));
    let script = chart_file("fabric-org/files/consenters.sh");
    let together = [("READY_WHEN", "together")];
    let height =
        |height: u32| format!("ledger_blockchain_height{{channel=\"system-channel\"}} {height}\n");
    world.write("metrics.orderer0.orderer", &height(1));
    let outcome = world.run(&script, 2, &together);
    assert!(outcome.text.contains("waits for the first start of orderer1.orderer"));
    world.write("metrics.orderer1.orderer", &height(1));
    assert_eq!(world.run(&script, 2, &together).text, "");
    world.remove("metrics.orderer1.orderer");
    world.write("metrics.orderer0.orderer", &height(2));
    assert_eq!(world.run(&script, 2, &together).text, "", "a channel has been made before");
    world.remove("metrics.orderer0.orderer");
    world.write("pod/desired/state", &state("-"));
    assert_eq!(world.run(&script, 2, &together).text, "", "nobody votes with solo and Kafka");
}

#[test]
fn converge_waits_for_the_first_start_of_all_consenters_and_only_for_that() {
    let world = World::new();
    let state = "channel mychannel 00 0\n\
                 orderer mychannel orderer0.orderer:7050 OrdererMSP\n\
                 orderer mychannel orderer1.orderer:7050 OrdererMSP\n";
    world.write("pod/desired/state", state);
    let script = chart_file("fabric-org/files/consenters.sh");
    let active = "ledger_blockchain_height{channel=\"mychannel\"} 1\n\
                  participation_consensus_relation{channel=\"mychannel\"} 1\n";
    world.write("metrics.orderer0.orderer", active);
    let together = [("READY_WHEN", "together")];
    let outcome = world.run(&script, 2, &together);
    assert!(outcome.text.contains("waits for the first start of orderer1.orderer"));
    world.write("metrics.orderer1.orderer", active);
    assert_eq!(world.run(&script, 2, &together).text, "");
    world.remove("metrics.orderer1.orderer");
    witness(&world, "orderer0.orderer", 2);
    assert_eq!(world.run(&script, 2, &together).text, "", "a channel in use waits for nobody");
}

#[test]
fn beside_an_owners_converge_it_marks_channels_that_may_be_written_to_and_stays() {
    let world = World::new();
    let state = "channel mychannel 00 0\n\
                 channel otherchannel 00 0\n\
                 orderer mychannel orderer0.example.net:7050 OrdererMSP external\n\
                 orderer otherchannel orderer0.orderer:7050 OrdererMSP\n";
    world.write("pod/desired/state", state);
    let script = chart_file("fabric-org/files/consenters.sh");
    let alone = [("READY_WHEN", "alone")];
    assert!(world.run(&script, 2, &alone).text.contains("channel otherchannel waits"));
    assert!(world.exists("pod/tmp/consenters.mychannel"), "who runs elsewhere is not asked");
    assert!(!world.exists("pod/tmp/consenters.otherchannel"));
    world.write(
        "metrics.orderer0.orderer",
        "ledger_blockchain_height{channel=\"otherchannel\"} 2\n",
    );
    world.run(&script, 2, &alone);
    assert!(world.exists("pod/tmp/consenters.otherchannel"));
    assert_eq!(
        world.lines("rounds"),
        ["3600", "3600"],
        "a container that ends would be started again"
    );
}
