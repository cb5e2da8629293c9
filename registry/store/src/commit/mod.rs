//! One journal entry: a numbered, hash-chained list of events.

use bytes::Bytes;
use chart_format::digest::Sha256;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::StoreError;
use crate::event::Event;
use crate::timestamp::Timestamp;

/// Limit of a journal entry's size in bytes.
pub const MAX_COMMIT_BYTES: usize = 1 << 20;

/// What this program can read: entries that ask for a later reader stop writing.
pub const READER: u32 = 1;

/// Where a journal stands: the last entry's number and digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last entry; 0 when there is none.
    pub seq: u64,
    /// Digest of the last entry's bytes; all zero when there is none.
    pub hash: Sha256,
}

impl Head {
    /// The head of an empty journal.
    pub const EMPTY: Self = Self { seq: 0, hash: Sha256::from_bytes([0; 32]) };
}

/// What a journal entry says.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Its number, counted from 1.
    pub seq: u64,
    /// Digest of the entry before it.
    pub prev: Sha256,
    /// When it was made; never before the entry before it.
    pub time: Timestamp,
    /// Which program wrote it.
    pub writer: String,
    /// Random text that tells two writers' attempts apart.
    pub nonce: String,
    /// The oldest reader that understands it.
    pub min_reader: u32,
    /// What happened, in order, all of it or nothing.
    pub events: Vec<Event>,
}

/// A commit together with its exact bytes.
#[derive(Debug, Clone)]
pub struct SealedCommit {
    commit: Commit,
    bytes: Bytes,
    hash: Sha256,
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    seq: u64,
    #[serde(serialize_with = "prefixed")]
    prev: &'a Sha256,
    time: Timestamp,
    writer: &'a str,
    nonce: &'a str,
    min_reader: u32,
    events: &'a [Event],
}

fn prefixed<S: serde::Serializer>(digest: &Sha256, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&digest.prefixed())
}

#[derive(Deserialize)]
struct Read<'a> {
    v: u32,
    seq: u64,
    prev: Sha256,
    time: Timestamp,
    writer: String,
    nonce: String,
    min_reader: u32,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

impl Commit {
    /// Writes the commit as one line and computes its digest.
    pub fn seal(self) -> Result<SealedCommit, StoreError> {
        let written = Written {
            v: 1,
            seq: self.seq,
            prev: &self.prev,
            time: self.time,
            writer: &self.writer,
            nonce: &self.nonce,
            min_reader: self.min_reader,
            events: &self.events,
        };
        let mut bytes = serde_json::to_vec(&written).map_err(|error| damaged(self.seq, &error))?;
        bytes.push(b'\n');
        if bytes.len() > MAX_COMMIT_BYTES {
            return Err(StoreError::CommitTooLarge { size: bytes.len(), limit: MAX_COMMIT_BYTES });
        }
        let hash = Sha256::of(&bytes);
        Ok(SealedCommit { commit: self, bytes: Bytes::from(bytes), hash })
    }
}

impl SealedCommit {
    /// Reads the journal entry with number `seq`.
    pub fn parse(seq: u64, bytes: Bytes) -> Result<Self, StoreError> {
        let read: Read<'_> =
            serde_json::from_slice(&bytes).map_err(|error| damaged(seq, &error))?;
        if read.v != 1 || read.seq != seq || bytes.last() != Some(&b'\n') {
            let reason = format!("it says version {} and number {}", read.v, read.seq);
            return Err(StoreError::DamagedCommit { seq, reason });
        }
        let events = read.events.iter().map(|text| Event::parse(text)).collect::<Result<_, _>>();
        let commit = Commit {
            seq,
            prev: read.prev,
            time: read.time,
            writer: read.writer,
            nonce: read.nonce,
            min_reader: read.min_reader,
            events: events.map_err(|error| damaged(seq, &error))?,
        };
        let hash = Sha256::of(&bytes);
        Ok(Self { commit, bytes, hash })
    }

    /// What it says.
    pub fn commit(&self) -> &Commit {
        &self.commit
    }

    /// The exact bytes of the journal entry.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The journal's head after this entry.
    pub fn head(&self) -> Head {
        Head { seq: self.commit.seq, hash: self.hash }
    }

    /// Checks that this entry is the one after `head`.
    pub fn follows(&self, head: Head) -> Result<(), StoreError> {
        let (seq, found) = (self.commit.seq, self.commit.prev);
        if seq != head.seq + 1 {
            return Err(StoreError::MissingCommit { seq: head.seq + 1, last: seq });
        }
        if found != head.hash {
            return Err(StoreError::BrokenChain { seq, expected: head.hash, found });
        }
        Ok(())
    }

    /// The reader version that is needed to go on after this commit, when this program is too old.
    pub fn newer_reader_needed(&self) -> Option<String> {
        if self.commit.min_reader > READER {
            return Some(format!("reader {}", self.commit.min_reader));
        }
        self.commit.events.iter().find_map(|event| match event {
            Event::Unknown { operation, ignorable: false } => {
                Some(format!("a reader that knows the operation `{operation}`"))
            }
            Event::Publish(_)
            | Event::Delete(_)
            | Event::Provenance(_)
            | Event::Version(_)
            | Event::Policy(_)
            | Event::Oci(_)
            | Event::Token(_)
            | Event::Quarantine(_)
            | Event::Unknown { .. } => None,
        })
    }
}

fn damaged(seq: u64, error: &serde_json::Error) -> StoreError {
    StoreError::DamagedCommit { seq, reason: error.to_string() }
}

#[cfg(test)]
mod tests;
