//! What became of a version, as a bundle carries it: yanked, deprecated, in channels; and bringing a
//! version here to the same.
//!
//! What somebody decided here stays: a version that was yanked, deprecated or promoted by anyone but
//! an import keeps its state, and the report says so. Left out: deletions, holds and policies, which
//! are each registry's own.

use std::collections::BTreeMap;

use chart_registry_catalog::{Entry, Fate, Standing, What};
use chart_registry_store::{Actor, Change, Timestamp};
use serde::{Deserialize, Serialize};

/// Annotation of a version's manifest: when it was published first.
pub(super) const CREATED: &str = "io.chart-registry.created";

/// Annotation of a version's manifest: what became of it.
pub(super) const STATE: &str = "io.chart-registry.state";

/// Who acts in the journal when a bundle is imported.
const IMPORT: &str = "bundle";

/// Why something that was so here is so no more.
const AS_IN_BUNDLE: &str = "no longer so in the registry that the bundle is from";

/// What became of a version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Carried {
    /// Why it was yanked, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    yanked: Option<String>,
    /// What clients are told, if it was deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated: Option<String>,
    /// Its channels in the order in which it came to them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    channels: Vec<Channel>,
}

/// A channel that a version is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Channel {
    name: String,
    reason: String,
}

/// Who publishes what a bundle holds.
pub(super) fn actor() -> Actor {
    Actor { sub: IMPORT.to_owned(), via: "import".to_owned() }
}

/// The annotations of a version's manifest.
pub(super) fn annotations(entry: &Entry) -> BTreeMap<String, String> {
    let mut annotations = BTreeMap::from([(CREATED.to_owned(), entry.created.to_string())]);
    let carried = Carried::of(&entry.fate);
    if carried != Carried::default() {
        // It holds nothing that JSON cannot say.
        let text = serde_json::to_string(&carried).unwrap_or_default();
        annotations.insert(STATE.to_owned(), text);
    }
    annotations
}

/// When a version was published first, as the annotations of its manifest say it.
pub(super) fn created(annotations: &BTreeMap<String, String>) -> Option<Timestamp> {
    annotations.get(CREATED).and_then(|text| Timestamp::parse(text))
}

impl Carried {
    fn of(fate: &Fate) -> Self {
        let mut channels: Vec<Channel> = Vec::new();
        for turn in fate.turns() {
            let What::Changed(Change::Promote { channel, reason }) = &turn.what else { continue };
            channels.retain(|it| it.name != *channel);
            if fate.is_in_channel(channel) {
                channels.push(Channel { name: channel.clone(), reason: reason.clone() });
            }
        }
        Self {
            yanked: fate.yanked().map(str::to_owned),
            deprecated: fate.deprecated().map(str::to_owned),
            channels,
        }
    }

    /// What the annotations of a version's manifest say; `None` for a manifest of which nothing is
    /// said, such as one that another program packed, and an error for words that nobody wrote here.
    pub(super) fn read(annotations: &BTreeMap<String, String>) -> Option<Result<Self, String>> {
        annotations.get(CREATED)?;
        let Some(text) = annotations.get(STATE) else { return Some(Ok(Self::default())) };
        Some(serde_json::from_str(text).map_err(|error| error.to_string()))
    }

    /// What has to happen to a version so that it is as in the bundle; `Err` when somebody here made
    /// it what it is.
    pub(super) fn changes(&self, fate: &Fate) -> Result<Vec<Change>, KeptHere> {
        let mut changes = Vec::new();
        let before = Self::of(fate);
        let reason = || AS_IN_BUNDLE.to_owned();
        if fate.standing() == Standing::Yanked && self.yanked.is_none() {
            changes.push(Change::Unyank { reason: reason() });
        }
        for Channel { name, .. } in &before.channels {
            if !self.channels.iter().any(|it| it.name == *name) {
                changes.push(Change::Demote { channel: name.clone(), reason: reason() });
            }
        }
        for Channel { name, reason } in &self.channels {
            if !fate.is_in_channel(name) {
                let (channel, reason) = (name.clone(), reason.clone());
                changes.push(Change::Promote { channel, reason });
            }
        }
        match (&self.deprecated, &before.deprecated) {
            (Some(reason), before) if before.as_ref() != Some(reason) => {
                changes.push(Change::Deprecate { reason: reason.clone() });
            }
            (None, Some(_)) => changes.push(Change::Undeprecate { reason: reason() }),
            _ => {}
        }
        // The last: nobody promotes what is yanked.
        if let Some(reason) = self.yanked.as_ref().filter(|_| fate.standing() == Standing::Live) {
            changes.push(Change::Yank { reason: reason.clone() });
        }
        let own = fate.turns().iter().any(|turn| turn.by != IMPORT && is_judgement(&turn.what));
        if own && !changes.is_empty() { Err(KeptHere) } else { Ok(changes) }
    }
}

/// Somebody here decided about the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeptHere;

fn is_judgement(what: &What) -> bool {
    match what {
        What::Changed(Change::Hold { .. } | Change::Unhold { .. }) | What::Returned => false,
        What::Changed(
            Change::Yank { .. }
            | Change::Unyank { .. }
            | Change::Deprecate { .. }
            | Change::Undeprecate { .. }
            | Change::Promote { .. }
            | Change::Demote { .. }
            | Change::Purge { .. },
        )
        | What::Deleted
        | What::Replaced => true,
    }
}
