//! Which pods are replaced when, and what keeps one from being replaced.

use crate::world::{Outcome, World, definition};

const WITNESSES: &str = "mychannel 2 orderer0 orderer0.orderer:8443\nmychannel 2 orderer1 orderer1.orderer:8443\n\
     mychannel 2 orderer2 orderer2.orderer:8443\n";

/// What the API server says about a node and its pod.
fn node(name: &str, wanted: &str, has: &str, ready: &str) -> String {
    format!("StatefulSet|{name}|2|2|{wanted}||||\nPod|{name}-0|||| {has}|{ready}|\n")
        .replace(' ', "")
}

fn world(state: &[String]) -> World {
    let world = World::new();
    world.write("pod/scripts/nodes", "orderer0\norderer1\norderer2\n");
    world.write("pod/scripts/witnesses", WITNESSES);
    world.write("state", &state.concat());
    for number in 0..3 {
        consenter(&world, number, 9);
    }
    world
}

fn consenter(world: &World, number: u32, height: u32) {
    let page = format!(
        "# HELP\nledger_blockchain_height{{channel=\"mychannel\"}} {height}\n\
         participation_status{{channel=\"mychannel\"}} 1\n"
    );
    world.write(&format!("metrics.orderer{number}.orderer"), &page);
}

fn one_round(world: &World) -> Outcome {
    let variables = [
        ("COMPONENT", "orderer"),
        ("INSTANCE", "demo"),
        ("IDLE_SECONDS", "20"),
        ("LAG_BLOCKS", "10"),
    ];
    world.run(&definition("_roller.tpl", "roller.sh"), 1, &variables)
}

fn three(conditions: [(&str, &str); 3]) -> Vec<String> {
    let nodes = conditions.iter().enumerate();
    nodes.map(|(number, (has, ready))| node(&format!("orderer{number}"), "b", has, ready)).collect()
}

#[test]
fn one_outdated_pod_is_replaced_in_a_round() {
    let world = world(&three([("a", "True"), ("a", "True"), ("b", "True")]));
    let outcome = one_round(&world);
    assert!(outcome.success, "{}", outcome.text);
    assert_eq!(world.lines("deleted"), ["orderer0-0"], "{}", outcome.text);
    assert!(!world.exists("pod/tmp/rolled"));
}

#[test]
fn everything_is_rolled_when_every_pod_is_new_and_ready() {
    let world = world(&three([("b", "True"), ("b", "True"), ("b", "True")]));
    one_round(&world);
    assert!(world.exists("pod/tmp/rolled") && world.lines("deleted").is_empty());
}

#[test]
fn nobody_is_replaced_while_a_new_pod_starts() {
    for starting in ["False", ""] {
        let world = world(&three([("b", starting), ("a", "True"), ("a", "True")]));
        let outcome = one_round(&world);
        assert!(world.lines("deleted").is_empty());
        assert!(outcome.text.contains("orderer0 is starting"), "{}", outcome.text);
    }
}

#[test]
fn a_pod_that_does_not_run_is_replaced_before_anything_else() {
    let world = world(&three([("b", "False"), ("a", "True"), ("a", "False")]));
    one_round(&world);
    assert_eq!(world.lines("deleted"), ["orderer2-0"]);
}

#[test]
fn a_consenter_stays_while_the_others_are_too_few() {
    let world = world(&three([("a", "True"), ("a", "True"), ("a", "True")]));
    world.remove("metrics.orderer2.orderer");
    let outcome = one_round(&world);
    assert!(world.lines("deleted").is_empty());
    let words = "orderer0 waits: channel mychannel needs 2 consenters and only 1 others";
    assert!(outcome.text.contains(words), "{}", outcome.text);
}

#[test]
fn a_consenter_that_is_far_behind_does_not_count() {
    let world = world(&three([("a", "True"), ("a", "True"), ("a", "True")]));
    consenter(&world, 1, 9);
    consenter(&world, 2, 30);
    one_round(&world);
    assert!(world.lines("deleted").is_empty());
    consenter(&world, 1, 25);
    one_round(&world);
    assert_eq!(world.lines("deleted"), ["orderer0-0"]);
}

#[test]
fn a_channel_that_nobody_has_joined_yet_keeps_nobody() {
    let world = world(&three([("a", "True"), ("a", "True"), ("a", "True")]));
    let added = WITNESSES.replace("mychannel", "later");
    world.write("pod/scripts/witnesses", &format!("{WITNESSES}{added}"));
    one_round(&world);
    assert_eq!(world.lines("deleted"), ["orderer0-0"]);
    let page = "participation_status{channel=\"mychannel\"} 1\n\
                ledger_blockchain_height{channel=\"mychannel\"} 9\n\
                ledger_blockchain_height{channel=\"later\"} 1\n";
    world.write("metrics.orderer1.orderer", page);
    let outcome = one_round(&world);
    assert!(outcome.text.contains("channel later needs 2 consenters and only 1 others"));
    assert_eq!(world.lines("deleted"), ["orderer0-0"], "a channel that has begun needs its quorum");
}

fn brokers(asked: u64, behind: u32, there: u32) -> String {
    format!(
        "kafka_exporter_asked_seconds {asked}\nkafka_brokers {there}\n\
         kafka_topic_partition_under_replicated_partition{{topic=\"a\",partition=\"0\"}} 0\n\
         kafka_topic_partition_under_replicated_partition{{topic=\"b\",partition=\"0\"}} {behind}\n"
    )
}

#[test]
fn a_broker_goes_while_every_partition_has_all_of_its_copies() {
    const LATER: u64 = 1 << 40;
    let world = world(&three([("a", "True"), ("a", "True"), ("b", "True")]));
    world.write("pod/scripts/witnesses", "");
    let round = || {
        let variables = [
            ("COMPONENT", "kafka,zookeeper"),
            ("INSTANCE", "demo"),
            ("IDLE_SECONDS", "20"),
            ("LAG_BLOCKS", "0"),
            ("COPIES", "kafka-exporter:9308"),
            ("BROKERS", "4"),
        ];
        world.run(&definition("_roller.tpl", "roller.sh"), 1, &variables).text
    };
    assert!(round().contains("nobody tells whether brokers have their copies"));
    for (asked, behind, there, words) in [
        (0, 0, 4, "the exporter has not asked the brokers since"),
        (LATER, 1, 4, "1 partitions lack a copy and 4 brokers of 4 are there"),
        (LATER, 0, 3, "0 partitions lack a copy and 3 brokers of 4 are there"),
    ] {
        world.write("metrics.kafka-exporter", &brokers(asked, behind, there));
        let said = round();
        assert!(said.contains(words) && world.lines("deleted").is_empty(), "{said}");
    }
    world.write("metrics.kafka-exporter", &brokers(LATER, 0, 4));
    let said = round();
    assert_eq!(world.lines("deleted"), ["orderer0-0"], "{said}");
}

#[test]
fn a_change_that_the_controller_has_not_seen_is_not_finished() {
    let state = three([("b", "True"), ("b", "True"), ("b", "True")]).concat();
    let world = world(&[state.replacen("|2|2|", "|3|2|", 1)]);
    one_round(&world);
    assert!(!world.exists("pod/tmp/rolled"));
}

#[test]
fn an_api_server_that_does_not_answer_ends_readiness() {
    let world = world(&three([("b", "True"), ("b", "True"), ("b", "True")]));
    one_round(&world);
    world.remove("state");
    let outcome = one_round(&world);
    assert!(!world.exists("pod/tmp/rolled"), "{}", outcome.text);
}

#[test]
fn a_single_consenter_is_replaced_because_nobody_could_stand_in() {
    let world = world(&[node("orderer0", "b", "a", "True")]);
    world.write("pod/scripts/nodes", "orderer0\n");
    world.write("pod/scripts/witnesses", "mychannel 1 orderer0 orderer0.orderer:8443\n");
    one_round(&world);
    assert_eq!(world.lines("deleted"), ["orderer0-0"]);
}
