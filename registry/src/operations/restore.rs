//! Makes a storage of a copy of another one, as it was after some commit.
//!
//! A storage holds nothing but files that never change, so that a copy of it, made in any order
//! while servers write, is a backup once the journal was copied before the objects. This makes such
//! a copy to serve from: the journal up to a number, and the objects that it needs. The history
//! behind that number stays in the backup.

use std::time::Duration;

use chart_registry_catalog::State;
use chart_registry_store::{Digest, Head, Journal, Key, PutOutcome, SealedCommit, Spool, Store};
use serde::Serialize;

use super::hashed;
use crate::committer::now;
use crate::refusal::Fault;

/// What was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Restored {
    /// Number of the last journal entry.
    pub(crate) seq: u64,
    /// Objects that are there now.
    pub(crate) objects: u64,
    /// Objects that the backup does not have, of versions that were deleted when it was made.
    pub(crate) gone: u64,
}

/// Why a storage is not restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestoreError {
    #[error("the storage to restore to has a journal already: name an empty one")]
    NotEmpty,
    #[error("the backup's journal ends at number {last}: choose a number up to it")]
    TooFew { last: u64 },
    #[error(
        "the backup does not have the object {digest}, or it is damaged, and the journal needs it at \
         number {seq}: copy it from another backup, or choose an earlier number"
    )]
    Lost { digest: Digest, seq: u64 },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<chart_registry_store::StoreError> for RestoreError {
    fn from(error: chart_registry_store::StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Copies the journal of `backup` up to number `upto`, or all of it, and the objects that it needs.
pub(crate) async fn restore(
    backup: &Store,
    to: &Store,
    upto: Option<u64>,
) -> Result<Restored, RestoreError> {
    if to.last_commit(0).await? > 0 {
        return Err(RestoreError::NotEmpty);
    }
    let journal = Journal::new(backup.clone());
    let mut state = State::default();
    walk(&journal, upto.unwrap_or(u64::MAX), |commit| {
        state = state.apply(commit).map_err(Fault::from)?;
        Ok(())
    })
    .await?;
    let seq = state.head().seq;
    if upto.is_some_and(|wanted| wanted > seq) {
        return Err(RestoreError::TooFew { last: seq });
    }
    let mut restored = Restored { seq, ..Restored::default() };
    let moment = now().max(state.time());
    let needed = state.needed(moment, Duration::ZERO);
    for digest in state.needed(moment, Duration::MAX).iter() {
        if copy(backup, to, digest).await? {
            restored.objects += 1;
        } else if needed.has(&digest) {
            return Err(RestoreError::Lost { digest, seq });
        } else {
            restored.gone += 1;
        }
    }
    // Objects first: what stands in a journal is there.
    let mut head = Head::EMPTY;
    while head.seq < seq {
        for commit in journal.after(head).await?.iter().take_while(|it| it.commit().seq <= seq) {
            head = commit.head();
            if to.put_new(Key::Commit(head.seq), commit.bytes().clone()).await?
                == PutOutcome::Exists
            {
                return Err(RestoreError::NotEmpty);
            }
        }
    }
    Ok(restored)
}

/// Hands every entry of a journal up to a number to `take`.
async fn walk(
    journal: &Journal,
    upto: u64,
    mut take: impl FnMut(&SealedCommit) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut head = Head::EMPTY;
    loop {
        let commits = journal.after(head).await?;
        if commits.is_empty() {
            return Ok(());
        }
        for commit in &commits {
            if commit.commit().seq > upto {
                return Ok(());
            }
            take(commit)?;
            head = commit.head();
        }
    }
}

/// Copies an object; false when the backup does not have it, or not its bytes.
async fn copy(backup: &Store, to: &Store, digest: Digest) -> Result<bool, Fault> {
    let Some(reader) = backup.open_unchecked(digest).await? else { return Ok(false) };
    let (found, _) =
        hashed(&reader, digest).await.map_err(|error| Fault::io("read an object", error))?;
    if found != digest {
        return Ok(false);
    }
    to.put_blob(digest, Spool::Stored(reader)).await?;
    Ok(true)
}
