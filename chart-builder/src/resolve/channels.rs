//! Channels and the chaincodes on them.

use std::collections::BTreeMap;

use super::{image, nodes, ordering};
use crate::directory::paths;
use crate::lock::{ChannelFacts, Lock};
use crate::model::{
    AnchorPeer, BatchLimits, Capabilities, Chaincode, ChaincodeTest, Channel, Consensus,
    EndorsementPolicy, LegacyDefinition, Member, Network, Organization, Profile, names,
};
use crate::spec::{self, Group, Spec, quantity};

/// What a chaincode is instantiated with when nobody says.
const NO_ARGUMENTS: &str = r#"{"Args":[]}"#;
/// The channel capability that knows BFT.
const BFT_CAPABILITY: &str = "V3_0";

/// An organization as it was written and as it was decided, by name.
type Organizations<'a> = BTreeMap<&'a str, (&'a spec::Organization, &'a Organization)>;

/// Every channel in the order of the spec.
pub(super) fn channels(spec: &Spec, network: &Network, lock: &Lock) -> Vec<Channel> {
    let pairs = spec.organizations.iter().zip(&network.organizations);
    let organizations: Organizations<'_> =
        pairs.map(|(said, decided)| (decided.name.as_str(), (said, decided))).collect();
    let channel = |said: &spec::Channel| {
        let name = said.name.clone().unwrap_or_default();
        let frozen = lock.channels.get(&name).map(|locked| &locked.made_from);
        let members = said.members.iter().map(|said| member(said, &organizations)).collect();
        let ordered = ordered(spec, network, (said.ordering.as_deref(), frozen));
        Channel { name, members, ..ordered }
    };
    spec.channels.iter().map(channel).collect()
}

/// What a channel says of its ordering: that of its system channel, or its own.
///
/// A group that does not exist is reported by a rule.
fn ordered(
    spec: &Spec,
    network: &Network,
    (name, frozen): (Option<&str>, Option<&ChannelFacts>),
) -> Channel {
    let nothing = Group::default();
    let (name, said) = ordering::group(&spec.ordering, name).unwrap_or(("", &nothing));
    let own = Channel {
        name: String::new(),
        members: Vec::new(),
        ordering: name.to_owned(),
        consenters: ordering::orderers(said, network),
        batch: batch(&said.batch, frozen),
        consensus: ordering::consensus(said, network, frozen),
        capabilities: capabilities(spec, network, frozen),
    };
    let own = with_bft_capability(own, spec, frozen);
    let group = network.group(name).filter(|group| group.system_channel.is_some());
    let Some(group) = group else { return own };
    Channel {
        batch: group.batch.clone(),
        consensus: group.consensus.clone(),
        capabilities: Capabilities {
            application: own.capabilities.application.clone(),
            ..group.capabilities.clone()
        },
        ..own
    }
}

/// A new channel with BFT needs a capability that other channels do without.
fn with_bft_capability(
    mut channel: Channel,
    spec: &Spec,
    frozen: Option<&ChannelFacts>,
) -> Channel {
    let silent = spec.capabilities.channel.is_none() && frozen.is_none();
    if silent && matches!(channel.consensus, Consensus::Bft(_)) {
        BFT_CAPABILITY.clone_into(&mut channel.capabilities.channel);
    }
    channel
}

/// A member that names no organization has no peers; a rule says so.
fn member(said: &spec::Member, organizations: &Organizations<'_>) -> Member {
    let name = said.organization.clone().unwrap_or_default();
    let Some((written, decided)) = organizations.get(name.as_str()) else {
        return Member { organization: name, peers: Vec::new(), anchors: Vec::new() };
    };
    if let Some(external) = &decided.external {
        let anchors = external.anchors.iter().map(|anchor| AnchorPeer {
            peer: anchor.host.clone(),
            host: anchor.host.clone(),
            port: anchor.port,
        });
        return Member { organization: name, peers: Vec::new(), anchors: anchors.collect() };
    }
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
        let host = decided.host(&peer);
        AnchorPeer { peer, host, port: names::PEER_PORT }
    };
    Member { organization: name, peers, anchors: anchors.into_iter().map(anchor).collect() }
}

/// What nobody says stays as the channel was made, even if a later builder has other defaults.
pub(super) fn capabilities(
    spec: &Spec,
    network: &Network,
    frozen: Option<&ChannelFacts>,
) -> Capabilities {
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

pub(super) fn batch(said: &spec::Batch, frozen: Option<&ChannelFacts>) -> BatchLimits {
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
            package: said.package.as_deref().and_then(paths::source_directory),
            legacy: None,
            collections: super::collections::collections(said, network),
            indexes: said.indexes.as_deref().and_then(paths::source_directory),
            image: image::resolve(said.image.as_ref(), registry, ("", "")),
            resources: nodes::inherit(&[&said.resources], nodes::built_in("50m", "64Mi", "256Mi")),
            replicas: said.replicas.unwrap_or(match network.profile {
                Profile::Dev => 1,
                Profile::Production => 2,
            }),
            test: said.test.as_ref().map(test).unwrap_or_default(),
            // What peers build themselves has no server, before or now.
            previous: locked
                .filter(|_| said.package.is_none())
                .and_then(|locked| locked.previous_for(sequence, &network.version))
                .filter(|previous| !previous.image.repository.is_empty()),
            sequence,
            name,
        }
    };
    let with_legacy = |(said, mut decided): (&spec::Chaincode, Chaincode)| {
        let channel = network.channel(&decided.channel);
        if channel.is_some_and(|channel| !channel.has_definitions()) {
            let locked = lock.chaincodes.get(&decided.name);
            decided.legacy = Some(LegacyDefinition {
                init: said.init.clone().unwrap_or_else(|| NO_ARGUMENTS.to_owned()),
                replaced: locked.map(|it| it.replaced_by(decided.sequence)).unwrap_or_default(),
            });
        }
        decided
    };
    let decided = spec.chaincodes.iter().map(chaincode);
    spec.chaincodes.iter().zip(decided).map(with_legacy).collect()
}

/// A fault has been reported where it lacks something.
fn test(said: &spec::ChaincodeTest) -> ChaincodeTest {
    ChaincodeTest {
        invoke: said.invoke.clone().unwrap_or_default(),
        query: said.query.clone().unwrap_or_default(),
        expect: said.expect.clone(),
    }
}

/// The channel that a new chaincode means when it names none.
fn only_channel(spec: &Spec) -> Option<String> {
    match spec.channels.as_slice() {
        [only] => only.name.clone(),
        _ => None,
    }
}
