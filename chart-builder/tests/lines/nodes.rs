//! Real nodes start with the configuration files of their line, know their administrator, build chaincodes as a service, and
//! take packages of both lifecycles.

use std::collections::BTreeMap;
use std::fs;

use chart_builder::fabric_line::ServiceBuilder;
use fabric_artifacts::ccaas::PackageInput;
use fabric_artifacts::sources::go_code;

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

/// What `getinstalledchaincodes` shows of a chaincode: fields 1 and 2 of an entry.
fn entry(name: &str, version: &str) -> String {
    let field = |tag: &str, text: &str| {
        let bytes = text.bytes().map(|byte| format!("{byte:02x}"));
        format!("{tag}{:02x}{}", text.len(), bytes.collect::<String>())
    };
    field("0a", name) + &field("12", version)
}

#[test]
fn peers_with_the_legacy_lifecycle_take_our_deployments_and_know_them_by_our_fingerprint() {
    for (version, program) in found("bin/peer") {
        let node = Node::new(version);
        if !node.has_system_channel() {
            continue;
        }
        let _peer = node.start_peer(version, &program);
        let main = b"package main\n\nfunc main() {}\n".to_vec();
        let code = go_code("mycc", &BTreeMap::from([("main.go".to_owned(), main)])).unwrap();
        let package = code.deployment("mycc", "1.0");
        let file = node.write("mycc.tgz", &package.bytes);
        let run = |arguments: &[&str]| {
            let mut command = node.administrator(&program);
            let output = command.arg("chaincode").args(arguments).output().unwrap();
            // From 2.0 on an install also builds, which takes an engine; the package is there before that.
            let builds = version.starts_with('2') && arguments[0] == "install";
            assert!(output.status.success() || builds, "{version}: {arguments:?}: {output:?}");
            String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
        };
        run(&["install", file.to_str().unwrap()]);
        // The peer keeps it under name and version, byte by byte.
        let kept = node.root.path().join("hyperledger/production/chaincodes/mycc.1.0");
        assert_eq!(fs::read(&kept).unwrap(), package.bytes, "{version}");
        let channel = if version.starts_with("1.0") { "" } else { "none" };
        if channel.is_empty() {
            let arguments = r#"{"Args":["getinstalledchaincodes"]}"#;
            let said = run(&["query", "-C", channel, "-n", "lscc", "-c", arguments, "-x"]);
            assert!(said.contains(&entry("mycc", "1.0")), "{version}: {said}");
        } else {
            let said = run(&["list", "--installed"]);
            let fingerprint = package.id.rsplit(':').next().unwrap();
            let known = format!("Name: mycc, Version: 1.0, Path: mycc, Id: {fingerprint}");
            assert!(said.contains(&known), "{version}: {said}");
        }
    }
}
