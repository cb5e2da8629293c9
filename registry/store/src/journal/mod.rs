//! Appending to the journal exactly once, and reading it back.

use std::time::Duration;

use bytes::Bytes;
use chart_format::digest::Sha256;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::commit::{Head, SealedCommit};
use crate::error::StoreError;
use crate::key::Key;
use crate::segment::Compacted;
use crate::store::{PutOutcome, Store};

/// How long a write without an answer is looked up before the caller hears that it is unknown.
const PATIENCE: Duration = Duration::from_secs(30);

/// Wait after the first write without an answer; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// The longest wait between two looks.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Most entries that a replay reads at once.
const REPLAY_BATCH: u64 = 2_048;

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
    /// A number whose single entry was removed is free again, but a segment stands above it: so a
    /// writer that slept for hours hears of the segment's entry, and its own means nothing.
    ///
    /// An answer that was lost is found by reading the entry: equal bytes are ours, because a nonce
    /// is in them. On a bucket a number can be taken and its entry not be there yet, and both the
    /// write and the look can go without an answer: then both are done again, for half a minute.
    pub async fn append(&self, commit: &SealedCommit) -> Result<Appended, StoreError> {
        let until = Instant::now() + PATIENCE;
        let mut wait = FIRST_WAIT;
        loop {
            let unknown = match self.try_append(commit).await {
                Err(error) if error.is_passing() => error,
                decided => return decided,
            };
            if Instant::now() + wait > until {
                let (path, reason) = (Key::Commit(commit.commit().seq), unknown.to_string());
                return Err(StoreError::OutcomeUnknown { path: path.to_string(), reason });
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn try_append(&self, commit: &SealedCommit) -> Result<Appended, StoreError> {
        let seq = commit.commit().seq;
        let reason = match self.store.put_new(Key::Commit(seq), commit.bytes().clone()).await {
            Ok(PutOutcome::Created) => return self.unless_packed(commit).await,
            Ok(PutOutcome::Exists) => "the number is taken".to_owned(),
            Err(StoreError::OutcomeUnknown { reason, .. }) => reason,
            Err(error) => return Err(error),
        };
        match self.store.commit(seq).await? {
            Some(bytes) if bytes == *commit.bytes() => self.unless_packed(commit).await,
            Some(bytes) => whose(commit, bytes),
            // In flight on a bucket: neither there nor refused yet.
            None => Err(StoreError::OutcomeUnknown { path: Key::Commit(seq).to_string(), reason }),
        }
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
        let last = self.store.last_commit(head.seq).await?;
        let mut batches = self.batches(head);
        // The next batch is read while this one is applied.
        while let Some(commits) = batches.recv().await {
            for commit in &commits? {
                apply(commit)?;
                head = commit.head();
            }
        }
        if head.seq < last {
            return Err(StoreError::MissingCommit { seq: head.seq + 1, last }.into());
        }
        Ok(head)
    }

    /// The entries after `head` in batches, to the end; an error is the last.
    fn batches(&self, mut head: Head) -> mpsc::Receiver<Result<Vec<SealedCommit>, StoreError>> {
        let (batches, receiver) = mpsc::channel(1);
        let journal = self.clone();
        tokio::spawn(async move {
            loop {
                let commits = journal.after(head).await;
                let last = commits.as_ref().ok().and_then(|commits| commits.last());
                match (last.map(SealedCommit::head), &commits) {
                    (Some(last), _) => head = last,
                    (None, Ok(_)) => return,
                    (None, Err(_)) => {}
                }
                let ends = commits.is_err();
                // Whoever replays may have met something that ends it.
                if batches.send(commits).await.is_err() || ends {
                    return;
                }
            }
        });
        receiver
    }

    /// The entries after `head` that are there now, a batch at most; the chain is checked.
    pub async fn after(&self, mut head: Head) -> Result<Vec<SealedCommit>, StoreError> {
        let entries = self.store.read_commits(head.seq + 1, REPLAY_BATCH).await?;
        let mut commits = Vec::with_capacity(entries.len());
        for bytes in entries {
            let commit = SealedCommit::parse(head.seq + 1, bytes)?;
            commit.follows(head)?;
            head = commit.head();
            commits.push(commit);
        }
        Ok(commits)
    }

    /// True when the journal holds exactly this head.
    pub async fn holds(&self, head: Head) -> Result<bool, StoreError> {
        if head.seq == 0 {
            return Ok(head == Head::EMPTY);
        }
        let entry = self.store.commit(head.seq).await?;
        Ok(entry.is_some_and(|bytes| Sha256::of(&bytes) == head.hash))
    }

    /// Packs the commits up to number `upto` into segments, and removes single commits that stand
    /// in a segment for more than an hour.
    pub async fn compact(&self, upto: u64) -> Result<Compacted, StoreError> {
        self.store.compact(upto).await
    }

    /// Packs the commits up to number `upto` into segments. What they replace is removed by
    /// [`Self::compact`], which looks at all single commits, so that it should be rare.
    pub async fn make_segments(&self, upto: u64) -> Result<Compacted, StoreError> {
        self.store.make_segments(upto).await
    }

    async fn unless_packed(&self, commit: &SealedCommit) -> Result<Appended, StoreError> {
        match self.store.commit_above(commit.commit().seq).await? {
            Some(bytes) => whose(commit, bytes),
            None => Ok(Appended::Ours),
        }
    }
}

fn whose(ours: &SealedCommit, bytes: Bytes) -> Result<Appended, StoreError> {
    if bytes == *ours.bytes() {
        return Ok(Appended::Ours);
    }
    let commit = SealedCommit::parse(ours.commit().seq, bytes)?;
    Ok(Appended::Theirs(Box::new(commit)))
}

#[cfg(test)]
mod tests;
