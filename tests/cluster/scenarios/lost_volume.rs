//! A lost volume: healed for a peer, refused for a consenter.

use std::time::Duration;

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::observation::uids;
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let network = Network::running(cluster, case, Topology::new(cluster, case, "volume"));
    a_peer_is_joined_again(&network);
    a_consenter_does_not_start(&network);
}

fn a_peer_is_joined_again(network: &Network<'_>) {
    let height = network.settled_height();
    lose(network, "org2", "peer0");
    timed("upgrade after a peer lost its volume", || network.install()).success();
    let after = network.settled_height();
    assert!(after == height, "height {after} after the loss, {height} before");
    network.test().success();
}

fn a_consenter_does_not_start(network: &Network<'_>) {
    lose(network, "orderer", "orderer2");
    network.install_without_waiting().success();
    let namespace = network.namespace("orderer");
    let log = timed("the consenter's log says what to do", || {
        poll::until("the consenter's log says what to do", SETTLE, || refusal(network, &namespace))
    });
    println!("{log}");
    for words in ["does not start", "lost its log", "What to do", "network.yaml"] {
        assert!(log.contains(words), "the log does not say `{words}`:\n{log}");
    }
    let key = network.key("orderer", "orderer2");
    poll::throughout("the consenter does not start", Duration::from_secs(20), || {
        match network.pods().get(&key) {
            Some(pod) if pod.ready => Err(format!("{pod:?}")),
            _ => Ok(()),
        }
    });
}

/// What the init container of the consenter says about its refusal, in this run of it or in the one before.
fn refusal(network: &Network<'_>, namespace: &str) -> Result<String, String> {
    let read = |previous: &str| {
        let arguments =
            ["logs", "orderer2-0", "--namespace", namespace, "--container", "join", previous];
        network.cluster.kubectl(&arguments)
    };
    let (now, before) = (read("--previous=false"), read("--previous=true"));
    let found = [now.stdout, before.stdout].into_iter().find(|log| log.contains("does not start"));
    found.ok_or_else(|| format!("{}{}", now.stderr, before.stderr))
}

/// Takes pod and claim of a node away. The claim goes once its pod has gone.
fn lose(network: &Network<'_>, organization: &str, node: &str) {
    let namespace = network.namespace(organization);
    let claim = format!("data-{node}");
    let key = format!("{namespace}/{claim}");
    let namespaces = [namespace.clone()];
    let before = uids(network.cluster, "pvc", &namespaces);
    let delete = |kind: &str, name: &str, wait: &str| {
        network.cluster.kubectl(&["delete", kind, name, "--namespace", &namespace, wait]).success();
    };
    delete("pvc", &claim, "--wait=false");
    delete("pod", &format!("{node}-0"), "--wait=true");
    poll::until("the claim is gone", SETTLE, || {
        let now = uids(network.cluster, "pvc", &namespaces);
        if now.get(&key) == before.get(&key) { Err(format!("{now:?}")) } else { Ok(()) }
    });
}
