//! A channel comes from a system channel and is joined, by the commands that converge gives.

use fabric_artifacts::block::ChannelCreation;
use time::macros::datetime;

use crate::node::Node;
use crate::programs::found;

#[test]
fn a_channel_is_made_and_joined_in_every_version_with_a_system_channel() {
    for (version, orderer) in found("bin/orderer") {
        let node = Node::new(version);
        let program = orderer.with_file_name("peer");
        if !node.has_system_channel() || !program.is_file() {
            continue;
        }
        let _orderer = node.start_orderer(version, &orderer);
        let _peer = node.start_peer(version, &program);
        let creation = ChannelCreation {
            channel: "mychannel".to_owned(),
            consortium: "SampleConsortium".to_owned(),
            capability: node.network.capabilities.application.clone(),
            members: vec!["Org1".to_owned()],
        };
        let transaction = creation.update().unwrap().transaction(datetime!(2026-11-25 12:00 UTC));
        let transaction = node.write("mychannel.tx", &transaction);
        let block = node.root.path().join("mychannel.first");
        let peer = |arguments: &[&str]| {
            let mut command = node.administrator(&program);
            let output = command.args(["channel"]).args(arguments).output().unwrap();
            assert!(output.status.success(), "{version}: {arguments:?}: {output:?}");
            let said = [output.stdout, output.stderr].concat();
            String::from_utf8(said).unwrap()
        };
        let roots = node.root.path().join("fabric/tls/ca.crt");
        let (orderer, roots) = (node.orderer_address(), roots.to_str().unwrap().to_owned());
        let at_orderer = ["-o", &orderer, "--tls", "--cafile", &roots];
        let transaction = transaction.to_str().unwrap();
        peer(&[&["create", "-c", "mychannel", "-f", transaction], &at_orderer[..]].concat());
        let block = block.to_str().unwrap();
        peer(&[&["fetch", "0", block, "-c", "mychannel"], &at_orderer[..]].concat());
        peer(&["join", "-b", block]);
        let said = peer(&["list"]);
        assert!(said.lines().any(|line| line.trim_end() == "mychannel"), "{version}: {said}");
    }
}
