//! Volumes of an orderer beside that of its ledger.

use super::Storage;

/// Which of the two logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// The write-ahead log of etcdraft and BFT.
    Wal,
    /// Snapshots of etcdraft.
    Snapshots,
}

/// Where an orderer keeps its logs; without a volume of its own a log lies beside the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Logs {
    /// Volume of the write-ahead log.
    pub wal: Option<Storage>,
    /// Volume of the snapshots.
    pub snapshots: Option<Storage>,
}

impl Log {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Wal, Self::Snapshots];

    /// Its key in topology, lock and facts.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Wal => "wal",
            Self::Snapshots => "snapshots",
        }
    }

    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Wal => "write-ahead log",
            Self::Snapshots => "snapshots",
        }
    }
}

impl Logs {
    /// The volume of a log.
    pub const fn of(&self, log: Log) -> Option<&Storage> {
        match log {
            Log::Wal => self.wal.as_ref(),
            Log::Snapshots => self.snapshots.as_ref(),
        }
    }
}
