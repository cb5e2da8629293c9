//! The oldest line whose images a cluster of today can have: Fabric 1.4 without chaincodes.

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::poll;
use crate::settings::Case;
use crate::topology::Topology;

/// Its newest version.
const FABRIC: &str = "1.4.12";

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let case = Case { fabric: FABRIC.to_owned(), ..case.clone() };
    let topology =
        Topology { org1_peers: 2, has_chaincode: false, ..Topology::new(cluster, &case, "oldest") };
    let network = Network::running(cluster, &case, topology);
    assert!(network.pods().len() == network.pod_count(), "{:?}", network.pods());
    // Block 0 and the anchors of each organization.
    poll::until("every peer knows the anchors", SETTLE, || {
        let heights = network.peer_heights()?;
        let done = heights.len() == 3 && heights.values().all(|height| *height == 3);
        if done { Ok(()) } else { Err(format!("{heights:?}")) }
    });
}
