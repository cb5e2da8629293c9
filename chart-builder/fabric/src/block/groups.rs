//! The groups of a new channel: who is in it, and what each group says.

use std::collections::BTreeMap;

use prost::Message;

use super::capability::Level;
use super::configuration::{
    ApplicationOrganization, BatchLimits, Capabilities, Consensus, Consortium, OrdererOrganization,
};
use super::consensus;
use super::edit::NORMAL;
use super::messages as wire;
use super::policies::{self, Policies};
use super::tree::{Group, Policy, PolicyRule, Value};
use crate::msp::Msp;

/// Who may change each part: the administrators of the group that it stands in.
pub(super) const MODIFIED_BY: &str = "Admins";
/// Who may change what belongs to the ordering service but stands elsewhere.
const MODIFIED_BY_ORDERERS: &str = "/Channel/Orderer/Admins";
/// `BlockDataHashingStructure`: one flat hash.
const FLAT_HASH: u32 = u32::MAX;

/// What the group `Orderer` and the values of the channel are made from.
pub(super) struct Ordering<'a> {
    pub(super) capabilities: &'a Capabilities,
    pub(super) batch: &'a BatchLimits,
    pub(super) consensus: &'a Consensus,
    pub(super) orderers: &'a [OrdererOrganization],
}

impl Ordering<'_> {
    /// `/Channel` with the group `Orderer` and one more.
    ///
    /// The channel names the addresses of all orderers up to `V1_4_3`, as `configtxgen` of 1.4 does always; nodes demand it
    /// below `V1_4_2` and refuse it from `V3_0` on.
    pub(super) fn channel(&self, name: &str, other: Group) -> Group {
        let algorithm = wire::HashingAlgorithm { name: "SHA256".to_owned() };
        let structure = wire::BlockDataHashingStructure { width: FLAT_HASH };
        let mut values = BTreeMap::from([
            ("HashingAlgorithm".to_owned(), value(&algorithm)),
            ("BlockDataHashingStructure".to_owned(), value(&structure)),
        ]);
        if Level::of(&self.capabilities.channel) < Level::V2_0 {
            let addresses = self.orderers.iter().flat_map(|each| each.endpoints.clone()).collect();
            let mut addresses = value(&wire::OrdererAddresses { addresses });
            MODIFIED_BY_ORDERERS.clone_into(&mut addresses.mod_policy);
            values.insert("OrdererAddresses".to_owned(), addresses);
        }
        add_capabilities(&mut values, &self.capabilities.channel);
        let groups =
            BTreeMap::from([(name.to_owned(), other), ("Orderer".to_owned(), self.orderer())]);
        group(groups, values, policies::of_group())
    }

    fn orderer(&self) -> Group {
        let encoded = consensus::encode(self.consensus, NORMAL);
        let mut values = BTreeMap::from([
            ("BatchSize".to_owned(), value(&batch_size(self.batch))),
            ("BatchTimeout".to_owned(), value(&batch_timeout(self.batch))),
            // No limit: an empty message, but the key has to be there.
            ("ChannelRestrictions".to_owned(), encoded_value(Vec::new())),
        ]);
        for (key, bytes) in encoded.values {
            values.insert(key.to_owned(), encoded_value(bytes));
        }
        add_capabilities(&mut values, &self.capabilities.orderer);
        let level = Level::of(&self.capabilities.channel);
        let organizations = self
            .orderers
            .iter()
            .map(|each| (each.name.clone(), orderer_organization(each, level)))
            .collect();
        let mut policies = policies::of_orderers();
        if let Some(rule) = encoded.block_validation {
            policies.insert(consensus::BLOCK_VALIDATION.to_owned(), rule);
        }
        group(organizations, values, policies)
    }
}

/// `/Channel/Application`.
pub(super) fn application(capability: &str, organizations: &[ApplicationOrganization]) -> Group {
    let mut values = BTreeMap::new();
    add_capabilities(&mut values, capability);
    let organizations = organizations
        .iter()
        .map(|organization| (organization.name.clone(), application_organization(organization)))
        .collect();
    group(organizations, values, policies::of_applications(Level::of(capability)))
}

/// `/Channel/Consortiums`: what a system channel has in the place of `Application`.
pub(super) fn consortiums(consortiums: &[Consortium]) -> Group {
    let groups = consortiums.iter().map(|each| (each.name.clone(), consortium(each))).collect();
    let mut group = group(groups, BTreeMap::new(), policies::of_consortiums());
    MODIFIED_BY_ORDERERS.clone_into(&mut group.mod_policy);
    for policy in group.policies.values_mut() {
        MODIFIED_BY_ORDERERS.clone_into(&mut policy.mod_policy);
    }
    group
}

fn consortium(consortium: &Consortium) -> Group {
    let members = consortium.members.iter().map(|member| {
        let without_anchors = ApplicationOrganization { anchors: Vec::new(), ..member.clone() };
        (member.name.clone(), application_organization(&without_anchors))
    });
    let mut creation = value(&policies::of_channel_creation());
    MODIFIED_BY_ORDERERS.clone_into(&mut creation.mod_policy);
    let values = BTreeMap::from([("ChannelCreationPolicy".to_owned(), creation)]);
    let mut group = group(members.collect(), values, Policies::new());
    MODIFIED_BY_ORDERERS.clone_into(&mut group.mod_policy);
    group
}

/// The group of an organization that runs orderers; below `V1_4_2` nodes refuse endpoints in it.
pub(super) fn orderer_organization(organization: &OrdererOrganization, level: Level) -> Group {
    let mut values = BTreeMap::from([("MSP".to_owned(), msp(&organization.msp))]);
    if level >= Level::V1_4_2 {
        values.insert("Endpoints".to_owned(), value(&endpoints(organization)));
    }
    group(BTreeMap::new(), values, policies::of_orderer_organization(&organization.msp))
}

/// The group of an organization that runs peers.
pub(super) fn application_organization(organization: &ApplicationOrganization) -> Group {
    let mut values = BTreeMap::from([("MSP".to_owned(), msp(&organization.msp))]);
    if !organization.anchors.is_empty() {
        values.insert("AnchorPeers".to_owned(), value(&anchor_peers(organization)));
    }
    group(BTreeMap::new(), values, policies::of_application_organization(&organization.msp))
}

pub(super) fn endpoints(organization: &OrdererOrganization) -> wire::OrdererAddresses {
    wire::OrdererAddresses { addresses: organization.endpoints.clone() }
}

pub(super) fn anchor_peers(organization: &ApplicationOrganization) -> wire::AnchorPeers {
    let anchors = organization.anchors.iter().map(|anchor| wire::AnchorPeerMessage {
        host: anchor.host.clone(),
        port: i32::from(anchor.port),
    });
    wire::AnchorPeers { anchor_peers: anchors.collect() }
}

pub(super) fn batch_size(batch: &BatchLimits) -> wire::BatchSize {
    wire::BatchSize {
        max_message_count: batch.max_messages,
        absolute_max_bytes: batch.absolute_max_bytes,
        preferred_max_bytes: batch.preferred_max_bytes,
    }
}

pub(super) fn batch_timeout(batch: &BatchLimits) -> wire::BatchTimeout {
    wire::BatchTimeout { timeout: batch.timeout.clone() }
}

pub(super) fn capabilities(name: &str) -> wire::Capabilities {
    let capability = Some(wire::Capability {});
    wire::Capabilities {
        entries: vec![wire::CapabilityEntry { name: name.to_owned(), capability }],
    }
}

fn add_capabilities(values: &mut BTreeMap<String, Value>, name: &str) {
    if !name.is_empty() {
        values.insert("Capabilities".to_owned(), value(&capabilities(name)));
    }
}

fn msp(msp: &Msp) -> Value {
    encoded_value(msp.encode())
}

pub(super) fn value(message: &impl Message) -> Value {
    encoded_value(message.encode_to_vec())
}

pub(super) fn encoded_value(value: Vec<u8>) -> Value {
    Value { version: 0, value, mod_policy: MODIFIED_BY.to_owned() }
}

/// A policy as it stands in a new group.
pub(super) fn policy(rule: PolicyRule) -> Policy {
    Policy { version: 0, rule: Some(rule), mod_policy: MODIFIED_BY.to_owned() }
}

fn group(
    groups: BTreeMap<String, Group>,
    values: BTreeMap<String, Value>,
    policies: Policies,
) -> Group {
    let policies = policies.into_iter().map(|(name, rule)| (name, policy(rule))).collect();
    Group { version: 0, groups, values, policies, mod_policy: MODIFIED_BY.to_owned() }
}
