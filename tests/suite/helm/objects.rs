//! What every rendered object has to be, whatever the network: rules that `helm lint` does not know.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_json::Value;

use super::Helm;
use crate::network::Network;

/// Kinds that lie in no namespace and need rights in the whole cluster.
const CLUSTER_KINDS: &[&str] =
    &["Namespace", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "StorageClass"];

/// Renders the article's chart with one Helm; nothing when none is there.
fn rendered() -> Option<Vec<Value>> {
    let helm = Helm::each().pop()?;
    let network = Network::article();
    let package = network.package("dist");
    let package = package.to_str().expect("a path in UTF-8");
    let text =
        helm.run(&["template", "article", package, "--namespace", "article"]).success().stdout;
    Some(objects(&text))
}

pub(super) fn objects(text: &str) -> Vec<Value> {
    let documents = yaml_serde::Deserializer::from_str(text);
    let values = documents.map(|document| Value::deserialize(document).expect("YAML"));
    values.filter(|value| !value.is_null()).collect()
}

fn name(object: &Value) -> String {
    let metadata = &object["metadata"];
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    format!(
        "{} {}/{}",
        text(&object["kind"]),
        text(&metadata["namespace"]),
        text(&metadata["name"])
    )
}

/// Pod templates of all workloads, with the object's name.
fn pods(objects: &[Value]) -> Vec<(String, &Value)> {
    objects
        .iter()
        .filter_map(|object| match object["kind"].as_str() {
            Some("Pod") => Some((name(object), &object["spec"])),
            Some("Deployment" | "StatefulSet" | "Job" | "DaemonSet") => {
                Some((name(object), &object["spec"]["template"]["spec"]))
            }
            _ => None,
        })
        .collect()
}

fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["containers", "initContainers"].into_iter();
    lists.filter_map(|list| pod[list].as_array()).flatten()
}

fn assert_none(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

#[test]
fn no_object_needs_rights_in_the_whole_cluster() {
    let Some(objects) = rendered() else { return };
    let refused = objects
        .iter()
        .filter(|object| object["kind"].as_str().is_some_and(|kind| CLUSTER_KINDS.contains(&kind)));
    assert_none("charts hold no cluster-scoped object", &refused.map(name).collect::<Vec<_>>());
}

#[test]
fn every_object_names_its_namespace_and_is_there_once() {
    let Some(objects) = rendered() else { return };
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for object in &objects {
        if object["metadata"]["namespace"].is_null() {
            faults.push(format!("{} has no namespace", name(object)));
        }
        if !seen.insert(name(object)) {
            faults.push(format!("{} is there twice", name(object)));
        }
    }
    assert_none("an object stands in one explicit namespace", &faults);
}

#[test]
fn every_pod_is_restricted_and_hears_of_no_other_service() {
    let Some(objects) = rendered() else { return };
    let mut faults = Vec::new();
    for (owner, pod) in pods(&objects) {
        for (path, expected) in [
            ("/enableServiceLinks", Value::Bool(false)),
            // Rollers talk to the API server, and nobody else does.
            ("/automountServiceAccountToken", Value::Bool(owner.ends_with("-roller"))),
            ("/securityContext/runAsNonRoot", Value::Bool(true)),
            ("/securityContext/seccompProfile/type", Value::from("RuntimeDefault")),
        ] {
            if pod.pointer(path) != Some(&expected) {
                faults.push(format!("{owner}: {path} is not {expected}"));
            }
        }
        for container in containers(pod) {
            let place = format!("{owner}, container {}", container["name"]);
            for (path, expected) in [
                ("/securityContext/allowPrivilegeEscalation", Value::Bool(false)),
                ("/securityContext/readOnlyRootFilesystem", Value::Bool(true)),
                ("/securityContext/capabilities/drop/0", Value::from("ALL")),
            ] {
                if container.pointer(path) != Some(&expected) {
                    faults.push(format!("{place}: {path} is not {expected}"));
                }
            }
            if container["resources"]["requests"].is_null() {
                faults.push(format!("{place}: no resource requests"));
            }
        }
    }
    assert!(!pods(&objects).is_empty(), "nothing was rendered");
    assert_none("pods pass the restricted standard", &faults);
}

#[test]
fn every_port_says_its_protocol_and_every_server_has_a_readiness_probe() {
    let Some(objects) = rendered() else { return };
    let mut faults = Vec::new();
    for object in objects.iter().filter(|object| object["kind"] == "Service") {
        for port in object["spec"]["ports"].as_array().into_iter().flatten() {
            if port["protocol"].is_null() {
                faults.push(format!("{}: port {} has no protocol", name(object), port["port"]));
            }
        }
    }
    for (owner, pod) in pods(&objects) {
        for container in containers(pod) {
            for port in container["ports"].as_array().into_iter().flatten() {
                if port["protocol"].is_null() {
                    faults.push(format!("{owner}: port {} has no protocol", port["containerPort"]));
                }
            }
            if container["ports"].is_array() && container["readinessProbe"].is_null() {
                faults.push(format!(
                    "{owner}: container {} has no readiness probe",
                    container["name"]
                ));
            }
        }
    }
    assert_none("ports say their protocol, servers say when they are ready", &faults);
}

#[test]
fn a_node_is_a_stateful_set_of_one_over_a_claim_that_stays() {
    let Some(objects) = rendered() else { return };
    let mut faults = Vec::new();
    let sets: Vec<&Value> = objects.iter().filter(|it| it["kind"] == "StatefulSet").collect();
    assert!(!sets.is_empty(), "no node was rendered");
    for set in sets {
        if set["spec"]["replicas"] != 1 || set["metadata"]["name"] != set["spec"]["serviceName"] {
            faults.push(format!("{}: not one replica behind a Service of its name", name(set)));
        }
        if !set["spec"]["volumeClaimTemplates"].is_null() {
            faults.push(format!("{}: volumeClaimTemplates can never change", name(set)));
        }
    }
    for claim in objects.iter().filter(|it| it["kind"] == "PersistentVolumeClaim") {
        if claim["metadata"]["annotations"]["helm.sh/resource-policy"] != "keep" {
            faults.push(format!("{}: goes away with the release", name(claim)));
        }
    }
    assert_none("a node keeps its name and its volume", &faults);
}

/// A pod that names the chart's version would be restarted by a release that changes nothing about it.
#[test]
fn a_raised_version_changes_no_pod_template() {
    let Some(helm) = Helm::each().pop() else { return };
    let network = Network::article();
    let topology =
        std::fs::read_to_string(network.path().join("network.yaml")).expect("a topology");
    let mut specs = Vec::new();
    for (round, version) in ["1.0.0", "9.8.7"].into_iter().enumerate() {
        let out = format!("round{round}");
        network.write(&topology.replace("1.0.0", version));
        network.builder(&["build", "--out", &out]).success();
        let package = network.package(&out);
        let package = package.to_str().expect("a path in UTF-8");
        let arguments = ["template", "article", package, "--namespace", "article", "--no-hooks"];
        let rendered = objects(&helm.run(&arguments).success().stdout);
        let workloads = rendered.iter().filter(|it| !it["spec"]["template"].is_null());
        let templates = workloads.map(|it| (name(it), it["spec"]["template"].clone()));
        specs.push(templates.collect::<Vec<_>>());
    }
    for (first, second) in specs[0].iter().zip(&specs[1]) {
        assert_eq!(first, second, "the pod template changed with the version alone");
    }
    assert_eq!(specs[0].len(), specs[1].len());
}
