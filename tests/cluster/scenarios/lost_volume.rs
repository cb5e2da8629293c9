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
    let others =
        [("orderer", "orderer0"), ("orderer", "orderer1"), ("org1", "peer0"), ("org2", "peer0")];
    for (organization, node) in others {
        stop(network, organization, node);
    }
    lose(network, "orderer", "orderer2");
    make_claim_again(network, "data-orderer2");
    says(
        network,
        "the consenter hears nobody",
        &["empty volume and waits", "orderer0", "orderer1"],
    );
    stays_down(network);
    // The same release again starts the others.
    network.install_without_waiting().success();
    let words = ["does not start", "lost its log", "What to do", "network.yaml"];
    println!("{}", says(network, "the consenter hears that the channel has moved on", &words));
    stays_down(network);
}

/// Waits until the log of the consenter's init container holds all of these words; that log.
fn says(network: &Network<'_>, what: &str, words: &[&str]) -> String {
    timed(what, || {
        poll::until(what, SETTLE, || {
            let logs =
                [join_log(network, "--previous=false"), join_log(network, "--previous=true")];
            let found = logs.iter().find(|log| words.iter().all(|word| log.contains(word)));
            found.cloned().ok_or_else(|| logs.concat())
        })
    })
}

fn stays_down(network: &Network<'_>) {
    let key = network.key("orderer", "orderer2");
    poll::throughout("the consenter does not start", Duration::from_secs(20), || {
        match network.pods().get(&key) {
            Some(pod) if pod.since.contains_key("Initialized") => Err(format!("{pod:?}")),
            _ => Ok(()),
        }
    });
}

/// What the init container of the consenter says, in this run of it or in the one before.
fn join_log(network: &Network<'_>, previous: &str) -> String {
    let namespace = network.namespace("orderer");
    let arguments =
        ["logs", "orderer2-0", "--namespace", &namespace, "--container", "join", previous];
    let outcome = network.cluster.kubectl(&arguments);
    outcome.stdout + &outcome.stderr
}

/// No pod of a node, until the release is installed again.
fn stop(network: &Network<'_>, organization: &str, node: &str) {
    let namespace = network.namespace(organization);
    let set = format!("statefulset/{node}");
    let scale = ["scale", &set, "--namespace", &namespace, "--replicas=0"];
    network.cluster.kubectl(&scale).success();
    let pod = format!("pod/{node}-0");
    let gone = ["wait", "--for=delete", &pod, "--namespace", &namespace, "--timeout=120s"];
    network.cluster.kubectl(&gone).success();
}

/// The claim as the chart makes it, without the rest of the release.
fn make_claim_again(network: &Network<'_>, name: &str) {
    let named = format!("\n  name: {name}\n");
    let claim = |object: &String| {
        object.contains("\nkind: PersistentVolumeClaim\n") && object.contains(&named)
    };
    let object = network.objects().into_iter().find(claim).expect("a claim of this name");
    std::fs::write(network.path().join("claim.yaml"), object).expect("a claim");
    network.shell("kubectl apply --server-side -f claim.yaml").success();
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
