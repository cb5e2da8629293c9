//! Updates of channels that begin with a block 0 of their own: organizations join.
//!
//! What a channel is before is known: its block 0, and the frozen updates one after the other. A new update is computed from
//! that and the topology alone. It is frozen as soon as a majority of the members before has signed it; keys are not read
//! here, signatures are files of `public/`, and each is checked as orderers check it. Left out: members that leave, and
//! channels that orderers make from a transaction, whose rule says so.

use std::collections::{BTreeMap, BTreeSet};

use chart_format::digest::Sha256;
use fabric_artifacts::block::{
    ApplicationOrganization, ConfigTree, ConfigUpdate, UpdateSignature, member_mark,
    update_of_transaction, with_signatures,
};

use super::configuration::View;
use super::{Inputs, Words, certificates, codes, finding, genesis};
use crate::diagnostic::{Diagnostics, KeyPath};
use crate::directory::paths;
use crate::lock::LockedUpdate;
use crate::material::{ChannelUpdate, Material};
use crate::model::{Channel, Member};

type Fault = (&'static str, Words);

/// An update that is not frozen yet: it waits for signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingUpdate {
    /// Name of the channel.
    pub channel: String,
    /// The first one is 1.
    pub number: u64,
    /// Names of the organizations that join.
    pub adds: Vec<String>,
    /// The unsigned transaction: what `peer channel signconfigtx -f` takes.
    pub transaction: Vec<u8>,
    /// What signatures are made over.
    pub update: Vec<u8>,
    /// The members before, of whom a majority has to sign.
    pub members: Vec<ApplicationOrganization>,
    mark: Vec<u8>,
}

/// The updates of a network that are not frozen yet; the faults that keep them from being made, if there are any.
pub fn pending_updates(inputs: &Inputs<'_>) -> Result<Vec<PendingUpdate>, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let organizations = certificates::read(inputs, &mut diagnostics);
    let mut material = Material { organizations, ..Material::default() };
    genesis::provide(inputs, &mut material, &mut diagnostics);
    let mut pending = Vec::new();
    for (path, channel) in channels(inputs) {
        match history(inputs, &material, channel) {
            Ok(history) => pending.extend(history.pending),
            Err((code, words)) => diagnostics.push(finding(code, path, words)),
        }
    }
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(pending) }
}

/// Puts the updates of every channel into the material; returns the files that were made now, by path.
pub(super) fn provide(
    inputs: &Inputs<'_>,
    material: &mut Material,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Vec<u8>> {
    let mut new_files = BTreeMap::new();
    for (path, channel) in channels(inputs) {
        let updates = history(inputs, material, channel).and_then(|history| {
            let mut updates = history.frozen;
            if let Some(pending) = history.pending {
                let file = paths::channel_update(&pending.channel, pending.number);
                check_present(inputs, &file, &pending.transaction)?;
                updates.push(signed(inputs, &pending)?);
                if !inputs.public.contains(&file) {
                    new_files.insert(file, pending.transaction);
                }
            }
            Ok(updates)
        });
        match updates {
            Ok(updates) if updates.is_empty() => {}
            Ok(updates) => {
                material.updates.insert(channel.name.clone(), updates);
            }
            Err((code, words)) => diagnostics.push(finding(code, path, words)),
        }
    }
    new_files
}

fn channels<'a>(inputs: &Inputs<'a>) -> impl Iterator<Item = (KeyPath, &'a Channel)> {
    let list = KeyPath::root().key("channels");
    let network = inputs.network;
    network.channels.iter().enumerate().map(move |(index, it)| (list.index(index), it))
}

/// What has become of a channel since its block 0.
#[derive(Default)]
struct History {
    frozen: Vec<ChannelUpdate>,
    pending: Option<PendingUpdate>,
}

/// Nothing for a channel that is new, that orderers make, or whose block 0 is not there, which is said already.
fn history(inputs: &Inputs<'_>, material: &Material, channel: &Channel) -> Result<History, Fault> {
    let locked = inputs.lock.channels.get(&channel.name);
    let (Some(locked), Some(block)) = (locked, material.channels.get(&channel.name)) else {
        return Ok(History::default());
    };
    let known: BTreeSet<_> = locked.made_from.members.iter().map(|it| &it.organization).collect();
    let joining = channel.members.iter().filter(|it| !known.contains(&it.organization));
    let joining: Vec<&Member> = joining.collect();
    if locked.updates.is_empty() && joining.is_empty() {
        return Ok(History::default());
    }
    let no_update = |error| cannot_be_made(&channel.name, &error);
    let mut tree = ConfigTree::of_block(&block.genesis).map_err(no_update)?;
    let (mut frozen, mut number) = (Vec::new(), 1);
    for update in &locked.updates {
        let (update, after) = self::frozen(inputs, (&channel.name, number, update), &tree)?;
        frozen.push(update);
        (tree, number) = (after, number + 1);
    }
    let view = View { network: inputs.network, material };
    let pending = pending(view, (channel, number), (&tree, &joining)).map_err(no_update)?;
    Ok(History { frozen, pending })
}

/// A frozen update with its frozen signatures, and the configuration after it.
fn frozen(
    inputs: &Inputs<'_>,
    (channel, number, locked): (&str, u64, &LockedUpdate),
    before: &ConfigTree,
) -> Result<(ChannelUpdate, ConfigTree), Fault> {
    let transaction = frozen_file(inputs, &paths::channel_update(channel, number), &locked.sha256)?;
    let mut signatures = Vec::new();
    for (member, sha256) in &locked.signatures {
        let file = paths::update_signature(channel, number, member);
        signatures.push(UpdateSignature::decode(frozen_file(inputs, &file, sha256)?));
    }
    let made = || {
        let update = ConfigUpdate::decode(&update_of_transaction(transaction)?)?;
        let signatures = signatures.into_iter().collect::<Result<Vec<_>, _>>()?;
        let after = before.apply(&update)?;
        let update = ChannelUpdate {
            number,
            adds: locked.adds.clone(),
            members: names(&before.configuration()?.applications),
            sha256: locked.sha256.clone(),
            signatures: locked.signatures.clone(),
            transaction: with_signatures(transaction, &signatures)?,
            mark: mark(&after, &locked.adds)?,
        };
        Ok((update, after))
    };
    made().map_err(|error| cannot_be_made(channel, &error))
}

/// The update by which these organizations join; nothing when nobody does, or when a certificate is missing.
fn pending(
    view: View<'_>,
    (channel, number): (&Channel, u64),
    (before, joining): (&ConfigTree, &[&Member]),
) -> Result<Option<PendingUpdate>, fabric_artifacts::Error> {
    if joining.is_empty() {
        return Ok(None);
    }
    let mut after = before.clone();
    for member in joining {
        let Some(organization) = view.application(member, &channel.capabilities) else {
            return Ok(None);
        };
        after.put_application(&organization)?;
    }
    let Some(time) = view.update_time(channel) else { return Ok(None) };
    let update = ConfigUpdate::between(&channel.name, before, &after)?;
    let adds: Vec<String> = joining.iter().map(|it| it.organization.clone()).collect();
    Ok(Some(PendingUpdate {
        channel: channel.name.clone(),
        number,
        transaction: update.transaction(time),
        update: update.encode(),
        members: before.configuration()?.applications,
        mark: mark(&after, &adds)?,
        adds,
    }))
}

/// An update is taken as a whole: one of those who join is a sign for all of them.
fn mark(after: &ConfigTree, adds: &[String]) -> Result<Vec<u8>, fabric_artifacts::Error> {
    let members = after.configuration()?.applications;
    let joined = members.iter().find(|it| adds.contains(&it.name));
    Ok(joined.map(member_mark).unwrap_or_default())
}

/// The update with the signatures that are there, if they are a majority.
fn signed(inputs: &Inputs<'_>, pending: &PendingUpdate) -> Result<ChannelUpdate, Fault> {
    let (channel, number) = (&pending.channel, pending.number);
    let mut digests = BTreeMap::new();
    let mut signatures = Vec::new();
    let mut missing = Vec::new();
    for member in &pending.members {
        let file = paths::update_signature(channel, number, &member.name);
        let Some(bytes) = inputs.public.bytes(&file) else {
            missing.push(member.name.clone());
            continue;
        };
        let signature = UpdateSignature::decode(bytes).and_then(|signature| {
            signature.verify(&pending.update, member)?;
            Ok(signature)
        });
        signatures.push(signature.map_err(|error| wrong_signature(&file, member, &error))?);
        digests.insert(member.name.clone(), Sha256::of(bytes).to_string());
    }
    if signatures.len() * 2 <= pending.members.len() {
        return Err(unsigned(pending, &missing));
    }
    let transaction = with_signatures(&pending.transaction, &signatures)
        .map_err(|error| cannot_be_made(channel, &error))?;
    Ok(ChannelUpdate {
        number,
        adds: pending.adds.clone(),
        members: names(&pending.members),
        sha256: Sha256::of(&pending.transaction).to_string(),
        signatures: digests,
        transaction,
        mark: pending.mark.clone(),
    })
}

fn names(members: &[ApplicationOrganization]) -> Vec<String> {
    members.iter().map(|member| member.name.clone()).collect()
}

fn unsigned(pending: &PendingUpdate, missing: &[String]) -> Fault {
    let PendingUpdate { channel, number, .. } = pending;
    let (all, joining) = (pending.members.len(), pending.adds.join("`, `"));
    let (needed, have) = (all / 2 + 1, all - missing.len());
    let words = Words {
        message: format!(
            "`{joining}` joins channel `{channel}`, and {have} of {all} members have signed that: `{}` {} not",
            missing.join("`, `"),
            if missing.len() == 1 { "has" } else { "have" }
        ),
        why: format!(
            "orderers take the update when {needed} of the members before have signed it, and a build has no key"
        ),
        fix: format!(
            "run `chart-builder sign` where the keys of their administrators are; every owner can do so in a directory of \
             their own and send `{}`",
            paths::update_signature(channel, *number, "<organization>")
        ),
    };
    (codes::UNSIGNED_UPDATE, words)
}

fn wrong_signature(
    file: &str,
    member: &ApplicationOrganization,
    error: &fabric_artifacts::Error,
) -> Fault {
    let words = Words {
        message: format!("`{file}` cannot be used: {error}"),
        why: "orderers would not count it".to_owned(),
        fix: format!(
            "run `chart-builder sign` again where the key of the administrator of `{}` is: it is made anew for the update \
             that this topology makes",
            member.name
        ),
    };
    (codes::SIGNATURE, words)
}

fn frozen_file<'a>(inputs: &Inputs<'a>, file: &str, sha256: &str) -> Result<&'a [u8], Fault> {
    let message = match inputs.public.bytes(file) {
        None => format!("`{file}` is not there, and network.lock freezes it with SHA-256 {sha256}"),
        Some(bytes) => {
            let own = Sha256::of(bytes).to_string();
            if own == sha256 {
                return Ok(bytes);
            }
            format!("`{file}` has SHA-256 {own}, and network.lock freezes {sha256}")
        }
    };
    let words = Words {
        message,
        why: "the channel's configuration follows from it, and every later update from that"
            .to_owned(),
        fix: format!("restore `{file}` from version control"),
    };
    Err((codes::CHANGED_UPDATE, words))
}

/// An update that lies there and is in no lock has to be the one that the topology makes.
fn check_present(inputs: &Inputs<'_>, file: &str, made: &[u8]) -> Result<(), Fault> {
    if inputs.public.bytes(file).is_none_or(|present| present == made) {
        return Ok(());
    }
    let words = Words {
        message: format!(
            "`{file}` is there, is not in network.lock, and is not what this topology makes"
        ),
        why: "others may have signed it, and it may be on its way to the orderers".to_owned(),
        fix: format!(
            "restore network.lock from version control, or run `chart-builder sign`, which makes `{file}` anew"
        ),
    };
    Err((codes::CHANGED_UPDATE, words))
}

fn cannot_be_made(channel: &str, error: &fabric_artifacts::Error) -> Fault {
    let words = Words {
        message: format!("no update of channel `{channel}` can be made: {error}"),
        why: "an update goes on from the configuration that the channel has".to_owned(),
        fix: format!(
            "restore `public/channels/{channel}` and network.lock from version control, or take the new members out again"
        ),
    };
    (codes::UPDATE, words)
}
