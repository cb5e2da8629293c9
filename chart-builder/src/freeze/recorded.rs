//! Compares the lock with what follows from the topology, fact by fact: what no rule of the topology looks at, because no
//! edit of the topology changes it.
//!
//! Left out: certificates, blocks and pins, which have checks of their own, and policies, which later builders may write
//! differently into new channels.

use super::{Inputs, Words, codes, facts, finding, packages};
use crate::diagnostic::{Diagnostics, KeyPath};
use crate::lock::{
    LockedChaincode, LockedChannel, LockedNode, LockedOrdererOrganization, LockedOrganization,
    NodeKind, Origin,
};
use crate::model::{Channel, Network, Organization, names};

/// Reports every fact in the lock that no build of this topology has written.
pub(super) fn check(inputs: &Inputs<'_>, diagnostics: &mut Diagnostics) {
    let (network, lock) = (inputs.network, inputs.lock);
    let root = KeyPath::root();
    if let Some(locked) = &lock.network {
        let mut facts = Facts { of: "the network".to_owned(), found: Vec::new() };
        facts.compare("release", &locked.release, &network.name);
        facts.report(&root.key("metadata"), diagnostics);
    }
    for (index, organization) in network.organizations.iter().enumerate() {
        if let Some(locked) = lock.organizations.get(&organization.name) {
            let facts = organization_facts(network, organization, locked);
            facts.report(&root.key("organizations").index(index), diagnostics);
        }
    }
    for (index, channel) in network.channels.iter().enumerate() {
        if let Some(locked) = lock.channels.get(&channel.name) {
            let facts = channel_facts(network, channel, locked);
            facts.report(&root.key("channels").index(index), diagnostics);
        }
    }
    for (index, chaincode) in network.chaincodes.iter().enumerate() {
        // A package that lies beside the topology is compared when it is read.
        let locked = lock.chaincodes.get(&chaincode.name).filter(|_| chaincode.package.is_none());
        if let Some(locked) = locked {
            let path = root.key("chaincodes").index(index);
            check_packages((network, &chaincode.name), locked, (&path, diagnostics));
        }
    }
}

/// Facts of one thing that differ.
struct Facts {
    of: String,
    found: Vec<String>,
}

impl Facts {
    fn compare(&mut self, fact: &str, locked: &str, derived: &str) {
        if locked != derived {
            self.found.push(format!("`{fact}` is `{locked}` there and has to be `{derived}`"));
        }
    }

    fn report(self, path: &KeyPath, diagnostics: &mut Diagnostics) {
        if self.found.is_empty() {
            return;
        }
        diagnostics.push(finding(
            codes::CHANGED_LOCK,
            path.clone(),
            Words {
                message: format!(
                    "network.lock contradicts the topology on {}: {}",
                    self.of,
                    self.found.join(", ")
                ),
                why: "no edit of the topology changes these facts: network.lock was edited, or made by another builder"
                    .to_owned(),
                fix: "restore network.lock from version control".to_owned(),
            },
        ));
    }
}

fn organization_facts(
    network: &Network,
    organization: &Organization,
    locked: &LockedOrganization,
) -> Facts {
    let of = format!("organization `{}`", organization.name);
    let mut facts = Facts { of, found: Vec::new() };
    facts.compare("release", &locked.release, &network.release_of(organization));
    let has = |kind| locked.nodes.values().any(|node| node.kind == kind).to_string();
    facts.compare("hasPeers", &locked.has_peers.to_string(), &has(NodeKind::Peer));
    facts.compare("hasOrderers", &locked.has_orderers.to_string(), &has(NodeKind::Orderer));
    for (name, node) in &locked.nodes {
        // Kind and index make the name, so that two nodes of one index cannot both be right.
        facts.compare(&format!("{name}.kind and index"), &name_of(node), name);
        let host = organization.host(name);
        facts.compare(&format!("{name}.host"), &node.host, &host);
        let bootstrap = node.gossip_bootstrap.as_deref().unwrap_or("nothing");
        if !bootstraps(organization, locked, node).iter().any(|it| it == bootstrap) {
            let wanted = if node.kind == NodeKind::Peer { "a peer of its own" } else { "nothing" };
            facts.compare(&format!("{name}.gossipBootstrap"), bootstrap, wanted);
        }
    }
    facts
}

fn name_of(node: &LockedNode) -> String {
    match node.kind {
        NodeKind::Peer => names::peer(node.index),
        NodeKind::Orderer => names::orderer(node.index),
    }
}

/// Where a node may first look for others: any peer that its organization ever had; an orderer looks for none.
fn bootstraps(
    organization: &Organization,
    locked: &LockedOrganization,
    node: &LockedNode,
) -> Vec<String> {
    if node.kind == NodeKind::Orderer {
        return vec!["nothing".to_owned()];
    }
    let peers = locked.nodes.iter().filter(|(_, node)| node.kind == NodeKind::Peer);
    let host = |name: &str| organization.host(name);
    peers.map(|(name, _)| format!("{}:{}", host(name), names::PEER_PORT)).collect()
}

fn channel_facts(network: &Network, channel: &Channel, locked: &LockedChannel) -> Facts {
    let of = format!("channel `{}`", channel.name);
    let mut found = Facts { of, found: Vec::new() };
    found.compare("sequence", &locked.sequence.to_string(), &locked.updates.len().to_string());
    let made_from = &locked.made_from;
    found.compare("consensus", made_from.consensus.word(), channel.consensus.word());
    let system = |origin: &Origin| match origin {
        Origin::Genesis { .. } => "none".to_owned(),
        Origin::Creation { system_channel, .. } => system_channel.clone(),
    };
    let wanted = network.system_channel_of(channel).map_or("none", |it| it.name.as_str());
    found.compare("systemChannel", &system(&locked.origin), wanted);
    for ((id, consenter), locked) in (1_u64..).zip(&channel.consenters).zip(&made_from.consenters) {
        let of = |fact: &str| format!("{fact} of consenter {}", consenter.orderer);
        found.compare(&of("id"), &locked.id.to_string(), &id.to_string());
        let place = |host: &str, port: u16| format!("{host}:{port}");
        let derived = place(&consenter.host, consenter.cluster_port);
        found.compare(&of("host and port"), &place(&locked.host, locked.port), &derived);
    }
    let derived = endpoints(&facts::orderers(network, &channel.consenters));
    found.compare("orderers", &endpoints(&made_from.orderers), &derived);
    found
}

/// Endpoints by organization, in an order that does not depend on the topology's.
fn endpoints(orderers: &[LockedOrdererOrganization]) -> String {
    let mut texts: Vec<String> = orderers
        .iter()
        .map(|it| format!("{}: {}", it.organization, it.endpoints.join(" ")))
        .collect();
    texts.sort();
    texts.join("; ")
}

/// Packages are made anew by every build; peers know them by the id that was frozen.
fn check_packages(
    (network, name): (&Network, &str),
    locked: &LockedChaincode,
    (path, diagnostics): (&KeyPath, &mut Diagnostics),
) {
    let now = (locked.sequence, &locked.label, &locked.package_id, &locked.indexes_sha256);
    let previous = locked
        .previous
        .iter()
        .map(|it| (it.sequence, &it.label, &it.package_id, &it.indexes_sha256));
    // Indexes are files that move on: those of the current sequence are compared by FT921.
    let plain = previous.chain([now]).filter(|(.., indexes)| indexes.is_none());
    for (sequence, label, id, _) in plain {
        // A package that cannot be made is reported by FT908.
        let Ok(package) = packages::service(network, (name, sequence)).package() else { continue };
        if (&package.label, &package.id) == (label, id) {
            continue;
        }
        diagnostics.push(finding(
            codes::CHANGED_PACKAGE,
            path.clone(),
            Words {
                message: format!(
                    "this builder makes package `{}` for sequence {sequence} of chaincode `{name}`, and network.lock \
                     freezes `{id}` with label `{label}`",
                    package.id
                ),
                why: "organizations have approved the frozen id, and peers find the server by it".to_owned(),
                fix: "restore network.lock from version control; if it is as it was committed, build with the \
                      chart-builder that wrote it"
                    .to_owned(),
            },
        ));
    }
}
