//! What a configuration is after an update: versions are compared and raised as orderers do.
//!
//! An update names by version what it has read and what it writes; where both say the same version nothing changes. Left
//! out: who has to sign, which is the matter of [`super::UpdateSignature`] and of the orderers.

use std::collections::BTreeMap;

use super::envelope::fault;
use super::tree::{ConfigTree, Group, Policy, Value};
use super::update::ConfigUpdate;
use crate::Error;

impl ConfigTree {
    /// The configuration after this update; an error where an orderer would refuse it because of versions.
    pub fn apply(&self, update: &ConfigUpdate) -> Result<Self, Error> {
        let path = "/Channel";
        check_read(path, Some(&self.root), &update.read_set)?;
        let root =
            group(path, Some(&self.root), (Some(&update.read_set), Some(&update.write_set)))?;
        Ok(Self { sequence: self.sequence.saturating_add(1), root })
    }
}

/// A part of a configuration that has a version of its own.
trait Versioned: Clone {
    fn version(&self) -> u64;
}

impl Versioned for Value {
    fn version(&self) -> u64 {
        self.version
    }
}

impl Versioned for Policy {
    fn version(&self) -> u64 {
        self.version
    }
}

/// What was read has to be there in the version that was read.
fn check_read(path: &str, now: Option<&Group>, read: &Group) -> Result<(), Error> {
    check_version(path, now.map(|it| it.version), read.version)?;
    let Some(now) = now else { return Ok(()) };
    for (name, read) in &read.groups {
        check_read(&format!("{path}/{name}"), now.groups.get(name), read)?;
    }
    for (name, read) in &read.values {
        let version = now.values.get(name).map(Versioned::version);
        check_version(&format!("{path}/{name}"), version, read.version)?;
    }
    for (name, read) in &read.policies {
        let version = now.policies.get(name).map(Versioned::version);
        check_version(&format!("{path}/{name}"), version, read.version)?;
    }
    Ok(())
}

fn check_version(path: &str, now: Option<u64>, read: u64) -> Result<(), Error> {
    match now {
        Some(now) if now == read => Ok(()),
        Some(now) => {
            Err(fault(path, &format!("the update has read version {read}, and it has {now}")))
        }
        None => {
            Err(fault(path, &format!("the update has read version {read}, and it is not there")))
        }
    }
}

/// Whether a part is written: its version is another one than the one that was read.
fn is_written(
    path: &str,
    (read, write): (Option<u64>, u64),
    now: Option<u64>,
) -> Result<bool, Error> {
    if read == Some(write) {
        return Ok(false);
    }
    let next = now.map_or(0, |now| now.saturating_add(1));
    if write == next {
        Ok(true)
    } else {
        Err(fault(path, &format!("the update writes version {write}, and the next one is {next}")))
    }
}

/// A group after the update; its members are those that the update names, if it writes the group itself.
fn group(
    path: &str,
    now: Option<&Group>,
    (read, write): (Option<&Group>, Option<&Group>),
) -> Result<Group, Error> {
    let versions = write.map(|write| (read.map(|read| read.version), write.version));
    let written = match versions {
        Some(versions) => is_written(path, versions, now.map(|it| it.version))?,
        None => false,
    };
    let source = if written { write } else { now };
    let source = source.ok_or_else(|| fault(path, "the update names it, and it is not there"))?;
    let mut groups = BTreeMap::new();
    for name in source.groups.keys() {
        let of = |set: Option<&'_ Group>| set.and_then(|it| it.groups.get(name)).cloned();
        let (now, read, write) = (of(now), of(read), of(write));
        let path = format!("{path}/{name}");
        groups.insert(name.clone(), group(&path, now.as_ref(), (read.as_ref(), write.as_ref()))?);
    }
    Ok(Group {
        version: source.version,
        groups,
        values: members(
            path,
            &source.values,
            [now, read, write].map(|it| it.map(|it| &it.values)),
        )?,
        policies: members(
            path,
            &source.policies,
            [now, read, write].map(|it| it.map(|it| &it.policies)),
        )?,
        mod_policy: source.mod_policy.clone(),
    })
}

/// Values or policies of a group with these names: those that are written, and otherwise those that are there.
fn members<T: Versioned>(
    path: &str,
    names: &BTreeMap<String, T>,
    [now, read, write]: [Option<&BTreeMap<String, T>>; 3],
) -> Result<BTreeMap<String, T>, Error> {
    let mut members = BTreeMap::new();
    for name in names.keys() {
        let path = format!("{path}/{name}");
        let of = |set: Option<&'_ BTreeMap<String, T>>| set.and_then(|it| it.get(name)).cloned();
        let (now, read, write) = (of(now), of(read), of(write));
        let written = match &write {
            Some(write) => {
                let versions = (read.as_ref().map(T::version), write.version());
                is_written(&path, versions, now.as_ref().map(T::version))?
            }
            None => false,
        };
        let member = if written { write } else { now };
        let missing = || fault(&path, "the update names it, and it is not there");
        members.insert(name.clone(), member.ok_or_else(missing)?);
    }
    Ok(members)
}
