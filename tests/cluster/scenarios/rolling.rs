//! A release that changes every node, while a client writes: nodes are replaced one after the other.

use crate::cluster::Cluster;
use crate::network::Network;
use crate::observation::Pod;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;
use crate::writer::Writer;

/// Longest time without a committed transaction, in seconds.
const LONGEST_GAP: f64 = 15.0;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let topology =
        Topology { org1_peers: 2, org2_peers: 2, ..Topology::new(cluster, case, "rolling") };
    let mut network = Network::running(cluster, case, topology);
    let before = network.pod_uids();
    "1.1.0".clone_into(&mut network.topology.version);
    network.topology.node_memory = "1200Mi";
    network.write_topology();
    network.build().success();
    let writer = Writer::start(&network);
    timed("a release that changes every node", || network.install()).success();
    let record = writer.stop();
    record.tell();
    for namespace in ["org1", "org2", "orderer"] {
        assert_one_after_the_other(&network, &before, namespace);
    }
    assert!(record.longest_gap() < LONGEST_GAP, "{}", record.lines.join("\n"));
    network.test().success();
}

/// Each new pod of a node was made after the one before had become ready.
fn assert_one_after_the_other(
    network: &Network<'_>,
    before: &std::collections::BTreeMap<String, String>,
    organization: &str,
) {
    let namespace = network.namespace(organization);
    let is_node = |key: &str| {
        let name = key.rsplit('/').next().unwrap_or_default();
        name.trim_end_matches(|sign: char| sign.is_ascii_digit()) != name && !name.contains('-')
    };
    let pods = network.pods().into_iter();
    let mut nodes: Vec<(String, Pod)> =
        pods.filter(|(key, pod)| pod.namespace == namespace && is_node(key)).collect();
    nodes.sort_by(|(_, one), (_, other)| one.since["Created"].cmp(&other.since["Created"]));
    assert!(nodes.len() > 1, "{nodes:?}");
    for (key, pod) in &nodes {
        assert!(before.get(key) != Some(&pod.uid), "{key} was not replaced");
    }
    for pair in nodes.windows(2) {
        let (ready, made) = (&pair[0].1.since["Ready"], &pair[1].1.since["Created"]);
        assert!(ready <= made, "{} was made before {} was ready: {pair:?}", pair[1].0, pair[0].0);
    }
}
