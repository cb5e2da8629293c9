//! The task that waits for its turn, delivers while it has it, and keeps the positions.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use chart_registry_catalog::State;
use chart_registry_store::{Store, StoreError};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::board::Board;
use super::delivery::{Delivery, Hook};
use super::lease::{Leases, Positions, Record, Seen};
use super::settings::Pace;

/// Looks at the lease of others in the time between two of its renewals.
const LOOKS_PER_RENEWAL: u32 = 3;

/// How long the end of a turn waits for answers that are on their way.
const ENDING_LIMIT: Duration = Duration::from_secs(3);

pub(super) struct Courier {
    pub(super) store: Store,
    pub(super) state: Arc<ArcSwap<State>>,
    pub(super) applied: watch::Receiver<u64>,
    pub(super) hooks: Vec<Arc<Hook>>,
    pub(super) board: Arc<Board>,
    pub(super) pace: Pace,
    pub(super) leases: Leases,
}

/// The turn of this process.
struct Turn {
    epoch: u64,
    /// When the last record of it was written.
    renewed: Instant,
    /// Positions as they were written last.
    kept: Positions,
}

/// Why a turn ended.
enum Ended {
    Stopped,
    Lost,
}

impl Courier {
    /// Works until the registry ends.
    pub(super) async fn run(self, mut stopped: watch::Receiver<bool>) {
        loop {
            // The sender is gone when the registry is: that ends the work, too.
            let turn = tokio::select! {
                turn = self.wait_for_turn() => turn,
                _ = stopped.wait_for(|stopped| *stopped) => return,
            };
            tracing::info!("webhooks are delivered by this process");
            self.board.begin();
            let ended = self.deliver(turn, &mut stopped).await;
            self.board.end();
            match ended {
                Ended::Stopped => return,
                Ended::Lost => tracing::warn!("another process delivers the webhooks now"),
            }
        }
    }

    async fn wait_for_turn(&self) -> Turn {
        let mut seen = None;
        let mut since = Instant::now();
        let mut first = true;
        loop {
            match self.try_for_turn(&mut seen, &mut since, first).await {
                Ok(Some(turn)) => return turn,
                Ok(None) => first = false,
                Err(error) => tracing::warn!(%error, "the lease of the webhooks cannot be read"),
            }
            sleep(self.pace.renew / LOOKS_PER_RENEWAL).await;
        }
    }

    async fn try_for_turn(
        &self,
        seen: &mut Option<Seen>,
        since: &mut Instant,
        first: bool,
    ) -> Result<Option<Turn>, StoreError> {
        if first {
            *seen = self.leases.newest().await?;
            *since = Instant::now();
        } else if self.catch_up(seen).await? {
            *since = Instant::now();
        }
        if let Some(Seen { record, .. }) = seen {
            self.board.follow(&record.positions);
            if !record.released && since.elapsed() < self.pace.takeover {
                return Ok(None);
            }
        }
        // Records were read one after the other, and old ones are removed: a look at all of them
        // tells whether the row really ended.
        let newest = self.leases.newest().await?;
        if newest != *seen {
            (*seen, *since) = (newest, Instant::now());
            return Ok(None);
        }
        let epoch = newest.as_ref().map_or(0, |seen| seen.epoch) + 1;
        let kept = self.with_new_hooks(newest.map(|seen| seen.record.positions));
        let written = self.leases.write(epoch, &Record::new(kept.clone())).await?;
        Ok(written.then(|| Turn { epoch, renewed: Instant::now(), kept }))
    }

    /// Reads what the row has grown by; true when it has.
    async fn catch_up(&self, seen: &mut Option<Seen>) -> Result<bool, StoreError> {
        let mut grown = false;
        loop {
            let (epoch, before) =
                seen.as_ref().map_or((1, None), |seen| (seen.epoch + 1, Some(&seen.record)));
            let Some(record) = self.leases.read(epoch, before).await? else { return Ok(grown) };
            *seen = Some(Seen { epoch, record });
            grown = true;
        }
    }

    /// A webhook that is new is told what happens from now on.
    fn with_new_hooks(&self, positions: Option<Positions>) -> Positions {
        let mut positions = positions.unwrap_or_default();
        let head = self.state.load().head().seq;
        for hook in &self.hooks {
            positions.entry(hook.name().to_owned()).or_insert(head);
        }
        positions
    }

    async fn deliver(&self, mut turn: Turn, stopped: &mut watch::Receiver<bool>) -> Ended {
        self.board.follow(&turn.kept);
        let (ending, ends) = watch::channel(false);
        let mut deliveries = JoinSet::new();
        for hook in &self.hooks {
            deliveries.spawn(self.delivery(hook, &turn.kept, ends.clone()).run());
        }
        loop {
            let next = Instant::now() + self.pace.keep;
            let stop = tokio::select! {
                () = sleep_until(next) => false,
                _ = stopped.wait_for(|stopped| *stopped) => true,
            };
            if stop {
                // What a receiver has taken already should not come again.
                ending.send_replace(true);
                let ended = async { while deliveries.join_next().await.is_some() {} };
                drop(timeout(ENDING_LIMIT, ended).await);
                deliveries.shutdown().await;
                self.release(&turn).await;
                return Ended::Stopped;
            }
            if !self.renew(&mut turn).await {
                deliveries.shutdown().await;
                return Ended::Lost;
            }
        }
    }

    fn delivery(
        &self,
        hook: &Arc<Hook>,
        positions: &Positions,
        ending: watch::Receiver<bool>,
    ) -> Delivery {
        Delivery {
            store: self.store.clone(),
            state: Arc::clone(&self.state),
            applied: self.applied.clone(),
            position: positions.get(hook.name()).copied().unwrap_or_default(),
            hook: Arc::clone(hook),
            board: Arc::clone(&self.board),
            pace: self.pace,
            ending,
        }
    }

    /// Keeps positions and turn when it is time for that; false when the turn is lost.
    async fn renew(&self, turn: &mut Turn) -> bool {
        let due = turn.renewed.elapsed() >= self.pace.renew;
        if !due && !self.board.take_told() {
            return true;
        }
        let positions = self.positions(&turn.kept);
        match self.leases.write(turn.epoch + 1, &Record::new(positions.clone())).await {
            Ok(true) => {
                turn.epoch += 1;
                (turn.renewed, turn.kept) = (Instant::now(), positions);
                self.leases.forget_before(turn.epoch).await;
                true
            }
            Ok(false) => false,
            Err(error) => {
                tracing::warn!(%error, "the positions of the webhooks cannot be kept");
                self.board.tell_again();
                // Others take over when they have waited for `takeover`: this one ends before that.
                turn.renewed.elapsed() < self.pace.takeover * 2 / 3
            }
        }
    }

    /// Positions of webhooks that this process does not know stay what they are.
    fn positions(&self, kept: &Positions) -> Positions {
        let mut positions = kept.clone();
        positions.extend(self.board.positions());
        positions
    }

    /// Hands the turn on, so that nobody has to wait for it.
    async fn release(&self, turn: &Turn) {
        let record = Record { released: true, ..Record::new(self.positions(&turn.kept)) };
        if let Err(error) = self.leases.write(turn.epoch + 1, &record).await {
            tracing::warn!(%error, "the positions of the webhooks cannot be kept");
        }
    }
}
