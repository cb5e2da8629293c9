//! The names of a network and what checks them: values of `fabric-dns`.
//!
//! Whoever gives a network another Service that its components dial by name adds it to [`names_of`].

use std::collections::{BTreeMap, BTreeSet};

use chart_format::yaml::{Map, Node};

use super::view::View;
use super::{FIRST_PREFLIGHT, LowerError, Part};
use crate::model::{ChaincodeMode, Cluster, KafkaCluster, Organization, names};

/// The hooks that rewrite names, with their accounts, come between this check and those of Secrets.
const BEFORE_REWRITING: i64 = 10;

/// Names by the namespace that uses them: the Service, its namespace, and the port that somebody there connects to.
type Uses<'a> = BTreeMap<&'a str, Vec<(String, &'a str, Option<u16>)>>;

/// None for a release without organizations: there is no namespace for a check to run in.
pub(super) fn part(view: &View<'_>) -> Result<Option<Part>, LowerError> {
    let Some(first) = view.organizations().next() else { return Ok(None) };
    let facts = Map::new()
        .with("namespace", &first.namespace)
        .with("cluster", cluster(&view.network.cluster))
        .with_comment(
            "outside",
            "Names that the cluster's DNS has to find elsewhere.",
            outside(view),
        )
        .with_comment(
            "names",
            "What components use, by their namespace; `-`: nobody there connects.",
            names(view)?,
        )
        .with("docker", any(view, ChaincodeMode::is_docker))
        .with_comment(
            "fixup",
            "daemon: engines of nodes are told where names are; coredns: namespaces by the domain that stands for them.",
            fixup(view),
        )
        .with_comment(
            "engines",
            "How peers run chaincodes in Docker, for tests from inside.",
            engines(view),
        );
    let aliases = aliases(view);
    let facts = if aliases.is_empty() {
        facts
    } else {
        facts.with_comment("aliases", "Fixed addresses, which nobody else may have.", aliases)
    };
    let preflight =
        Map::new().with("enabled", true).with("weight", FIRST_PREFLIGHT - BEFORE_REWRITING);
    Ok(Some(Part {
        owner: view.release.owner.clone(),
        chart: "fabric-dns",
        alias: names::DNS_ALIAS.to_owned(),
        comment: "Checks of names, before an install and in tests".to_owned(),
        facts,
        settings: Map::new().with_comment(
            "preflight",
            "The check of the cluster's DNS before install and upgrade.",
            preflight,
        ),
        nodes: None,
    }))
}

fn fixup(view: &View<'_>) -> Map {
    let mut fixup = Map::new().with("daemon", any(view, ChaincodeMode::changes_nodes));
    let domains: Map = view
        .network
        .rewritten_domains()
        .map(|(domain, namespace)| (domain.to_owned(), Node::from(namespace)))
        .collect();
    if !domains.is_empty() {
        fixup.insert("coredns", domains);
    }
    fixup
}

/// How peers run chaincodes in Docker, by their namespace.
fn engines(view: &View<'_>) -> Map {
    let docker = view.organizations().filter(|it| !it.peers.is_empty());
    let docker = docker.filter(|it| it.chaincode_mode.is_docker());
    let engine = |organization: &Organization| {
        let peers: Vec<Node> = organization.peers.iter().map(|it| Node::from(&it.name)).collect();
        let facts = super::chaincode_runtime::facts(view, organization).with("peers", peers);
        (organization.namespace.clone(), Node::from(facts))
    };
    docker.map(engine).collect()
}

/// Whether peers of the release run chaincodes like this.
fn any(view: &View<'_>, like: impl Fn(&ChaincodeMode) -> bool) -> bool {
    let with_peers = view.organizations().filter(|it| !it.peers.is_empty());
    with_peers.map(|it| &it.chaincode_mode).any(like)
}

/// Hosts of organizations that run their nodes somewhere else.
fn outside(view: &View<'_>) -> Vec<Node> {
    let external = view.network.organizations.iter().filter_map(|it| it.external.as_ref());
    let endpoints = external.flat_map(|external| external.anchors.iter().chain(&external.orderers));
    let hosts: BTreeSet<&str> = endpoints.map(|endpoint| endpoint.host.as_str()).collect();
    hosts.into_iter().map(Node::from).collect()
}

fn cluster(cluster: &Cluster) -> Map {
    let mut map = Map::new();
    if let Some(dns) = cluster.dns {
        map.insert("dns", dns.to_string());
    }
    if let Some(range) = cluster.service_cidr {
        map.insert("serviceCIDR", range.to_string());
    }
    if !cluster.node_dns.is_empty() {
        let servers = cluster.node_dns.iter().map(|server| Node::from(server.to_string()));
        map.insert("nodeDNS", servers.collect::<Vec<_>>());
    }
    map
}

/// As lines, sorted.
fn names(view: &View<'_>) -> Result<Map, LowerError> {
    let mut map = Map::new();
    for (namespace, mut used) in names_of(view)? {
        used.sort();
        let line = |(name, of, port): (String, &str, Option<u16>)| {
            let port = port.map_or_else(|| "-".to_owned(), |port| port.to_string());
            Node::from(format!("{name} {of} {port}"))
        };
        map.insert(namespace, used.into_iter().map(line).collect::<Vec<_>>());
    }
    Ok(map)
}

/// Every namespace with nodes uses the names of all nodes, and those of the chaincode servers in it. An owner's release
/// looks at its own alone: what other owners have not installed yet is no fault of its cluster.
fn names_of<'a>(view: &View<'a>) -> Result<Uses<'a>, LowerError> {
    let mut uses = Uses::new();
    for user in view.organizations().filter(|it| it.has_nodes()) {
        let own = uses.entry(user.namespace.as_str()).or_default();
        for organization in view.organizations() {
            let at_home = organization.name == user.name;
            own.extend(nodes_of(organization, at_home));
            own.extend(rewritten_nodes(view, organization, at_home));
            own.extend(aliased_nodes(organization, at_home));
        }
        let chaincodes = view.chaincodes_of(&user.name)?.into_iter();
        for chaincode in chaincodes.filter(|it| it.package.is_none()) {
            let server = names::chaincode_server(&chaincode.name, chaincode.sequence);
            own.push((server, user.namespace.as_str(), Some(names::CHAINCODE_PORT)));
        }
    }
    let kafka = view.network.kafka.as_ref();
    if let Some(cluster) = kafka.filter(|_| view.release.holds(&KafkaCluster::OWNER)) {
        uses_of_kafka(view, cluster, &mut uses);
    }
    Ok(uses)
}

/// Orderers and brokers dial brokers; ZooKeeper answers nobody but brokers and itself, so a check only resolves its names.
fn uses_of_kafka<'a>(view: &View<'a>, cluster: &'a KafkaCluster, uses: &mut Uses<'a>) {
    let own = cluster.namespace.as_str();
    let clients = view.organizations().filter(|it| !it.orderers.is_empty());
    let clients = clients.map(|organization| organization.namespace.as_str());
    for namespace in clients.chain([own]) {
        let brokers = cluster.brokers.iter();
        let brokers = brokers.map(|node| (node.name.clone(), own, Some(names::KAFKA_PORT)));
        uses.entry(namespace).or_default().extend(brokers);
    }
    let zookeeper = cluster.zookeeper.iter().map(|node| (node.name.clone(), own, None));
    uses.entry(own).or_default().extend(zookeeper);
}

/// The other name of each node, which is complete: no namespace stands behind it.
fn rewritten_nodes<'a>(
    view: &View<'a>,
    organization: &'a Organization,
    at_home: bool,
) -> Vec<(String, &'a str, Option<u16>)> {
    let mut rewritten = view.network.rewritten_domains();
    let Some((domain, _)) = rewritten.find(|(_, it)| *it == organization.namespace) else {
        return Vec::new();
    };
    let nodes = nodes_of(organization, at_home).into_iter();
    nodes.map(|(name, _, port)| (names::host(&name, domain), "-", port)).collect()
}

/// The hosts of nodes that pods are told, each with the address of its Service.
fn aliased_nodes(organization: &Organization, at_home: bool) -> Vec<(String, &str, Option<u16>)> {
    let nodes = nodes_of(organization, at_home).into_iter();
    let nodes = nodes.filter(|_| organization.has_aliases());
    nodes.map(|(name, _, port)| (organization.host(&name), "-", port)).collect()
}

/// Lines `ADDRESS HOST SERVICE NAMESPACE`: what no other Service may have.
fn aliases(view: &View<'_>) -> Vec<Node> {
    let aliased = view.organizations().filter(|it| it.has_aliases());
    let nodes = aliased.flat_map(|organization| {
        let nodes = nodes_of(organization, true).into_iter();
        nodes.map(move |(name, namespace, _)| (organization.host(&name), name, namespace))
    });
    let line = |(host, name, namespace): (String, String, &str)| {
        let address = view.network.address_of(&host)?;
        Some(Node::from(format!("{address} {host} {name} {namespace}")))
    };
    nodes.filter_map(line).collect()
}

/// A CA server is for its own organization: others only resolve its name.
fn nodes_of(organization: &Organization, at_home: bool) -> Vec<(String, &str, Option<u16>)> {
    let namespace = organization.namespace.as_str();
    let peers = organization.peers.iter().map(|peer| (&peer.name, names::PEER_PORT));
    let orderers = organization.orderers.iter().map(|orderer| (&orderer.name, names::ORDERER_PORT));
    let nodes = peers.chain(orderers).map(|(name, port)| (name.clone(), namespace, Some(port)));
    let ca = organization.ca.as_ref();
    let ca = ca.map(|_| (names::CA.to_owned(), namespace, at_home.then_some(names::CA_PORT)));
    nodes.chain(ca).collect()
}
