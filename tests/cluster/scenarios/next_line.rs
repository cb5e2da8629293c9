//! A living network moves to a Fabric line that follows its own.

use crate::cluster::Cluster;
use crate::network::Network;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

/// Steps whose images the cluster is expected to have.
const STEPS: [(&str, &str); 2] = [("2.2.15", "2.5.16"), ("2.5.16", "3.1.5")];

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let Some((_, next)) = STEPS.iter().find(|(from, _)| *from == case.fabric) else {
        println!("  not run: no step from Fabric {} is known", case.fabric);
        return;
    };
    let mut network = Network::running(cluster, case, Topology::new(cluster, case, "line"));
    let height = network.settled_height();
    "1.1.0".clone_into(&mut network.topology.version);
    (*next).clone_into(&mut network.topology.fabric);
    network.write_topology();
    network.build().success();
    timed("upgrade to the next line", || network.install()).success();
    network.wait_ready(network.pod_count());
    network.assert_committed(1);
    timed("helm test on the next line", || network.test()).success();
    let after = network.settled_height();
    assert!(after > height, "height {after} after the step and a transaction, {height} before");
    // The way back is refused before anything is changed.
    case.fabric.clone_into(&mut network.topology.fabric);
    "1.2.0".clone_into(&mut network.topology.version);
    network.write_topology();
    network.build().failure().says("FT413");
}
