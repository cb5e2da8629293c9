//! Who has to reach whom: the flows of a network, and the policies of each component that follow from them.
//!
//! [`FLOWS`] is the one list. A new component gets its lines there, and its name in the `policies` of the part that
//! renders it. Namespaces are told apart by their name, pods by `app.kubernetes.io/component`. Left out: what the cluster
//! decides (DNS, API server, who reads metrics, which applications call), which are settings. [`outside`] has what no selector
//! can name.

mod outside;

use chart_format::yaml::{Map, Node};

use super::view::View;
use crate::model::{ChaincodeMode, Channel, Consensus, Layout, Network, Organization, names};

/// One kind of connection.
struct Flow {
    client: &'static str,
    server: &'static str,
    ports: &'static [u16],
    reach: Reach,
}

/// Between which namespaces.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Within one.
    Own,
    /// Organizations that share a channel, and within one.
    Members,
    /// From a member of a channel to an organization that orders it.
    Orderers,
    /// From an organization that orders a channel to its members.
    Ordered,
    /// Organizations that order the same channel, and within one.
    Consenters,
    /// Everywhere in the network.
    Network,
}

const PEER: &[u16] = &[names::PEER_PORT];
const PEER_OPERATIONS: &[u16] = &[names::PEER_OPERATIONS_PORT];
const ORDERER: &[u16] = &[names::ORDERER_PORT];
const ORDERER_ALL: &[u16] = &[names::ORDERER_PORT, names::ORDERER_OPERATIONS_PORT];
const ORDERER_CLUSTER: &[u16] =
    &[names::ORDERER_PORT, names::ORDERER_CLUSTER_PORT, names::ORDERER_OPERATIONS_PORT];
const CHAINCODE: &[u16] = &[names::CHAINCODE_PORT];
const CA: &[u16] = &[names::CA_PORT];

const fn flow(
    client: &'static str,
    server: &'static str,
    ports: &'static [u16],
    reach: Reach,
) -> Flow {
    Flow { client, server, ports, reach }
}

/// Every flow that Fabric needs, as found by refusing everything and reading what was refused.
const FLOWS: &[Flow] = &[
    flow("peer", "peer", PEER, Reach::Members),
    flow("peer", "orderer", ORDERER, Reach::Orderers),
    flow("peer", "chaincode", CHAINCODE, Reach::Own),
    flow(STARTED, "peer", &[CHAINCODE_LISTENER], Reach::Own),
    flow("converge", "peer", PEER, Reach::Members),
    // The first transaction of a channel waits until every consenter's metrics say that it is there.
    flow("converge", "orderer", ORDERER_ALL, Reach::Orderers),
    // An empty volume asks the other consenters and the anchor peers whether the channel has moved on.
    flow("orderer", "orderer", ORDERER_ALL, Reach::Consenters),
    flow("orderer", "peer", PEER_OPERATIONS, Reach::Ordered),
    // An upgrade of one owner ends when its orderers have joined what it adds.
    flow("joined", "orderer", &[names::ORDERER_OPERATIONS_PORT], Reach::Own),
    // `helm test` asks every node for its height, and commits through every member.
    flow("test", "peer", &[names::PEER_PORT, names::PEER_OPERATIONS_PORT], Reach::Network),
    flow("test", "orderer", ORDERER_ALL, Reach::Network),
    flow("test", "chaincode", CHAINCODE, Reach::Own),
    flow("test", "ca", CA, Reach::Own),
    flow("cli", "peer", PEER, Reach::Members),
    flow("cli", "orderer", ORDERER, Reach::Orderers),
    flow("cli", "ca", CA, Reach::Own),
    // A consenter is replaced when the others have heard of it again.
    flow("roller", "orderer", &[names::ORDERER_OPERATIONS_PORT], Reach::Consenters),
];

/// Chaincodes that peers start as Jobs: pods of the component `chaincode`, which dial their peer and serve nobody.
const STARTED: &str = "started chaincode";

/// The port at which peers listen for chaincodes that they started.
const CHAINCODE_LISTENER: u16 = 7052;

/// Components that look up names beside those that have a flow to somewhere.
const ASKS_DNS: &[&str] = &["ca", "preflight", "roller", "test"];

/// The port of a component that monitoring reads.
const OPERATIONS: &[(&str, u16)] = &[
    ("peer", names::PEER_OPERATIONS_PORT),
    ("orderer", names::ORDERER_OPERATIONS_PORT),
    ("ca", names::PEER_OPERATIONS_PORT),
];

/// The ports of a component that applications call.
const CALLED: &[(&str, u16)] = &[
    ("peer", names::PEER_PORT),
    ("peer", EVENTS),
    ("orderer", names::ORDERER_PORT),
    ("ca", names::CA_PORT),
];

/// Port of the event hub of peers up to Fabric 1.2.
const EVENTS: u16 = 7053;

/// Components that the part of an organization's peers renders the policies of; `*` is every pod of the namespace.
pub(super) const OF_PEERS: &[&str] =
    &["*", "peer", "converge", "chaincode", "ca", "cli", "roller", "preflight", "test"];

/// Those of its orderers. What is common to a namespace comes with its peers, if it has any.
pub(super) fn of_orderers(organization: &Organization) -> &'static [&'static str] {
    if organization.peers.is_empty() {
        &["*", "orderer", "joined", "roller", "preflight", "test"]
    } else {
        &["orderer", "joined"]
    }
}

/// Policies of these components of an organization, as facts of the part that renders them.
pub(super) fn of(view: &View<'_>, organization: &Organization, components: &[&str]) -> Vec<Map> {
    let network = view.network;
    let there = components.iter().filter(|component| has(network, organization, component));
    there.map(|component| policy(network, organization, component)).collect()
}

fn policy(network: &Network, own: &Organization, component: &str) -> Map {
    let mut ingress: Vec<Map> = Vec::new();
    let mut egress: Vec<Map> = Vec::new();
    for flow in FLOWS {
        if label(flow.server) == component {
            let clients = partners(network, |other| reaches(network, flow, (other, own)));
            push(&mut ingress, label(flow.client), clients, ports_of(network, flow));
        }
        if label(flow.client) == component {
            let servers = partners(network, |other| reaches(network, flow, (own, other)));
            push(&mut egress, label(flow.server), servers, ports_of(network, flow));
        }
    }
    // The brokers belong to no organization; their chart opens their side.
    let orders = !own.orderers.is_empty() && (component == "orderer" || component == "test");
    if let Some(kafka) = network.kafka.as_ref().filter(|_| orders) {
        push(&mut egress, "kafka", vec![Node::from(&kafka.namespace)], &[names::KAFKA_PORT]);
    }
    let operations = OPERATIONS.iter().find(|(name, _)| *name == component);
    let mut map = Map::new().with("namespace", &own.namespace).with("component", component);
    let outside = outside::of(network, own, component);
    let asks_dns = !egress.is_empty() || !outside.is_empty() || ASKS_DNS.contains(&component);
    map.insert("ingress", ingress);
    map.insert("egress", egress);
    map.insert("dns", asks_dns);
    if let Some((_, port)) = operations {
        map.insert("operations", i64::from(*port));
    }
    let called = called(network, component);
    if !called.is_empty() {
        // Who comes from outside of the cluster has no namespace.
        map.insert("exposed", outside::is_exposed(network, own, component));
        map.insert("called", ports(&called));
    }
    outside.facts(map)
}

/// The ports of a component that applications call.
fn called(network: &Network, component: &str) -> Vec<u16> {
    let there = |port: u16| port != EVENTS || network.line().event_hub;
    let called = CALLED.iter().filter(|(name, port)| *name == component && there(*port));
    called.map(|(_, port)| *port).collect()
}

fn ports(ports: &[u16]) -> Vec<Node> {
    ports.iter().map(|port| i64::from(*port).into()).collect()
}

/// Without TLS consenters meet on a port of their own; orderers of solo and Kafka never call each other.
fn ports_of(network: &Network, flow: &Flow) -> &'static [u16] {
    let orderers = flow.client == "orderer" && flow.server == "orderer";
    let meets =
        |channel: &Channel| matches!(channel.consensus, Consensus::Etcdraft(_) | Consensus::Bft(_));
    let consenters = orderers && network.channels.iter().any(meets);
    if consenters && network.transport.is_plain() { ORDERER_CLUSTER } else { flow.ports }
}

/// What pods of this kind have as their component.
fn label(kind: &'static str) -> &'static str {
    if kind == STARTED { "chaincode" } else { kind }
}

fn push(sides: &mut Vec<Map>, component: &str, namespaces: Vec<Node>, listens: &[u16]) {
    if !namespaces.is_empty() {
        sides.push(
            Map::new()
                .with("component", component)
                .with("namespaces", namespaces)
                .with("ports", ports(listens)),
        );
    }
}

fn partners(network: &Network, keep: impl Fn(&Organization) -> bool) -> Vec<Node> {
    let mut namespaces: Vec<&str> = network
        .organizations
        .iter()
        .filter(|organization| keep(organization))
        .map(|organization| organization.namespace.as_str())
        .collect();
    namespaces.sort_unstable();
    namespaces.into_iter().map(Node::from).collect()
}

/// Whether the flow goes from the first organization to the second.
fn reaches(network: &Network, flow: &Flow, (from, to): (&Organization, &Organization)) -> bool {
    if !has(network, from, flow.client) || !has(network, to, flow.server) {
        return false;
    }
    let own = from.name == to.name;
    let share = |first: Side, second: Side| {
        let both = |channel| is_on(channel, from, first) && is_on(channel, to, second);
        network.channels.iter().any(both)
    };
    match flow.reach {
        Reach::Own => own,
        Reach::Network => true,
        Reach::Members => own || share(Side::Member, Side::Member),
        Reach::Orderers => share(Side::Member, Side::Orderer),
        Reach::Ordered => share(Side::Orderer, Side::Member),
        Reach::Consenters => own || share(Side::Orderer, Side::Orderer),
    }
}

/// How an organization is on a channel.
#[derive(Clone, Copy)]
enum Side {
    Member,
    Orderer,
}

fn is_on(channel: &Channel, organization: &Organization, side: Side) -> bool {
    let name = &organization.name;
    match side {
        Side::Member => {
            channel.members.iter().any(|it| it.organization == *name && !it.peers.is_empty())
        }
        Side::Orderer => channel.consenters.iter().any(|it| it.organization == *name),
    }
}

/// Whether the organization's namespace has such pods.
fn has(network: &Network, organization: &Organization, component: &str) -> bool {
    let member = |channel: &Channel| is_on(channel, organization, Side::Member);
    match component {
        "peer" => !organization.peers.is_empty(),
        "orderer" => !organization.orderers.is_empty(),
        "joined" => {
            let alone = network.layout == Layout::PerOwner || network.has_external();
            alone && !organization.orderers.is_empty()
        }
        "converge" => !organization.peers.is_empty() && network.channels.iter().any(member),
        "chaincode" => runs_chaincode(network, organization),
        STARTED => organization.chaincode_mode == ChaincodeMode::KubernetesBuilder,
        "ca" => organization.ca.is_some(),
        "cli" => organization.cli,
        "*" | "preflight" | "roller" | "test" => organization.has_nodes(),
        _ => false,
    }
}

/// Whether pods of its namespace are chaincodes: servers of charts, or Jobs that peers start. Engines have no pods.
fn runs_chaincode(network: &Network, organization: &Organization) -> bool {
    let mut on_own_channels = network.chaincodes.iter().filter(|chaincode| {
        let channel = network.channel(&chaincode.channel);
        channel.is_some_and(|channel| is_on(channel, organization, Side::Member))
    });
    match organization.chaincode_mode {
        ChaincodeMode::KubernetesBuilder => !organization.peers.is_empty(),
        _ => on_own_channels.any(|chaincode| chaincode.package.is_none()),
    }
}
