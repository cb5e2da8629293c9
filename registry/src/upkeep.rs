//! What keeps the next start fast: segments of the journal, and checkpoints of the snapshot.
//!
//! Both are made beside the requests, after commits were applied, by every process that writes; the
//! same work twice does no harm. So that it is rare, each process looks first, and processes come to
//! a checkpoint at different commits. A failure is told and costs nothing but time at the next start.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use chart_registry_catalog::State;
use chart_registry_store::segment::SEGMENT_COMMITS;
use chart_registry_store::{Journal, Key, Store, StoreError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::refusal::Fault;

/// Checkpoints that stay: one to read at a start, one for the case that it is damaged.
const KEPT_CHECKPOINTS: usize = 2;

/// How long the end of the program waits for a checkpoint or segment that is being written.
const CLOSING_LIMIT: Duration = Duration::from_secs(10);

/// The task behind the requests; none in a registry that writes nothing.
#[derive(Default)]
pub(crate) struct Running {
    task: Mutex<Option<(watch::Sender<bool>, JoinHandle<()>)>>,
}

impl Running {
    /// Ends the task when what it is writing is written.
    pub(crate) async fn close(&self) {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((stop, task)) = task else { return };
        stop.send_replace(true);
        if tokio::time::timeout(CLOSING_LIMIT, task).await.is_err() {
            tracing::warn!("a checkpoint was not written to its end: the next start takes longer");
        }
    }
}

/// Segments between two looks at all single commits, of which there may be those of an hour.
const SEGMENTS_UNTIL_CLEANING: u64 = 16;

pub(crate) struct Upkeep {
    store: Store,
    journal: Journal,
    state: Arc<ArcSwap<State>>,
    /// Tells the number of every commit that was applied.
    applied: watch::Receiver<u64>,
    /// Number of the commit of the last checkpoint.
    checkpoint: u64,
    /// Fewest commits between two checkpoints.
    checkpoint_after: u64,
    /// Number of the commit of the newest checkpoint that was there already.
    known: u64,
    /// By how many thousandths this process waits longer than others.
    stagger: u64,
}

/// The longest that processes wait for each other, in thousandths of the distance.
const LONGEST_STAGGER: u64 = 125;

/// Another number in each process.
fn stagger() -> u64 {
    rand::random_range(0..LONGEST_STAGGER)
}

impl Upkeep {
    /// Begins behind the checkpoint that the snapshot came from, with the fewest commits to the next.
    pub(crate) fn start(
        (store, journal): (&Store, &Journal),
        (state, applied): (&Arc<ArcSwap<State>>, &watch::Receiver<u64>),
        (checkpoint, checkpoint_after): (u64, u64),
    ) -> Running {
        let upkeep = Self {
            store: store.clone(),
            journal: journal.clone(),
            state: Arc::clone(state),
            applied: applied.clone(),
            checkpoint,
            checkpoint_after,
            known: 0,
            stagger: stagger(),
        };
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(upkeep.run(stopped));
        Running { task: Mutex::new(Some((stop, task))) }
    }

    /// Works until it is told to stop, or the committer is gone.
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut packed = None;
        // What was there before may be another version's, which this one cannot start from.
        self.known = self.newest().await;
        loop {
            let seq = self.state.load().head().seq;
            let full = seq / SEGMENT_COMMITS;
            if packed != Some(full) {
                let thoroughly = packed.is_none() || full.is_multiple_of(SEGMENTS_UNTIL_CLEANING);
                packed = Some(full);
                self.pack(seq, thoroughly).await;
            }
            if seq.saturating_sub(self.checkpoint) >= self.distance() {
                self.keep().await;
            }
            let goes_on = tokio::select! {
                changed = self.applied.changed() => changed.is_ok(),
                _ = stopped.changed() => false,
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Commits between two checkpoints: writing one costs time for every version, so that a large
    /// registry writes fewer.
    fn distance(&self) -> u64 {
        let least = self.checkpoint_after.max(self.state.load().all_versions() / 10);
        least + least * self.stagger / 1_000
    }

    async fn newest(&self) -> u64 {
        let kept = self.store.list_checkpoints().await.unwrap_or_default();
        kept.first().map_or(0, |head| head.seq)
    }

    async fn pack(&self, seq: u64, thoroughly: bool) {
        let packed = if thoroughly {
            self.journal.compact(seq).await
        } else {
            self.journal.make_segments(seq).await
        };
        match packed {
            Ok(done) if done.segments + done.removed > 0 => {
                tracing::debug!(segments = done.segments, removed = done.removed, "journal packed");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the journal is not packed into segments"),
        }
    }

    async fn keep(&mut self) {
        let state = self.state.load_full();
        let distance = self.distance();
        // The next try comes at the next distance, whatever became of this one.
        self.checkpoint = state.head().seq;
        let newest = self.newest().await;
        // Another process may have written one a moment ago.
        if newest > self.known && newest.saturating_add(distance / 2) > self.checkpoint {
            self.checkpoint = self.checkpoint.min(newest);
            return;
        }
        match self.write(state).await {
            Ok(bytes) => tracing::debug!(seq = self.checkpoint, bytes, "checkpoint written"),
            Err(error) => tracing::warn!(%error, "no checkpoint is written"),
        }
    }

    async fn write(&self, state: Arc<State>) -> Result<usize, Fault> {
        let key = Key::Checkpoint(state.head());
        let stopped = |_| Fault::Stopped { part: "writing of checkpoints" };
        let file = tokio::task::spawn_blocking(move || state.to_checkpoint());
        let file = file.await.map_err(stopped)?.ok_or_else(Fault::unreadable)?;
        let bytes = file.len();
        self.store.put_new(key, file.into()).await?;
        self.remove_old().await?;
        Ok(bytes)
    }

    async fn remove_old(&self) -> Result<(), StoreError> {
        let checkpoints = self.store.list_checkpoints().await?;
        for head in checkpoints.into_iter().skip(KEPT_CHECKPOINTS) {
            self.store.remove(Key::Checkpoint(head)).await?;
        }
        Ok(())
    }
}
