use super::*;
use crate::check::built::lock_of;
use crate::diagnostic::Diagnostics;
use crate::model::{Component, Storage};
use crate::source::Source;
use crate::spec;

fn spec_of(text: &str) -> Spec {
    let mut found = Diagnostics::default();
    let parsed = spec::parse(&Source::new("network.yaml", text), &mut found);
    assert!(found.is_empty(), "{found:?}");
    parsed.spec.unwrap()
}

fn topology(peers: &str, rest: &str) -> Spec {
    spec_of(&format!(
        "apiVersion: fabric-topology/v1\nkind: FabricNetwork\nmetadata: {{name: demo, version: 1.0.0}}\n\
         fabric: {{version: 2.5}}\norganizations:\n- {{name: Org1, peers: {peers}}}\n- {{name: Ord, orderers: 3}}\n\
         channels: [{{name: mychannel, members: [Org1]}}]\n{rest}\n"
    ))
}

fn peer_names(network: &Network) -> Vec<&str> {
    network.organizations[0].peers.iter().map(|peer| peer.name.as_str()).collect()
}

#[test]
fn everything_unsaid_has_its_documented_default() {
    let network = resolve(&topology("2", ""), &Lock::default());
    let org = &network.organizations[0];
    assert_eq!((org.msp_id.as_str(), org.namespace.as_str()), ("Org1MSP", "org1"));
    assert_eq!(org.peers[1].gossip_bootstrap, "peer0.org1:7051");
    assert_eq!(network.fabric.to_string(), "2.5.16");
    assert_eq!(network.images.components[&Component::Peer].tag, "2.5.16");
    assert_eq!(network.cluster_domain, "cluster.local");
    let channel = &network.channels[0];
    assert_eq!(channel.consenters.len(), 3);
    assert_eq!(channel.members[0].anchors[0].host, "peer0.org1");
    assert_eq!(channel.capabilities.application, "V2_5");
}

#[test]
fn a_removed_index_is_never_used_again() {
    let three = resolve(&topology("3", ""), &Lock::default());
    let mut lock = lock_of(&three);
    let removal = "removals: [{org: Org1, peer: peer1}]";
    assert_eq!(peer_names(&resolve(&topology("2", removal), &lock)), ["peer0", "peer2"]);
    let node = lock.organizations.get_mut("Org1").and_then(|org| org.nodes.get_mut("peer1"));
    node.unwrap().removed = true;
    assert_eq!(peer_names(&resolve(&topology("3", ""), &lock)), ["peer0", "peer2", "peer3"]);
}

#[test]
fn a_bootstrap_is_frozen_while_its_peer_lives() {
    let mut lock = lock_of(&resolve(&topology("3", ""), &Lock::default()));
    let bootstrap = |lock: &Lock| {
        let network = resolve(&topology("3", ""), lock);
        network.organizations[0].peers.last().unwrap().gossip_bootstrap.clone()
    };
    let nodes = &mut lock.organizations.get_mut("Org1").unwrap().nodes;
    nodes.get_mut("peer2").unwrap().gossip_bootstrap = Some("peer1.org1:7051".to_owned());
    assert_eq!(bootstrap(&lock), "peer1.org1:7051");
    lock.organizations.get_mut("Org1").unwrap().nodes.get_mut("peer0").unwrap().removed = true;
    assert_eq!(bootstrap(&lock), "peer1.org1:7051");
}

#[test]
fn a_node_inherits_leaf_by_leaf() {
    let text = "{count: 2, storage: {class: fast}, resources: {limits: {memory: 2Gi}}, \
                overrides: {peer1: {storage: 20Gi, resources: {requests: {cpu: 1}}}}}";
    let network = resolve(&topology(text, ""), &Lock::default());
    let peer = &network.organizations[0].peers[1];
    assert_eq!(
        peer.storage,
        Storage::Claim {
            claim: "data-peer1".to_owned(),
            class: Some("fast".to_owned()),
            size: "20Gi".to_owned()
        }
    );
    assert_eq!(peer.resources.requests.cpu.as_deref(), Some("1"));
    assert_eq!(peer.resources.requests.memory.as_deref(), Some("256Mi"));
    assert_eq!(peer.resources.limits.memory.as_deref(), Some("2Gi"));
}

#[test]
fn what_a_channel_was_made_from_outlives_new_defaults() {
    let mut lock = lock_of(&resolve(&topology("1", ""), &Lock::default()));
    lock.channels.get_mut("mychannel").unwrap().made_from.batch.max_messages = 7;
    let network = resolve(&topology("1", ""), &lock);
    assert_eq!(network.channels[0].batch.max_messages, 7);
}

#[test]
fn a_new_sequence_keeps_the_server_before() {
    let chaincode = |sequence, image| {
        topology(
            "1",
            &format!(
                "chaincodes: [{{name: asset, version: 1, sequence: {sequence}, image: {image}}}]"
            ),
        )
    };
    let lock = lock_of(&resolve(&chaincode(1, "cc/a:1"), &Lock::default()));
    let network = resolve(&chaincode(2, "cc/a:2"), &lock);
    let previous = network.chaincodes[0].previous.as_ref().unwrap();
    assert_eq!((previous.sequence, previous.image.tag.as_str()), (1, "1"));
}
