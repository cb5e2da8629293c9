//! Packages that an import found and must not be served, because they hold a private key.
//!
//! Nothing of them is stored: what stays is that somebody has to act, since whoever could read the
//! file has the key.

use chart_format::digest::Sha256;
use serde::{Deserialize, Serialize};

use super::Actor;

/// A package was found that is not served, or somebody has dealt with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuarantineEvent {
    /// Path of the repository that it was meant for; empty for the root.
    pub repo: String,
    /// SHA-256 of its bytes.
    pub package: Sha256,
    /// What happened to it.
    #[serde(flatten)]
    pub change: QuarantineChange,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
}

/// What happened to a package that is not served.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum QuarantineChange {
    /// It was found.
    Found {
        /// Where.
        file: String,
        /// Why it is not served.
        why: String,
    },
    /// Somebody has dealt with it.
    Settled {
        /// How.
        reason: String,
    },
}

impl QuarantineEvent {
    /// About the bytes that it takes in a commit besides its names.
    pub fn size_bound(&self) -> usize {
        match &self.change {
            QuarantineChange::Found { file, why } => file.len() + why.len(),
            QuarantineChange::Settled { reason } => reason.len(),
        }
    }
}
