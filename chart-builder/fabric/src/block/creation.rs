//! The transaction that makes a channel from a consortium of the system channel.

use std::collections::BTreeMap;
use std::slice;

use prost::Message as _;

use super::configuration::ApplicationOrganization;
use super::envelope::fault;
use super::fault::GenesisFault;
use super::tree::{ConfigTree, Group, Value};
use super::update::ConfigUpdate;
use super::{check, groups, messages as wire, policies};
use crate::Error;

/// A channel made from a consortium of the system channel: what `configtxgen -outputCreateChannelTx` writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelCreation {
    /// Name of the new channel: `[a-z][a-z0-9.-]*`.
    pub channel: String,
    /// Name of the consortium.
    pub consortium: String,
    /// Capability of `/Channel/Application`, empty for none; the others are those of the system channel.
    pub capability: String,
    /// Names of the consortium's members that take part.
    pub members: Vec<String>,
}

impl ChannelCreation {
    /// The update that creates the channel; the consortium has to have every member.
    pub fn update(&self) -> Result<ConfigUpdate, Error> {
        if !check::is_channel_name(&self.channel) {
            let faults = vec![GenesisFault::ChannelName];
            return Err(Error::Genesis { channel: self.channel.clone(), faults });
        }
        if self.members.is_empty() {
            let faults = vec![GenesisFault::NoOrganization { group: "Application" }];
            return Err(Error::Genesis { channel: self.channel.clone(), faults });
        }
        if self.consortium.is_empty() {
            return Err(fault("channel creation", "the consortium has no name"));
        }
        let members = self.members.iter().map(|name| (name.clone(), Group::default()));
        let named = Group { groups: members.collect(), ..Group::default() };
        let mut written = groups::application(&self.capability, &[]);
        written.version = 1;
        written.groups.clone_from(&named.groups);
        let name = wire::ConsortiumName { name: self.consortium.clone() };
        let set = |application: Group, consortium: Vec<u8>| Group {
            groups: BTreeMap::from([("Application".to_owned(), application)]),
            values: BTreeMap::from([(
                "Consortium".to_owned(),
                Value { value: consortium, ..Value::default() },
            )]),
            ..Group::default()
        };
        Ok(ConfigUpdate {
            channel: self.channel.clone(),
            read_set: set(named, Vec::new()),
            write_set: set(written, name.encode_to_vec()),
        })
    }

    /// The update by which a member names its anchors on the new channel, where none has any: what `configtxgen
    /// -outputAnchorPeersUpdate` writes. An administrator of the member has to sign it, and nobody else.
    pub fn first_anchors(&self, member: &ApplicationOrganization) -> Result<ConfigUpdate, Error> {
        let tree = |member: &ApplicationOrganization| {
            let mut application = groups::application(&self.capability, slice::from_ref(member));
            // The creation has written the group once.
            application.version = 1;
            let groups = BTreeMap::from([("Application".to_owned(), application)]);
            ConfigTree { sequence: 1, root: Group { groups, ..Group::default() } }
        };
        let without = ApplicationOrganization { anchors: Vec::new(), ..member.clone() };
        ConfigUpdate::between(&self.channel, &tree(&without), &tree(member))
    }
}

/// Bytes that stand in a block of a configuration in which the organization has exactly these anchors: a sign for those
/// who cannot decode it.
pub fn anchors_mark(organization: &ApplicationOrganization) -> Vec<u8> {
    let Value { version, value, mod_policy } = groups::value(&groups::anchor_peers(organization));
    wire::ConfigValue { version, value, mod_policy }.encode_to_vec()
}

/// Bytes that stand in a block of a configuration in which this organization is a member that runs peers: the entry of its
/// policy for endorsements, which no group of orderers has.
pub fn member_mark(organization: &ApplicationOrganization) -> Vec<u8> {
    let group = groups::application_organization(organization).to_wire();
    let entry = group.policies.into_iter().find(|entry| entry.name == policies::ENDORSEMENT);
    entry.map(|entry| entry.encode_to_vec()).unwrap_or_default()
}
