//! What is reached from outside of the cluster, and by which names and ports: fact `exposure` of peers and orderers.

use chart_format::yaml::{Map, Node};

use super::view::View;
use crate::model::{
    ExposureKind, GatewayListener, Network, Organization, OrganizationPorts, names, orderer_port,
};

/// Ports of one node by the name of its listener.
type Ports = Vec<(&'static str, u32)>;

/// Peers and the Fabric CA server.
pub(super) fn of_peers(view: &View<'_>, organization: &Organization) -> Map {
    let number = view.network.number_of(organization);
    let ports = number.and_then(OrganizationPorts::of);
    let peers = organization.peers.iter().map(|peer| {
        let ports = ports.map(|ports| {
            vec![("grpc", ports.peer(peer.index)), ("chaincode", ports.peer_chaincode(peer.index))]
        });
        (peer.name.as_str(), ports.unwrap_or_default())
    });
    let ca = organization
        .ca
        .iter()
        .map(|_| (names::CA, ports.map(|ports| vec![("https", ports.ca())]).unwrap_or_default()));
    facts(view, organization, peers.chain(ca))
}

/// Orderers.
pub(super) fn of_orderers(view: &View<'_>, organization: &Organization) -> Map {
    let orderers = organization.orderers.iter();
    let orderers = orderers.map(|it| (it.name.as_str(), vec![("grpc", orderer_port(it.index))]));
    facts(view, organization, orderers)
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

fn facts<'a>(
    view: &View<'_>,
    organization: &Organization,
    nodes: impl Iterator<Item = (&'a str, Ports)>,
) -> Map {
    let kind = view.network.exposure.kind;
    if kind == ExposureKind::None {
        return Map::new();
    }
    let (mut hosts, mut ports) = (Map::new(), Map::new());
    for (node, numbers) in nodes {
        if let Some(host) = view.network.outside_host(node, &organization.namespace) {
            hosts.insert(node, host);
        }
        if kind == ExposureKind::NodePort {
            let numbers = numbers.into_iter();
            let numbers: Map = numbers
                .map(|(name, port)| (name.to_owned(), Node::from(i64::from(port))))
                .collect();
            ports.insert(node, numbers);
        }
    }
    Map::new().with("type", kind.word()).with("hosts", hosts).with("nodePorts", ports)
}
