//! The registry in the cluster serves a network's own charts: published through its Service, installed from it by a
//! pod that knows nothing else, and still there after the registry's pod was killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::json;
use suite::process::Outcome;

use crate::cluster::Cluster;
use crate::network::Network;
use crate::registry::{REGISTRY, Registry};
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

/// Path of the repository that the network is published to.
const REPOSITORY: &str = "consortium/fabric";

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let topology = Topology::new(cluster, case, "served");
    let namespace = format!("{}-charts", topology.name);
    let Some(registry) = Registry::prepared(cluster, case, namespace) else { return };
    let class = &cluster.settings.storage_class;
    registry.install(&format!("settings.anonymous=none,persistence.storageClass={class}"));
    let network = Network::new(cluster, case, topology);
    network.prepare();
    let token = registry.token("publisher", &format!("{REPOSITORY}=read,publish"));
    timed("chart-builder publish", || publish(cluster, &registry, &network, &token)).success();
    registry.killed();
    publish(cluster, &registry, &network, &token).success().says("there     ");
    let _rights = Rights::new(cluster, &registry.namespace);
    registry.client(&json!({"serviceAccountName": Rights::ACCOUNT}), &[]);
    let token = registry.token("installer", &format!("{REPOSITORY}=read"));
    timed("helm upgrade --install, in the cluster", || install(&registry, &network, &token))
        .success();
    timed("helm test", || network.test()).success();
    network.committed_everywhere();
}

/// Publishes what the network's build wrote.
fn publish(
    cluster: &Cluster,
    registry: &Registry<'_>,
    network: &Network<'_>,
    token: &str,
) -> Outcome {
    let forward = Forward::new(cluster, &registry.namespace);
    network.shell(&format!(
        "CHART_BUILDER_TOKEN={token} chart-builder publish --to http://{}/{REPOSITORY}",
        forward.address
    ))
}

/// The install that the build printed, with the package from the registry, within the cluster.
fn install(registry: &Registry<'_>, network: &Network<'_>, token: &str) -> Outcome {
    let name = &network.topology.name;
    let url = format!("http://{REGISTRY}.{}.svc/{REPOSITORY}/~network={name}", registry.namespace);
    let printed = network.printed("helm upgrade --install ");
    let package = network.package();
    assert!(printed.contains(&package), "{printed}");
    let from = format!("charts/{name} --version {}", network.topology.version);
    registry.in_client(&format!(
        "helm repo add charts {url} --username any --password {token} && helm search repo charts && {}",
        printed.replace(&package, &from)
    ))
}

/// An account with the rights of whoever installs a network; dropping it takes them away.
struct Rights<'a> {
    cluster: &'a Cluster,
    namespace: &'a str,
}

impl<'a> Rights<'a> {
    const ACCOUNT: &'static str = "installer";

    fn new(cluster: &'a Cluster, namespace: &'a str) -> Self {
        let named = json!({"name": Self::ACCOUNT, "namespace": namespace});
        cluster.apply(&json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named}));
        let group = "rbac.authorization.k8s.io";
        cluster.apply(&json!({
            "apiVersion": format!("{group}/v1"),
            "kind": "ClusterRoleBinding",
            "metadata": {"name": namespace},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": Self::ACCOUNT, "namespace": namespace}],
        }));
        Self { cluster, namespace }
    }
}

impl Drop for Rights<'_> {
    fn drop(&mut self) {
        let outcome = self.cluster.kubectl(&["delete", "clusterrolebinding", self.namespace]);
        if outcome.code != 0 {
            println!("left over: {outcome}");
        }
    }
}

/// A port of this machine that leads to the registry's Service; dropping it ends that.
struct Forward {
    process: Child,
    address: String,
    /// kubectl ends when it says something that nobody can read.
    _output: BufReader<ChildStdout>,
}

impl Forward {
    fn new(cluster: &Cluster, namespace: &str) -> Self {
        let mut command = cluster.kubectl_command();
        command.args([
            "port-forward",
            "--namespace",
            namespace,
            &format!("service/{REGISTRY}"),
            ":80",
        ]);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("kubectl");
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("a pipe"));
        output.read_line(&mut line).expect("a line of kubectl");
        // Forwarding from 127.0.0.1:41873 -> 8080
        let address =
            line.split_whitespace().nth(2).unwrap_or_else(|| panic!("kubectl says `{line}`"));
        Self { process, address: address.to_owned(), _output: output }
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait());
        if let Err(error) = ended {
            println!("left over: kubectl port-forward: {error}");
        }
    }
}
