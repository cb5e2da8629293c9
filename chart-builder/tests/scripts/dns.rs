//! What the checks of names refuse, and what they print for a Docker engine.

use crate::world::{Outcome, World, chart_file};

const SETTINGS: &str =
    "search org1.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.0.0.10\n";

/// A pod of a cluster whose DNS knows the API server's Service.
fn pod(settings: &str) -> World {
    let world = World::new();
    world.write("pod/tmp/resolv.conf", settings);
    world.write("zone", "kubernetes.default.svc.cluster.local\n");
    world
}

fn preflight(world: &World, changed: &[(&str, &str)]) -> Outcome {
    let mut variables = vec![
        ("NAMESPACE", "org1"),
        ("DOMAIN", "cluster.local"),
        ("CLUSTER_DNS", ""),
        ("SERVICE_CIDR", ""),
        ("NODE_DNS", ""),
        ("OUTSIDE", ""),
        ("DNS_OPTIONS", "ndots:2 timeout:2 attempts:2"),
        ("ENGINE", "no"),
        ("ATTEMPTS", "3"),
    ];
    variables.extend(changed);
    let aliases = changed.iter().any(|(name, _)| *name == "ALIASES");
    let script = [
        world.round(),
        chart_file("fabric-dns/files/engine.sh"),
        chart_file("fabric-dns/files/preflight.sh").replace("/etc/resolv.conf", "/tmp/resolv.conf"),
        if aliases { chart_file("fabric-dns/files/aliases.sh") } else { String::new() },
    ];
    world.run(&script.join("\n"), 100, &variables)
}

/// The faults of a run that has to fail.
fn refused(settings: &str, changed: &[(&str, &str)]) -> String {
    let outcome = preflight(&pod(settings), changed);
    assert!(!outcome.success, "{}", outcome.text);
    outcome.text
}

#[test]
fn a_cluster_as_it_was_described_passes() {
    let changed = [("CLUSTER_DNS", "10.0.0.10"), ("SERVICE_CIDR", "10.0.0.0/16")];
    let outcome = preflight(&pod(SETTINGS), &changed);
    assert!(outcome.success, "{}", outcome.text);
    assert!(outcome.text.contains("cluster domain cluster.local, DNS 10.0.0.10"));
    assert!(!outcome.text.contains("DOCKER_OPTS"), "no engine, no word about it");
}

#[test]
fn another_cluster_domain_is_named_with_the_edit() {
    let settings = SETTINGS.replace("cluster.local", "west.example");
    let text = refused(&settings, &[]);
    assert!(text.contains("the domain of this cluster is west.example"), "{text}");
    assert!(text.contains("this chart was built for cluster.local"), "{text}");
    assert!(text.contains("write clusterDomain: west.example into network.yaml"), "{text}");
    let world = pod(&settings);
    world.write("zone", "kubernetes.default.svc.west.example\n");
    let outcome = preflight(&world, &[("DOMAIN", "west.example")]);
    assert!(outcome.success, "{}", outcome.text);
}

#[test]
fn a_pod_without_cluster_dns_is_told_what_the_kubelet_lacks() {
    let text = refused("search example.com\nnameserver 192.168.0.1\n", &[]);
    assert!(text.contains("names no cluster domain: example.com"), "{text}");
    assert!(text.contains("the kubelet needs --cluster-dns and --cluster-domain"), "{text}");
    let text = refused("search org1.svc.cluster.local\n", &[]);
    assert!(text.contains("name no server"), "{text}");
}

#[test]
fn a_silent_server_is_asked_a_bounded_number_of_times() {
    let world = pod(SETTINGS);
    world.write("silent.10.0.0.10", "");
    let outcome = preflight(&world, &[("OUTSIDE", "partner.example.com")]);
    assert!(!outcome.success);
    let words = "DNS server 10.0.0.10 does not know kubernetes.default.svc.cluster.local";
    assert_eq!(outcome.text.matches(words).count(), 1, "{}", outcome.text);
    assert!(outcome.text.contains("kubectl --namespace kube-system get pods"), "{}", outcome.text);
    assert_eq!(world.lines("rounds").len(), 2, "three tries");
    assert!(!world.lines("asked").iter().any(|it| it.starts_with("partner")), "no cascade");
}

#[test]
fn a_server_that_pods_do_not_ask_is_a_contradiction() {
    let text = refused(SETTINGS, &[("CLUSTER_DNS", "10.0.0.11")]);
    assert!(text.contains("ask 10.0.0.10 for names, and network.yaml says cluster.dns: 10.0.0.11"));
    let text = refused(SETTINGS, &[("SERVICE_CIDR", "10.96.0.0/12")]);
    assert!(text.contains("outside of the service range 10.96.0.0/12"), "{text}");
}

#[test]
fn ranges_are_compared_bit_by_bit() {
    for (range, fits) in [
        ("10.0.0.0/28", true),
        ("10.0.0.8/31", false),
        ("10.0.0.10/32", true),
        ("0.0.0.0/0", true),
        ("fd00::/8", true),
    ] {
        let outcome = preflight(&pod(SETTINGS), &[("SERVICE_CIDR", range)]);
        assert_eq!(outcome.success, fits, "{range}: {}", outcome.text);
    }
}

#[test]
fn a_name_server_on_the_node_stands_in_for_the_clusters() {
    let world = pod(&SETTINGS.replace("10.0.0.10", "169.254.20.10"));
    let changed = [("CLUSTER_DNS", "10.0.0.10"), ("SERVICE_CIDR", "10.0.0.0/16")];
    let outcome = preflight(&world, &changed);
    assert!(outcome.success, "{}", outcome.text);
    assert!(outcome.text.contains("169.254.20.10 is a name server on the node"));
    world.write("silent.10.0.0.10", "");
    assert!(!preflight(&world, &changed).success, "the cluster's own is asked as well");
}

/// A look at two fixed addresses while these lines `ADDRESS NAME` are what cluster DNS knows.
fn fixed(held: &str, range: &str) -> Outcome {
    let world = pod(SETTINGS);
    world.write("held", held);
    let aliases =
        "10.0.0.70 peer0.org1.example.com peer0 org1\n10.0.0.71 ca.org1.example.com ca org1";
    let api = ("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    preflight(&world, &[("ALIASES", aliases), ("SERVICE_CIDR", range), api])
}

#[test]
fn a_fixed_address_is_free_or_that_of_its_own_service() {
    for held in ["", "10.0.0.70 peer0.org1.svc.cluster.local\n"] {
        let outcome = fixed(held, "10.0.0.0/16");
        assert!(outcome.success, "{held}: {}", outcome.text);
        assert!(outcome.text.contains("2 fixed addresses are free or this network's"));
    }
    let outcome = fixed("10.0.0.71 thief.org9.svc.cluster.local.\n", "10.0.0.0/16");
    assert!(!outcome.success, "{}", outcome.text);
    let words = "address 10.0.0.71, which is for ca.org1.example.com, is that of thief.org9.svc.cluster.local";
    assert!(outcome.text.contains(words), "{}", outcome.text);
    assert!(
        outcome.text.contains("write another range into domains.addresses"),
        "{}",
        outcome.text
    );
}

#[test]
fn a_range_of_services_without_the_api_server_is_a_wrong_one() {
    let outcome = fixed("", "10.0.0.8/29");
    assert!(!outcome.success, "{}", outcome.text);
    let words = "the API server's Service has address 10.0.0.1, which is outside of the service range 10.0.0.8/29";
    assert!(outcome.text.contains(words), "{}", outcome.text);
}

#[test]
fn hosts_outside_of_the_release_have_addresses() {
    let world = pod(SETTINGS);
    world.write(
        "zone",
        "kubernetes.default.svc.cluster.local\norderer.partner.example.com\norderer0.other.svc.cluster.local\n",
    );
    let known = "orderer.partner.example.com orderer0.other 192.0.2.7";
    let outcome = preflight(&world, &[("OUTSIDE", known)]);
    assert!(outcome.success, "{}", outcome.text);
    let outcome = preflight(&world, &[("OUTSIDE", "orderer.partner.example.com peer0.gone")]);
    assert!(!outcome.success);
    let words = "host peer0.gone, which is not part of this release, has no address";
    assert!(outcome.text.contains(words), "{}", outcome.text);
}

#[test]
fn an_engine_is_told_what_the_article_tells_it() {
    let outcome = preflight(&pod(SETTINGS), &[("ENGINE", "yes"), ("NODE_DNS", "192.168.0.1")]);
    let article = "DOCKER_OPTS=\"--dns=10.0.0.10 --dns=192.168.0.1 \
        --dns-search default.svc.cluster.local --dns-search svc.cluster.local \
        --dns-opt ndots:2 --dns-opt timeout:2 --dns-opt attempts:2\"\n";
    assert!(outcome.text.contains(article), "{}", outcome.text);
    let line = outcome.text.lines().find(|line| line.starts_with('{')).unwrap();
    let keys: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(keys["dns"], serde_json::json!(["10.0.0.10", "192.168.0.1"]));
    let search = serde_json::json!(["default.svc.cluster.local", "svc.cluster.local"]);
    assert_eq!(keys["dns-search"], search);
    assert_eq!(keys["dns-opts"], serde_json::json!(["ndots:2", "timeout:2", "attempts:2"]));
}

#[test]
fn the_cluster_is_asked_first_also_behind_a_name_server_on_the_node() {
    let world = pod(&SETTINGS.replace("10.0.0.10", "169.254.20.10"));
    let outcome = preflight(&world, &[("ENGINE", "yes"), ("CLUSTER_DNS", "10.0.0.10")]);
    assert!(
        outcome.text.contains("DOCKER_OPTS=\"--dns=10.0.0.10 --dns-search"),
        "{}",
        outcome.text
    );
    let outcome = preflight(&world, &[("ENGINE", "yes")]);
    assert!(outcome.text.contains("DOCKER_OPTS=\"--dns=169.254.20.10 --dns"), "{}", outcome.text);
}

fn verify(world: &World, names: &str) -> Outcome {
    let variables = [
        ("LIBRARY", "musl"),
        ("NAMESPACE", "org1"),
        ("DOMAIN", "cluster.local"),
        ("NAMES", names),
        ("ATTEMPTS", "3"),
    ];
    let script = [world.round(), chart_file("fabric-dns/files/verify.sh")].join("\n");
    world.run(&script, 100, &variables)
}

/// The three forms of a name, as a zone and as endpoints that answer.
fn serve(world: &World, forms: &[&str]) {
    world.write("zone", &format!("{}\n", forms.join("\n")));
    for form in forms {
        world.write(&format!("metrics.{form}"), "");
    }
}

const PEER: [&str; 3] = ["peer0", "peer0.org1", "peer0.org1.svc.cluster.local"];

#[test]
fn every_form_of_a_name_is_resolved_and_connected_to() {
    let world = World::new();
    serve(&world, &PEER);
    let outcome = verify(&world, "peer0 org1 7051");
    assert!(outcome.success, "{}", outcome.text);
    assert!(outcome.text.contains("musl: 3 names resolve from namespace org1"));
    assert_eq!(world.lines("asked"), PEER);
}

#[test]
fn a_name_of_another_namespace_has_no_short_form() {
    let world = World::new();
    serve(&world, &["orderer0.orderer", "orderer0.orderer.svc.cluster.local"]);
    assert!(verify(&world, "orderer0 orderer 7050").success);
}

#[test]
fn what_musl_does_not_find_is_named_form_by_form() {
    let world = World::new();
    serve(&world, &PEER[..1]);
    let outcome = verify(&world, "peer0 org1 7051");
    assert!(!outcome.success);
    assert!(outcome.text.contains("musl: peer0.org1 does not resolve"), "{}", outcome.text);
    assert!(!outcome.text.contains("musl: peer0 does not"), "{}", outcome.text);
    assert_eq!(world.lines("rounds").len(), 2, "three tries");
}

#[test]
fn a_name_that_resolves_and_does_not_answer_is_told_apart() {
    let world = World::new();
    serve(&world, &PEER);
    world.remove("metrics.peer0.org1");
    let outcome = verify(&world, "peer0 org1 7051");
    assert!(!outcome.success);
    assert!(outcome.text.contains("nobody is reached at peer0.org1 port 7051"), "{}", outcome.text);
    let outcome = verify(&world, "peer0 org1 -");
    assert!(outcome.success, "nobody connects: {}", outcome.text);
}
