//! Policies as the cluster enforces them: a network that runs without them is closed under a writing client, and from then
//! on strangers and other organizations reach what they should and nothing else.

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::network::{INSTALL, Network};
use crate::observation::{assert_changed, text};
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;
use crate::writer::Writer;

/// Longest time without a committed transaction while policies come, in seconds.
const LONGEST_GAP: f64 = 15.0;

/// What every organization listens at, by Service, and whether a peer of the other one reaches it.
const OF_MEMBERS: &[(&str, u16, bool)] = &[
    ("peer0", 7051, true),
    ("peer0", 9443, false),
    ("ca", 7054, false),
    ("canary-1", 9999, false),
];

/// The same of the ordering organization and a peer.
const OF_ORDERERS: &[(&str, u16, bool)] = &[("orderer0", 7050, true), ("orderer0", 8443, false)];

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let more = format!(
        ", ca: {{storage: {{class: {}, size: 1Gi}}}}, cli: true",
        cluster.settings.storage_class
    );
    let entry = |name: &str| Some(format!("{{name: {name}, peers: 1{more}}}"));
    let topology = Topology {
        entries: [entry("Org1"), entry("Org2"), None],
        ..Topology::new(cluster, case, "policies")
    };
    let network = Network::new(cluster, case, topology);
    network.prepare();
    timed("install without them", || install(&network, "operations")).success();
    let stranger = Prober::start(&network, &network.topology.name, &json!({"from": "elsewhere"}));
    stranger.assert_reaches("org1", &[("peer0", 7051, true), ("ca", 7054, true)]);
    close_under_a_client(&network);
    timed("helm test", || network.test()).success();
    timed("strangers and neighbours", || {
        for organization in ["org1", "org2"] {
            stranger.assert_reaches(organization, &closed(OF_MEMBERS));
        }
        stranger.assert_reaches("orderer", &closed(OF_ORDERERS));
        neighbours(&network);
    });
    let clients = json!({"kubernetes.io/metadata.name": network.topology.name});
    let command = network.printed("helm upgrade --install ");
    let line = format!("{command} --set-json 'global.networkPolicy.clients={clients}'");
    timed("let applications of a namespace in", || network.shell(&line)).success();
    stranger.assert_reaches("org1", &[("peer0", 7051, true), ("peer0", 9443, false)]);
}

/// The mode is always said: Helm keeps the values of the release before when it is given none.
fn install(network: &Network<'_>, mode: &str) -> suite::process::Outcome {
    let command = network.printed("helm upgrade --install ");
    network.shell(&format!("{command} --set global.networkPolicy.mode={mode}"))
}

/// No pod changes, and the client goes on.
fn close_under_a_client(network: &Network<'_>) {
    let before = network.pod_uids();
    let writer = Writer::start(network);
    timed("close it under a client that writes", || install(network, "derived")).success();
    writer.wait_for_another();
    let record = writer.stop();
    record.tell();
    assert!(record.longest_gap() < LONGEST_GAP, "{}", record.lines.join("\n"));
    assert_changed(&before, &network.pod_uids(), Vec::new());
}

/// A pod that is taken for a peer of `Org1`, and one that nobody knows, beside it.
fn neighbours(network: &Network<'_>) {
    let org1 = network.namespace("org1");
    let peer = Prober::start(network, &org1, &json!({"app.kubernetes.io/component": "peer"}));
    peer.assert_reaches("org2", OF_MEMBERS);
    peer.assert_reaches("orderer", OF_ORDERERS);
    peer.assert_reaches("org1", &[("canary-1", 9999, true), ("ca", 7054, false)]);
    let cli = Prober::start(network, &org1, &json!({"app.kubernetes.io/component": "cli"}));
    cli.assert_reaches("org1", &[("ca", 7054, true), ("peer0", 7051, true)]);
    cli.assert_reaches("org2", &[("ca", 7054, false), ("peer0", 7051, true)]);
    let nobody = Prober::start(network, &org1, &json!({"app.kubernetes.io/component": "nobody"}));
    nobody.assert_reaches("org1", &closed(OF_MEMBERS));
    nobody.assert_reaches("org2", &closed(OF_MEMBERS));
}

fn closed(targets: &[(&'static str, u16, bool)]) -> Vec<(&'static str, u16, bool)> {
    targets.iter().map(|(service, port, _)| (*service, *port, false)).collect()
}

/// A pod that connects to whom it is told.
pub(super) struct Prober<'a> {
    network: &'a Network<'a>,
    namespace: String,
    name: String,
}

impl<'a> Prober<'a> {
    /// Makes the pod and waits until it runs.
    pub(super) fn start(network: &'a Network<'a>, namespace: &str, labels: &Value) -> Self {
        let peer = ["statefulset", "peer0", "--namespace", &network.namespace("org1")];
        let peer = network.cluster.get(&peer);
        let image = text(&peer["spec"]["template"]["spec"]["initContainers"][0]["image"]);
        let label = labels
            .as_object()
            .and_then(|it| it.values().next())
            .map_or("", |it| it.as_str().unwrap_or(""));
        let name = format!("prober-{label}");
        let pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {
                "enableServiceLinks": false,
                "automountServiceAccountToken": false,
                "terminationGracePeriodSeconds": 0,
                "securityContext": {
                    "runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [{
                    "name": "prober",
                    "image": image,
                    "command": ["tail", "-f", "/dev/null"],
                    "securityContext": {
                        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
                    },
                }],
            },
        });
        network.cluster.apply(&pod);
        let pod = format!("pod/{name}");
        let wait = ["wait", "--for=condition=Ready", &pod, "--namespace", namespace];
        poll::until("a prober runs", INSTALL, || {
            let outcome = network.cluster.kubectl(&wait);
            if outcome.code == 0 { Ok(()) } else { Err(outcome.to_string()) }
        });
        Self { network, namespace: namespace.to_owned(), name }
    }

    /// Panics unless it reaches exactly these of an organization. It asks no names, which would be a flow of their own.
    pub(super) fn assert_reaches(&self, organization: &str, targets: &[(&str, u16, bool)]) {
        let namespace = self.network.namespace(organization);
        for (service, port, wanted) in targets {
            let get = ["service", service, "--namespace", &namespace];
            let address = text(&self.network.cluster.get(&get)["spec"]["clusterIP"]);
            let connect = format!("nc -w 3 {address} {port} </dev/null");
            let exec = ["exec", &self.name, "--namespace", &self.namespace, "--", "sh", "-c"];
            let outcome = self.network.cluster.kubectl(&[&exec[..], &[&connect]].concat());
            let (from, open) = (format!("{}/{}", self.namespace, self.name), outcome.code == 0);
            assert!(open == *wanted, "{from} to {service}.{namespace}:{port}: {open}\n{outcome}");
        }
    }
}
