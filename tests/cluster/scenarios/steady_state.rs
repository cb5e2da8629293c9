//! Converge: dies at any moment without harm, and rests when there is nothing to do.

use std::time::Duration;

use crate::cluster::Cluster;
use crate::network::Network;
use crate::poll;
use crate::random::Random;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

/// Longer than the whole way of converge takes on a small machine: kills meet every step of it.
const LONGEST_LIFE: Duration = Duration::from_secs(12);

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let network = Network::new(cluster, case, Topology::new(cluster, case, "steady"));
    network.prepare();
    network.install_without_waiting().success();
    let mut random = Random::new(cluster.settings.seed);
    timed("converge killed at random moments", || kill_converge(&network, &mut random));
    timed("every pod is ready", || network.wait_ready(network.pod_count()));
    network.assert_committed(1);
    network.test().success();
    rest(&network);
    let height = network.settled_height();
    kill(&network, "org1");
    kill(&network, "org2");
    network.wait_ready(network.pod_count());
    let after = network.settled_height();
    assert!(after == height, "height {after} after a restart of converge, {height} before");
    network.assert_committed(1);
}

fn kill_converge(network: &Network<'_>, random: &mut Random) {
    for round in 0..network.cluster.settings.kills {
        poll::throughout("a random moment", random.duration(LONGEST_LIFE), || Ok(()));
        kill(network, if round % 2 == 0 { "org1" } else { "org2" });
    }
}

/// Without grace: nothing is put in order.
fn kill(network: &Network<'_>, organization: &str) {
    let namespace = network.namespace(organization);
    let selector = "--selector=app.kubernetes.io/component=converge";
    let delete =
        ["delete", "pod", "--namespace", &namespace, selector, "--force", "--grace-period=0"];
    network.cluster.kubectl(&delete).success();
}

fn rest(network: &Network<'_>) {
    let height = network.settled_height();
    let idle = Duration::from_secs(network.cluster.settings.idle_seconds);
    timed("idle", || {
        poll::throughout("no block is written", idle, || {
            let heights = network.peer_heights()?;
            if heights.values().all(|now| *now == height) {
                return Ok(());
            }
            Err(format!("{heights:?}, {height} before"))
        });
    });
}
