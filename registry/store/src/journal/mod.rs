//! Appending to the journal exactly once, and reading it back.

use std::time::Duration;

use bytes::Bytes;

use crate::commit::{Head, SealedCommit};
use crate::error::StoreError;
use crate::key::Key;
use crate::store::{PutOutcome, Store};

/// How often a write without an answer is looked up before the caller hears that it is unknown.
const ATTEMPTS: u32 = 8;

/// Wait after the first write without an answer; doubled each time, 13 s together.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Entries that a replay reads at once.
const REPLAY_BATCH: u64 = 256;

/// The journal of a store.
#[derive(Clone)]
pub struct Journal {
    store: Store,
}

/// Whose commit now stands under the number that was to be written.
#[derive(Debug)]
pub enum Appended {
    /// Ours.
    Ours,
    /// Another writer's: apply it, then try the next number.
    Theirs(Box<SealedCommit>),
}

impl Journal {
    /// The journal of `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Writes `commit` under its number, once, durably.
    ///
    /// An answer that was lost is found by reading the entry: equal bytes are ours, because a nonce
    /// is in them.
    pub async fn append(&self, commit: &SealedCommit) -> Result<Appended, StoreError> {
        let key = Key::Commit(commit.commit().seq);
        let mut wait = FIRST_WAIT;
        let mut reason = String::new();
        for _ in 0..ATTEMPTS {
            match self.store.put_new(key, commit.bytes().clone()).await {
                Ok(PutOutcome::Created) => return Ok(Appended::Ours),
                Ok(PutOutcome::Exists) => "the number is taken".clone_into(&mut reason),
                Err(StoreError::OutcomeUnknown { reason: answer, .. }) => reason = answer,
                Err(error) => return Err(error),
            }
            match self.store.read(key).await? {
                Some(bytes) if bytes == *commit.bytes() => return Ok(Appended::Ours),
                Some(bytes) => return other(commit.commit().seq, bytes),
                // In flight on a bucket: neither there nor refused yet.
                None => tokio::time::sleep(wait).await,
            }
            wait *= 2;
        }
        Err(StoreError::OutcomeUnknown { path: key.to_string(), reason })
    }

    /// Hands every entry after `head` to `apply`, in order, and returns the new head.
    ///
    /// The chain is checked. A number that is missing below one that exists is an error: the entries
    /// after it would be lost without a word.
    pub async fn replay<E: From<StoreError>>(
        &self,
        mut head: Head,
        mut apply: impl FnMut(&SealedCommit) -> Result<(), E>,
    ) -> Result<Head, E> {
        let last = self.store.list_commits().await?.last().copied().unwrap_or(0);
        loop {
            let entries = self.store.read_commits(head.seq + 1, REPLAY_BATCH).await?;
            if entries.is_empty() {
                break;
            }
            for bytes in entries {
                let commit = SealedCommit::parse(head.seq + 1, bytes)?;
                commit.follows(head)?;
                apply(&commit)?;
                head = commit.head();
            }
        }
        if head.seq < last {
            return Err(StoreError::MissingCommit { seq: head.seq + 1, last }.into());
        }
        Ok(head)
    }
}

fn other(seq: u64, bytes: Bytes) -> Result<Appended, StoreError> {
    SealedCommit::parse(seq, bytes).map(|commit| Appended::Theirs(Box::new(commit)))
}

#[cfg(test)]
mod tests;
