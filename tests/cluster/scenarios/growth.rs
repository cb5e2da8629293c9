//! What a network may add after its first build: the next sequence of a chaincode, and a channel.

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::observation::assert_changed;
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{LATER_CHANNEL, Topology};

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let mut network = Network::running(cluster, case, Topology::new(cluster, case, "growth"));
    network.assert_committed(1);
    next_sequence(&mut network);
    is_not_taken_back(&network);
    new_channel(&mut network);
}

/// Peers and the server before it stay untouched.
fn next_sequence(network: &mut Network<'_>) {
    let before = network.pod_uids();
    network.topology.sequence = 2;
    release(network, "1.1.0", "upgrade to the next sequence");
    network.assert_committed(2);
    let new =
        [("org1", "canary-2"), ("org1", "converge"), ("org2", "canary-2"), ("org2", "converge")];
    let new = new.map(|(organization, workload)| network.key(organization, workload));
    let after = network.pod_uids();
    assert_changed(&before, &after, new.into());
    assert!(before.keys().all(|key| after.contains_key(key)), "{before:?}\n{after:?}");
}

fn is_not_taken_back(network: &Network<'_>) {
    let before = network.pod_uids();
    let rollback = || network.helm("rollback {} 1 --wait --timeout 120s");
    timed("rollback is refused", rollback).failure().says("only goes forward");
    unlock(network);
    assert_changed(&before, &network.pod_uids(), Vec::new());
    network.assert_committed(2);
}

/// Helm 3 keeps a release in `pending-rollback` whose pre-rollback hook has failed, and refuses every upgrade then.
fn unlock(network: &Network<'_>) {
    let name = &network.topology.name;
    let selector = format!("--selector=owner=helm,name={name},status=pending-rollback");
    network.cluster.kubectl(&["delete", "secret", "--namespace", name, &selector]).success();
}

fn new_channel(network: &mut Network<'_>) {
    network.topology.later_channel = true;
    release(network, "1.2.0", "upgrade with a new channel");
    poll::until("every peer has joined the new channel", SETTLE, || {
        let heights = network.peer_heights_on(LATER_CHANNEL)?;
        if heights.len() == 2 { Ok(()) } else { Err(format!("{heights:?}")) }
    });
    let previous = network.key("org1", "canary-1");
    assert!(!network.pods().contains_key(&previous), "`{previous}` outlives the release after");
}

fn release(network: &mut Network<'_>, version: &str, what: &str) {
    version.clone_into(&mut network.topology.version);
    network.write_topology();
    network.build().success();
    timed(what, || network.install()).success();
    network.test().success();
}
