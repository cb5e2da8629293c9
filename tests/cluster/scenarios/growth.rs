//! What a network may add after its first build: the next sequence of a chaincode, and a channel.

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE, commands_within};
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
    let refused = timed("rollback is refused", rollback).failure().says("only goes forward");
    // Helm 3 keeps a release locked whose pre-rollback hook has failed; the refusal says how to unlock it.
    let commands = commands_within(&refused, "kubectl delete secret ");
    assert!(commands.len() == 1, "no command unlocks the release\n{refused}");
    network.shell(&commands[0]).success();
    assert_changed(&before, &network.pod_uids(), Vec::new());
    network.assert_committed(2);
}

/// Every node stays as it is: orderers join while they run, peers have always done.
fn new_channel(network: &mut Network<'_>) {
    let before = network.node_uids();
    network.topology.later_channel = true;
    release(network, "1.2.0", "upgrade with a new channel");
    assert_changed(&before, &network.node_uids(), Vec::new());
    no_container_restarted(network);
    poll::until("every peer has joined the new channel", SETTLE, || {
        let heights = network.peer_heights_on(LATER_CHANNEL)?;
        if heights.len() == 2 { Ok(()) } else { Err(format!("{heights:?}")) }
    });
    let previous = network.key("org1", "canary-1");
    assert!(!network.pods().contains_key(&previous), "`{previous}` outlives the release after");
}

/// A container that starts again within its pod is a restart too.
fn no_container_restarted(network: &Network<'_>) {
    let namespace = network.namespace("orderer");
    let pods = network.cluster.list("pods", &namespace);
    let containers = pods.iter().filter_map(|pod| pod["status"]["containerStatuses"].as_array());
    for container in containers.flatten() {
        assert!(container["restartCount"] == 0, "{container}");
    }
}

fn release(network: &mut Network<'_>, version: &str, what: &str) {
    version.clone_into(&mut network.topology.version);
    network.write_topology();
    network.build().success();
    timed(what, || network.install()).success();
    network.test().success();
}
