//! What parts of a network say about chaincodes in Docker.

use chart_format::yaml::go_json;

use super::value;
use crate::example;
use crate::model::{ChaincodeMode, DnsStrategy, Network};

#[test]
fn a_peer_in_docker_is_told_what_its_strategy_needs() {
    let mut network = example::article();
    network.cluster.dns = "10.96.0.10".parse().ok();
    network.cluster.node_dns = vec!["192.168.0.1".parse().unwrap()];
    let facts =
        |network: &Network| go_json(&value(network, &["org1", "facts", "chaincodeRuntime"]));
    assert_eq!(facts(&network), r#"{"mode":"ccaas"}"#);
    network.organizations[0].chaincode_mode = ChaincodeMode::DockerHost(DnsStrategy::HostConfig);
    assert_eq!(
        facts(&network),
        r#"{"dns":"hostconfig","dnsServers":["10.96.0.10","192.168.0.1"],"mode":"docker-host"}"#
    );
    network.fabric = semver::Version::new(1, 0, 6);
    network.organizations[0].chaincode_mode = ChaincodeMode::DockerHost(DnsStrategy::PodAddress);
    assert_eq!(
        facts(&network),
        r#"{"dns":"pod-ip","listenAddressOnly":true,"mode":"docker-host"}"#
    );
}

#[test]
fn the_test_of_names_knows_the_engines_of_peers() {
    let mut network = example::article();
    network.organizations[1].chaincode_mode = ChaincodeMode::DockerInDocker;
    let engines = go_json(&value(&network, &["fabric-dns", "facts", "engines"]));
    assert_eq!(engines, r#"{"org2":{"mode":"dind","peers":["peer0","peer1"]}}"#);
}

#[test]
fn engines_of_nodes_are_told_names_only_where_the_topology_says_so() {
    let mut network = example::article();
    let fixup = |network: &Network| go_json(&value(network, &["fabric-dns", "facts", "fixup"]));
    assert_eq!(fixup(&network), r#"{"daemon":false}"#);
    network.organizations[1].chaincode_mode = ChaincodeMode::DockerHost(DnsStrategy::Daemon);
    assert_eq!(fixup(&network), r#"{"daemon":true}"#);
    assert_eq!(value(&network, &["fabric-dns", "facts", "docker"]), true.into());
}
