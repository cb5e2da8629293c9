//! FT605: more reserved than allowed.

use super::context::Organization;
use super::couchdb::database_path;
use super::nodes::{Kind, resources};
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{Resources, StateDatabase};
use crate::spec::quantity;

pub(super) static RULE: Rule = Rule {
    code: "FT605",
    severity: Severity::Error,
    title: "a request is not above its limit",
    about: "Kubernetes refuses a container that reserves more than it may use. What is inherited counts: a limit below the \
            default request needs a request of its own.",
    fires: &[
        case(&[("limits: {memory: 2Gi}", "limits: {memory: 512Mi}")]),
        case(&[("limits: {memory: 256Mi}", "requests: {cpu: \"2\"}, limits: {cpu: 500m}")]),
        case(&[("limits: {memory: 256Mi}", "limits: {memory: 32Mi}")]),
        case(&[("mspId: Org1MSP", "ca: {resources: {limits: {memory: 32Mi}}}")]),
        case(&[(
            "anchors: [peer0]",
            "stateDB: couchdb\n      couchdb: {resources: {limits: {memory: 128Mi}}}",
        )]),
    ],
    near_misses: &[case(&[("limits: {memory: 2Gi}", "limits: {memory: 1Gi}")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let name = format!("chaincode `{}`", chaincode.decided.name);
        compare(&name, &chaincode.path, &chaincode.decided.resources, findings);
    }
    if let Some(cluster) = &context.network.kafka {
        let path = super::kafka_sizes::path(context);
        for (key, nodes) in [("brokers", &cluster.brokers), ("zookeeper", &cluster.zookeeper)] {
            if let Some(node) = nodes.first() {
                compare(&format!("`{}`", node.name), &path.key(key), &node.resources, findings);
            }
        }
    }
    for organization in context.organizations() {
        if let Some(ca) = &organization.decided.ca {
            let name = format!("the Fabric CA of `{}`", organization.decided.name);
            compare(&name, &organization.path.key("ca"), &ca.resources, findings);
        }
        state_databases(context, &organization, findings);
        for kind in Kind::ALL {
            let nodes: Vec<_> = match kind {
                Kind::Peers => {
                    let nodes = organization.decided.peers.iter();
                    nodes.map(|node| (&node.name, &node.resources)).collect()
                }
                Kind::Orderers => {
                    let nodes = organization.decided.orderers.iter();
                    nodes.map(|node| (&node.name, &node.resources)).collect()
                }
            };
            // Nodes that inherit the same resources have the same fault: it is told once.
            let mut told: Vec<&Resources> = Vec::new();
            for (node, resources) in nodes {
                if !told.contains(&resources) {
                    let path = written_at(context, &organization.path.key(kind.key()), node);
                    let name = format!("`{node}` of `{}`", organization.decided.name);
                    compare(&name, &path, resources, findings);
                    told.push(resources);
                }
            }
        }
    }
}

/// What is inherited has the same fault in all peers: it is told once.
fn state_databases(
    context: &Context<'_>,
    organization: &Organization<'_>,
    findings: &mut Findings<'_>,
) {
    let mut told: Vec<&Resources> = Vec::new();
    for peer in &organization.decided.peers {
        let StateDatabase::CouchDb { resources, .. } = &peer.state_database else { continue };
        if !told.contains(&resources) {
            let name = format!("the CouchDB of `{}` of `{}`", peer.name, organization.decided.name);
            let path = database_path(context, organization, &peer.name);
            compare(&name, &path, resources, findings);
            told.push(resources);
        }
    }
}

/// The nearest place that says something about a node's resources.
fn written_at(context: &Context<'_>, nodes: &KeyPath, node: &str) -> KeyPath {
    let override_path = nodes.key("overrides").key(node);
    let said = |path: &KeyPath| {
        let path = path.key("resources");
        resources(context)
            .iter()
            .any(|(at, said)| *at == path && **said != crate::spec::Resources::default())
    };
    if said(&override_path) { override_path } else { nodes.clone() }
}

fn compare(name: &str, path: &KeyPath, resources: &Resources, findings: &mut Findings<'_>) {
    let pairs = [
        ("cpu", &resources.requests.cpu, &resources.limits.cpu),
        ("memory", &resources.requests.memory, &resources.limits.memory),
    ];
    for (what, request, limit) in pairs {
        let (Some(request), Some(limit)) = (request, limit) else { continue };
        let (Some(reserved), Some(allowed)) = (quantity::milli(request), quantity::milli(limit))
        else {
            continue;
        };
        if reserved > allowed {
            findings.report(Finding::at(
                path.key("resources"),
                format!("{name} requests {what} `{request}` and has the limit `{limit}`"),
                "Kubernetes refuses a request above its limit; inherited values count",
                format!("raise `limits.{what}` or lower `requests.{what}`"),
            ));
        }
    }
}
