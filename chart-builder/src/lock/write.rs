//! Writing `network.lock`: the same facts give the same text, in an order that reads well in a review.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chart_format::yaml::{self, Map, Node};

use super::collections::collection_node;
use super::kafka;
use super::shape::{API_VERSION, KIND};
use super::{
    ChannelFacts, Lock, LockedChaincode, LockedChannel, LockedChart, LockedConsenter,
    LockedNetwork, LockedNode, LockedOrganization, LockedUpdate, NodeKind, Origin, consensus,
};
use crate::model::{Image, Layout, Log, NamespaceMode, Place, Storage};

/// Stands above everything else in the file.
const HEADER: &str =
    "# Written by chart-builder; commit it. What stands here never changes by itself.\n";

/// The text of a lock; empty when nothing is frozen.
pub fn write(lock: &Lock) -> String {
    let Some(network) = &lock.network else { return String::new() };
    let mut document = Map::new()
        .with("apiVersion", API_VERSION)
        .with("kind", KIND)
        .with("network", network_map(network))
        .with("organizations", maps(&lock.organizations, organization_map));
    if !lock.addresses.is_empty() {
        let address = |(host, it): (&String, &IpAddr)| (host.clone(), Node::from(it.to_string()));
        document.insert("addresses", lock.addresses.iter().map(address).collect::<Map>());
    }
    if let Some(kafka) = &lock.kafka {
        document.insert("kafka", kafka::map(kafka));
    }
    if !lock.system_channels.is_empty() {
        document.insert("systemChannels", maps(&lock.system_channels, channel_map));
    }
    let document = document
        .with("channels", maps(&lock.channels, channel_map))
        .with("chaincodes", maps(&lock.chaincodes, chaincode_map))
        .with("charts", maps(&lock.charts, chart_map));
    format!("{HEADER}{}", yaml::write(&document.into()))
}

fn maps<Fact>(facts: &BTreeMap<String, Fact>, map: fn(&Fact) -> Map) -> Map {
    facts.iter().map(|(name, fact)| (name.clone(), map(fact))).collect()
}

pub(super) fn with_optional(map: Map, key: &str, value: Option<&String>) -> Map {
    match value {
        Some(value) => map.with(key, value.as_str()),
        None => map,
    }
}

fn list<Item>(items: &[Item], node: impl Fn(&Item) -> Node) -> Node {
    Node::List(items.iter().map(node).collect())
}

fn texts(items: &[String]) -> Node {
    list(items, |text| Node::from(text.as_str()))
}

fn network_map(network: &LockedNetwork) -> Map {
    let layout = match network.layout {
        Layout::Umbrella => "umbrella",
        Layout::PerOwner => "per-owner",
    };
    let namespaces = match network.namespaces {
        NamespaceMode::Plain => "plain",
        NamespaceMode::Prefixed => "prefixed",
    };
    let map = Map::new()
        .with("name", network.name.as_str())
        .with("layout", layout)
        .with("namespaces", namespaces)
        .with("clusterDomain", network.cluster_domain.as_str())
        .with("release", network.release.as_str())
        .with("fabricLine", network.fabric_line.as_str());
    if network.transport.is_plain() { map.with("plain", true) } else { map }
}

fn organization_map(organization: &LockedOrganization) -> Map {
    let roles = [(organization.has_peers, "peer"), (organization.has_orderers, "orderer")];
    let roles = roles.into_iter().filter(|(has, _)| *has).map(|(_, word)| Node::from(word));
    let map = Map::new()
        .with("mspId", organization.msp_id.as_str())
        .with("namespace", organization.namespace.as_str())
        .with("release", organization.release.as_str())
        .with("roles", Node::List(roles.collect()))
        .with("caSha256", organization.ca_sha256.as_str())
        .with("tlsCaSha256", organization.tls_ca_sha256.as_str());
    let intermediate = organization.intermediate_ca_sha256.as_ref();
    let map = with_optional(map, "intermediateCaSha256", intermediate);
    let map = match &organization.ca_storage {
        Some(storage) => map.with("caStorage", storage_node(storage)),
        None => map,
    };
    map.with("nodes", maps(&organization.nodes, node_map))
}

fn node_map(node: &LockedNode) -> Map {
    let kind = match node.kind {
        NodeKind::Peer => "peer",
        NodeKind::Orderer => "orderer",
    };
    let map = Map::new()
        .with("kind", kind)
        .with("index", i64::from(node.index))
        .with("host", node.host.as_str())
        .with("storage", storage_node(&node.storage));
    let map = with_optional(map, "gossipBootstrap", node.gossip_bootstrap.as_ref());
    let mut map = match &node.couchdb {
        Some(storage) => map.with("couchdb", storage_node(storage)),
        None => map,
    };
    for log in Log::ALL {
        if let Some(storage) = node.logs.of(log) {
            map.insert(log.key(), storage_node(storage));
        }
    }
    if node.removed { map.with("removed", true) } else { map }
}

pub(super) fn storage_node(storage: &Storage) -> Node {
    match storage {
        Storage::Claim { claim, class, size } => {
            let named = Map::new().with("name", claim.as_str());
            let sized = with_optional(named, "class", class.as_ref()).with("size", size.as_str());
            Map::new().with("claim", sized).into()
        }
        Storage::Directory { claim, directory, size } => {
            let word = match &directory.place {
                Place::Nfs { .. } => "nfs",
                Place::HostPath { .. } => "hostPath",
                Place::Local { .. } => "local",
            };
            let server = match &directory.place {
                Place::Nfs { server } => server.as_ref(),
                Place::HostPath { .. } | Place::Local { .. } => None,
            };
            let node = directory.place.node().map(str::to_owned);
            let map = Map::new().with("name", claim.as_str()).with("type", word);
            let map = with_optional(map, "server", server).with("path", directory.path.as_str());
            let map = with_optional(map, "node", node.as_ref()).with("size", size.as_str());
            Map::new().with("directory", map).into()
        }
        Storage::ExistingClaim { claim } => {
            Map::new().with("existingClaim", Map::new().with("name", claim.as_str())).into()
        }
        Storage::EmptyDir => Node::from("emptyDir"),
    }
}

fn channel_map(channel: &LockedChannel) -> Map {
    let map = match &channel.origin {
        Origin::Genesis { sha256 } => Map::new().with("genesisSha256", sha256.as_str()),
        Origin::Creation { system_channel, sha256 } => Map::new()
            .with("systemChannel", system_channel.as_str())
            .with("creationSha256", sha256.as_str()),
    };
    let map = map.with("sequence", number(channel.sequence));
    let map = match channel.updates.as_slice() {
        [] => map,
        updates => map.with("updates", list(updates, update_node)),
    };
    map.with("madeFrom", facts_map(&channel.made_from))
}

fn update_node(update: &LockedUpdate) -> Node {
    let signatures = update.signatures.iter();
    let signatures: Map =
        signatures.map(|(name, sha256)| (name.clone(), sha256.as_str())).collect();
    Map::new()
        .with("adds", texts(&update.adds))
        .with("sha256", update.sha256.as_str())
        .with("signatures", signatures)
        .into()
}

fn facts_map(facts: &ChannelFacts) -> Map {
    let policies: Map =
        facts.policies.iter().map(|(path, rule)| (path.clone(), rule.as_str())).collect();
    let batch = Map::new()
        .with("timeout", facts.batch.timeout.as_str())
        .with("maxMessages", i64::from(facts.batch.max_messages))
        .with("absoluteMaxBytes", i64::from(facts.batch.absolute_max_bytes))
        .with("preferredMaxBytes", i64::from(facts.batch.preferred_max_bytes));
    let capabilities = Map::new()
        .with("channel", facts.capabilities.channel.as_str())
        .with("orderer", facts.capabilities.orderer.as_str())
        .with("application", facts.capabilities.application.as_str());
    let members =
        list(&facts.members, |member| owned("anchors", &member.organization, &member.anchors));
    let orderers = list(&facts.orderers, |orderer| {
        owned("endpoints", &orderer.organization, &orderer.endpoints)
    });
    let map = Map::new()
        .with("members", members)
        .with("orderers", orderers)
        .with("consensus", facts.consensus.word())
        .with("consenters", list(&facts.consenters, consenter_node))
        .with("batch", batch);
    let map = match consensus::settings(&facts.consensus) {
        Some((key, settings)) => map.with(key, settings),
        None => map,
    };
    map.with("capabilities", capabilities).with("policies", policies)
}

fn owned(key: &str, organization: &str, addresses: &[String]) -> Node {
    Map::new().with("organization", organization).with(key, texts(addresses)).into()
}

fn consenter_node(consenter: &LockedConsenter) -> Node {
    let map = Map::new()
        .with("id", number(consenter.id))
        .with("organization", consenter.organization.as_str())
        .with("orderer", consenter.orderer.as_str())
        .with("host", consenter.host.as_str())
        .with("port", i64::from(consenter.port));
    let map = with_optional(map, "tlsSha256", consenter.tls_sha256.as_ref());
    with_optional(map, "signSha256", consenter.sign_sha256.as_ref()).into()
}

fn chaincode_map(chaincode: &LockedChaincode) -> Map {
    let map = Map::new()
        .with("channel", chaincode.channel.as_str())
        .with("version", chaincode.version.as_str())
        .with("sequence", number(chaincode.sequence));
    let map = with_optional(map, "endorsement", chaincode.endorsement.as_ref())
        .with("label", chaincode.label.as_str())
        .with("packageId", chaincode.package_id.as_str());
    let map = with_optional(map, "indexesSha256", chaincode.indexes_sha256.as_ref())
        .with("image", image_map(&chaincode.image))
        .with("since", chaincode.since.to_string());
    let map = match &chaincode.previous {
        Some(previous) => {
            let own = Map::new()
                .with("sequence", number(previous.sequence))
                .with("label", previous.label.as_str())
                .with("packageId", previous.package_id.as_str());
            let own = with_optional(own, "indexesSha256", previous.indexes_sha256.as_ref())
                .with("image", image_map(&previous.image));
            map.with("previous", own)
        }
        None => map,
    };
    let map = match chaincode.collections.as_slice() {
        [] => map,
        collections => map.with("collections", list(collections, collection_node)),
    };
    if chaincode.replaced.is_empty() {
        return map;
    }
    let replaced = chaincode.replaced.iter().map(Node::from);
    map.with("replaced", replaced.collect::<Vec<_>>())
}

fn image_map(image: &Image) -> Map {
    let map = Map::new()
        .with("registry", image.registry.as_str())
        .with("repository", image.repository.as_str())
        .with("tag", image.tag.as_str());
    with_optional(map, "digest", image.digest.as_ref())
}

fn chart_map(chart: &LockedChart) -> Map {
    Map::new().with("version", chart.version.to_string()).with("sha256", chart.sha256.as_str())
}

/// Sequences and ids count up by one; none comes near 2^63.
pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
