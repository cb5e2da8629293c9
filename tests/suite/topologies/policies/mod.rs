//! Derived network policies, judged pair by pair: every pod, every pod, every port.

mod evaluator;
mod needs;

use chart_builder::model::{ChaincodeMode, ExposureKind};
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

/// Kafka's namespace belongs to no organization; its chart closes the ports of brokers and ZooKeeper, and nothing else.
fn is_shared(render: &Render, pod: &Pod) -> bool {
    let kafka = render.sample.first.network.kafka.as_ref();
    kafka.is_some_and(|kafka| kafka.namespace == pod.namespace)
}

/// Networks whose chaincodes are services (what peers start themselves is no pod of a chart) and that nobody reaches from
/// outside (what is exposed is open to every pod as well).
fn judged() -> impl Iterator<Item = &'static Render> {
    let service =
        |mode: &ChaincodeMode| matches!(mode, ChaincodeMode::Services | ChaincodeMode::None);
    RENDERS.iter().filter(move |render| {
        let network = &render.sample.first.network;
        network.exposure.kind == ExposureKind::None
            && network.organizations.iter().all(|it| service(&it.chaincode_mode))
    })
}

fn own_pods(render: &Render) -> Vec<Pod> {
    let mut pods = pods(&render.first);
    pods.retain(|pod| !is_shared(render, pod));
    pods
}

fn outside(namespace: &str, labels: &Value) -> Pod {
    let name = format!("a pod in {namespace}");
    Pod { name, namespace: namespace.to_owned(), labels: labels.clone(), ports: vec![] }
}

#[test]
fn a_pod_reaches_what_fabric_needs_and_nothing_else() {
    let renders: Vec<&Render> = judged().collect();
    let faults = parallel(&renders, |render| {
        let policies = Policies::of(&render.first);
        let pods = pods(&render.first);
        let needs = Needs(&render.sample.document);
        let mut faults = Vec::new();
        for from in pods.iter().filter(|pod| !is_shared(render, pod)) {
            for to in pods.iter().filter(|to| to.name != from.name) {
                for port in to.ports.iter().chain(OTHERS) {
                    let (client, server) = (component(from), component(to));
                    let ends = ((owner(render, from), client), (owner(render, to), server));
                    let needed = to.ports.contains(port) && needs.connection(ends.0, ends.1, *port);
                    let allowed = policies.allow(from, to, (*port, "TCP"));
                    if needed != allowed && !Needs::api_server(client, *port) {
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
    for render in judged() {
        let policies = Policies::of(&render.first);
        for pod in own_pods(render) {
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
    for render in judged() {
        let policies = Policies::of(&render.first);
        let strangers = COMPONENTS.iter().map(|component| {
            outside("elsewhere", &json!({"app.kubernetes.io/component": component}))
        });
        let strangers: Vec<Pod> = strangers.collect();
        let dns = outside("kube-system", &json!({"k8s-app": "kube-dns"}));
        for pod in own_pods(render) {
            let network = &render.sample.row.name;
            for stranger in &strangers {
                for port in pod.ports.iter().chain(OTHERS) {
                    let way = (*port, "TCP");
                    let out = policies.allow(&pod, stranger, way);
                    let out = out && !Needs::api_server(component(&pod), *port);
                    if out || policies.allow(stranger, &pod, way) {
                        faults
                            .push(format!("{network}: {} and {}:{port}", pod.name, stranger.name));
                    }
                }
            }
            for protocol in ["UDP", "TCP"] {
                let asks = policies.allow(&pod, &dns, (53, protocol));
                if asks != Needs::names(component(&pod)) {
                    faults.push(format!("{network}: {} asks DNS by {protocol}: {asks}", pod.name));
                }
            }
            if policies.allow(&pod, &dns, (9153, "TCP")) {
                faults.push(format!("{network}: {} reaches metrics of DNS", pod.name));
            }
        }
    }
    assert_none("a network is closed to the rest of the cluster", &faults);
}
