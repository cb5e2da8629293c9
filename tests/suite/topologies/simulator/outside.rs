//! Clients outside of the cluster: each name of an Ingress or a route leads to a node that shows a certificate with that name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::dials::{Dial, PROFILE_OUTSIDE};
use super::{assert_none, each_version};
use crate::topologies::renders::name;

/// A way in: the name that clients use outside, and where it ends.
struct Way {
    host: String,
    target: Dial,
}

/// Ways that an object opens; a Service with a port or address of its own has no name here.
fn ways(object: &Value, objects: &[Value]) -> Vec<Way> {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
    let dial = |service: &str, port: u64| Dial {
        namespace: namespace.to_owned(),
        address: None,
        host: service.to_owned(),
        port: u16::try_from(port).expect("a port"),
        place: name(object),
    };
    let spec = &object["spec"];
    match object["kind"].as_str() {
        Some("Ingress") => {
            let rule = &spec["rules"][0];
            let backend = &rule["http"]["paths"][0]["backend"]["service"];
            let service = backend["name"].as_str().unwrap_or_default();
            let number = numbered(objects, (namespace, service), &backend["port"]["name"]);
            vec![Way { host: text(&rule["host"]), target: dial(service, number) }]
        }
        Some("TLSRoute") => {
            let backend = &spec["rules"][0]["backendRefs"][0];
            let service = backend["name"].as_str().unwrap_or_default();
            let target = dial(service, backend["port"].as_u64().unwrap_or(0));
            vec![Way { host: text(&spec["hostnames"][0]), target }]
        }
        _ => Vec::new(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The number of a Service's port by its name; 0 where there is none.
fn numbered(objects: &[Value], (namespace, service): (&str, &str), port: &Value) -> u64 {
    let named = |it: &&Value| {
        it["kind"] == "Service"
            && it["metadata"]["namespace"] == namespace
            && it["metadata"]["name"] == service
    };
    let ports = objects.iter().find(named).and_then(|it| it["spec"]["ports"].as_array());
    let found = ports.into_iter().flatten().find(|it| it["name"] == *port);
    found.and_then(|it| it["port"].as_u64()).unwrap_or(0)
}

#[test]
fn every_name_outside_leads_to_a_node_whose_certificate_has_it() {
    let mut seen = 0;
    let mut faults = Vec::new();
    each_version(|edit, cluster, objects| {
        for way in objects.iter().flat_map(|object| ways(object, objects)) {
            seen += 1;
            let missed = cluster.reach(&way.target).err();
            let refused = cluster.certificate_fault_for(&way.host, &way.target);
            let found = missed.into_iter().chain(refused);
            faults.extend(found.map(|it| format!("{edit}: {} as {}: {it}", way.target, way.host)));
        }
    });
    assert!(seen > 0 || super::RENDERS.is_empty(), "no topology is exposed by names");
    assert_none("who comes from outside finds the node that it asked for", &faults);
}

#[test]
fn clients_outside_are_told_names_that_lead_somewhere() {
    let mut seen = 0;
    let mut faults = Vec::new();
    each_version(|edit, cluster, objects| {
        let ways = objects.iter().flat_map(|object| ways(object, objects));
        let hosts: BTreeSet<String> = ways.map(|way| way.host).collect();
        let profiles = objects.iter().filter(|it| it["metadata"]["name"] == PROFILE_OUTSIDE);
        for profile in profiles.filter(|_| !hosts.is_empty()) {
            let text = profile["data"]["connection.json"].as_str().unwrap_or_default();
            for host in text.split('"').filter_map(|it| it.split_once("://")) {
                let host = host.1.split(':').next().unwrap_or_default();
                seen += 1;
                // Nodes that somebody else runs are where the topology says.
                if !hosts.contains(host) && !cluster.is_given(host) {
                    faults.push(format!("{edit}: {}: {host}", name(profile)));
                }
            }
        }
    });
    assert!(seen > 0 || super::RENDERS.is_empty(), "no profile names a node outside");
    assert_none("profiles for clients outside name what is exposed", &faults);
}

#[test]
fn every_port_outside_has_a_node_behind_it() {
    let mut faults = Vec::new();
    each_version(|edit, cluster, objects| {
        for service in objects.iter().filter(|it| it["kind"] == "Service") {
            if !["NodePort", "LoadBalancer"].iter().any(|kind| service["spec"]["type"] == *kind) {
                continue;
            }
            for port in service["spec"]["ports"].as_array().into_iter().flatten() {
                let number = port["port"].as_u64().and_then(|it| u16::try_from(it).ok());
                let target = Dial {
                    namespace: text(&service["metadata"]["namespace"]),
                    address: None,
                    host: text(&service["metadata"]["name"]),
                    port: number.unwrap_or(0),
                    place: "somebody outside".to_owned(),
                };
                if let Err(error) = cluster.reach(&target) {
                    faults.push(format!("{edit}: {target}: {error}"));
                }
            }
        }
    });
    assert_none("ports outside lead to nodes", &faults);
}
