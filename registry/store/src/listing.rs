//! What is stored, page by page, with the ages that decide what may be taken away.
//!
//! An object that nothing names any more is garbage, but so is, for a moment, one whose publish is
//! on its way: its bytes are stored before the commit that names it. Ages tell the two apart.
//! Whoever is about to name an object makes it young first ([`YOUNG`]); whoever takes objects away
//! takes old ones only ([`OLD`]), and looks and takes in one step. Between the two lies half a day,
//! and no request takes that long.

use std::time::Duration;

use bytes::Bytes;

use crate::error::StoreError;
use crate::key::Key;
use crate::store::{Place, PutOutcome, Store, blocking};

/// A thing that is older than this is made young again before somebody relies on it.
pub const YOUNG: Duration = Duration::from_hours(12);

/// A thing that is younger than this may belong to a request that is on its way.
pub const OLD: Duration = Duration::from_hours(24);

/// A family of stored things, each in its own part of the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Objects with a SHA-256.
    Objects,
    /// Objects with a SHA-512.
    WideObjects,
    /// Notes about blobs that no manifest names yet.
    Staged,
    /// Single journal entries.
    Commits,
    /// Runs of journal entries.
    Segments,
    /// Checkpoints.
    Checkpoints,
}

impl Family {
    /// All families.
    pub const ALL: [Self; 6] = [
        Self::Objects,
        Self::WideObjects,
        Self::Staged,
        Self::Commits,
        Self::Segments,
        Self::Checkpoints,
    ];

    /// The directory that holds the family, with `/` between its parts.
    pub fn directory(self) -> &'static str {
        match self {
            Self::Objects => "objects/sha256",
            Self::WideObjects => crate::key::WIDE_OBJECTS,
            Self::Staged => crate::key::STAGED,
            Self::Commits => "journal",
            Self::Segments => crate::segment::SEGMENTS,
            Self::Checkpoints => crate::key::CHECKPOINTS,
        }
    }

    /// Whether things of the family stand in directories by the first two digits of their names.
    pub fn is_spread(self) -> bool {
        matches!(self, Self::Objects | Self::WideObjects)
    }
}

/// One stored thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its path in the layout.
    pub path: String,
    /// What it is; `None` when its name is none that the registry gives.
    pub key: Option<Key>,
    /// Its size in bytes.
    pub size: u64,
    /// How long ago it was written or made young.
    pub age: Duration,
}

impl Store {
    /// Stores a note that says the same for ever, or makes the one that is there young.
    pub async fn put_note(&self, key: Key, bytes: Bytes) -> Result<PutOutcome, StoreError> {
        match self.place() {
            Place::Directory(directory) => blocking(move || directory.put_note(&key, &bytes)).await,
            Place::Bucket(bucket) => bucket.put_note(&key, bytes).await,
        }
    }

    /// At most about `count` things of a family, in the order of their paths, behind the path
    /// `after`; none at the end.
    pub async fn page(
        &self,
        family: Family,
        after: &str,
        count: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        match self.place() {
            Place::Directory(directory) => {
                let after = after.to_owned();
                blocking(move || directory.page(family, &after, count)).await
            }
            Place::Bucket(bucket) => bucket.page(family, after, count).await,
        }
    }

    /// Makes a thing young, so that nobody takes it away for half a day; false when it is not there.
    pub async fn renew(&self, key: Key) -> Result<bool, StoreError> {
        match self.place() {
            Place::Directory(directory) => blocking(move || directory.renew(&key)).await,
            Place::Bucket(bucket) => bucket.renew(&key).await,
        }
    }

    /// Takes a thing away when it is older than `age`; false when it is younger, or not there.
    pub async fn remove_if_older(&self, key: Key, age: Duration) -> Result<bool, StoreError> {
        match self.place() {
            Place::Directory(directory) => {
                blocking(move || directory.remove_if_older(&key, age)).await
            }
            Place::Bucket(bucket) => bucket.remove_if_older(&key, age).await,
        }
    }
}
