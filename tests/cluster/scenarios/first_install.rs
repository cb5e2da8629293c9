//! A new network: identities, install, test.

use std::time::Instant;

use crate::cluster::Cluster;
use crate::network::Network;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::timeline;
use crate::topology::Topology;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    // The article's network: two organizations with two peers.
    let topology =
        Topology { org1_peers: 2, org2_peers: 2, ..Topology::new(cluster, case, "first") };
    let network = Network::new(cluster, case, topology);
    timed("identities, kubectl apply, build", || network.prepare());
    for namespace in network.topology.namespaces() {
        let labels = cluster.get(&["namespace", &namespace])["metadata"]["labels"].take();
        let level = &labels["pod-security.kubernetes.io/enforce"];
        assert!(level == "restricted", "namespace `{namespace}` enforces {level}");
    }
    let begin = Instant::now();
    timed("helm upgrade --install --wait", || network.install()).success();
    timeline::print(&network);
    let tested = timed("helm test", || network.test()).success();
    println!(
        "  {:7.1} s  from install to the first committed transaction read back",
        begin.elapsed().as_secs_f64()
    );
    let height = network.settled_height();
    println!(
        "             height {height} at {} peers",
        network.peer_heights().map_or(0, |it| it.len())
    );
    assert!(network.pods().len() == network.pod_count(), "{:?}", network.pods());
    tested.says("Succeeded");
}
