//! From a storage to a snapshot: the newest checkpoint that holds, then the journal after it.

use chart_registry_catalog::{ApplyError, CheckpointError, Replay, State};
use chart_registry_store::{Head, Journal, Key, Store};

use crate::committer::blocked;
use crate::refusal::{Fault, PublishError};

/// A snapshot as the storage has it.
pub(crate) struct Opened {
    pub(crate) state: State,
    /// Number of the commit for which the checkpoint stands that was used; 0 without one.
    pub(crate) checkpoint: u64,
    /// Why nothing can be written, when the journal holds what this program does not know.
    pub(crate) blocked: Option<PublishError>,
}

/// The state after the whole journal, or before the first entry that this program does not know.
pub(crate) async fn open(store: &Store, journal: &Journal) -> Result<Opened, Fault> {
    let state = restored(store, journal).await?.unwrap_or_default();
    let (head, checkpoint) = (state.head(), state.head().seq);
    let mut replay = Replay::new(state);
    let result = journal.replay(head, |commit| replay.apply(commit)).await;
    let blocked = match result {
        Ok(_) => None,
        Err(error @ ApplyError::NewerReader { .. }) => {
            tracing::warn!(%error, "the registry is read-only");
            Some(blocked(&error))
        }
        Err(error) => return Err(error.into()),
    };
    let state = replay.finish()?;
    Ok(Opened { state, checkpoint, blocked })
}

/// The state of the newest checkpoint that is whole and that the journal confirms.
async fn restored(store: &Store, journal: &Journal) -> Result<Option<State>, Fault> {
    for head in store.list_checkpoints().await? {
        match read(store, journal, head).await? {
            Ok(state) => return Ok(state),
            Err(CheckpointError::OtherProgram) => {}
            Err(error @ CheckpointError::Damaged { .. }) => {
                let checkpoint = Key::Checkpoint(head);
                tracing::warn!(%error, %checkpoint, "a checkpoint is dropped; the journal is whole");
                drop_checkpoint(store, checkpoint).await;
            }
        }
    }
    Ok(None)
}

type Restored = Result<Option<State>, CheckpointError>;

async fn read(store: &Store, journal: &Journal, head: Head) -> Result<Restored, Fault> {
    // Another process may have removed it after it was listed.
    let Some(file) = store.read(Key::Checkpoint(head)).await? else { return Ok(Ok(None)) };
    // Not on a thread of its own: the allocator gives threads memory from different places, and what
    // the replay frees of the checkpoint's leaves is of use to it only where it made them itself.
    // Nothing is served before all of it is read.
    let state = match State::from_checkpoint(&file) {
        Ok(state) => state,
        Err(error) => return Ok(Err(error)),
    };
    if state.head() != head {
        let reason = "it stands for another commit than its name says";
        return Ok(Err(CheckpointError::Damaged { reason }));
    }
    // A journal that was restored from a backup has another history.
    if !journal.holds(head).await? {
        let reason = "the journal does not hold its commit";
        return Ok(Err(CheckpointError::Damaged { reason }));
    }
    Ok(Ok(Some(state)))
}

/// It would be found again at every start; on a disk that takes no writes it is.
async fn drop_checkpoint(store: &Store, checkpoint: Key) {
    if let Err(error) = store.remove(checkpoint).await {
        tracing::warn!(%error, %checkpoint, "a dropped checkpoint cannot be removed");
    }
}
