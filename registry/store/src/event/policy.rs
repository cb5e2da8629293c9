//! What happens to a version after it was published, and the rules of a part of the registry.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Actor;

/// Something happened to a version; its package stays what it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VersionEvent {
    /// Path of the repository; empty for the root.
    pub repo: String,
    /// Name of the chart.
    pub name: String,
    /// Version of the chart.
    pub version: String,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
    /// What happened.
    #[serde(flatten)]
    pub change: Change,
}

/// What happens to a version. Every change says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Change {
    /// It leaves index and tag list, and can still be downloaded.
    Yank {
        /// Why.
        reason: String,
    },
    /// It is back in index and tag list.
    Unyank {
        /// Why.
        reason: String,
    },
    /// It stays, and clients are told to leave it.
    Deprecate {
        /// What clients are told.
        reason: String,
    },
    /// It is no longer deprecated.
    Undeprecate {
        /// Why.
        reason: String,
    },
    /// It goes for ever, and its bytes with it; the record stays.
    Purge {
        /// Why.
        reason: String,
    },
    /// Nobody may delete, purge or overwrite it.
    Hold {
        /// Why.
        reason: String,
    },
    /// The hold ends.
    Unhold {
        /// Why.
        reason: String,
    },
    /// It is in a channel from now on.
    Promote {
        /// Name of the channel.
        channel: String,
        /// Why.
        reason: String,
    },
    /// It is no longer in a channel.
    Demote {
        /// Name of the channel.
        channel: String,
        /// Why.
        reason: String,
    },
}

impl Change {
    /// The operations of this module, as commits name them.
    pub const OPERATIONS: [&'static str; 9] = [
        "yank",
        "unyank",
        "deprecate",
        "undeprecate",
        "purge",
        "hold",
        "unhold",
        "promote",
        "demote",
    ];

    /// Its name in a commit.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::Yank { .. } => "yank",
            Self::Unyank { .. } => "unyank",
            Self::Deprecate { .. } => "deprecate",
            Self::Undeprecate { .. } => "undeprecate",
            Self::Purge { .. } => "purge",
            Self::Hold { .. } => "hold",
            Self::Unhold { .. } => "unhold",
            Self::Promote { .. } => "promote",
            Self::Demote { .. } => "demote",
        }
    }

    /// Why it happened.
    pub fn reason(&self) -> &str {
        match self {
            Self::Yank { reason }
            | Self::Unyank { reason }
            | Self::Deprecate { reason }
            | Self::Undeprecate { reason }
            | Self::Purge { reason }
            | Self::Hold { reason }
            | Self::Unhold { reason }
            | Self::Promote { reason, .. }
            | Self::Demote { reason, .. } => reason,
        }
    }
}

/// The rules at a path and below it changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyEvent {
    /// The path; empty for all repositories.
    pub prefix: String,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
    /// The rules from now on; nothing when the path has none of its own any more.
    pub document: Option<Box<RawValue>>,
}
