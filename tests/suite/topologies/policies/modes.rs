//! Installs that ask for less than derived policies: operations endpoints alone are closed, or nothing is.

use serde_json::json;

use super::super::assert_none;
use super::super::renders::Render;
use super::evaluator::{Policies, pods};
use super::{OTHERS, component, outside, owner, with_mode};

/// What Fabric protects itself, by component: open to everybody.
const PROTECTED: &[(&str, &[u16])] =
    &[("peer", &[7051, 7052, 7053]), ("orderer", &[7050, 7060]), ("ca", &[7054])];

/// Operations endpoints, which are plain HTTP and change what a process logs.
const OPERATIONS: &[u16] = &[9443, 8443];

/// Kafka and ZooKeeper know no callers: their chart closes them in every mode.
fn has_kafka(render: &Render) -> bool {
    ["kafka", "kafka-large"].iter().any(|it| render.sample.row.is("consensus", it))
}

#[test]
fn with_operations_policies_strangers_reach_what_fabric_protects_and_no_operations_endpoint() {
    let mut faults = Vec::new();
    let mut closed = 0;
    for render in with_mode("operations").filter(|it| !has_kafka(it)) {
        let policies = Policies::of(&render.first);
        let stranger = outside("elsewhere", &json!({"app.kubernetes.io/component": "peer"}));
        for pod in pods(&render.first) {
            let protected = PROTECTED.iter().find(|(name, _)| *name == component(&pod));
            for port in pod.ports.iter().chain(OTHERS).chain(OPERATIONS) {
                let reached = policies.allow(&stranger, &pod, (*port, "TCP"));
                let listens = pod.ports.contains(port);
                let wanted = protected.is_none_or(|(_, ports)| ports.contains(port));
                // A port that nobody listens at may be closed or not.
                if reached != wanted && (listens || reached) {
                    faults.push(format!(
                        "{}: {}:{port}: {reached}",
                        render.sample.row.name, pod.name
                    ));
                }
                closed += usize::from(listens && !reached);
            }
            if policies.close("Egress", &pod) {
                faults.push(format!("{}: {} cannot call", render.sample.row.name, pod.name));
            }
        }
    }
    let mut rows = with_mode("operations").filter(|it| !has_kafka(it));
    assert!(closed > 0 || rows.next().is_none(), "no endpoint was looked at");
    assert_none("operations endpoints are closed, and nothing else is", &faults);
}

#[test]
fn with_operations_policies_every_organization_reaches_the_endpoints_of_the_network() {
    let mut faults = Vec::new();
    for render in with_mode("operations") {
        let policies = Policies::of(&render.first);
        let pods = pods(&render.first);
        for from in pods.iter().filter(|it| !owner(render, it).is_empty()) {
            for to in pods.iter().filter(|it| ["peer", "orderer"].contains(&component(it))) {
                for port in OPERATIONS.iter().filter(|it| to.ports.contains(it)) {
                    // Where releases are of their owners, each knows its own namespace and those of its channels.
                    if !policies.allow(from, to, (*port, "TCP")) {
                        let network = &render.sample.row.name;
                        faults.push(format!("{network}: {} to {}:{port}", from.name, to.name));
                    }
                }
            }
        }
    }
    assert_none("a network asks its own nodes", &faults);
}

#[test]
fn without_policies_there_are_none() {
    let named = |it: &serde_json::Value| it["kind"] == "NetworkPolicy";
    let faults: Vec<String> = with_mode("off")
        .filter(|render| !has_kafka(render) && render.first.iter().any(named))
        .map(|render| render.sample.row.name.clone())
        .collect();
    assert_none("who asks for no policies gets none", &faults);
}
