//! The registry in the cluster serves a network's own charts: published through its Service, installed from it by a
//! pod that knows nothing else, and still there after the registry's pod was killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Value, json};
use suite::process::Outcome;
use suite::workspace;

use crate::cluster::Cluster;
use crate::network::{Network, SETTLE};
use crate::observation;
use crate::poll;
use crate::settings::{Case, Served};
use crate::stopwatch::timed;
use crate::topology::Topology;

/// Name of the registry's release, which is also that of its Deployment and Service.
const REGISTRY: &str = "chart-registry";

/// Name of the pod with Helm.
const CLIENT: &str = "installer";

/// Path of the repository that the network is published to.
const REPOSITORY: &str = "consortium/fabric";

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let Some(images) = &cluster.settings.served else {
        println!("  not run: REGISTRY_IMAGE and HELM_IMAGE are not set");
        return;
    };
    let topology = Topology::new(cluster, case, "served");
    let registry = Registry::new(cluster, case, &topology.name, images);
    let network = Network::new(cluster, case, topology);
    network.prepare();
    let publish = registry.token("publisher", "read,publish");
    timed("chart-builder publish", || registry.publish(&network, &publish)).success();
    registry.killed();
    registry.publish(&network, &publish).success().says("there     ");
    registry.client(images, &registry.token("installer", "read"));
    timed("helm upgrade --install, in the cluster", || registry.installs(&network)).success();
    timed("helm test", || network.test()).success();
    network.committed_everywhere();
}

/// The registry's release in a namespace of its own; dropping it deletes what it made.
struct Registry<'a> {
    cluster: &'a Cluster,
    case: &'a Case,
    namespace: String,
}

impl<'a> Registry<'a> {
    fn new(cluster: &'a Cluster, case: &'a Case, network: &str, images: &Served) -> Self {
        let registry = Self { cluster, case, namespace: format!("{network}-charts") };
        let namespace = &registry.namespace;
        let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
        let metadata = json!({"name": namespace, "labels": labels});
        cluster.apply(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}));
        let (repository, tag) = images.registry.rsplit_once(':').expect("an image with a tag");
        let chart = workspace::path("registry/chart");
        let install = format!(
            "helm install {REGISTRY} {} --namespace {namespace} --wait --timeout 2m \
             --set image.repository={repository},image.tag={tag},settings.anonymous=none \
             --set persistence.storageClass={},persistence.size=1Gi",
            chart.display(),
            cluster.settings.storage_class
        );
        timed("install the registry", || registry.shell(&install)).success();
        registry
    }

    fn shell(&self, line: &str) -> Outcome {
        self.cluster.shell(&self.case.helm, &workspace::path("registry"), line)
    }

    /// A token for the network's repository, made as the notes of the chart say.
    fn token(&self, subject: &str, permissions: &str) -> String {
        let line = format!(
            "kubectl exec --namespace {} deploy/{REGISTRY} -- chart-registry token create --data /data \
             --subject {subject} --grant {REPOSITORY}={permissions} --expires-in 1h",
            self.namespace
        );
        self.shell(&line).success().stdout.trim().to_owned()
    }

    /// Publishes what the network's build wrote.
    fn publish(&self, network: &Network<'_>, token: &str) -> Outcome {
        let forward = Forward::new(self.cluster, &self.namespace);
        network.shell(&format!(
            "CHART_BUILDER_TOKEN={token} chart-builder publish --to http://{}/{REPOSITORY}",
            forward.address
        ))
    }

    /// Kills the only pod as a node that fails does, and waits for the next one.
    fn killed(&self) {
        let pods = || observation::pods(self.cluster, &self.namespace);
        let before: Vec<String> = pods().into_values().map(|pod| pod.uid).collect();
        let select = format!("app.kubernetes.io/name={REGISTRY}");
        let delete = ["delete", "pod", "--namespace", &self.namespace, "--selector", &select];
        self.cluster.kubectl(&[&delete[..], &["--force", "--grace-period=0"]].concat()).success();
        poll::until("another pod of the registry is ready", SETTLE, || {
            let found = pods();
            let next = found.values().any(|pod| pod.ready && !before.contains(&pod.uid));
            if next { Ok(()) } else { Err(format!("{} pods", found.len())) }
        });
    }

    /// A pod with Helm, the repository's address and a token, and the rights of whoever installs the network.
    fn client(&self, images: &Served, token: &str) {
        let namespace = &self.namespace;
        let named = json!({"name": CLIENT, "namespace": namespace});
        self.cluster
            .apply(&json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": named}));
        self.cluster.apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": CLIENT, "namespace": namespace}],
        }));
        self.cluster.apply(&client_pod(&named, images, token));
        let ready = format!("wait pod/{CLIENT} --for=condition=Ready --timeout=60s");
        self.shell(&format!("kubectl --namespace {namespace} {ready}")).success();
    }

    /// The install that the build printed, with the package from the registry, within the cluster.
    fn installs(&self, network: &Network<'_>) -> Outcome {
        let name = &network.topology.name;
        let url = format!("http://{REGISTRY}.{}.svc/{REPOSITORY}/~network={name}", self.namespace);
        let printed = network.printed("helm upgrade --install ");
        let package = network.package();
        assert!(printed.contains(&package), "{printed}");
        let from = format!("charts/{name} --version {}", network.topology.version);
        let line = format!(
            "helm repo add charts {url} --username any --password \"$TOKEN\" && helm search repo charts && {}",
            printed.replace(&package, &from)
        );
        let exec = ["exec", CLIENT, "--namespace", &self.namespace, "--", "sh", "-ec", &line];
        self.cluster.kubectl(&exec)
    }
}

impl Drop for Registry<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            observation::print_state(self.cluster, std::slice::from_ref(&self.namespace));
        }
        for what in ["clusterrolebinding", "namespace"] {
            let delete = ["delete", what, &self.namespace, "--ignore-not-found", "--timeout=60s"];
            let outcome = self.cluster.kubectl(&delete);
            if outcome.code != 0 {
                println!("left over: {outcome}");
            }
        }
    }
}

fn client_pod(metadata: &Value, images: &Served, token: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {
            "serviceAccountName": CLIENT,
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": 1000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{
                "name": CLIENT,
                "image": images.helm,
                "command": ["sh", "-c", "exec tail -f /dev/null"],
                "env": [{"name": "HOME", "value": "/home"}, {"name": "TOKEN", "value": token}],
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "readOnlyRootFilesystem": true,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [
                    {"name": "home", "mountPath": "/home"},
                    {"name": "home", "mountPath": "/tmp"},
                ],
            }],
            "volumes": [{"name": "home", "emptyDir": {}}],
        },
    })
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
