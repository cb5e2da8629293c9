//! What is written into the settings of cluster DNS, and what comes back.

use crate::world::{Outcome, World, chart_file, has_jq};

const COREFILE: &str = ".:53 {\n    kubernetes cluster.local\n    reload\n}\n";
const MAP: &str = "map.coredns.json";

/// A cluster whose DNS answers, with these settings.
fn cluster(corefile: &str) -> World {
    let world = World::new();
    world.program("kubectl", include_str!("cluster.sh"));
    world.write("zone", "kubernetes.default.svc.cluster.local\n");
    let map = serde_json::json!({"data": {"Corefile": corefile, "other": "kept"}});
    world.write(MAP, &map.to_string());
    world
}

fn run(world: &World, mode: &str, changed: &[(&str, &str)]) -> Outcome {
    let mut variables = vec![
        ("MODE", mode),
        ("OWNER", "demo"),
        ("CLUSTER_DOMAIN", "cluster.local"),
        ("DOMAINS", "org1.example.com org1\norg2.example.com org2"),
        ("CONFIG_MAP", "coredns"),
        ("CONFIG_NAMESPACE", "kube-system"),
        ("KEY", "Corefile"),
        ("RESTART", ""),
        ("SERVER", ""),
        ("SECONDS_TO_ANSWER", "10"),
        ("GOOD_ROUNDS", "3"),
    ];
    variables.extend(changed);
    let script = [world.round(), chart_file("fabric-dns/files/coredns.sh")].join("\n");
    world.run(&script, 50, &variables)
}

fn text(world: &World, map: &str, key: &str) -> String {
    let map: serde_json::Value = serde_json::from_str(&world.lines(map).join("\n")).unwrap();
    map["data"][key].as_str().unwrap().to_owned()
}

#[test]
fn each_domain_gets_a_block_between_marks_and_uninstall_removes_it() {
    if !has_jq() {
        return;
    }
    let world = cluster(COREFILE);
    let outcome = run(&world, "apply", &[]);
    assert!(outcome.success, "{}", outcome.text);
    let corefile = text(&world, MAP, "Corefile");
    let block = corefile.strip_prefix(COREFILE).unwrap();
    assert!(block.starts_with("# BEGIN fabric-dns demo\norg1.example.com:53 {\n"), "{block}");
    assert!(block.ends_with("}\n# END fabric-dns demo\n"), "{block}");
    let rule = "rewrite stop name suffix .org2.example.com. .org2.svc.cluster.local. answer auto";
    assert!(block.contains(rule), "{block}");
    assert_eq!(text(&world, MAP, "other"), "kept");
    let again = run(&world, "apply", &[]);
    assert!(again.text.contains("nothing to do"), "{}", again.text);
    let outcome = run(&world, "restore", &[]);
    assert!(outcome.success, "{}", outcome.text);
    assert_eq!(text(&world, MAP, "Corefile"), COREFILE);
}

#[test]
fn a_last_line_without_an_end_does_not_swallow_the_mark() {
    if !has_jq() {
        return;
    }
    let world = cluster(COREFILE.trim_end());
    assert!(run(&world, "apply", &[]).success);
    assert!(text(&world, MAP, "Corefile").contains("\n}\n# BEGIN fabric-dns demo\n"));
}

#[test]
fn two_networks_have_blocks_of_their_own() {
    if !has_jq() {
        return;
    }
    let world = cluster(COREFILE);
    let other = [("OWNER", "demo-two"), ("DOMAINS", "org9.example.com org9")];
    assert!(run(&world, "apply", &[]).success);
    assert!(run(&world, "apply", &other).success);
    assert!(run(&world, "restore", &[]).success);
    let corefile = text(&world, MAP, "Corefile");
    assert!(!corefile.contains("org1.example.com"), "{corefile}");
    assert!(corefile.contains("# BEGIN fabric-dns demo-two\norg9.example.com:53"), "{corefile}");
}

#[test]
fn settings_that_silence_cluster_dns_are_taken_back() {
    if !has_jq() {
        return;
    }
    let world = cluster(COREFILE);
    world.write("silent.10.0.0.10", "");
    let outcome = run(&world, "apply", &[("SERVER", "10.0.0.10"), ("RESTART", "coredns")]);
    assert!(!outcome.success);
    assert!(outcome.text.contains("the ones from before come back"), "{}", outcome.text);
    assert_eq!(text(&world, MAP, "Corefile"), COREFILE);
    assert_eq!(world.lines("restarted"), ["deployment/coredns", "deployment/coredns"]);
}

#[test]
fn a_server_has_to_answer_some_times_in_a_row() {
    if !has_jq() {
        return;
    }
    let world = cluster(COREFILE);
    assert!(run(&world, "apply", &[]).success);
    assert_eq!(world.lines("rounds").len(), 3);
    let world = cluster(COREFILE);
    assert!(!run(&world, "apply", &[("GOOD_ROUNDS", "10")]).success, "not within the time");
}

#[test]
fn a_map_that_is_not_there_is_made() {
    if !has_jq() {
        return;
    }
    let world = cluster(COREFILE);
    let own = [("CONFIG_MAP", "coredns-custom"), ("KEY", "fabric.server")];
    let outcome = run(&world, "apply", &own);
    assert!(outcome.success, "{}", outcome.text);
    let made = text(&world, "map.coredns-custom.json", "fabric.server");
    assert!(made.starts_with("# BEGIN fabric-dns demo\n"), "{made}");
    assert_eq!(text(&world, MAP, "Corefile"), COREFILE, "the provider's own is left as it is");
}
