//! In which order the engines of nodes are told where names are, and what is left alone.

use crate::world::{Outcome, World, chart_file, has_jq};

const SETTINGS: &str = "what engines are told";
const OWN: &str = "dns-fixup.fabric.network/demo";

/// A cluster with three nodes; the last one is not ready.
fn cluster() -> World {
    let world = World::new();
    world.program("kubectl", include_str!("cluster.sh"));
    world.write("pod/scripts/node.yaml", "pod: \"@POD@\"\n@NODE@ @MODE@\n");
    let node = |name: &str, ready: &str| {
        serde_json::json!({
            "metadata": {"name": name, "annotations": {"kept": "yes"}},
            "status": {"conditions": [{"type": "Ready", "status": ready}]},
        })
    };
    let nodes = [node("worker1", "True"), node("worker2", "True"), node("worker3", "False")];
    world.write("nodes.json", &serde_json::json!({ "items": nodes }).to_string());
    world
}

fn run(world: &World, mode: &str, once: &str, rounds: usize) -> Outcome {
    let variables = [
        ("NAMESPACE", "demo"),
        ("OWNER", "demo"),
        ("MODE", mode),
        ("ONCE", once),
        ("SELECTOR", ""),
        ("SETTINGS", SETTINGS),
        ("IDLE_SECONDS", "30"),
        ("NODE_SECONDS", "3"),
    ];
    world.run(&chart_file("fabric-dns/files/coordinator.sh"), rounds, &variables)
}

fn coordinate(world: &World) -> Outcome {
    run(world, "apply", "no", 4)
}

/// Value of an annotation of a node.
fn annotation(world: &World, node: &str, name: &str) -> Option<String> {
    let nodes: serde_json::Value =
        serde_json::from_str(&world.lines("nodes.json").join("\n")).unwrap();
    let found = nodes["items"].as_array().unwrap().iter().find(|it| it["metadata"]["name"] == node);
    found.unwrap()["metadata"]["annotations"][name].as_str().map(ToOwned::to_owned)
}

fn annotate(world: &World, node: &str, name: &str) {
    let text = world.lines("nodes.json").join("\n");
    let mut nodes: serde_json::Value = serde_json::from_str(&text).unwrap();
    for item in nodes["items"].as_array_mut().unwrap() {
        if item["metadata"]["name"] == node {
            item["metadata"]["annotations"][name] = "told".into();
        }
    }
    world.write("nodes.json", &nodes.to_string());
}

#[test]
fn ready_nodes_are_told_one_after_the_other_and_once() {
    if !has_jq() {
        return;
    }
    let world = cluster();
    let outcome = coordinate(&world);
    assert!(outcome.success, "{}", outcome.text);
    assert_eq!(world.lines("worked"), ["worker1 apply", "worker2 apply"], "{}", outcome.text);
    assert!(world.exists("pod/tmp/done"));
    assert_eq!(annotation(&world, "worker1", "kept").as_deref(), Some("yes"));
    assert!(annotation(&world, "worker2", OWN).is_some());
    assert_eq!(annotation(&world, "worker3", OWN), None, "not ready");
}

#[test]
fn a_node_that_joins_later_is_followed() {
    if !has_jq() {
        return;
    }
    let world = cluster();
    coordinate(&world);
    world.write("nodes.json", &world.lines("nodes.json").join("\n").replace("False", "True"));
    world.new_pod();
    coordinate(&world);
    assert_eq!(world.lines("worked"), ["worker1 apply", "worker2 apply", "worker3 apply"]);
}

#[test]
fn after_a_fault_no_further_node_is_touched_and_the_node_is_left_alone() {
    if !has_jq() {
        return;
    }
    let world = cluster();
    world.write("fails.worker1", "1");
    let outcome = coordinate(&world);
    assert_eq!(world.lines("worked"), ["worker1 apply"], "{}", outcome.text);
    assert!(!world.exists("pod/tmp/done"));
    let fix = format!("kubectl annotate node worker1 {OWN}.failed-");
    assert!(outcome.text.contains(&fix), "{}", outcome.text);
    assert_eq!(annotation(&world, "worker1", OWN), None);
}

#[test]
fn a_pod_that_died_is_started_again() {
    if !has_jq() {
        return;
    }
    let world = cluster();
    world.write("fails.worker1", "137");
    coordinate(&world);
    assert!(world.lines("worked").len() > 1, "tried again");
    assert_eq!(annotation(&world, "worker1", &format!("{OWN}.failed")), None, "no fault");
    world.remove("fails.worker1");
    coordinate(&world);
    assert!(world.exists("pod/tmp/done"));
}

#[test]
fn a_pod_that_does_not_end_is_named() {
    if !has_jq() {
        return;
    }
    let world = cluster();
    world.write("fails.worker1", "never");
    let outcome = run(&world, "apply", "no", 6);
    assert!(outcome.text.contains("is not done after 3 s"), "{}", outcome.text);
    assert!(!world.lines("worked").iter().any(|it| it.starts_with("worker2")));
}

#[test]
fn an_api_server_that_does_not_answer_ends_readiness() {
    if !has_jq() {
        return;
    }
    let world = cluster();
    coordinate(&world);
    world.remove("nodes.json");
    coordinate(&world);
    assert!(!world.exists("pod/tmp/done"));
}

#[test]
fn taking_back_ends_the_coordinator_first_and_clears_the_nodes() {
    if !has_jq() {
        return;
    }
    let world = cluster();
    coordinate(&world);
    world.remove("worked");
    world.write("coordinators", "pod/dns-fixup-1\n");
    let outcome = run(&world, "restore", "yes", 10);
    assert!(outcome.success, "{}", outcome.text);
    assert!(outcome.text.contains("every engine is as it was"), "{}", outcome.text);
    assert_eq!(world.lines("scaled"), ["0"]);
    assert_eq!(world.lines("worked"), ["worker1 restore", "worker2 restore"]);
    assert_eq!(annotation(&world, "worker1", OWN), None);
    assert_eq!(annotation(&world, "worker1", "kept").as_deref(), Some("yes"));
}

#[test]
fn settings_that_another_network_relies_on_stay() {
    if !has_jq() {
        return;
    }
    let world = cluster();
    coordinate(&world);
    world.remove("worked");
    annotate(&world, "worker1", "dns-fixup.fabric.network/other");
    let outcome = run(&world, "restore", "yes", 10);
    assert!(outcome.success, "{}", outcome.text);
    assert_eq!(world.lines("worked"), ["worker2 restore"], "{}", outcome.text);
    assert!(outcome.text.contains("another network relies on these settings"), "{}", outcome.text);
    assert_eq!(annotation(&world, "worker1", OWN), None, "this network no longer does");
}
