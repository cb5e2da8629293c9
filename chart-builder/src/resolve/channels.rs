//! Channels, their consenters and the chaincodes on them.

use std::collections::BTreeMap;

use super::{image, nodes};
use crate::lock::{ChannelFacts, Lock};
use crate::model::{
    AnchorPeer, BatchLimits, Capabilities, Chaincode, Channel, Consenter, EndorsementPolicy,
    Member, Network, Organization, RaftOptions, names,
};
use crate::spec::{self, Group, Ordering, Spec, quantity};

/// An organization as it was written and as it was decided, by name.
type Organizations<'a> = BTreeMap<&'a str, (&'a spec::Organization, &'a Organization)>;

/// Every channel in the order of the spec.
pub(super) fn channels(spec: &Spec, network: &Network, lock: &Lock) -> Vec<Channel> {
    let pairs = spec.organizations.iter().zip(&network.organizations);
    let organizations: Organizations<'_> =
        pairs.map(|(said, decided)| (decided.name.as_str(), (said, decided))).collect();
    let nothing = Group::default();
    let channel = |said: &spec::Channel| {
        let name = said.name.clone().unwrap_or_default();
        let frozen = lock.channels.get(&name).map(|locked| &locked.made_from);
        let group = group(&spec.ordering, said.ordering.as_deref()).unwrap_or(&nothing);
        Channel {
            name,
            members: said.members.iter().map(|said| member(said, &organizations)).collect(),
            consenters: consenters(group, network),
            batch: batch(&group.batch, frozen),
            raft: raft(&group.raft, frozen),
            capabilities: capabilities(spec, network, frozen),
        }
    };
    spec.channels.iter().map(channel).collect()
}

/// The group of this name, or the only one.
pub fn group<'a>(ordering: &'a Ordering, name: Option<&str>) -> Option<&'a Group> {
    match (ordering, name) {
        (Ordering::Single(group), None) => Some(group),
        (Ordering::Groups(groups), Some(name)) => groups.get(name),
        (Ordering::Groups(groups), None) if groups.len() == 1 => groups.values().next(),
        (Ordering::Single(_), Some(_)) | (Ordering::Groups(_), None) => None,
    }
}

/// A member that names no organization has no peers; a rule says so.
fn member(said: &spec::Member, organizations: &Organizations<'_>) -> Member {
    let name = said.organization.clone().unwrap_or_default();
    let Some((written, decided)) = organizations.get(name.as_str()) else {
        return Member { organization: name, peers: Vec::new(), anchors: Vec::new() };
    };
    let joins =
        |peer: &str| said.peers.as_ref().is_none_or(|said| said.iter().any(|it| it == peer));
    let peers = decided.peers.iter().map(|peer| peer.name.clone());
    let peers: Vec<_> = peers.filter(|peer| joins(peer)).collect();
    let anchors = match (&said.anchors, &written.peers.anchors) {
        (Some(said), _) => said.clone(),
        (None, Some(said)) => said.iter().filter(|peer| peers.contains(peer)).cloned().collect(),
        (None, None) => peers.first().cloned().into_iter().collect(),
    };
    let anchor = |peer: String| {
        let host = names::host(&peer, &decided.namespace);
        AnchorPeer { peer, host, port: names::PEER_PORT }
    };
    Member { organization: name, peers, anchors: anchors.into_iter().map(anchor).collect() }
}

fn consenters(group: &Group, network: &Network) -> Vec<Consenter> {
    let all = network.organizations.iter().flat_map(|organization| {
        organization.orderers.iter().map(move |orderer| Consenter {
            organization: organization.name.clone(),
            orderer: orderer.name.clone(),
            host: names::host(&orderer.name, &organization.namespace),
            port: names::ORDERER_PORT,
        })
    });
    let Some(said) = &group.consenters else { return all.collect() };
    let all: Vec<_> = all.collect();
    let found = said.iter().filter_map(|said| {
        let (organization, orderer) = said.split_once('/')?;
        all.iter().find(|it| it.organization == organization && it.orderer == orderer)
    });
    found.cloned().collect()
}

/// What nobody says stays as the channel was made, even if a later builder has other defaults.
fn capabilities(spec: &Spec, network: &Network, frozen: Option<&ChannelFacts>) -> Capabilities {
    let Some(frozen) = frozen.map(|facts| &facts.capabilities) else {
        return network.capabilities.clone();
    };
    let said = spec.capabilities.clone();
    Capabilities {
        channel: said.channel.unwrap_or_else(|| frozen.channel.clone()),
        orderer: said.orderer.unwrap_or_else(|| frozen.orderer.clone()),
        application: said.application.unwrap_or_else(|| frozen.application.clone()),
    }
}

fn batch(said: &spec::Batch, frozen: Option<&ChannelFacts>) -> BatchLimits {
    let default = frozen.map_or_else(default_batch, |facts| facts.batch.clone());
    let bytes = |said: &Option<String>| said.as_deref().and_then(quantity::bytes);
    BatchLimits {
        timeout: said.timeout.clone().unwrap_or(default.timeout),
        max_messages: said.max_messages.unwrap_or(default.max_messages),
        absolute_max_bytes: bytes(&said.absolute_max_bytes).unwrap_or(default.absolute_max_bytes),
        preferred_max_bytes: bytes(&said.preferred_max_bytes)
            .unwrap_or(default.preferred_max_bytes),
    }
}

fn default_batch() -> BatchLimits {
    BatchLimits {
        timeout: "2s".to_owned(),
        max_messages: 500,
        absolute_max_bytes: 10 << 20,
        preferred_max_bytes: 2 << 20,
    }
}

fn raft(said: &spec::Raft, frozen: Option<&ChannelFacts>) -> RaftOptions {
    let default = frozen.map_or_else(default_raft, |facts| facts.raft.clone());
    let size = said.snapshot_interval_size.as_deref().and_then(quantity::bytes);
    RaftOptions {
        tick_interval: said.tick_interval.clone().unwrap_or(default.tick_interval),
        election_tick: said.election_tick.unwrap_or(default.election_tick),
        heartbeat_tick: said.heartbeat_tick.unwrap_or(default.heartbeat_tick),
        max_inflight_blocks: said.max_inflight_blocks.unwrap_or(default.max_inflight_blocks),
        snapshot_interval_size: size.unwrap_or(default.snapshot_interval_size),
    }
}

fn default_raft() -> RaftOptions {
    RaftOptions {
        tick_interval: "500ms".to_owned(),
        election_tick: 10,
        heartbeat_tick: 1,
        max_inflight_blocks: 5,
        snapshot_interval_size: 16 << 20,
    }
}

/// Every chaincode in the order of the spec.
pub(super) fn chaincodes(spec: &Spec, network: &Network, lock: &Lock) -> Vec<Chaincode> {
    let registry = spec.images.registry.as_deref().unwrap_or_default();
    let chaincode = |said: &spec::Chaincode| {
        let name = said.name.clone().unwrap_or_default();
        let sequence = said.sequence.unwrap_or(1);
        let locked = lock.chaincodes.get(&name);
        let endorsement = said.endorsement.clone();
        Chaincode {
            channel: said
                .channel
                .clone()
                .or_else(|| only_channel(spec))
                .or_else(|| locked.map(|locked| locked.channel.clone()))
                .unwrap_or_default(),
            version: said.version.clone().unwrap_or_default(),
            endorsement: endorsement
                .map_or(EndorsementPolicy::ChannelDefault, EndorsementPolicy::Signature),
            image: image::resolve(said.image.as_ref(), registry, ("", "")),
            resources: nodes::inherit(&[&said.resources], nodes::built_in("50m", "64Mi", "256Mi")),
            replicas: said.replicas.unwrap_or(1),
            previous: locked.and_then(|locked| locked.previous_for(sequence, &network.version)),
            sequence,
            name,
        }
    };
    spec.chaincodes.iter().map(chaincode).collect()
}

/// The channel that a new chaincode means when it names none.
fn only_channel(spec: &Spec) -> Option<String> {
    match spec.channels.as_slice() {
        [only] => only.name.clone(),
        _ => None,
    }
}
