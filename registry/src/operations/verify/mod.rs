//! Looks at every stored thing and says what is not as the journal says it must be.
//!
//! - `chain`: the journal is whole, its entries follow each other, what they record about manifests
//!   is what the frozen function makes of it, and checkpoints equal the replay;
//! - `objects`: every object has the digest that it is named by; every package, signature and
//!   manifest says what the journal says.
//!
//! Nothing is changed. Servers may run: what they write meanwhile is not looked at.

mod chain;
mod objects;

use chart_registry_store::{Journal, Store};
use serde::Serialize;

use crate::refusal::Fault;

/// Faults that are told in full; further ones are counted.
const TOLD: usize = 10_000;

/// One thing that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Found {
    /// What is wrong.
    pub(crate) what: String,
    /// Where: a path in the storage, or a version.
    #[serde(rename = "where")]
    pub(crate) place: String,
    /// What to do about it.
    pub(crate) fix: &'static str,
}

impl std::fmt::Display for Found {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}: {}", self.place, self.what, self.fix)
    }
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verified {
    /// Number of the last journal entry that follows from all before.
    pub(crate) seq: u64,
    /// Its digest.
    pub(crate) head: String,
    /// Versions that can be downloaded.
    pub(crate) versions: u64,
    /// Objects that were read.
    pub(crate) objects: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Objects that nothing needs.
    pub(crate) garbage: u64,
    /// Checkpoints that equal the replay.
    pub(crate) checkpoints: u64,
    /// What is wrong, as far as it is told in full.
    pub(crate) faults: Vec<Found>,
    /// Number of all faults.
    pub(crate) fault_count: u64,
}

impl Verified {
    fn tell(&mut self, place: impl Into<String>, what: impl Into<String>, fix: &'static str) {
        self.fault_count += 1;
        if self.faults.len() < TOLD {
            self.faults.push(Found { what: what.into(), place: place.into(), fix });
        }
    }
}

/// What to do when bytes of the truth are lost.
const RESTORE: &str = "restore this file from a backup or a mirror";

/// Looks at everything in a storage.
pub(crate) async fn verify(store: &Store) -> Result<Verified, Fault> {
    let mut verified = Verified::default();
    let journal = Journal::new(store.clone());
    let state = chain::verify(store, &journal, &mut verified).await?;
    objects::verify(store, &state, &mut verified).await?;
    Ok(verified)
}
