//! Updates of a configuration: what has to change, in the form that orderers take.
//!
//! An update names what it read, by version, and what it writes, with the next version; an orderer refuses it when the
//! versions have moved on. Computed exactly as `configtxlator compute_update` does. Signatures over them are
//! made by [`super::UpdateSignature`], or by `peer channel signconfigtx`.

use std::collections::BTreeMap;

use prost::Message as _;
use time::OffsetDateTime;

use super::envelope::{decode, present, update_transaction};
use super::messages as wire;
use super::tree::{ConfigTree, Group, Policy, Value, refuse_loss};
use crate::Error;

/// `common.ConfigUpdate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigUpdate {
    /// Name of the channel.
    pub channel: String,
    /// Versions that have to be as they were.
    pub read_set: Group,
    /// What is written, and the versions of what stays.
    pub write_set: Group,
}

impl ConfigUpdate {
    /// What leads from one configuration of a channel to another; versions in `new` do not count.
    ///
    /// Two equal configurations are an error: there is nothing to update.
    pub fn between(channel: &str, old: &ConfigTree, new: &ConfigTree) -> Result<Self, Error> {
        match delta(&old.root, &new.root) {
            Delta { changed: false, .. } => Err(Error::NoChange { channel: channel.to_owned() }),
            Delta { read_set, write_set, .. } => {
                Ok(Self { channel: channel.to_owned(), read_set, write_set })
            }
        }
    }

    /// The `common.ConfigUpdate` as bytes: what signatures are made over.
    pub fn encode(&self) -> Vec<u8> {
        self.to_wire().encode_to_vec()
    }

    /// Reads a `common.ConfigUpdate`; isolated data is refused, because only system chaincodes of 1.x used it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let part = "configuration update";
        let update: wire::ConfigUpdate = decode(part, bytes)?;
        refuse_loss(part, update.encoded_len(), bytes.len())?;
        let set = |part: &str, set: Option<wire::ConfigGroup>| {
            present(part, set).and_then(|set| Group::from_wire("/Channel", set))
        };
        Ok(Self {
            channel: update.channel_id,
            read_set: set("read set", update.read_set)?,
            write_set: set("write set", update.write_set)?,
        })
    }

    /// The unsigned transaction, for `peer channel signconfigtx -f` and `peer channel update -f`.
    pub fn transaction(&self, timestamp: OffsetDateTime) -> Vec<u8> {
        update_transaction(&self.channel, timestamp, &self.to_wire())
    }

    fn to_wire(&self) -> wire::ConfigUpdate {
        wire::ConfigUpdate {
            channel_id: self.channel.clone(),
            read_set: Some(self.read_set.to_wire()),
            write_set: Some(self.write_set.to_wire()),
        }
    }
}

/// Difference of two groups.
struct Delta {
    read_set: Group,
    write_set: Group,
    changed: bool,
}

/// Difference of two maps of one kind.
struct Members<T> {
    /// What was read of changed members: groups only.
    read: BTreeMap<String, T>,
    /// New and changed members.
    written: BTreeMap<String, T>,
    /// Members that stay, version only: they have to be named when others come or go.
    same: BTreeMap<String, T>,
    /// Whether members came or went.
    moved: bool,
}

fn delta(old: &Group, new: &Group) -> Delta {
    let policies = members(&old.policies, &new.policies, policy_delta);
    let values = members(&old.values, &new.values, value_delta);
    let groups = members(&old.groups, &new.groups, group_delta);
    let moved = policies.moved || values.moved || groups.moved;
    let renewed = moved || old.mod_policy != new.mod_policy;
    if !renewed
        && policies.written.is_empty()
        && values.written.is_empty()
        && groups.written.is_empty()
    {
        let unchanged = Group { version: old.version, ..Group::default() };
        return Delta { read_set: unchanged.clone(), write_set: unchanged, changed: false };
    }
    let (read_policies, written_policies) = policies.sets(renewed);
    let (read_values, written_values) = values.sets(renewed);
    let (read_groups, written_groups) = groups.sets(renewed);
    Delta {
        read_set: Group {
            version: old.version,
            groups: read_groups,
            values: read_values,
            policies: read_policies,
            mod_policy: String::new(),
        },
        write_set: Group {
            version: if renewed { old.version + 1 } else { old.version },
            groups: written_groups,
            values: written_values,
            policies: written_policies,
            mod_policy: if renewed { new.mod_policy.clone() } else { String::new() },
        },
        changed: true,
    }
}

/// One member: what is read and what is written, or the same for both.
enum Member<T> {
    Same(T),
    Changed { read: Option<T>, written: T },
}

fn members<T>(
    old: &BTreeMap<String, T>,
    new: &BTreeMap<String, T>,
    compare: impl Fn(Option<&T>, &T) -> Member<T>,
) -> Members<T> {
    let mut members = Members {
        read: BTreeMap::new(),
        written: BTreeMap::new(),
        same: BTreeMap::new(),
        moved: old.keys().any(|name| !new.contains_key(name)),
    };
    for (name, item) in new {
        let before = old.get(name);
        members.moved |= before.is_none();
        match compare(before, item) {
            Member::Same(item) => {
                members.same.insert(name.clone(), item);
            }
            Member::Changed { read, written } => {
                members.written.insert(name.clone(), written);
                if let Some(read) = read {
                    members.read.insert(name.clone(), read);
                }
            }
        }
    }
    members
}

impl<T: Clone> Members<T> {
    /// What goes into the read set and into the write set.
    fn sets(mut self, renewed: bool) -> (BTreeMap<String, T>, BTreeMap<String, T>) {
        if renewed {
            self.read.extend(self.same.clone());
            self.written.extend(self.same);
        }
        (self.read, self.written)
    }
}

fn policy_delta(old: Option<&Policy>, new: &Policy) -> Member<Policy> {
    match old {
        Some(old) if old.mod_policy == new.mod_policy && old.rule == new.rule => {
            Member::Same(Policy { version: old.version, ..Policy::default() })
        }
        _ => Member::Changed {
            read: None,
            written: Policy { version: next(old.map(|old| old.version)), ..new.clone() },
        },
    }
}

fn value_delta(old: Option<&Value>, new: &Value) -> Member<Value> {
    match old {
        Some(old) if old.mod_policy == new.mod_policy && old.value == new.value => {
            Member::Same(Value { version: old.version, ..Value::default() })
        }
        _ => Member::Changed {
            read: None,
            written: Value { version: next(old.map(|old| old.version)), ..new.clone() },
        },
    }
}

fn group_delta(old: Option<&Group>, new: &Group) -> Member<Group> {
    let Some(old) = old else {
        let written = delta(&Group::default(), new).write_set;
        let mod_policy = new.mod_policy.clone();
        return Member::Changed {
            read: None,
            written: Group { version: 0, mod_policy, ..written },
        };
    };
    let delta = delta(old, new);
    if delta.changed {
        Member::Changed { read: Some(delta.read_set), written: delta.write_set }
    } else {
        Member::Same(delta.read_set)
    }
}

/// The version of something that is written: 0 where it is new.
fn next(old: Option<u64>) -> u64 {
    old.map_or(0, |version| version + 1)
}
