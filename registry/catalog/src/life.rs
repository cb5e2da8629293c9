//! What commits do to versions that are there, and to the rules.

use std::sync::Arc;

use chart_format::version::ChartVersion;
use chart_registry_store::{Actor, Delete, PolicyEvent, VersionEvent};

use crate::entry::Entry;
use crate::fate::{Turn, What};
use crate::policy::{Policy, PolicyError};
use crate::repository::Repository;
use crate::state::{ApplyError, State};
use crate::steps::{Moment, turned};

impl State {
    pub(crate) fn with_delete(&self, event: &Delete, moment: Moment) -> Result<Self, ApplyError> {
        let place = (event.repo.as_str(), event.name.as_str(), event.version.as_str());
        self.with_turn(place, turn(moment, &event.actor, What::Deleted))
    }

    pub(crate) fn with_change(
        &self,
        event: &VersionEvent,
        moment: Moment,
    ) -> Result<Self, ApplyError> {
        let place = (event.repo.as_str(), event.name.as_str(), event.version.as_str());
        let what = What::Changed(event.change.clone());
        self.with_turn(place, turn(moment, &event.actor, what))
    }

    fn with_turn(
        &self,
        (repo, name, version): (&str, &str, &str),
        turn: Turn,
    ) -> Result<Self, ApplyError> {
        let seq = turn.seq;
        let (after, changed) = turned(&*self.repository(repo), (name, version), turn)?;
        self.with_entry(repo, &after, (seq, changed))
    }

    pub(crate) fn with_policy(&self, event: &PolicyEvent, seq: u64) -> Result<Self, ApplyError> {
        let mut policies = (*self.policies).clone();
        match &event.document {
            None => drop(policies.remove(event.prefix.as_str())),
            Some(document) => {
                let policy = Policy::parse(document.get()).map_err(|error| unread(seq, &error))?;
                policies.insert(Arc::from(event.prefix.as_str()), Arc::new(policy));
            }
        }
        let mut state = self.clone();
        state.policies = Arc::new(policies);
        Ok(state)
    }

    /// What the repositories at and below a path hold.
    pub fn usage(&self, prefix: &str) -> Usage {
        self.repositories_below(prefix)
            .fold(Usage::default(), |sum, (_, repository)| sum.plus(repository.usage()))
    }
}

/// The version that is published where another one was before.
pub(crate) fn published_again(
    before: &Entry,
    entry: Entry,
    (moment, actor): (Moment, &Actor),
) -> Entry {
    let replaces = before.content != entry.content;
    let what = if replaces { What::Replaced } else { What::Returned };
    let fate = before.fate.with(turn(moment, actor, what));
    if replaces {
        return Entry { fate, ..entry };
    }
    let (created, born) = (before.created, before.born);
    Entry { created, born, fate, ..entry }.with_signature(before.signature())
}

pub(crate) fn turn((seq, time): Moment, actor: &Actor, what: What) -> Turn {
    Turn { seq, time, by: actor.sub.clone(), what }
}

/// What the index says of a version besides its Chart.yaml.
pub(crate) fn shown(entry: &Entry) -> Option<bool> {
    entry.visible().then(|| entry.fate.deprecated().is_some())
}

/// A rule that this program does not know must not be passed over: it may forbid something.
fn unread(seq: u64, error: &PolicyError) -> ApplyError {
    match error {
        PolicyError::Version { found } => ApplyError::NewerReader {
            seq,
            needed: format!("a reader of policies of version {found}"),
        },
        PolicyError::Shape { .. } | PolicyError::Sense { .. } => {
            ApplyError::Impossible { seq, reason: error.to_string() }
        }
    }
}

/// What counts against a quota: versions that can be had, and the bytes of their packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Versions that can be downloaded.
    pub versions: u64,
    /// Bytes of their packages.
    pub bytes: u64,
}

impl Usage {
    pub(crate) fn of(entry: &Entry) -> Self {
        if entry.available() {
            Self { versions: 1, bytes: entry.package.size }
        } else {
            Self::default()
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            versions: self.versions.saturating_add(other.versions),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

impl Repository {
    /// True when a version of this chart was ever published.
    pub fn knows(&self, chart: &str) -> bool {
        let mut entries = self.tree().leaves_from(chart).flat_map(|leaf| leaf.entries());
        entries.find(|entry| *entry.chart >= *chart).is_some_and(|entry| *entry.chart == *chart)
    }

    /// The entry whose package has this file name, when it can be downloaded.
    pub fn find_package(&self, file_name: &str) -> Option<&Entry> {
        let (chart, version) = ChartVersion::in_file_name(file_name)?;
        self.find_available(chart, version)
    }
}
