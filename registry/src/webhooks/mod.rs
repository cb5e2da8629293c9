//! Telling other servers what happened: `CloudEvents` from the journal, in order, at least once.
//!
//! A webhook has a position in the journal, kept in the store with the lease of the one process that
//! delivers. So nothing is lost across restarts, and a publish never waits for a receiver: it does
//! not even know that there is one. After a crash the last seconds may be told again; an event has
//! the same id every time.
//!
//! Left out: changing webhooks while the server runs, batches of events.

mod board;
mod courier;
mod delivery;
mod event;
mod lease;
mod settings;
mod signature;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use chart_registry_catalog::State;
use chart_registry_store::Store;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::outbound::Outbound;
use crate::refusal::Fault;
use crate::registry::Options;

pub use settings::{HookName, Kind, OnRefusal, Pace, Webhook, WebhookSettings};
pub use signature::sign;

pub(crate) use board::{Report, metrics};

use board::Board;
use courier::Courier;
use delivery::Hook;
use lease::Leases;

/// How long the end of the program waits for the position to be kept.
const CLOSING_LIMIT: Duration = Duration::from_secs(5);

/// What the deliverer needs of the registry.
pub(crate) struct Surroundings {
    store: Store,
    state: Arc<ArcSwap<State>>,
    /// Tells the number of every commit after it was applied.
    applied: watch::Receiver<u64>,
    outbound: Outbound,
}

impl Surroundings {
    pub(crate) fn new(
        (store, state): (&Store, &Arc<ArcSwap<State>>),
        applied: &watch::Receiver<u64>,
        outbound: &Outbound,
    ) -> Self {
        let (store, state) = (store.clone(), Arc::clone(state));
        Self { store, state, applied: applied.clone(), outbound: outbound.clone() }
    }
}

/// The webhooks of an open registry.
pub(crate) struct Webhooks {
    board: Arc<Board>,
    /// Ends the deliverer, also when it is dropped.
    stop: watch::Sender<bool>,
    courier: Mutex<Option<JoinHandle<()>>>,
}

impl Webhooks {
    /// Reads the secrets and starts the deliverer, unless there is nothing to deliver or nothing may
    /// be written: whoever delivers writes how far it has come.
    pub(crate) async fn start(
        options: &Options,
        surroundings: Surroundings,
    ) -> Result<Self, Fault> {
        if !options.writable {
            return Ok(Self::none());
        }
        let settings = &options.webhooks;
        settings.check()?;
        let mut hooks = Vec::with_capacity(settings.hooks.len());
        for webhook in &settings.hooks {
            hooks.push(Arc::new(Hook::prepare(webhook, options, &surroundings.outbound).await?));
        }
        let board = Arc::new(Board::new(&settings.hooks));
        let (stop, stopped) = watch::channel(false);
        let courier = (!hooks.is_empty()).then(|| {
            let Surroundings { store, state, applied, .. } = surroundings;
            let leases = Leases::new(store.clone());
            let (pace, board) = (settings.pace, Arc::clone(&board));
            let courier = Courier { store, state, applied, hooks, board, pace, leases };
            tokio::spawn(courier.run(stopped))
        });
        Ok(Self { board, stop, courier: Mutex::new(courier) })
    }

    /// Those of a registry that delivers nothing.
    fn none() -> Self {
        let (stop, _) = watch::channel(true);
        Self { board: Arc::new(Board::new(&[])), stop, courier: Mutex::new(None) }
    }

    /// How each webhook is doing, with the journal's last number.
    pub(crate) fn report(&self, head: u64) -> Report {
        self.board.report(head)
    }

    /// Ends the deliverer and hands its turn on.
    pub(crate) async fn close(&self) {
        self.stop.send_replace(true);
        let courier = self.courier.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(courier) = courier else { return };
        if tokio::time::timeout(CLOSING_LIMIT, courier).await.is_err() {
            tracing::warn!("the position of the webhooks was not kept: some events come again");
        }
    }
}
