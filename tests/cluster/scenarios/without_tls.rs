//! A network without TLS, with logs of orderers on volumes of their own, and what happens when one of these is lost.

use std::time::Duration;

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::poll;
use crate::settings::Case;
use crate::topology::Topology;

pub(super) fn run(cluster: &Cluster, case: &Case) {
    for (consensus, orderers) in [("solo", 1), ("etcdraft", 3)] {
        if consensus == "solo" && case.fabric.starts_with("3.") {
            println!("  not run: Fabric 3 has no solo");
            continue;
        }
        println!("  {consensus} without TLS");
        let class = &cluster.settings.storage_class;
        let logs = format!(
            "{{name: Orderer, orderers: {{count: {orderers}, wal: {{class: {class}, size: 1Gi}}, \
             snapshots: {{class: {class}, size: 1Gi}}}}}}"
        );
        let logs = (consensus == "etcdraft").then_some(logs);
        let topology = Topology {
            orderers,
            consensus,
            profile: "dev",
            entries: [None, None, logs],
            more: "tls: {enabled: false}\n".to_owned(),
            ..Topology::new(cluster, case, &format!("clear-{consensus}"))
        };
        let network = Network::running(cluster, case, topology);
        network.committed_everywhere();
        a_peer_speaks_without_tls(&network);
        if consensus == "etcdraft" {
            a_lost_log_keeps_its_orderer_from_starting(&network);
        }
    }
}

fn a_peer_speaks_without_tls(network: &Network<'_>) {
    let namespace = network.namespace("org1");
    for tls in [false, true] {
        let list = format!(
            "CORE_PEER_ADDRESS=peer0:7051 CORE_PEER_TLS_ENABLED={tls} timeout 20 peer channel list"
        );
        let exec = ["exec", "deployment/converge", "--container=converge", "--namespace"];
        let command = [&namespace, "--", "sh", "-c", &list];
        let outcome = network.cluster.kubectl(&[&exec[..], &command].concat());
        assert!((outcome.code == 0) != tls, "with TLS {tls}: {outcome}");
    }
}

fn a_lost_log_keeps_its_orderer_from_starting(network: &Network<'_>) {
    let namespace = network.namespace("orderer");
    let kubectl = |arguments: &[&str]| {
        network.cluster.kubectl(&[arguments, &["--namespace", &namespace]].concat()).success()
    };
    let claims = network.objects();
    let claim = claims.iter().find(|object| {
        object.contains("\nkind: PersistentVolumeClaim\n")
            && object.contains("\n  name: wal-orderer2\n")
    });
    kubectl(&["delete", "pvc", "wal-orderer2", "--wait=false"]);
    kubectl(&["delete", "pod", "orderer2-0", "--wait=true"]);
    kubectl(&["wait", "--for=delete", "pvc/wal-orderer2", "--timeout=120s"]);
    let file = network.path().join("claim.yaml");
    std::fs::write(file, claim.expect("a claim of the log")).expect("a claim");
    network.shell("kubectl apply --server-side -f claim.yaml").success();
    poll::until("the orderer says what it has lost", SETTLE, || {
        let log = ["logs", "orderer2-0", "--namespace", &namespace, "--container", "join"];
        let log = network.cluster.kubectl(&log).stdout;
        if log.contains("the volume of its wal is empty") { Ok(()) } else { Err(log) }
    });
    let key = network.key("orderer", "orderer2");
    poll::throughout("it does not start", Duration::from_secs(10), || {
        match network.pods().get(&key) {
            Some(pod) if pod.since.contains_key("Initialized") => Err(format!("{pod:?}")),
            _ => Ok(()),
        }
    });
}
