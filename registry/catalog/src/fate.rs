//! What happened to a version after its first publication: nothing, for almost all of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use chart_registry_store::{Change, Timestamp};

/// Whether a version can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// It is in index and tag list.
    #[default]
    Live,
    /// It can be downloaded by those who know it, and is in no list.
    Yanked,
    /// It was taken away, and may come back with the same content.
    Deleted,
    /// It is gone for ever.
    Purged,
}

/// One event in the life of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Number of the commit.
    pub seq: u64,
    /// Time of the commit.
    pub time: Timestamp,
    /// Who did it.
    pub by: String,
    /// What happened.
    pub what: What,
}

/// What happened to a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It was deleted.
    Deleted,
    /// It was published again with the same content.
    Returned,
    /// It was published again with other content, which replaced the one before.
    Replaced,
    /// Anything else.
    Changed(Change),
}

/// The life of a version after its first publication.
#[derive(Debug, Clone, Default)]
pub struct Fate(Option<Arc<Known>>);

/// What the turns add up to, and the turns.
#[derive(Debug, Clone, Default)]
struct Known {
    turns: Vec<Turn>,
    standing: Standing,
    deprecated: Option<String>,
    held: Option<String>,
    channels: BTreeSet<String>,
}

impl Fate {
    /// Everything that happened, in order.
    pub fn turns(&self) -> &[Turn] {
        self.0.as_ref().map_or(&[], |known| &known.turns)
    }

    /// Whether the version can be had.
    pub fn standing(&self) -> Standing {
        self.0.as_ref().map_or(Standing::Live, |known| known.standing)
    }

    /// Whether the version could be had at a moment after its first publication.
    pub fn standing_at(&self, moment: Timestamp) -> Standing {
        let before = self.turns().iter().take_while(|turn| turn.time <= moment);
        before.fold(Standing::Live, |standing, turn| turn.what.standing(standing))
    }

    /// Why the version is yanked, when it is.
    pub fn yanked(&self) -> Option<&str> {
        let yanks = self.turns().iter().rev().find_map(|turn| {
            let What::Changed(Change::Yank { reason }) = &turn.what else { return None };
            Some(reason.as_str())
        });
        yanks.filter(|_| self.standing() == Standing::Yanked)
    }

    /// What clients are told, when the version is deprecated.
    pub fn deprecated(&self) -> Option<&str> {
        self.0.as_ref()?.deprecated.as_deref()
    }

    /// Why nobody may take the version away, when that is so.
    pub fn held(&self) -> Option<&str> {
        self.0.as_ref()?.held.as_deref()
    }

    /// The channels that the version is in, in order.
    pub fn channels(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|known| known.channels.iter().map(String::as_str))
    }

    /// True when the version is in a channel.
    pub fn is_in_channel(&self, channel: &str) -> bool {
        self.0.as_ref().is_some_and(|known| known.channels.contains(channel))
    }

    /// The fate after one more turn.
    #[must_use]
    pub(crate) fn with(&self, turn: Turn) -> Self {
        let mut known = self.0.as_deref().cloned().unwrap_or_default();
        known.take(turn);
        Self(Some(Arc::new(known)))
    }

    /// A fate that was kept elsewhere.
    pub(crate) fn restored(turns: Vec<Turn>) -> Self {
        if turns.is_empty() {
            return Self::default();
        }
        let mut known = Known::default();
        for turn in turns {
            known.take(turn);
        }
        Self(Some(Arc::new(known)))
    }
}

impl Known {
    fn take(&mut self, turn: Turn) {
        self.standing = turn.what.standing(self.standing);
        match &turn.what {
            What::Changed(Change::Deprecate { reason }) => self.deprecated = Some(reason.clone()),
            What::Changed(Change::Undeprecate { .. }) => self.deprecated = None,
            What::Changed(Change::Hold { reason }) => self.held = Some(reason.clone()),
            What::Changed(Change::Unhold { .. }) => self.held = None,
            What::Changed(Change::Promote { channel, .. }) => {
                self.channels.insert(channel.clone());
            }
            What::Changed(Change::Demote { channel, .. }) => {
                self.channels.remove(channel);
            }
            // What was said about other bytes says nothing about these.
            What::Replaced => {
                self.deprecated = None;
                self.channels.clear();
            }
            What::Deleted
            | What::Returned
            | What::Changed(Change::Yank { .. } | Change::Unyank { .. } | Change::Purge { .. }) => {
            }
        }
        self.turns.push(turn);
    }
}

impl What {
    fn standing(&self, before: Standing) -> Standing {
        match self {
            Self::Deleted => Standing::Deleted,
            Self::Returned | Self::Replaced | Self::Changed(Change::Unyank { .. }) => {
                Standing::Live
            }
            Self::Changed(Change::Yank { .. }) => Standing::Yanked,
            Self::Changed(Change::Purge { .. }) => Standing::Purged,
            Self::Changed(
                Change::Deprecate { .. }
                | Change::Undeprecate { .. }
                | Change::Hold { .. }
                | Change::Unhold { .. }
                | Change::Promote { .. }
                | Change::Demote { .. },
            ) => before,
        }
    }
}
