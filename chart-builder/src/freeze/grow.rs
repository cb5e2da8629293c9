//! Adds what is new to the lock. What is there stays, except facts that are meant to move on.

use std::collections::BTreeMap;

use chart_format::digest::Sha256;

use super::{Inputs, facts};
use crate::lock::{
    Lock, LockedChaincode, LockedChannel, LockedChart, LockedKafka, LockedMember, LockedNetwork,
    LockedNode, LockedOrganization, LockedPrevious, LockedUpdate, NodeKind, Origin,
};
use crate::material::{ChannelUpdate, Material, OrganizationMaterial};
use crate::model::{Chaincode, Channel, EndorsementPolicy, Logs, Network, Organization};

/// The lock after this build.
pub(super) fn grow(
    inputs: &Inputs<'_>,
    material: &Material,
    charts: BTreeMap<String, LockedChart>,
) -> Lock {
    let network = inputs.network;
    let mut lock = Lock { charts, ..inputs.lock.clone() };
    let frozen = lock.network.get_or_insert_with(|| new_network(network));
    // A rule has seen to it that the network may move there.
    network.line().name.clone_into(&mut frozen.fabric_line);
    for organization in &network.organizations {
        let Some(own) = material.organizations.get(&organization.name) else { continue };
        let locked = lock
            .organizations
            .entry(organization.name.clone())
            .or_insert_with(|| new_organization(network, organization, own));
        grow_organization(locked, organization, own);
    }
    if let Some(cluster) = &network.kafka {
        lock.kafka.get_or_insert_with(|| LockedKafka::of(cluster)).grow(cluster);
    }
    if let Some(aliases) = &network.host_aliases {
        lock.addresses.extend(aliases.addresses.clone());
    }
    grow_channels(&mut lock, network, material);
    for chaincode in &network.chaincodes {
        let before = lock.chaincodes.remove(&chaincode.name);
        if let Some(after) = grow_chaincode(before, (network, chaincode), material) {
            lock.chaincodes.insert(chaincode.name.clone(), after);
        }
    }
    lock
}

/// New channels are added; the ones that are there change by updates alone.
fn grow_channels(lock: &mut Lock, network: &Network, material: &Material) {
    for group in &network.ordering {
        let Some(system) = &group.system_channel else { continue };
        let Some(block) = material.system_channels.get(&system.name) else { continue };
        let Some(made_from) = facts::system_channel_facts(network, (group, system), material)
        else {
            continue;
        };
        let origin = Origin::Genesis { sha256: block.genesis_sha256.clone() };
        let new = || LockedChannel { origin, sequence: 0, updates: Vec::new(), made_from };
        lock.system_channels.entry(system.name.clone()).or_insert_with(new);
    }
    for channel in &network.channels {
        let Some(origin) = origin(network, channel, material) else { continue };
        let Some(made_from) = facts::channel_facts(network, channel, material) else { continue };
        let members = made_from.members.clone();
        let new = || LockedChannel { origin, sequence: 0, updates: Vec::new(), made_from };
        let locked = lock.channels.entry(channel.name.clone()).or_insert_with(new);
        let updates = material.updates.get(&channel.name).map_or(&[][..], Vec::as_slice);
        for update in updates.iter().skip(locked.updates.len()) {
            grow_channel(locked, update, &members);
        }
    }
}

/// An update makes the configuration another one: with the members that it adds.
fn grow_channel(locked: &mut LockedChannel, update: &ChannelUpdate, members: &[LockedMember]) {
    let joins = |member: &&LockedMember| update.adds.contains(&member.organization);
    locked.made_from.members.extend(members.iter().filter(joins).cloned());
    locked.sequence = update.number;
    locked.updates.push(LockedUpdate {
        adds: update.adds.clone(),
        sha256: update.sha256.clone(),
        signatures: update.signatures.clone(),
    });
}

fn origin(network: &Network, channel: &Channel, material: &Material) -> Option<Origin> {
    let Some(system) = network.system_channel_of(channel) else {
        let sha256 = material.channels.get(&channel.name)?.genesis_sha256.clone();
        return Some(Origin::Genesis { sha256 });
    };
    let sha256 = material.creations.get(&channel.name)?.sha256.clone();
    Some(Origin::Creation { system_channel: system.name.clone(), sha256 })
}

fn new_network(network: &Network) -> LockedNetwork {
    LockedNetwork {
        name: network.name.clone(),
        layout: network.layout,
        namespaces: network.namespaces,
        cluster_domain: network.cluster_domain.clone(),
        release: network.name.clone(),
        transport: network.transport,
        fabric_line: network.line().name.to_owned(),
    }
}

fn sha256(pem: &str) -> String {
    Sha256::of(pem.as_bytes()).to_string()
}

fn new_organization(
    network: &Network,
    organization: &Organization,
    own: &OrganizationMaterial,
) -> LockedOrganization {
    LockedOrganization {
        msp_id: organization.msp_id.clone(),
        namespace: organization.namespace.clone(),
        release: network.release_of(organization),
        has_peers: false,
        has_orderers: false,
        ca_sha256: sha256(&own.ca),
        tls_ca_sha256: sha256(&own.tls_ca),
        intermediate_ca_sha256: None,
        ca_storage: None,
        nodes: BTreeMap::new(),
    }
}

/// Roles and nodes are added, volumes may have grown, nodes that are gone stay as removed.
fn grow_organization(
    locked: &mut LockedOrganization,
    organization: &Organization,
    own: &OrganizationMaterial,
) {
    locked.has_peers |= !organization.peers.is_empty();
    locked.has_orderers |= !organization.orderers.is_empty();
    if locked.intermediate_ca_sha256.is_none() {
        locked.intermediate_ca_sha256 = own.intermediate_ca.as_deref().map(sha256);
    }
    if let Some(ca) = &organization.ca {
        locked.ca_storage = Some(ca.storage.clone());
    }
    let present = nodes(organization);
    for (name, node) in &mut locked.nodes {
        match present.get(name) {
            Some(now) => {
                node.storage = now.storage.clone();
                node.couchdb.clone_from(&now.couchdb);
                node.logs.clone_from(&now.logs);
            }
            None => node.removed = true,
        }
    }
    for (name, node) in present {
        locked.nodes.entry(name).or_insert(node);
    }
}

fn nodes(organization: &Organization) -> BTreeMap<String, LockedNode> {
    let host = |name: &str| organization.host(name);
    let peers = organization.peers.iter().map(|peer| {
        let node = LockedNode {
            kind: NodeKind::Peer,
            index: peer.index,
            host: host(&peer.name),
            storage: peer.storage.clone(),
            gossip_bootstrap: Some(peer.gossip_bootstrap.clone()),
            couchdb: peer.state_database.storage().cloned(),
            logs: Logs::default(),
            removed: false,
        };
        (peer.name.clone(), node)
    });
    let orderers = organization.orderers.iter().map(|orderer| {
        let node = LockedNode {
            kind: NodeKind::Orderer,
            index: orderer.index,
            host: host(&orderer.name),
            storage: orderer.storage.clone(),
            gossip_bootstrap: None,
            couchdb: None,
            logs: orderer.logs.clone(),
            removed: false,
        };
        (orderer.name.clone(), node)
    });
    peers.chain(orderers).collect()
}

/// A new sequence remembers the one before; the same sequence follows version text and image.
fn grow_chaincode(
    before: Option<LockedChaincode>,
    (network, chaincode): (&Network, &Chaincode),
    material: &Material,
) -> Option<LockedChaincode> {
    let package = material.packages.get(&chaincode.name)?.get(&chaincode.sequence)?;
    let now = LockedChaincode {
        channel: chaincode.channel.clone(),
        version: chaincode.version.clone(),
        sequence: chaincode.sequence,
        endorsement: match &chaincode.endorsement {
            EndorsementPolicy::ChannelDefault => None,
            EndorsementPolicy::Signature(text) => Some(text.clone()),
        },
        label: package.label.clone(),
        package_id: package.id.clone(),
        indexes_sha256: package.indexes_sha256.clone(),
        image: chaincode.image.clone(),
        since: network.version.clone(),
        previous: None,
        collections: chaincode.collections.clone(),
        replaced: chaincode.legacy.as_ref().map(|it| it.replaced.clone()).unwrap_or_default(),
    };
    Some(match before {
        Some(before) if before.sequence == now.sequence => {
            LockedChaincode { since: before.since, previous: before.previous, ..now }
        }
        Some(before) => LockedChaincode {
            previous: Some(LockedPrevious {
                sequence: before.sequence,
                label: before.label,
                package_id: before.package_id,
                indexes_sha256: before.indexes_sha256,
                image: before.image,
            }),
            ..now
        },
        None => now,
    })
}
