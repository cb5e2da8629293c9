//! Version 2 of a living network: one more peer in Org1, another memory limit for one node of Org2.

use serde_json::Value;

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::observation::{assert_changed, uids};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let mut network = Network::running(cluster, case, Topology::new(cluster, case, "second"));
    let genesis = genesis(&network);
    upgrade_to_version_2(&mut network);
    assert!(self::genesis(&network) == genesis, "the genesis ConfigMap has changed");
    roll_back(&mut network);
    go_forward_again(&mut network);
    bump_the_version(&mut network);
    assert!(self::genesis(&network) == genesis, "the genesis ConfigMap has changed");
}

/// What changes between the versions, as `<namespace>/<workload>`: the new peer comes first.
fn expected_changes(network: &Network<'_>) -> Vec<String> {
    vec![
        network.key("org1", "peer1"),
        network.key("org2", "peer0"),
        network.key("org1", "converge"),
        network.key("org1", "peers-roller"),
        network.key("org2", "peers-roller"),
    ]
}

fn upgrade_to_version_2(network: &mut Network<'_>) {
    let before = network.pod_uids();
    change(network, "1.1.0", 2, Some("900Mi"));
    network.build().failure().says("chart-builder identities");
    network.apply_identities();
    network.build().success();
    timed("upgrade to version 2", || network.install()).success();
    let height = network.settled_height();
    println!("             the new peer has height {height}");
    assert_changed(&before, &network.pod_uids(), expected_changes(network));
    network.test().success();
}

fn roll_back(network: &mut Network<'_>) {
    let (before, height) = (network.pod_uids(), network.settled_height());
    let rollback = || network.helm("rollback {} 1 --wait --timeout 300s");
    timed("rollback to version 1", rollback).success();
    let (new_peer, kept) = (network.key("org1", "peer1"), expected_changes(network).split_off(1));
    poll::until("the new peer's pod is gone", SETTLE, || match network.pods().get(&new_peer) {
        None => Ok(()),
        Some(pod) => Err(format!("{pod:?}")),
    });
    // The directory still holds version 2; only what is looked at follows the rollback.
    network.topology.org1_peers = 1;
    assert_changed(&before, &network.pod_uids(), kept);
    network.test().success();
    let after = network.settled_height();
    assert!(after > height, "height {after} after rollback and a transaction, {height} before");
}

fn go_forward_again(network: &mut Network<'_>) {
    let claim = network.namespace("org1") + "/data-peer1";
    let namespaces = network.topology.namespaces();
    let claims = uids(network.cluster, "pvc", &namespaces);
    assert!(claims.contains_key(&claim), "rollback took the claim `{claim}`: {claims:?}");
    change(network, "1.1.0", 2, Some("900Mi"));
    timed("forward to version 2 again", || network.install()).success();
    let height = network.settled_height();
    println!("             the peer with its old claim has height {height}");
    assert!(uids(network.cluster, "pvc", &namespaces) == claims, "a claim has been made anew");
    network.test().success();
}

fn bump_the_version(network: &mut Network<'_>) {
    let before = network.pod_uids();
    change(network, "1.2.0", 2, Some("900Mi"));
    network.build().success();
    timed("upgrade by a version number alone", || network.install()).success();
    assert_changed(&before, &network.pod_uids(), Vec::new());
}

fn change(network: &mut Network<'_>, version: &str, peers: u32, memory: Option<&'static str>) {
    version.clone_into(&mut network.topology.version);
    network.topology.org1_peers = peers;
    network.topology.org2_peer0_memory = memory;
    network.write_topology();
}

/// UIDs and data of the genesis blocks' objects.
fn genesis(network: &Network<'_>) -> Vec<Value> {
    let maps = network.cluster.list("configmaps", &network.namespace("orderer"));
    let is_genesis = |map: &Value| {
        let files = map["binaryData"].as_object();
        files.is_some_and(|files| files.keys().any(|name| name.strip_suffix(".block").is_some()))
    };
    let mut data = Vec::new();
    for map in maps.into_iter().filter(is_genesis) {
        data.push(map["metadata"]["uid"].clone());
        data.push(map["binaryData"].clone());
    }
    assert!(!data.is_empty(), "there is no genesis ConfigMap");
    data
}
