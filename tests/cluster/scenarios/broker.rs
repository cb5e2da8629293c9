//! A Kafka broker dies and stays away, while a client writes: every broker once, so that those that lead are among them.

use serde_json::json;

use crate::cluster::Cluster;
use crate::network::{INSTALL, Network, SETTLE};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::{CHANNEL, LATER_CHANNEL, Topology};
use crate::writer::Writer;

/// Committed transactions while a broker is away.
const MEANWHILE: usize = 5;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    if case.fabric.starts_with("3.") {
        println!("  not run: Fabric 3 has no Kafka");
        return;
    }
    let topology = Topology {
        consensus: "kafka",
        org1_peers: 2,
        org2_peers: 2,
        orderers: 2,
        profile: "dev",
        ..Topology::new(cluster, case, "broker")
    };
    let network = Network::running(cluster, case, topology);
    let writer = Writer::start(&network);
    for broker in ["kafka0", "kafka1", "kafka2", "kafka3"] {
        take_away(&network, broker);
        timed(&format!("transactions without {broker}"), || {
            (0..MEANWHILE).for_each(|_| writer.wait_for_another());
        });
        if broker == "kafka1" {
            timed("a new channel without it", || new_channel(&network));
            writer.wait_for_another();
        }
        timed(&format!("{broker} is back"), || give_back(&network, broker));
    }
    let record = writer.stop();
    record.tell();
    network.settled_height();
    for channel in [CHANNEL, LATER_CHANNEL] {
        let blocks = network.newest_blocks(channel);
        assert!(blocks.len() == 1, "peers have different blocks of `{channel}`: {blocks:?}");
    }
    network.test().success();
}

/// Kills a broker; a quota keeps its `StatefulSet` from making the next one.
fn take_away(network: &Network<'_>, broker: &str) {
    let namespace = network.namespace("kafka");
    let pods = network.cluster.list("pods", &namespace).len() - 1;
    network.cluster.apply(&json!({
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "away", "namespace": namespace},
        "spec": {"hard": {"pods": pods}},
    }));
    poll::until("the quota counts", SETTLE, || {
        let quota = network.cluster.get(&["resourcequota", "away", "--namespace", &namespace]);
        let counted = quota["status"]["used"]["pods"].is_string();
        if counted { Ok(()) } else { Err(quota.to_string()) }
    });
    // A force-deleted broker leads on until its grace period has ended.
    let pod = format!("{broker}-0");
    let kill = ["delete", "pod", &pod, "--namespace", &namespace, "--grace-period=1"];
    network.cluster.kubectl(&kill).success();
    assert!(!network.pods().contains_key(&network.key("kafka", broker)), "{broker} is there");
}

fn give_back(network: &Network<'_>, broker: &str) {
    let namespace = network.namespace("kafka");
    let key = network.key("kafka", broker);
    assert!(!network.pods().contains_key(&key), "{broker} has come back too early");
    let delete = ["delete", "resourcequota", "away", "--namespace", &namespace];
    network.cluster.kubectl(&delete).success();
    // Its controller has been refused many times and would wait longer and longer; a change lets it look now.
    let set = format!("statefulset/{broker}");
    let annotate = ["annotate", &set, "--namespace", &namespace, "--overwrite"];
    let note = format!("suite/back={broker}");
    network.cluster.kubectl(&[&annotate[..], &[&note]].concat()).success();
    poll::until("the broker is back", INSTALL, || match network.pods().get(&key) {
        Some(pod) if pod.ready => Ok(()),
        pod => Err(format!("{pod:?}")),
    });
}

/// The next version of the network brings it; without `--wait`, because not everything is ready.
fn new_channel(network: &Network<'_>) {
    let version = "1.1.0".to_owned();
    let next = Topology { later_channel: true, version, ..network.topology.clone() };
    std::fs::write(network.path().join("network.yaml"), next.text()).expect("a topology");
    network.build().success();
    network.install_without_waiting().success();
    poll::until("every peer has the new channel with its anchors", INSTALL, || {
        let heights = network.peer_heights_on(LATER_CHANNEL)?;
        // Block 0, and the anchors of each organization: the channel is written to.
        let done = heights.len() == 4 && heights.values().all(|height| *height == 3);
        if done { Ok(()) } else { Err(format!("{heights:?}")) }
    });
}
