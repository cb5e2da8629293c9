//! Derived network policies, judged pair by pair: every pod, every pod, every port.

mod evaluator;
mod modes;
mod needs;

use serde_json::{Value, json};

use super::renders::{RENDERS, Render};
use super::{assert_none, parallel};
use evaluator::{Pod, Policies, pods};
use needs::{COMPONENTS, Needs};

/// Ports that nobody may reach, beside those that pods listen on.
const OTHERS: &[u16] = &[80, 7052, 7053, 9999, 5984, 6443];

fn component(pod: &Pod) -> &str {
    pod.labels["app.kubernetes.io/component"].as_str().unwrap_or_default()
}

/// The organization of a pod.
fn owner<'a>(render: &'a Render, pod: &Pod) -> &'a str {
    let organizations = &render.sample.first.network.organizations;
    let owner = organizations.iter().find(|it| it.namespace == pod.namespace);
    owner.map_or("", |it| it.name.as_str())
}

/// Topologies whose install derives policies: the others say that they want none, or only those of operations endpoints.
fn derived() -> impl Iterator<Item = &'static Render> {
    with_mode("derived")
}

fn with_mode(mode: &str) -> impl Iterator<Item = &'static Render> {
    RENDERS.iter().filter(move |render| render.sample.row.is("policies", mode))
}

fn outside(namespace: &str, labels: &Value) -> Pod {
    let name = format!("a pod in {namespace}");
    Pod { name, namespace: namespace.to_owned(), labels: labels.clone(), ports: vec![] }
}

#[test]
fn a_pod_reaches_what_fabric_needs_and_nothing_else() {
    let renders: Vec<&Render> = derived().collect();
    let faults = parallel(&renders, |render| {
        let policies = Policies::of(&render.first);
        let pods = pods(&render.first);
        let needs = Needs(&render.sample.document);
        let mut faults = Vec::new();
        for from in &pods {
            for to in pods.iter().filter(|to| to.name != from.name) {
                for port in to.ports.iter().chain(OTHERS) {
                    let (client, server) = (component(from), component(to));
                    let ends = ((owner(render, from), client), (owner(render, to), server));
                    let needed = to.ports.contains(port) && needs.connection(ends.0, ends.1, *port);
                    let allowed = policies.allow(from, to, (*port, "TCP"));
                    if needed != allowed && !(allowed && needs.dials(ends.0, *port)) {
                        let what = if needed { "is refused" } else { "is allowed for nothing" };
                        let network = &render.sample.row.name;
                        faults
                            .push(format!("{network}: {} to {}:{port} {what}", from.name, to.name));
                    }
                }
            }
        }
        faults
    });
    assert_none("policies are exactly what the topology needs", &faults.concat());
}

#[test]
fn every_pod_is_closed_in_both_directions_and_known() {
    let mut faults = Vec::new();
    for render in derived() {
        let policies = Policies::of(&render.first);
        for pod in pods(&render.first) {
            for direction in ["Ingress", "Egress"] {
                if !policies.close(direction, &pod) {
                    faults.push(format!(
                        "{}: {} is open: {direction}",
                        render.sample.row.name, pod.name
                    ));
                }
            }
            if !COMPONENTS.contains(&component(&pod)) {
                faults.push(format!("{}: nobody knows what it needs", pod.name));
            }
        }
    }
    assert_none("default deny", &faults);
}

#[test]
fn strangers_reach_no_pod_and_are_reached_by_none_but_dns() {
    let mut faults = Vec::new();
    for render in derived() {
        let policies = Policies::of(&render.first);
        let needs = Needs(&render.sample.document);
        let strangers = COMPONENTS.iter().map(|component| {
            outside("elsewhere", &json!({"app.kubernetes.io/component": component}))
        });
        let strangers: Vec<Pod> = strangers.collect();
        let network = &render.sample.row.name;
        for pod in pods(&render.first) {
            let end = (owner(render, &pod), component(&pod));
            for stranger in &strangers {
                for port in pod.ports.iter().chain(OTHERS) {
                    let way = (*port, "TCP");
                    let out = policies.allow(&pod, stranger, way);
                    let inward = policies.allow(stranger, &pod, way);
                    if out != needs.dials(end, *port) || inward != needs.open(end, *port) {
                        let said = format!("{network}: {} and {}:{port}", pod.name, stranger.name);
                        faults.push(format!("{said}: out {out}, in {inward}"));
                    }
                }
            }
        }
    }
    assert_none("a network is closed to the rest of the cluster", &faults);
}

/// No chart renders them: peers start them with these labels.
#[test]
fn jobs_of_the_builder_reach_the_peers_of_their_namespace_and_names_and_nobody_else() {
    let (mut faults, mut jobs) = (Vec::new(), 0);
    let labels = json!({
        "app.kubernetes.io/name": "hyperledger-fabric",
        "app.kubernetes.io/component": "chaincode",
        "app.kubernetes.io/managed-by": "fabric-builder-k8s",
    });
    let dns = outside("kube-system", &json!({"k8s-app": "kube-dns"}));
    for render in derived().filter(|it| it.sample.row.is("runtime", "k8s-builder")) {
        let policies = Policies::of(&render.first);
        let pods = pods(&render.first);
        for peer in pods.iter().filter(|it| component(it) == "peer") {
            jobs += 1;
            let job = outside(&peer.namespace, &labels);
            let network = &render.sample.row.name;
            if !policies.allow(&job, &dns, (53, "UDP")) {
                faults.push(format!("{network}: {} asks no names", job.name));
            }
            for pod in &pods {
                let own = component(pod) == "peer" && pod.namespace == peer.namespace;
                for port in pod.ports.iter().chain(OTHERS) {
                    let allowed = policies.allow(&job, pod, (*port, "TCP"));
                    if allowed != (own && *port == 7052) {
                        faults.push(format!(
                            "{network}: {} to {}:{port}: {allowed}",
                            job.name, pod.name
                        ));
                    }
                }
            }
        }
    }
    assert!(jobs > 0, "no topology has the builder and derived policies");
    assert_none("Jobs of the builder", &faults);
}

#[test]
fn names_are_asked_of_cluster_dns_by_whoever_needs_them_and_nothing_else_is() {
    let mut faults = Vec::new();
    let dns = outside("kube-system", &json!({"k8s-app": "kube-dns"}));
    for render in derived() {
        let policies = Policies::of(&render.first);
        let needs = Needs(&render.sample.document);
        for pod in pods(&render.first) {
            let network = &render.sample.row.name;
            let end = (owner(render, &pod), component(&pod));
            for protocol in ["UDP", "TCP"] {
                let asks = policies.allow(&pod, &dns, (53, protocol));
                if asks != needs.names(end) {
                    faults.push(format!("{network}: {} asks DNS by {protocol}: {asks}", pod.name));
                }
            }
            if policies.allow(&pod, &dns, (9153, "TCP")) && !needs.dials(end, 9153) {
                faults.push(format!("{network}: {} reaches metrics of DNS", pod.name));
            }
        }
    }
    assert_none("cluster DNS", &faults);
}

#[test]
fn every_connection_that_a_test_of_names_makes_is_allowed() {
    let mut faults = Vec::new();
    for render in derived() {
        let policies = Policies::of(&render.first);
        let pods = pods(&render.first);
        for line in verified(&render.first) {
            let words: Vec<&str> = line.1.split(' ').collect();
            let [name, namespace, port] = words[..] else { panic!("a line of names: {line:?}") };
            let (Ok(port), true) = (port.parse(), namespace != "-") else { continue };
            let test = outside(&line.0, &json!({"app.kubernetes.io/component": "test"}));
            let servers = pods
                .iter()
                .filter(|it| it.namespace == namespace && it.labels["fabric.network/node"] == name);
            let servers: Vec<&Pod> = servers.collect();
            if servers.is_empty()
                || !servers.iter().all(|it| policies.allow(&test, it, (port, "TCP")))
            {
                faults.push(format!("{}: {line:?}", render.sample.row.name));
            }
        }
    }
    assert_none("`helm test` reaches what it asks", &faults);
}

/// Namespace and line of every name that `dns-verify` looks up and connects to.
fn verified(objects: &[Value]) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for object in objects.iter().filter(|it| it["kind"] == "Pod") {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        let variables = object["spec"]["containers"][0]["env"].as_array().into_iter().flatten();
        let names = variables.into_iter().find(|it| it["name"] == "NAMES");
        let names = names.and_then(|it| it["value"].as_str()).unwrap_or_default();
        lines.extend(names.lines().map(|line| (namespace.to_owned(), line.to_owned())));
    }
    lines
}
