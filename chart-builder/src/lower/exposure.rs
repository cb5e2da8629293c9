//! What is reached from outside of the cluster, and by which names and ports: fact `exposure` of peers and orderers, and
//! `global.fabric.outside` with the nodes of everybody, for those who write to clients.

use chart_format::yaml::{Map, Node};

use super::LowerError;
use super::view::View;
use crate::model::{
    ExposureKind, GatewayListener, Network, Organization, OrganizationPorts, names, orderer_port,
};

/// A node, and the listeners of it that are reached from outside, with their node ports; the first one serves clients.
struct Exposed<'a> {
    name: &'a str,
    /// Port of the node's own Service.
    port: u16,
    listeners: Vec<(&'static str, u32)>,
}

/// Peers and the Fabric CA server.
fn peers<'a>(network: &Network, organization: &'a Organization) -> Vec<Exposed<'a>> {
    let number = network.number_of(organization);
    let ports = number.and_then(OrganizationPorts::of);
    let peers = organization.peers.iter().map(|peer| {
        let ports = ports.map(|ports| {
            vec![("grpc", ports.peer(peer.index)), ("chaincode", ports.peer_chaincode(peer.index))]
        });
        let listeners = ports.unwrap_or_default();
        Exposed { name: &peer.name, port: names::PEER_PORT, listeners }
    });
    let ca = organization.ca.iter().map(|_| {
        let listeners = ports.map(|ports| vec![("https", ports.ca())]).unwrap_or_default();
        Exposed { name: names::CA, port: names::CA_PORT, listeners }
    });
    peers.chain(ca).collect()
}

fn orderers(organization: &Organization) -> Vec<Exposed<'_>> {
    let orderers = organization.orderers.iter().map(|orderer| Exposed {
        name: &orderer.name,
        port: names::ORDERER_PORT,
        listeners: vec![("grpc", orderer_port(orderer.index))],
    });
    orderers.collect()
}

/// Peers and the Fabric CA server, as their part reads it.
pub(super) fn of_peers(view: &View<'_>, organization: &Organization) -> Map {
    facts(view, organization, peers(view.network, organization))
}

/// Orderers, as their part reads it.
pub(super) fn of_orderers(view: &View<'_>, organization: &Organization) -> Map {
    facts(view, organization, orderers(organization))
}

fn facts(view: &View<'_>, organization: &Organization, nodes: Vec<Exposed<'_>>) -> Map {
    let kind = view.network.exposure.kind;
    if kind == ExposureKind::None {
        return Map::new();
    }
    let (mut hosts, mut ports) = (Map::new(), Map::new());
    for node in nodes {
        if let Some(host) = view.network.outside_host(node.name, &organization.namespace) {
            hosts.insert(node.name, host);
        }
        if kind == ExposureKind::NodePort {
            let numbers = node.listeners.into_iter();
            let numbers: Map = numbers
                .map(|(name, port)| (name.to_owned(), Node::from(i64::from(port))))
                .collect();
            ports.insert(node.name, numbers);
        }
    }
    Map::new().with("type", kind.word()).with("hosts", hosts).with("nodePorts", ports)
}

/// How clients outside reach every node of the network that is in this cluster, by its host inside: the port, the name, and
/// whether its certificate has that name.
pub(super) fn outside(view: &View<'_>) -> Result<Map, LowerError> {
    let network = view.network;
    let kind = network.exposure.kind;
    if kind == ExposureKind::None {
        return Ok(Map::new());
    }
    let mut nodes = Map::new();
    for organization in network.organizations.iter().filter(|it| !it.is_external()) {
        let certificates = view.certificates(&organization.name)?;
        for node in peers(network, organization).into_iter().chain(orderers(organization)) {
            let mut facts = Map::new();
            match kind {
                ExposureKind::NodePort => {
                    let first = node.listeners.first();
                    first.map(|(_, port)| facts.insert("port", i64::from(*port)));
                }
                ExposureKind::LoadBalancer => {
                    facts.insert("port", i64::from(node.port));
                }
                ExposureKind::None | ExposureKind::Ingress | ExposureKind::Gateway => {}
            }
            if let Some(host) = network.outside_host(node.name, &organization.namespace) {
                // The certificate of a CA server follows the topology; that of a consenter is frozen with its channel.
                let own = certificates.nodes.get(node.name);
                let named = own.is_none_or(|own| own.tls_names.contains(&host));
                facts = facts.with("host", host).with("named", named);
            }
            nodes.insert(organization.host(node.name), facts);
        }
    }
    Ok(Map::new().with("type", kind.word()).with("nodes", nodes))
}

/// Settings of what clients outside are told; nothing where nothing is exposed.
pub(super) fn addresses(network: &Network) -> Option<Map> {
    let map = match network.exposure.kind {
        ExposureKind::None => return None,
        ExposureKind::NodePort => Map::new().with_comment(
            "address",
            "Name or address of a node of the cluster, for clients; empty: nodes have the names of the topology's domain.",
            "",
        ),
        ExposureKind::Ingress | ExposureKind::Gateway => {
            Map::new().with_comment("port", "Where clients reach what passes TLS through.", 443)
        }
        ExposureKind::LoadBalancer => Map::new(),
    };
    Some(map.with_comment(
        "addresses",
        "Names or addresses of single nodes by their host inside: {peer0.org1: 203.0.113.7}.",
        Map::new(),
    ))
}

/// Settings of the objects that are added: the gateways that routes attach to. Another cluster may have others.
pub(super) fn settings(network: &Network, mut part: Map) -> Map {
    if network.exposure.kind == ExposureKind::Gateway {
        let parents: Vec<Map> = network.exposure.gateways.iter().map(parent).collect();
        let gateway = Map::new().with("parentRefs", parents);
        part.insert("exposure", Map::new().with("gateway", gateway));
        part.comment("exposure", "Objects for access from outside of the cluster.");
    }
    part
}

fn parent(listener: &GatewayListener) -> Map {
    let mut parent = Map::new().with("name", &listener.name);
    if let Some(namespace) = &listener.namespace {
        parent.insert("namespace", namespace);
    }
    if let Some(section) = &listener.section {
        parent.insert("sectionName", section);
    }
    parent
}
