//! What happens to the Docker engine of one node, and how it comes back.

use crate::world::{Outcome, World, chart_file, has_jq};

const DAEMON: &str = "pod/node/docker/daemon.json";
const DEFAULTS: &str = "pod/node/default/docker";
const OLD: &str = "{\"live-restore\": true,   \"log-level\": \"warn\"}\n";

/// A node whose engine runs, keeps containers over a restart, and was told nothing of the cluster.
fn node() -> World {
    let world = World::new();
    for part in ["engine", "container"] {
        let text = chart_file(&format!("fabric-dns/files/{part}.sh"));
        world.write(&format!("pod/scripts/{part}.sh"), &world.in_pod(&text));
    }
    for program in ["alive", "live", "loaded", "pod/node/default/.made"] {
        world.write(program, "");
    }
    world.write("pid", &std::process::id().to_string());
    world.write(DAEMON, OLD);
    world
}

fn run(world: &World, mode: &str, changed: &[(&str, &str)]) -> Outcome {
    let pid = world.path("pid").display().to_string();
    let socket = world.path("socket").display().to_string();
    let mut variables = vec![
        ("NODE", "worker1"),
        ("MODE", mode),
        ("DNS_SERVERS", "10.0.0.10 192.168.0.1"),
        ("DNS_SEARCH", "default.svc.cluster.local svc.cluster.local"),
        ("DNS_OPTIONS", "ndots:2 timeout:2 attempts:2"),
        ("FORM", "auto"),
        ("CONFIG_FILE", "/etc/docker/daemon.json"),
        ("CONFIG_NAME", "daemon.json"),
        ("DEFAULTS_FILE", "/etc/default/docker"),
        ("DEFAULTS_NAME", "docker"),
        ("SOCKET", &socket),
        ("SOCKET_FILE", "/var/run/docker.sock"),
        ("PID_FILE", &pid),
        ("RESTART", "systemctl restart docker"),
        ("ENGINE_SECONDS", "5"),
        ("WITHOUT_LIVE_RESTORE", "no"),
        ("VERIFY_IMAGE", "busybox:1.36.1"),
        ("VERIFY_NAME", "kubernetes.default"),
        ("VERIFY_PORT", "443"),
    ];
    variables.extend(changed);
    world.run(&chart_file("fabric-dns/files/node.sh"), 50, &variables)
}

fn text(world: &World, file: &str) -> String {
    std::fs::read_to_string(world.path(file)).unwrap_or_default()
}

fn restarts(world: &World) -> usize {
    world.lines("restarts").len()
}

#[test]
fn an_engine_is_told_where_names_are_and_keeps_its_other_settings() {
    if !has_jq() {
        return;
    }
    let world = node();
    let outcome = run(&world, "apply", &[]);
    assert!(outcome.success, "{}", outcome.text);
    let keys: serde_json::Value = serde_json::from_str(&text(&world, DAEMON)).unwrap();
    let wanted = serde_json::json!({
        "live-restore": true,
        "log-level": "warn",
        "dns": ["10.0.0.10", "192.168.0.1"],
        "dns-search": ["default.svc.cluster.local", "svc.cluster.local"],
        "dns-opts": ["ndots:2", "timeout:2", "attempts:2"],
    });
    assert_eq!(keys, wanted);
    assert_eq!(restarts(&world), 1);
    let outcome = run(&world, "apply", &[]);
    assert!(outcome.success && restarts(&world) == 1, "nothing twice: {}", outcome.text);
}

#[test]
fn a_socket_that_goes_with_its_engine_is_told_because_pods_keep_the_old_one() {
    if !has_jq() {
        return;
    }
    let said = "until their pods are deleted";
    for (file, told) in [("owned", false), ("unowned", true)] {
        let world = node();
        world.write("socket", "");
        world.write(file, "");
        let outcome = run(&world, "apply", &[]);
        assert!(outcome.success, "{}", outcome.text);
        assert_eq!(outcome.text.contains(said), told, "{}", outcome.text);
    }
}

#[test]
fn what_does_not_help_is_taken_back_byte_by_byte() {
    if !has_jq() {
        return;
    }
    let world = node();
    world.write("blind", "");
    let outcome = run(&world, "apply", &[]);
    assert!(!outcome.success);
    assert!(outcome.text.contains("does not reach kubernetes.default"), "{}", outcome.text);
    assert!(outcome.text.contains("its settings are as they were"), "{}", outcome.text);
    assert_eq!(text(&world, DAEMON), OLD);
    assert_eq!(restarts(&world), 2);
    assert!(!world.exists("pod/node/docker/daemon.json.before-fabric-dns"));
}

#[test]
fn an_engine_whose_restart_ends_containers_is_left_alone() {
    if !has_jq() {
        return;
    }
    let world = node();
    world.remove("live");
    let outcome = run(&world, "apply", &[]);
    assert!(!outcome.success && restarts(&world) == 0, "{}", outcome.text);
    assert!(outcome.text.contains("no live-restore"), "{}", outcome.text);
    assert_eq!(text(&world, DAEMON), OLD);
    assert!(run(&world, "apply", &[("WITHOUT_LIVE_RESTORE", "yes")]).success);
}

#[test]
fn the_way_back_leaves_what_others_have_changed_since() {
    if !has_jq() {
        return;
    }
    let world = node();
    run(&world, "apply", &[]);
    let told = text(&world, DAEMON).replace("\"warn\"", "\"info\"");
    world.write(DAEMON, &told);
    let outcome = run(&world, "restore", &[]);
    assert!(outcome.success, "{}", outcome.text);
    let keys: serde_json::Value = serde_json::from_str(&text(&world, DAEMON)).unwrap();
    assert_eq!(keys, serde_json::json!({"live-restore": true, "log-level": "info"}));
    let again = run(&world, "restore", &[]);
    assert!(again.text.contains("nothing was changed here"), "{}", again.text);
}

#[test]
fn a_file_that_was_not_there_goes_again() {
    if !has_jq() {
        return;
    }
    let world = node();
    world.remove(DAEMON);
    world.write("pod/node/docker/.made", "");
    assert!(run(&world, "apply", &[]).success && world.exists(DAEMON));
    assert!(run(&world, "restore", &[]).success && !world.exists(DAEMON));
}

#[test]
fn an_engine_with_options_of_2017_gets_more_of_them() {
    if !has_jq() {
        return;
    }
    let world = node();
    let old = "# flannel\nDOCKER_OPTS=\"--bip=172.1.86.1/24\"\n";
    world.write(DEFAULTS, old);
    let outcome = run(&world, "apply", &[]);
    assert!(outcome.success, "{}", outcome.text);
    let article = "DOCKER_OPTS=\"--bip=172.1.86.1/24 --dns=10.0.0.10 --dns=192.168.0.1 \
        --dns-search default.svc.cluster.local --dns-search svc.cluster.local \
        --dns-opt ndots:2 --dns-opt timeout:2 --dns-opt attempts:2\"";
    assert_eq!(world.lines(DEFAULTS), ["# flannel", article]);
    assert_eq!(text(&world, DAEMON), OLD, "never both");
    assert!(run(&world, "restore", &[]).success);
    assert_eq!(text(&world, DEFAULTS), old);
}

#[test]
fn settings_that_would_contradict_others_are_refused() {
    if !has_jq() {
        return;
    }
    let world = node();
    world.write(DEFAULTS, "DOCKER_OPTS=\"\"\n");
    world.write(DAEMON, "{\"dns\": [\"192.0.2.1\"]}");
    let outcome = run(&world, "apply", &[]);
    assert!(!outcome.success && restarts(&world) == 0);
    assert!(outcome.text.contains("an engine refuses to start with both"), "{}", outcome.text);
    world.write(DAEMON, OLD);
    world.write(DEFAULTS, "DOCKER_OPTS=\"--dns 192.0.2.1\"\n");
    let outcome = run(&world, "apply", &[]);
    assert!(outcome.text.contains("has options --dns already"), "{}", outcome.text);
}

#[test]
fn a_node_without_an_engine_has_nothing_to_be_told() {
    if !has_jq() {
        return;
    }
    let world = node();
    world.remove("alive");
    let outcome = run(&world, "apply", &[]);
    assert!(outcome.success, "{}", outcome.text);
    assert!(outcome.text.contains("nothing to do"), "{}", outcome.text);
    assert_eq!(text(&world, DAEMON), OLD);
}
