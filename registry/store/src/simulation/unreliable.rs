//! A store that carries out a conditional write and then answers wrongly, one time in three.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::directory::Directory;
use crate::error::StoreError;
use crate::key::Key;
use crate::store::PutOutcome;

/// A directory behind a connection that breaks.
pub struct Unreliable {
    directory: Arc<Directory>,
    writes: AtomicU64,
}

impl Unreliable {
    /// Opens a store below `root` whose answers get lost.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let directory = Arc::new(Directory::open(root)?);
        Ok(Self { directory, writes: AtomicU64::new(0) })
    }

    pub(crate) fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Every third write answers in turn: nothing (as a timeout), or that its own name is taken.
    pub(crate) fn lose(
        &self,
        key: Key,
        outcome: Result<PutOutcome, StoreError>,
    ) -> Result<PutOutcome, StoreError> {
        match self.writes.fetch_add(1, Ordering::Relaxed) % 6 {
            1 => Err(StoreError::OutcomeUnknown {
                path: key.to_string(),
                reason: "the connection broke".to_owned(),
            }),
            4 => outcome.map(|_| PutOutcome::Exists),
            _ => outcome,
        }
    }
}
