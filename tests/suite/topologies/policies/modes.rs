//! Installs that ask for less than derived policies: operations endpoints alone are closed, or nothing is.

use serde_json::json;

use super::super::assert_none;
use super::super::renders::name;
use super::evaluator::{Policies, pods};
use super::{OTHERS, component, outside, owner, with_mode};

/// What Fabric protects itself, by component: open to everybody.
const PROTECTED: &[(&str, &[u16])] =
    &[("peer", &[7051, 7052, 7053]), ("orderer", &[7050, 7060]), ("ca", &[7054])];

/// What has neither TLS nor passwords, by component: closed in every mode.
const CLOSED: &[&str] = &["kafka", "zookeeper", "kafka-exporter"];

/// Operations endpoints, which are plain HTTP and change what a process logs.
const OPERATIONS: &[u16] = &[9443, 8443];

#[test]
fn with_operations_policies_strangers_reach_what_fabric_protects_and_no_operations_endpoint() {
    let mut faults = Vec::new();
    let mut closed = 0;
    for render in with_mode("operations") {
        let policies = Policies::of(&render.first);
        let stranger = outside("elsewhere", &json!({"app.kubernetes.io/component": "peer"}));
        for pod in pods(&render.first) {
            let protected = PROTECTED.iter().find(|(name, _)| *name == component(&pod));
            for port in pod.ports.iter().chain(OTHERS).chain(OPERATIONS) {
                let reached = policies.allow(&stranger, &pod, (*port, "TCP"));
                let listens = pod.ports.contains(port);
                let wanted = !CLOSED.contains(&component(&pod))
                    && protected.is_none_or(|(_, ports)| ports.contains(port));
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
    assert!(closed > 0 || with_mode("operations").next().is_none(), "no endpoint was looked at");
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
fn without_policies_nothing_is_closed_that_can_protect_itself() {
    let mut faults = Vec::new();
    for render in with_mode("off") {
        for policy in render.first.iter().filter(|it| it["kind"] == "NetworkPolicy") {
            let selector = &policy["spec"]["podSelector"]["matchLabels"];
            let component = selector["app.kubernetes.io/component"].as_str().unwrap_or_default();
            if !CLOSED.contains(&component) {
                faults.push(format!("{}: {}", render.sample.row.name, name(policy)));
            }
        }
        let policies = Policies::of(&render.first);
        let stranger = outside("elsewhere", &json!({"app.kubernetes.io/component": "peer"}));
        for pod in pods(&render.first).iter().filter(|it| CLOSED.contains(&component(it))) {
            let open = |port: &&u16| policies.allow(&stranger, pod, (**port, "TCP"));
            faults.extend(pod.ports.iter().find(open).map(|port| {
                format!("{}: everybody reaches {}:{port}", render.sample.row.name, pod.name)
            }));
        }
    }
    assert_none("who asks for no policies gets those of Kafka alone", &faults);
}
