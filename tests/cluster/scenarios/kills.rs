//! Every pod of a network dies once, without a chance to put anything in order, while a client writes.

use crate::cluster::Cluster;
use crate::network::{INSTALL, Network};
use crate::observation::{self, Pod};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHANNEL, Topology};
use crate::writer::Writer;

/// Longest time without a committed transaction, in seconds.
const LONGEST_GAP: f64 = 15.0;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let topology =
        Topology { org1_peers: 2, org2_peers: 2, ..Topology::new(cluster, case, "kills") };
    let network = Network::running(cluster, case, topology);
    let writer = Writer::start(&network);
    timed("every pod killed once", || {
        let mut longest = 0.0;
        for (key, pod) in network.pods() {
            kill(&network, &key, &pod);
            writer.wait_for_another();
            let gap = writer.record().longest_gap;
            if gap > longest {
                println!("             {key}: longest gap until now {gap:.1} s");
                longest = gap;
            }
        }
    });
    let record = writer.stop();
    println!(
        "             {} transactions are there, {} failed, longest gap {:.1} s",
        record.valid.len(),
        record.failed,
        record.longest_gap
    );
    network.settled_height();
    let blocks = network.newest_blocks(CHANNEL);
    assert!(blocks.len() == 1, "peers have different blocks: {blocks:?}");
    assert!(record.longest_gap < LONGEST_GAP, "{record:?}");
    network.test().success();
}

/// Without grace, and until its successor is ready.
fn kill(network: &Network<'_>, key: &str, pod: &Pod) {
    let delete =
        ["delete", "pod", &pod.name, "--namespace", &pod.namespace, "--force", "--grace-period=0"];
    network.cluster.kubectl(&delete).success();
    poll::until("a killed pod is there again", INSTALL, || {
        let now = observation::pods(network.cluster, &pod.namespace);
        match now.get(key) {
            Some(found) if found.ready && found.uid != pod.uid => Ok(()),
            found => Err(format!("{key}: {found:?}")),
        }
    });
}
