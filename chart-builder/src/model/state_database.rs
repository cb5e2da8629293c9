//! Where a peer keeps the state of its channels: the latest value of every key.

use super::{Resources, Storage};

/// A word of the topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateDatabaseKind {
    /// Inside of the peer.
    LevelDb,
    /// A CouchDB in the peer's pod.
    CouchDb,
}

/// The state database of a peer; never another one on the same volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateDatabase {
    /// Inside of the peer, on its own volume.
    LevelDb,
    /// A `CouchDB` in the peer's pod, on a volume of its own.
    CouchDb {
        /// Where its data lives.
        storage: Storage,
        /// Requests and limits of its container.
        resources: Resources,
    },
}

impl StateDatabaseKind {
    /// The kind that a word of the topology means.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "leveldb" => Some(Self::LevelDb),
            "couchdb" => Some(Self::CouchDb),
            _ => None,
        }
    }

    /// The word of the topology.
    pub fn word(self) -> &'static str {
        match self {
            Self::LevelDb => "leveldb",
            Self::CouchDb => "couchdb",
        }
    }
}

impl StateDatabase {
    /// Which one it is.
    pub fn kind(&self) -> StateDatabaseKind {
        match self {
            Self::LevelDb => StateDatabaseKind::LevelDb,
            Self::CouchDb { .. } => StateDatabaseKind::CouchDb,
        }
    }

    /// The volume of a `CouchDB`.
    pub fn storage(&self) -> Option<&Storage> {
        match self {
            Self::LevelDb => None,
            Self::CouchDb { storage, .. } => Some(storage),
        }
    }
}
