//! Every other place of a ledger, one for each peer of a network: a directory of a Kubernetes node as hostPath and as local
//! volume, a claim that somebody else made, and a directory that goes with the pod.

use serde_json::json;

use crate::cluster::Cluster;
use crate::files::Files;
use crate::network::{INSTALL, Network};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

/// Directory of a Kubernetes node that the scenario makes and empties again.
const DIRECTORY: &str = "/var/lib/fabric-cluster-suite";

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let topology = Topology::new(cluster, case, "volumes");
    let nodes = cluster.get(&["nodes"]);
    let host = nodes["items"][0]["metadata"]["labels"]["kubernetes.io/hostname"].as_str();
    let host = host.expect("the label of a Kubernetes node").to_owned();
    let directory = json!({"hostPath": {"path": DIRECTORY, "type": "DirectoryOrCreate"}});
    let files = Files::new(cluster, &topology.name, &directory);
    files.make(&["host", "local", "orderer"]);
    let place = |kind: &str, part: &str| {
        format!("{{{kind}: {{path: {DIRECTORY}/{}/{part}, node: {host}}}}}", topology.name)
    };
    let org1 = format!(
        "{{name: Org1, peers: {{count: 2, overrides: {{peer0: {{storage: {}}}, peer1: {{storage: {}}}}}}}}}",
        place("hostPath", "host"),
        place("local", "local")
    );
    let org2 = "{name: Org2, peers: {count: 2, overrides: {peer0: {storage: {existingClaim: mine}}, peer1: {storage: emptyDir}}}}";
    let orderer = format!(
        "{{name: Orderer, orderers: {{count: 1, storage: {}}}}}",
        place("local", "orderer")
    );
    let topology = Topology {
        org1_peers: 2,
        org2_peers: 2,
        orderers: 1,
        profile: "dev",
        entries: [Some(org1), Some(org2.to_owned()), Some(orderer)],
        ..topology
    };
    let network = Network::new(cluster, case, topology);
    network.apply_identities();
    claim(&network);
    network.build().success();
    timed("install", || network.install()).success();
    timed("helm test", || network.test()).success();
    let height = network.settled_height();
    timed("every pod made anew", || all_anew(&network));
    // The peer with nothing of its own has fetched every block again.
    assert_eq!(network.settled_height(), height, "no ledger is lost, and no block is new");
    timed("helm test", || network.test()).success();
}

/// The claim that the topology only names.
fn claim(network: &Network<'_>) {
    network.cluster.apply(&json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "mine", "namespace": network.namespace("org2")},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": network.cluster.settings.storage_class,
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }));
}

fn all_anew(network: &Network<'_>) {
    let before = network.pods();
    for pod in before.values() {
        let delete = ["delete", "pod", &pod.name, "--namespace", &pod.namespace, "--wait=false"];
        network.cluster.kubectl(&delete).success();
    }
    poll::until("every pod is new and ready", INSTALL, || {
        let now = network.pods();
        let new = |(key, pod): (&String, &crate::observation::Pod)| {
            before.get(key).is_some_and(|it| it.uid != pod.uid) && pod.ready
        };
        let done = now.len() == before.len() && now.iter().all(new);
        if done { Ok(()) } else { Err(format!("{now:?}")) }
    });
}
