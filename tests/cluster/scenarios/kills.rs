//! Every pod of a network dies once, without a chance to put anything in order, while a client writes.

use crate::cluster::Cluster;
use crate::network::{INSTALL, Network};
use crate::observation::{self, Pod};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHANNEL, Topology};
use crate::writer::{Record, Writer};

/// Longest time without a committed transaction, in seconds.
const LONGEST_GAP: f64 = 15.0;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let topology = Topology {
        org1_peers: 2,
        org2_peers: 2,
        servers: 2,
        ..Topology::new(cluster, case, "kills")
    };
    let network = Network::running(cluster, case, topology);
    let writer = Writer::start(&network);
    let mut kills: Vec<(f64, String)> = Vec::new();
    timed("every pod killed once", || {
        for (key, pod) in network.pods() {
            kills.push((writer.now(), key));
            kill(&network, &pod);
            writer.wait_for_another();
        }
    });
    let record = writer.stop();
    print(&record, &kills);
    network.settled_height();
    let blocks = network.newest_blocks(CHANNEL);
    assert!(blocks.len() == 1, "peers have different blocks: {blocks:?}");
    assert!(record.longest_gap() < LONGEST_GAP, "{}", record.lines.join("\n"));
    network.test().success();
}

/// What came of it, and the longest gap between the death of each pod and the next.
fn print(record: &Record, kills: &[(f64, String)]) {
    record.tell();
    for (index, (begin, key)) in kills.iter().enumerate() {
        let end = kills.get(index + 1).map_or(f64::MAX, |(next, _)| *next);
        println!("             {:5.1} s  {key}", record.longest_gap_ending_within(*begin, end));
    }
    println!("             in the longest gap:\n{}", record.told_in_longest_gap().join("\n"));
}

/// Without grace, and until its successor is ready.
fn kill(network: &Network<'_>, pod: &Pod) {
    let delete =
        ["delete", "pod", &pod.name, "--namespace", &pod.namespace, "--force", "--grace-period=0"];
    let before = observation::pods(network.cluster, &pod.namespace);
    network.cluster.kubectl(&delete).success();
    poll::until("a killed pod has a successor", INSTALL, || {
        let now = observation::pods(network.cluster, &pod.namespace);
        let well = now.values().all(|it| it.ready && it.uid != pod.uid);
        if well && now.keys().eq(before.keys()) { Ok(()) } else { Err(format!("{now:?}")) }
    });
}
