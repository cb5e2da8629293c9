//! A channel's configuration as Fabric keeps it: groups, values and policies with their versions, nothing interpreted.
//!
//! What this crate does not know stays as it is, so a configuration that was read, edited and written again loses nothing;
//! input that would lose something is refused. [`super::ChannelConfiguration`] is the view for people.

use std::collections::BTreeMap;

use prost::Message as _;

use super::envelope::{decode, fault};
use super::messages as wire;
use crate::Error;

/// `common.Config`: the whole tree and how often it has been updated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigTree {
    /// Rises by one with every update; 0 in a genesis block.
    pub sequence: u64,
    /// `/Channel`.
    pub root: Group,
}

/// `common.ConfigGroup`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Rises when members come or go, or when `mod_policy` changes.
    pub version: u64,
    /// Groups below, by name.
    pub groups: BTreeMap<String, Group>,
    /// Values by name.
    pub values: BTreeMap<String, Value>,
    /// Policies by name.
    pub policies: BTreeMap<String, Policy>,
    /// Policy that a change of the members has to satisfy, relative to this group unless it begins with `/`.
    pub mod_policy: String,
}

/// `common.ConfigValue`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Value {
    /// Rises with every change.
    pub version: u64,
    /// An encoded message; its type follows from the name.
    pub value: Vec<u8>,
    /// Policy that a change has to satisfy.
    pub mod_policy: String,
}

/// `common.ConfigPolicy`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Rises with every change.
    pub version: u64,
    /// The policy itself; absent in the read set of an update.
    pub rule: Option<PolicyRule>,
    /// Policy that a change has to satisfy.
    pub mod_policy: String,
}

/// `common.Policy`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyRule {
    /// 1 is a signature policy, 3 an implicit one over the groups below.
    pub kind: i32,
    /// The encoded policy of that kind.
    pub value: Vec<u8>,
}

impl ConfigTree {
    /// Reads a `common.Config`, for example what `configtxlator proto_encode --type common.Config` writes.
    ///
    /// Refused: a missing root, a name twice in one group, and fields that writing would lose.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let config: wire::Config = decode("configuration", bytes)?;
        refuse_loss("configuration", config.encoded_len(), bytes.len())?;
        Self::from_wire(config)
    }

    /// The `common.Config` as bytes; names are sorted, so equal trees give equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        self.to_wire().encode_to_vec()
    }

    /// The group below the root at this path, for example `["Application", "Org1"]`.
    pub fn group(&self, path: &[&str]) -> Option<&Group> {
        path.iter().try_fold(&self.root, |group, name| group.groups.get(*name))
    }

    pub(super) fn group_mut(&mut self, path: &[&str]) -> Result<&mut Group, Error> {
        let mut group = &mut self.root;
        for (depth, name) in path.iter().enumerate() {
            let walked = path.get(..=depth).unwrap_or_default().join("/");
            group = group
                .groups
                .get_mut(*name)
                .ok_or_else(|| fault(&format!("/Channel/{walked}"), "the group is missing"))?;
        }
        Ok(group)
    }

    pub(super) fn from_wire(config: wire::Config) -> Result<Self, Error> {
        let root =
            config.channel_group.ok_or_else(|| fault("configuration", "there is no group"))?;
        Ok(Self { sequence: config.sequence, root: Group::from_wire("/Channel", root)? })
    }

    pub(super) fn to_wire(&self) -> wire::Config {
        wire::Config { sequence: self.sequence, channel_group: Some(self.root.to_wire()) }
    }
}

impl Group {
    pub(super) fn from_wire(path: &str, group: wire::ConfigGroup) -> Result<Self, Error> {
        let mut read =
            Self { version: group.version, mod_policy: group.mod_policy, ..Self::default() };
        for entry in group.groups {
            let path = format!("{path}/{}", entry.name);
            let group = Self::from_wire(&path, entry.group.unwrap_or_default())?;
            insert(&mut read.groups, &path, (entry.name, group))?;
        }
        for entry in group.values {
            let path = format!("{path}/{}", entry.name);
            let value = entry.value.unwrap_or_default();
            let value =
                Value { version: value.version, value: value.value, mod_policy: value.mod_policy };
            insert(&mut read.values, &path, (entry.name, value))?;
        }
        for entry in group.policies {
            let path = format!("{path}/{}", entry.name);
            let policy = entry.policy.unwrap_or_default();
            let rule = policy.policy.map(PolicyRule::from_wire);
            let policy = Policy { version: policy.version, rule, mod_policy: policy.mod_policy };
            insert(&mut read.policies, &path, (entry.name, policy))?;
        }
        Ok(read)
    }

    pub(super) fn to_wire(&self) -> wire::ConfigGroup {
        let groups = self.groups.iter().map(|(name, group)| wire::GroupEntry {
            name: name.clone(),
            group: Some(group.to_wire()),
        });
        let values = self.values.iter().map(|(name, value)| wire::ValueEntry {
            name: name.clone(),
            value: Some(wire::ConfigValue {
                version: value.version,
                value: value.value.clone(),
                mod_policy: value.mod_policy.clone(),
            }),
        });
        let policies = self.policies.iter().map(|(name, policy)| wire::PolicyEntry {
            name: name.clone(),
            policy: Some(wire::ConfigPolicy {
                version: policy.version,
                policy: policy.rule.as_ref().map(PolicyRule::to_wire),
                mod_policy: policy.mod_policy.clone(),
            }),
        });
        wire::ConfigGroup {
            version: self.version,
            groups: groups.collect(),
            values: values.collect(),
            policies: policies.collect(),
            mod_policy: self.mod_policy.clone(),
        }
    }
}

impl PolicyRule {
    fn from_wire(policy: wire::Policy) -> Self {
        Self { kind: policy.r#type, value: policy.value }
    }

    fn to_wire(&self) -> wire::Policy {
        wire::Policy { r#type: self.kind, value: self.value.clone() }
    }
}

/// A message that is shorter when written again had fields that the definitions here do not have.
pub(super) fn refuse_loss(part: &str, written: usize, read: usize) -> Result<(), Error> {
    if written == read {
        Ok(())
    } else {
        let reason = format!(
            "it holds fields that are unknown here: {read} bytes were read and {written} would be written"
        );
        Err(fault(part, &reason))
    }
}

fn insert<T>(
    into: &mut BTreeMap<String, T>,
    path: &str,
    (name, item): (String, T),
) -> Result<(), Error> {
    match into.insert(name, item) {
        None => Ok(()),
        Some(_) => Err(fault(path, "the name is there twice")),
    }
}
