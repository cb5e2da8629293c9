//! What a namespace runs, and how it is reached: every node has one Service of its own name, as the article has it, so that
//! `peer0` of `org1` is `peer0.org1`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::assert_none;
use super::renders::{RENDERS, name};

/// Whether a selector is of these labels alone.
fn selects(service: &Value, labels: &Value) -> bool {
    let selector = service["spec"]["selector"].as_object();
    selector.is_some_and(|it| !it.is_empty() && it.iter().all(|(key, value)| labels[key] == *value))
}

#[test]
fn every_node_has_one_service_of_its_name_that_leads_to_it_alone() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let nodes: Vec<&Value> =
            render.first.iter().filter(|it| it["kind"] == "StatefulSet").collect();
        for node in &nodes {
            let labels = |node: &Value| node["spec"]["template"]["metadata"]["labels"].clone();
            let own = render.first.iter().filter(|it| {
                it["kind"] == "Service"
                    && it["metadata"]["name"] == node["metadata"]["name"]
                    && it["metadata"]["namespace"] == node["metadata"]["namespace"]
            });
            let own: Vec<&Value> = own.collect();
            let led: Vec<String> = nodes
                .iter()
                .filter(|it| {
                    it["metadata"]["namespace"] == node["metadata"]["namespace"]
                        && own.iter().any(|service| selects(service, &labels(it)))
                })
                .map(|it| name(it))
                .collect();
            if own.len() != 1 || led != [name(node)] {
                let network = &render.sample.row.name;
                faults.push(format!(
                    "{network}: {}: {} Services to {led:?}",
                    name(node),
                    own.len()
                ));
            }
        }
    }
    assert_none("a node is reached by its name", &faults);
}

/// Numbers of a Service's ports.
fn ports(service: &Value) -> BTreeSet<u64> {
    let ports = service["spec"]["ports"].as_array().into_iter().flatten();
    ports.filter_map(|it| it["port"].as_u64()).collect()
}

/// What Fabric had when: the event hub of peers went with 1.3, operations endpoints came with 1.4.
#[test]
fn a_service_has_the_ports_that_its_version_of_fabric_has_and_no_database() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let fabric = &render.sample.first.network.fabric;
        let line = (fabric.major, fabric.minor);
        let (hub, operations) = (line < (1, 3), line >= (1, 4));
        let own = render.first.iter().filter(|it| {
            it["kind"] == "Service"
                && matches!(it["spec"]["type"].as_str(), None | Some("ClusterIP"))
        });
        for service in own {
            let component = &service["spec"]["selector"]["app.kubernetes.io/component"];
            let offered = ports(service);
            let has = |port: u64| offered.contains(&port);
            let right = match component.as_str() {
                Some("peer") => has(7051) && has(7053) == hub && has(9443) == operations,
                Some("orderer") => has(7050) && has(8443) == operations,
                Some("ca") => has(7054),
                _ => true,
            };
            if !right || has(5984) {
                let network = &render.sample.row.name;
                faults.push(format!("{network}: {}: {offered:?} in {fabric}", name(service)));
            }
        }
    }
    assert_none("Services offer what nodes have", &faults);
}

/// Workloads that an organization's namespace has, from the words of its topology; servers of chaincodes apart.
fn wanted(document: &Value, organization: &Value) -> BTreeSet<String> {
    let count = |key: &str| organization[key]["count"].as_u64().unwrap_or(0);
    let numbered = |count: u64, name: &'static str| (0..count).map(move |it| format!("{name}{it}"));
    let peers = count("peers");
    let mut wanted: BTreeSet<String> = numbered(peers, "peer").collect();
    wanted.extend(numbered(count("orderers"), "orderer"));
    let member = |channel: &Value| {
        let members = channel["members"].as_array().into_iter().flatten();
        members
            .into_iter()
            .any(|it| *it == organization["name"] || it["org"] == organization["name"])
    };
    let channels = document["channels"].as_array().into_iter().flatten();
    if peers > 0 && channels.into_iter().any(member) {
        wanted.insert("converge".to_owned());
    }
    for extra in ["ca", "cli"] {
        if !organization[extra].is_null() {
            wanted.insert(extra.to_owned());
        }
    }
    wanted
}

/// As in figure 3-5 of the article: nodes, the CA and the CLI; and what keeps them, which is ours.
#[test]
fn the_namespace_of_an_organization_runs_its_nodes_and_nothing_of_others() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let document = &render.sample.document;
        for organization in document["organizations"].as_array().into_iter().flatten() {
            let network = &render.sample.first.network;
            let decided = network.organizations.iter().find(|it| organization["name"] == *it.name);
            let Some(decided) = decided.filter(|it| !it.is_external()) else { continue };
            let workloads = render.first.iter().filter(|it| {
                ["StatefulSet", "Deployment", "DaemonSet"].iter().any(|kind| it["kind"] == *kind)
                    && it["metadata"]["namespace"] == *decided.namespace
            });
            let ours = |it: &&Value| {
                let labels = &it["spec"]["template"]["metadata"]["labels"];
                let component = labels["app.kubernetes.io/component"].as_str();
                !matches!(component, Some("chaincode" | "roller"))
            };
            let found: BTreeSet<String> = workloads
                .filter(ours)
                .filter_map(|it| Some(it["metadata"]["name"].as_str()?.to_owned()))
                .collect();
            if found != wanted(document, organization) {
                let place = format!("{}: {}", render.sample.row.name, decided.namespace);
                faults.push(format!("{place}: {found:?}"));
            }
        }
    }
    assert_none("a namespace is an organization", &faults);
}
