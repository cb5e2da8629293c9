//! Real nodes start with the configuration files of their line, know their administrator, and build chaincodes as a service.

use std::fs;

use chart_builder::fabric_line::ServiceBuilder;
use fabric_artifacts::ccaas::PackageInput;

use crate::node::Node;
use crate::programs::found;

#[test]
fn orderers_of_every_version_serve_with_our_configuration() {
    for (version, program) in found("bin/orderer") {
        let node = Node::new(version);
        let _orderer = node.start_orderer(version, &program);
    }
}

#[test]
fn peers_of_every_version_serve_with_our_configuration_and_know_their_administrator() {
    for (version, program) in found("bin/peer") {
        let node = Node::new(version);
        let _peer = node.start_peer(version, &program);
        let channels = node.administrator(&program).args(["channel", "list"]).output().unwrap();
        assert!(channels.status.success(), "{version}: {channels:?}");
    }
}

#[test]
fn peers_build_chaincodes_as_a_service_by_our_builder_where_their_image_has_none() {
    for (version, program) in found("bin/peer") {
        let node = Node::new(version);
        let line = node.network.line();
        if line.service_builder(&node.network.fabric) != ServiceBuilder::Charts {
            continue;
        }
        node.write_builder();
        let peer = node.start_peer(version, &program);
        let package = PackageInput::service("asset", 1).package().unwrap();
        let file = node.write("asset.tgz", &package.bytes);
        let mut install = node.administrator(&program);
        let installed = install.args(["lifecycle", "chaincode", "install"]).arg(file).output();
        let installed = installed.unwrap();
        assert!(installed.status.success(), "{version}: {installed:?}");
        drop(peer);
        let builds = node.root.path().join("hyperledger/production/externalbuilder/builds");
        let build = fs::read_dir(builds).unwrap().next().unwrap().unwrap().path();
        let connection = fs::read(build.join("release/chaincode/server/connection.json")).unwrap();
        let connection: serde_json::Value = serde_json::from_slice(&connection).unwrap();
        assert_eq!(connection["address"], "asset-1:9999");
        assert_eq!(connection["root_cert"], node.certificates.tls_ca.certificate().pem());
    }
}
