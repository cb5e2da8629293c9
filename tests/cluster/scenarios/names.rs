//! Names in a cluster with another domain: refused while cluster DNS is silent, then found, dotted ones too, and forgotten
//! with the release.
//!
//! No cluster has two domains, so a second server of the cluster's own kind stands in, and an admission policy gives it to
//! the pods of this network alone. Nobody else's names are touched.

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::network::{INSTALL, Network};
use crate::observation::text;
use crate::poll;
use crate::settings::Case;
use crate::stopwatch::timed;
use crate::topology::Topology;

const DOMAIN: &str = "west.example";

/// A domain of an organization that no namespace is called by.
const ORGANIZATION_DOMAIN: &str = "org1.example.com";

/// An address out of a range that is nobody's.
const NOBODY: &str = "198.51.100.10";

pub(super) fn run(cluster: &Cluster, case: &Case) {
    let topology = Topology {
        more: format!("clusterDomain: {DOMAIN}\ndomains: {{resolve: coredns-rewrite}}\n"),
        org1_more: format!(", domain: {ORGANIZATION_DOMAIN}"),
        ..Topology::new(cluster, case, "names")
    };
    let stand_in = StandIn::new(cluster, &topology);
    let network = Network::new(cluster, case, topology);
    network.prepare();
    std::fs::write(network.path().join("names.yaml"), stand_in.values()).expect("a file");
    stand_in.serve(NOBODY);
    is_refused(&network);
    stand_in.serve(&stand_in.address);
    let before = stand_in.settings();
    timed("install in another domain", || install(&network)).success();
    let rewritten = format!("{ORGANIZATION_DOMAIN}:53 {{");
    assert!(stand_in.settings().contains(&rewritten), "{}", stand_in.settings());
    timed("helm test", || network.test()).success();
    timed("uninstall", || network.helm("uninstall {} --wait --timeout 3m")).success();
    assert_eq!(stand_in.settings(), before, "settings of cluster DNS after the uninstall");
}

fn install(network: &Network<'_>) -> suite::process::Outcome {
    let printed = network.printed("helm upgrade --install ");
    network.shell(&format!("{printed} --values names.yaml"))
}

/// Nothing starts in a cluster whose DNS is silent, and the words say who is to be looked at.
fn is_refused(network: &Network<'_>) {
    let outcome = timed("cluster DNS that is silent", || install(network)).failure();
    let known = format!("DNS server {NOBODY} does not know kubernetes.default.svc.{DOMAIN}");
    outcome.says(&known).says("cluster DNS is down or not reachable from namespace");
    assert!(network.pods().is_empty(), "something was started: {:?}", network.pods().keys());
}

/// A DNS server for the network's pods, and the policy that makes them ask it; dropping it deletes both.
struct StandIn<'a> {
    cluster: &'a Cluster,
    name: String,
    namespaces: Vec<String>,
    address: String,
}

impl<'a> StandIn<'a> {
    fn new(cluster: &'a Cluster, topology: &Topology) -> Self {
        let name = format!("{}-dns", topology.name);
        let namespaces = topology.namespaces();
        let mut stand_in = Self { cluster, name, namespaces, address: String::new() };
        for object in stand_in.server() {
            cluster.apply(&object);
        }
        let service = cluster.get(&["service", "dns", "--namespace", &stand_in.name]);
        stand_in.address = text(&service["spec"]["clusterIP"]);
        poll::until("the second DNS server is ready", INSTALL, || {
            let deployment = cluster.get(&["deployment", "dns", "--namespace", &stand_in.name]);
            let ready = deployment["status"]["readyReplicas"] == 1;
            ready.then_some(()).ok_or_else(|| deployment["status"].to_string())
        });
        stand_in
    }

    /// The image of the cluster's own DNS server.
    fn image(&self) -> String {
        let pods = ["pods", "--namespace", "kube-system", "--selector", "k8s-app=kube-dns"];
        text(&self.cluster.get(&pods)["items"][0]["spec"]["containers"][0]["image"])
    }

    fn server(&self) -> Vec<Value> {
        let name = &self.name;
        let labels = json!({"k8s-app": "kube-dns"});
        let corefile = format!(
            "{DOMAIN}:53 in-addr.arpa:53 {{\n    errors\n    ready\n    kubernetes {DOMAIN} in-addr.arpa {{\n        pods insecure\n        \
             ttl 5\n    }}\n    cache 5\n}}\n"
        );
        let mut objects = vec![
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": [
                {"apiGroups": ["", "discovery.k8s.io"], "verbs": ["list", "watch"],
                 "resources": ["services", "pods", "namespaces", "endpoints", "endpointslices"]},
            ]}),
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
                "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": name}]}),
        ];
        let own = |api: &str, kind: &str, object: &str, more: Value| {
            let mut value = json!({"apiVersion": api, "kind": kind, "metadata": {"name": object, "namespace": name}});
            for (key, part) in more.as_object().expect("a mapping") {
                value[key] = part.clone();
            }
            value
        };
        objects.push(own("v1", "ConfigMap", "dns", json!({"data": {"Corefile": corefile}})));
        objects.push(own(
            "v1",
            "Service",
            "dns",
            json!({"spec": {"selector": labels, "ports": [
                {"name": "udp", "port": 53, "protocol": "UDP"}, {"name": "tcp", "port": 53, "protocol": "TCP"},
            ]}}),
        ));
        let container = json!({
            "name": "dns", "image": self.image(), "args": ["-conf", "/settings/Corefile"],
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
            "volumeMounts": [{"name": "settings", "mountPath": "/settings"}],
        });
        objects.push(own(
            "apps/v1",
            "Deployment",
            "dns",
            json!({"spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {
                    "dnsPolicy": "Default", "containers": [container],
                    "volumes": [{"name": "settings", "configMap": {"name": "dns"}}],
                }},
            }}),
        ));
        objects
    }

    /// Pods of the network that start from now on ask this server.
    fn serve(&self, address: &str) {
        let expression = format!(
            "[JSONPatch{{op: 'add', path: '/spec/dnsPolicy', value: 'None'}}, JSONPatch{{op: 'add', path: '/spec/dnsConfig', value: \
             Object.spec.dnsConfig{{nameservers: ['{address}'], searches: [request.namespace + '.svc.{DOMAIN}', 'svc.{DOMAIN}', \
             '{DOMAIN}'], options: [Object.spec.dnsConfig.options{{name: 'ndots', value: '5'}}]}}}}]"
        );
        let namespaces = json!({"key": "kubernetes.io/metadata.name", "operator": "In", "values": self.namespaces});
        let api = "admissionregistration.k8s.io/v1";
        self.cluster.apply(&json!({
            "apiVersion": api, "kind": "MutatingAdmissionPolicy", "metadata": {"name": self.name},
            "spec": {
                "failurePolicy": "Fail", "reinvocationPolicy": "Never",
                "matchConstraints": {
                    "namespaceSelector": {"matchExpressions": [namespaces]},
                    "resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
                },
                "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}],
            },
        }));
        self.cluster.apply(&json!({
            "apiVersion": api, "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": self.name},
            "spec": {"policyName": self.name},
        }));
        self.wait_for(address);
    }

    /// The API server takes up a policy a moment after it was written.
    fn wait_for(&self, address: &str) {
        let Some(namespace) = self.namespaces.first() else { return };
        let pod = ["run", "probe", "--namespace", namespace, "--image=busybox:1.36.1"];
        let dry = ["--dry-run=server", "--output=jsonpath={.spec.dnsConfig.nameservers[0]}"];
        let allowed = format!("--overrides={}", harmless_pod());
        poll::until("pods are given the second DNS server", INSTALL, || {
            let outcome = self.cluster.kubectl(&[&pod[..], &dry[..], &[&*allowed]].concat());
            if outcome.stdout == address { Ok(()) } else { Err(outcome.to_string()) }
        });
    }

    /// What the settings of the server say now.
    fn settings(&self) -> String {
        let map = self.cluster.get(&["configmap", "dns", "--namespace", &self.name]);
        text(&map["data"]["Corefile"])
    }

    /// Where the chart finds the server and its settings.
    fn values(&self) -> String {
        json!({
            "global": {"networkPolicy": {"dns": {
                "namespace": {"kubernetes.io/metadata.name": self.name}, "pods": {"k8s-app": "kube-dns"},
            }}},
            "fabric-dns": {"coredns": {"namespace": self.name, "configMap": "dns", "restart": "dns", "goodRounds": 5}},
        })
        .to_string()
    }
}

/// What makes a pod fit into a namespace of the level `restricted`.
fn harmless_pod() -> Value {
    json!({"spec": {
        "securityContext": {"runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "probe", "image": "busybox:1.36.1", "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
        }}],
    }})
}

impl Drop for StandIn<'_> {
    fn drop(&mut self) {
        for kind in [
            "mutatingadmissionpolicybinding",
            "mutatingadmissionpolicy",
            "clusterrolebinding",
            "clusterrole",
            "namespace",
        ] {
            let deleted = self.cluster.kubectl(&[
                "delete",
                kind,
                &self.name,
                "--ignore-not-found",
                "--wait=false",
            ]);
            if deleted.code != 0 {
                println!("left over: {kind} {}", self.name);
            }
        }
    }
}
