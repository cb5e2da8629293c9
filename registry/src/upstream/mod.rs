//! Proxies: repositories that show what an upstream has, and keep what was asked for.
//!
//! The upstream's index is read on demand and is not older than a limit. A package is fetched once,
//! compared with the digest in that index, admitted like any upload to the repository, and committed
//! as a publish whose actor is the upstream: from then on it is an ordinary version that replicas
//! know. When the upstream does not answer, what is here goes on, and readers are warned.
//!
//! Left out: OCI upstreams, entries of an index without a digest, repositories that merge others.

mod fetch;
mod index;
mod settings;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use chart_format::digest::Sha256;
use chart_registry_catalog::{Repository, State};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use crate::outbound::{Client, Credentials, Outbound};
use crate::refusal::Fault;

pub use settings::Upstream;

use index::Known;

/// Packages that one proxy fetches at the same time.
const FETCHES: usize = 4;

/// An upstream that did not answer is left alone for this long.
const PAUSE: Duration = Duration::from_secs(15);

/// The proxies of a registry, by the paths of their repositories.
pub(crate) struct Proxies(BTreeMap<String, Proxy>);

/// One repository with an upstream.
pub(crate) struct Proxy {
    upstream: Upstream,
    client: Client,
    credentials: Option<Credentials>,
    shown: ArcSwapOption<Shown>,
    /// When the upstream was asked last, and when it is to be asked again.
    asked: Mutex<Option<Instant>>,
    fetches: Semaphore,
}

/// What readers of the repository see.
struct Shown {
    known: Arc<Known>,
    /// Validator of the stored versions that it was made of.
    stored: Sha256,
    repository: Arc<Repository>,
    /// Why the upstream could not be asked the last time.
    failure: Option<String>,
}

impl Proxies {
    /// Makes ready what the settings name; nothing is asked yet.
    pub(crate) async fn new(upstreams: &[Upstream], outbound: &Outbound) -> Result<Self, Fault> {
        let mut proxies = BTreeMap::new();
        for upstream in upstreams {
            let path = upstream.path.as_str().to_owned();
            let proxy = Proxy::new(upstream.clone(), outbound).await?;
            if proxies.insert(path.clone(), proxy).is_some() {
                let reason = format!("`proxies` has two items with the path `{path}`");
                return Err(Fault::Configuration { reason });
            }
        }
        Ok(Self(proxies))
    }

    /// The proxy at exactly this path.
    pub(crate) fn at(&self, path: &str) -> Option<&Proxy> {
        self.0.get(path)
    }
}

impl Proxy {
    async fn new(upstream: Upstream, outbound: &Outbound) -> Result<Self, Fault> {
        let named = std::slice::from_ref(upstream.url.url());
        let client = outbound.client(named, &upstream.package_hosts).map_err(Fault::Outbound)?;
        let credentials = upstream.credentials().await?;
        let (asked, fetches) = (Mutex::new(None), Semaphore::new(FETCHES));
        let shown = ArcSwapOption::empty();
        Ok(Self { upstream, client, credentials, shown, asked, fetches })
    }

    /// What readers see: the versions that are stored, and those that the upstream has besides.
    pub(crate) fn repository(&self) -> Option<Arc<Repository>> {
        self.shown.load().as_ref().map(|shown| Arc::clone(&shown.repository))
    }

    /// Why what is shown may be old.
    pub(crate) fn failure(&self) -> Option<String> {
        self.shown.load().as_ref().and_then(|shown| shown.failure.clone())
    }

    /// Brings what is shown up to date with the upstream and with what is stored.
    ///
    /// One caller asks the upstream; others wait for it only when there is nothing to show yet.
    pub(crate) async fn freshen(&self, state: &Arc<State>) -> Result<(), Fault> {
        let mut asked = match self.asked.try_lock() {
            Ok(asked) => asked,
            Err(_) if self.shown.load().is_some() => return Ok(()),
            Err(_) => self.asked.lock().await,
        };
        let before = self.shown.load_full();
        let known = before.as_ref().map(|shown| Arc::clone(&shown.known)).unwrap_or_default();
        let due = asked.is_none_or(|next| Instant::now() >= next);
        let (known, failure) = if due {
            let (known, failure) = match self.ask(&known).await {
                Ok(Some(newer)) => (Arc::new(newer), None),
                Ok(None) => (known, None),
                Err(reason) => (known, Some(reason)),
            };
            if let Some(reason) = &failure {
                let upstream = self.upstream.url.shown();
                tracing::warn!(upstream, reason, "an upstream does not give its index");
            }
            let wait = if failure.is_some() { PAUSE } else { self.upstream.refresh() };
            *asked = Some(Instant::now() + wait);
            (known, failure)
        } else {
            (known, before.as_ref().and_then(|shown| shown.failure.clone()))
        };
        self.show((known, failure), before, state).await
    }

    async fn show(
        &self,
        (known, failure): (Arc<Known>, Option<String>),
        before: Option<Arc<Shown>>,
        state: &Arc<State>,
    ) -> Result<(), Fault> {
        let path = self.upstream.path.as_str().to_owned();
        let stored = state.repository(&path).hash();
        let same = before.filter(|it| it.stored == stored && Arc::ptr_eq(&it.known, &known));
        let repository = if let Some(before) = same {
            Arc::clone(&before.repository)
        } else {
            let (state, known) = (Arc::clone(state), Arc::clone(&known));
            let stopped = |_| Fault::Stopped { part: "reading of an upstream's index" };
            let overlaid = tokio::task::spawn_blocking(move || known.over(&state, &path));
            overlaid.await.map_err(stopped)??
        };
        self.shown.store(Some(Arc::new(Shown { known, stored, repository, failure })));
        Ok(())
    }
}
