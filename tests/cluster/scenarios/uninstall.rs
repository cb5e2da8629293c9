//! The ledger outlives the release.

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::observation::uids;
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let network = Network::running(cluster, case, Topology::new(cluster, case, "uninstall"));
    let height = network.settled_height();
    let namespaces = network.topology.namespaces();
    let kept = || {
        let mut kept = uids(cluster, "pvc", &namespaces);
        // The release's own Secrets lie in the umbrella's namespace, those of the identities in the others.
        kept.extend(uids(cluster, "secrets", &namespaces[1..]));
        kept
    };
    let before = kept();
    timed("helm uninstall", || network.helm("uninstall {} --wait --timeout 120s")).success();
    poll::until("every pod is gone", SETTLE, || {
        let pods = network.pods();
        if pods.is_empty() { Ok(()) } else { Err(format!("{:?}", pods.keys())) }
    });
    assert!(kept() == before, "kept: {:?}\nbefore: {before:?}", kept());
    timed("second install over the claims", || network.install()).success();
    let after = network.settled_height();
    assert!(after == height, "height {after} after the second install, {height} before");
    assert!(kept() == before, "kept: {:?}\nbefore: {before:?}", kept());
    network.test().success();
}
