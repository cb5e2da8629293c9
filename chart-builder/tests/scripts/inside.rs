//! What containers of a peer's Docker engine are made to look for.

use crate::world::{Outcome, World, chart_file, has_jq};

/// An engine whose containers find names.
fn engine() -> World {
    let world = World::new();
    world.program("kubectl", include_str!("cluster.sh"));
    world.write("alive", "");
    world.write("loaded", "10.0.0.10");
    world
}

fn run(world: &World, changed: &[(&str, &str)]) -> Outcome {
    let mut variables = vec![
        ("PEER", "peer0"),
        ("NAMESPACE", "org1"),
        ("DOMAIN", "cluster.local"),
        ("MODE", "docker-host"),
        ("STRATEGY", "daemon"),
        ("SHORT_IN", "-"),
        ("NAMES", "peer0 org1 -"),
        ("MUSL_NAMES", ""),
        ("GLIBC_IMAGE", "debian:12-slim"),
        ("MUSL_IMAGE", "alpine:3.20"),
        ("ATTEMPTS", "5"),
        ("CONTAINER", "dns-verify-org1-peer0"),
        ("HOST_SETTINGS", "{\"NetworkMode\": \"host\"}"),
        ("SOCKET", "/nowhere/docker.sock"),
        ("CHECK", "true"),
    ];
    variables.extend(changed);
    let parts = [
        world.round(),
        chart_file("fabric-dns/files/container.sh"),
        chart_file("fabric-dns/files/inside.sh"),
    ];
    world.run(&parts.join("\n"), 10, &variables)
}

/// The containers that the engine was asked to make.
fn containers(world: &World) -> Vec<serde_json::Value> {
    let lines = world.lines("created").join("\n");
    let stream = serde_json::Deserializer::from_str(&lines).into_iter();
    stream.map(Result::unwrap).collect()
}

#[test]
fn both_libraries_look_from_inside_with_the_settings_of_chaincodes() {
    if !has_jq() {
        return;
    }
    let world = engine();
    let outcome = run(&world, &[("MUSL_NAMES", "peer0.org1.svc.cluster.local - -")]);
    assert!(outcome.success, "{}", outcome.text);
    let made = containers(&world);
    let images: Vec<_> = made.iter().map(|it| it["Image"].as_str().unwrap()).collect();
    assert_eq!(images, ["debian:12-slim", "alpine:3.20"]);
    assert_eq!(made[0]["HostConfig"]["NetworkMode"], "host");
    let has = |at: usize, variable: &str| {
        made[at]["Env"].as_array().unwrap().iter().any(|it| it == variable)
    };
    assert!(has(0, "NAMES=peer0 org1 -") && has(0, "ATTEMPTS=5"), "{made:?}");
    assert!(has(1, "NAMES=peer0.org1.svc.cluster.local - -"), "{made:?}");
}

#[test]
fn a_container_that_finds_nothing_fails_the_test_with_the_strategy() {
    if !has_jq() {
        return;
    }
    let world = engine();
    world.write("blind", "");
    let outcome = run(&world, &[]);
    assert!(!outcome.success);
    assert!(outcome.text.contains("see chaincode.dns in network.yaml"), "{}", outcome.text);
    assert!(outcome.text.contains("(docker-host, daemon)"), "{}", outcome.text);
    assert_eq!(containers(&world).len(), 2, "the other library is asked as well");
}

#[test]
fn an_engine_that_does_not_answer_is_named() {
    if !has_jq() {
        return;
    }
    let world = engine();
    world.remove("alive");
    let outcome = run(&world, &[]);
    assert!(!outcome.success);
    assert!(outcome.text.contains("has no image debian:12-slim"), "{}", outcome.text);
}

#[test]
fn the_address_of_the_pod_stands_for_the_peer() {
    if !has_jq() {
        return;
    }
    let world = engine();
    world.write("address.peer0-0", "10.244.0.7");
    let outcome = run(&world, &[("NAMES", "@POD_IP@ - 7052")]);
    assert!(outcome.success, "{}", outcome.text);
    let made = containers(&world);
    assert!(made[1]["Env"].to_string().contains("NAMES=10.244.0.7 - 7052"), "{made:?}");
    world.remove("address.peer0-0");
    let outcome = run(&world, &[("NAMES", "@POD_IP@ - 7052")]);
    assert!(!outcome.success);
    assert!(outcome.text.contains("the address of peer0-0"), "{}", outcome.text);
}

#[test]
fn the_engine_beside_a_peer_is_reached_through_its_pod() {
    if !has_jq() {
        return;
    }
    let world = engine();
    let outcome = run(&world, &[("MODE", "dind"), ("STRATEGY", "-")]);
    assert!(outcome.success, "{}", outcome.text);
    let entered = world.lines("entered");
    assert_eq!(entered.len(), 2);
    assert!(entered[0].contains("exec peer0-0 --namespace org1 --container docker"), "{entered:?}");
    world.write("blind", "");
    assert!(!run(&world, &[("MODE", "dind"), ("STRATEGY", "-")]).success);
}
