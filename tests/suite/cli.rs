//! How the programs talk: data on standard output, talk on standard error, exit codes that scripts can trust.

use serde_json::Value;
use suite::process::run;
use suite::workspace;

use crate::network::{Network, replaced};
use crate::programs;

/// The example with three mistakes of different kinds, in the order of their lines.
fn faulty() -> Network {
    let topology = workspace::read("examples/article/network.yaml");
    let topology = replaced(&topology, "kind: FabricNetwork", "kind: FabricNetwork\nfabrik: {}");
    let topology = replaced(&topology, "{name: Org2, peers: 2}", "{name: Org1, peers: 2}");
    Network::with(&replaced(&topology, "members: [Org1, Org2]", "members: [Org1, Org9]"))
}

#[test]
fn a_good_topology_passes_without_a_finding() {
    let checked = Network::of_example("article").builder(&["check"]).success();
    assert_eq!(checked.stdout, "network.yaml: 0 errors, 0 warnings\n", "{checked}");
    assert!(checked.stderr.is_empty(), "{checked}");
}

#[test]
fn all_faults_come_in_one_run_with_place_reason_and_fix() {
    let network = faulty();
    let checked = network.builder(&["check"]).failure();
    assert_eq!(checked.code, 1, "{checked}");
    for word in ["network.yaml:4:1", "fabrik", "`fabric`", "Org1", "Org9"] {
        assert!(checked.stdout.contains(word), "`{word}` is missing\n{checked}");
    }
    assert!(checked.stderr.is_empty(), "a report is data\n{checked}");
    assert!(!network.path().join("network.lock").exists(), "a check writes nothing");
}

#[test]
fn a_report_for_machines_is_json_on_standard_output() {
    let checked = faulty().builder(&["check", "--format", "json"]).failure();
    let report: Value =
        serde_json::from_str(&checked.stdout).unwrap_or_else(|error| panic!("{error}\n{checked}"));
    let text = report.to_string();
    assert!(text.contains("fabrik") && text.contains("Org9"), "{report:#}");
}

#[test]
fn wrong_arguments_give_an_exit_code_of_their_own_and_change_nothing() {
    let network = Network::of_example("article");
    for arguments in [&["biuld"][..], &["build", "--no-such-flag"], &["check", "--format", "xml"]] {
        let refused = network.builder(arguments).failure();
        assert_eq!(refused.code, 64, "{refused}");
        assert!(refused.stdout.is_empty(), "{refused}");
    }
    assert!(!network.path().join("dist").exists());
}

#[test]
fn every_program_tells_its_version_and_its_help() {
    let home = tempfile::tempdir().expect("a directory");
    for program in ["chart-builder", "chart-registry", "fabric-canary"] {
        let version = run(programs::command(program, home.path()).arg("--version")).success();
        assert!(version.stdout.starts_with(program), "{version}");
        run(programs::command(program, home.path()).arg("--help")).success().says(program);
    }
}

#[test]
fn a_build_without_identities_names_the_command_that_makes_them() {
    let refused = Network::of_example("article").builder(&["build"]).failure();
    refused.says("chart-builder identities");
}

#[test]
fn the_commands_to_type_next_are_data_and_all_else_is_talk() {
    let network = Network::of_example("article");
    let identities = network.builder(&["identities"]).success();
    let build = network.builder(&["build"]).success();
    for line in identities.stdout.lines().chain(build.stdout.lines()) {
        let command = line.starts_with("kubectl ") || line.starts_with("helm ");
        assert!(command, "`{line}` stands on standard output\n{identities}\n{build}");
    }
    assert!(build.stdout.contains("helm upgrade --install article"), "{build}");
}

#[test]
fn a_second_run_of_identities_keeps_every_key() {
    let network = Network::of_example("article");
    network.builder(&["identities"]).success();
    let key = network.path().join("private/Org1/offline/ca.key");
    let before = std::fs::read(&key).expect("a key");
    network.builder(&["identities"]).success();
    assert_eq!(std::fs::read(&key).expect("a key"), before);
    let mode = std::os::unix::fs::MetadataExt::mode(&key.metadata().expect("a key"));
    assert_eq!(mode & 0o777, 0o600, "a key can be read by others");
}

#[test]
fn a_frozen_fact_is_refused_with_both_values_and_a_new_peer_asks_for_identities() {
    let network = Network::article();
    let topology = workspace::read("examples/article/network.yaml");
    network.write(&replaced(&topology, "{name: Org1,", "{name: Org1, mspId: OtherMSP,"));
    network.builder(&["build"]).failure().says("OtherMSP").says("Org1MSP").says("network.yaml:");
    network.write(&replaced(&topology, "{name: Org1, peers: 2}", "{name: Org1, peers: 3}"));
    network.builder(&["build"]).failure().says("chart-builder identities").says("peer2");
    network.write(&replaced(&topology, "{name: Org1, peers: 2}", "{name: Org1, peers: 1}"));
    network.builder(&["build"]).failure().says("removals");
}
