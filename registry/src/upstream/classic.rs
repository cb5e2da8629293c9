//! An upstream with an index: what readers see of it.
//!
//! The index is asked for by one caller at a time. Whoever comes while that goes on, or waits too long
//! for it, sees what was heard last; what is stored here is always shown as it is now.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use chart_format::digest::Sha256;
use chart_registry_catalog::Repository;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout};

use super::index::Known;
use super::{Kind, PAUSE, Proxy};
use crate::refusal::Fault;
use crate::registry::Registry;
use crate::sight::edition;
use crate::views::Base;

/// How long a reader waits for an upstream that was heard of before.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of an upstream with an index.
#[derive(Default)]
pub(super) struct Classic {
    heard: ArcSwapOption<Heard>,
    asking: Mutex<()>,
    shown: ArcSwapOption<Shown>,
    making: Mutex<()>,
}

/// What the upstream said last.
struct Heard {
    known: Arc<Known>,
    /// Why it could not be asked the last time.
    failure: Option<String>,
    /// When it is to be asked again.
    next: Instant,
}

/// What readers of the repository see.
pub(super) struct Shown {
    pub(super) known: Arc<Known>,
    /// Validator of the stored versions that it was made of.
    stored: Sha256,
    edition: u64,
    pub(super) repository: Arc<Repository>,
}

impl Classic {
    /// What readers see: the versions that are stored, and those that the upstream has besides.
    pub(super) fn repository(&self) -> Option<Arc<Repository>> {
        self.shown.load().as_ref().map(|shown| Arc::clone(&shown.repository))
    }

    pub(super) fn base(&self) -> Option<Base> {
        self.shown.load().as_ref().map(|shown| (shown.edition, Arc::clone(&shown.repository)))
    }

    pub(super) fn shown(&self) -> Option<Arc<Shown>> {
        self.shown.load_full()
    }

    /// Why what is shown may be old.
    pub(super) fn failure(&self) -> Option<String> {
        self.heard.load().as_ref().and_then(|heard| heard.failure.clone())
    }

    /// Brings what is shown up to date with the upstream and with what is stored.
    pub(super) async fn freshen(&self, proxy: &Proxy, registry: &Registry) -> Result<(), Fault> {
        if self.is_due() {
            if self.heard.load().is_none() {
                // There is nothing to show yet: everybody waits.
                let turn = self.asking.lock().await;
                self.hear(proxy, turn).await;
            } else {
                self.hear_soon(proxy, registry).await?;
            }
        }
        self.show(proxy, registry).await
    }

    fn is_due(&self) -> bool {
        self.heard.load().as_ref().is_none_or(|heard| Instant::now() >= heard.next)
    }

    /// Asks the upstream, and goes on without its answer when that takes long.
    async fn hear_soon(&self, proxy: &Proxy, registry: &Registry) -> Result<(), Fault> {
        let (registry, path) = (registry.clone(), proxy.upstream.path.clone());
        let asking = tokio::spawn(async move {
            let Some(proxy) = registry.proxies().at(path.as_str()) else { return };
            if let Kind::Classic(classic) = &proxy.kind
                && let Ok(turn) = classic.asking.try_lock()
            {
                classic.hear(proxy, turn).await;
            }
        });
        match timeout(PATIENCE, asking).await {
            Ok(asked) => {
                asked.map_err(|_| Fault::Stopped { part: "reading of an upstream's index" })
            }
            Err(_) => Ok(()),
        }
    }

    /// Asks the upstream, if nobody did while the caller waited for its turn.
    async fn hear(&self, proxy: &Proxy, _turn: MutexGuard<'_, ()>) {
        if !self.is_due() {
            return;
        }
        let before = self.heard.load_full();
        let known = before.as_ref().map(|heard| Arc::clone(&heard.known)).unwrap_or_default();
        let (known, failure) = match proxy.ask_index(&known).await {
            Ok(Some(newer)) => (Arc::new(newer), None),
            Ok(None) => (known, None),
            Err(reason) => (known, Some(reason)),
        };
        if let Some(reason) = &failure {
            proxy.warn(reason, "its index");
        }
        let wait = if failure.is_some() { PAUSE } else { proxy.upstream.refresh() };
        let next = Instant::now() + wait;
        self.heard.store(Some(Arc::new(Heard { known, failure, next })));
    }

    /// Makes what readers see of what was heard and of what is stored now.
    async fn show(&self, proxy: &Proxy, registry: &Registry) -> Result<(), Fault> {
        if self.is_shown(proxy, registry) {
            return Ok(());
        }
        let _making = self.making.lock().await;
        if self.is_shown(proxy, registry) {
            return Ok(());
        }
        let known = self.heard.load().as_ref().map(|heard| Arc::clone(&heard.known));
        let (known, stored) = (known.unwrap_or_default(), stored(proxy, registry));
        let hash = stored.hash();
        let below = Arc::clone(&known.repository);
        let stopped = |_| Fault::Stopped { part: "reading of an upstream's index" };
        let merged = tokio::task::spawn_blocking(move || stored.over(&below)).await;
        let repository = merged.map_err(stopped)?.map_err(|_| Fault::unreadable())?;
        let shown = Shown { known, stored: hash, edition: edition(), repository };
        self.shown.store(Some(Arc::new(shown)));
        Ok(())
    }

    fn is_shown(&self, proxy: &Proxy, registry: &Registry) -> bool {
        let (shown, heard) = (self.shown.load(), self.heard.load());
        let (Some(shown), Some(heard)) = (shown.as_ref(), heard.as_ref()) else { return false };
        let same = Arc::ptr_eq(&shown.known, &heard.known);
        same && shown.stored == stored(proxy, registry).hash()
    }
}

fn stored(proxy: &Proxy, registry: &Registry) -> Arc<Repository> {
    registry.state().repository(proxy.upstream.path.as_str())
}
