//! Every consensus: with a block 0 that orderers join by, and with a system channel.

use crate::cluster::Cluster;
use crate::network::Network;
use crate::settings::Case;
use crate::topology::Topology;

/// Fabric version, consensus, orderers.
const CELLS: &[(&str, &str, u32)] = &[
    ("3.1.5", "bft", 4),
    ("2.5.16", "solo", 1),
    ("2.5.16", "kafka", 2),
    ("2.2.15", "etcdraft", 3),
    ("2.2.15", "solo", 1),
    ("2.2.15", "kafka", 2),
];

pub(super) fn run(cluster: &Cluster, case: &Case) {
    for (fabric, consensus, orderers) in CELLS {
        println!("  {consensus} with Fabric {fabric}");
        let case = Case { fabric: (*fabric).to_owned(), ..case.clone() };
        let topology = Topology {
            orderers: *orderers,
            consensus,
            profile: "dev",
            ..Topology::new(cluster, &case, consensus)
        };
        let network = Network::running(cluster, &case, topology);
        network.committed_everywhere();
        assert!(network.pods().len() == network.pod_count(), "{:?}", network.pods());
    }
}
