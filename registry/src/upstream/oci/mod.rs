//! An upstream that is an OCI registry.
//!
//! - `challenge`: how it asks for a credential, and the tokens that were got;
//! - `api`: its answers about manifests, blobs, tags and referrers;
//! - `bring`: manifests, and what they wrap;
//! - `blobs`: the bytes that manifests name;
//! - `lists`: tags and referrers.
//!
//! A tag is compared with the upstream when it was not for a while; what has a digest never changes.
//! A manifest that wraps a chart is published with everything that it names before it is answered.
//! Of others the bytes are answered at once, what they name is fetched behind the answer or when
//! somebody asks for it, and the manifest is kept when all of it has come.

mod api;
mod blobs;
mod bring;
mod challenge;
mod lists;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chart_registry_catalog::StoredManifest;
use chart_registry_store::{Digest, is_oci_component};
use tokio::time::Instant;

use super::{PAUSE, Upstream};
use crate::outbound::{Credentials, Url};
use crate::refusal::Fault;

pub(crate) use bring::Brought;
#[cfg(any(test, fuzzing))]
pub(crate) use challenge::Challenge;

/// Most things that are remembered about an upstream beside what is stored, of each kind.
const REMEMBERED: usize = 4_096;

/// What is known of an upstream beside what is stored.
pub(crate) struct Distribution {
    base: Url,
    /// What stands before the last segment of its names, without slashes at its ends.
    prefix: String,
    /// By last segments of names.
    tokens: Remembered<Credentials>,
    /// Last segments and tags that were compared lately, and whether the upstream had something.
    compared: Remembered<bool>,
    tags: Remembered<Arc<Vec<String>>>,
    /// Manifests that were answered before all that they name has come: by last segment and by tag
    /// or digest.
    pending: Remembered<Arc<StoredManifest>>,
    /// Why it did not answer the last time.
    down: Mutex<Option<(Instant, String)>>,
    flights: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// Things that are forgotten after a while.
struct Remembered<V>(Mutex<BTreeMap<(String, String), (Instant, V)>>);

impl<V> Default for Remembered<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> Remembered<V> {
    fn get(&self, one: &str, two: &str) -> Option<V> {
        let known = locked(&self.0);
        let (until, value) = known.get(&(one.to_owned(), two.to_owned()))?;
        (Instant::now() < *until).then(|| value.clone())
    }

    /// The same, however old it is.
    fn last(&self, one: &str, two: &str) -> Option<V> {
        let known = locked(&self.0);
        known.get(&(one.to_owned(), two.to_owned())).map(|(_, value)| value.clone())
    }

    fn put(&self, (one, two): (&str, &str), value: V, time: Duration) {
        let mut known = locked(&self.0);
        let now = Instant::now();
        if known.len() >= REMEMBERED {
            known.retain(|_, (until, _)| now < *until);
        }
        if known.len() >= REMEMBERED {
            // Forgetting costs a question.
            known.clear();
        }
        known.insert((one.to_owned(), two.to_owned()), (now + time, value));
    }

    fn forget(&self, one: &str, two: &str) {
        locked(&self.0).remove(&(one.to_owned(), two.to_owned()));
    }
}

impl Distribution {
    pub(super) fn new(upstream: &Upstream) -> Result<Self, Fault> {
        let mut base = upstream.url.url().clone();
        let prefix = base.path().trim_matches('/').to_owned();
        let named = prefix.is_empty() || prefix.split('/').all(is_oci_component);
        if !named || prefix.split('/').next() == Some("v2") {
            let (path, url) = (&upstream.path, upstream.url.shown());
            let reason = format!(
                "the `url` of the proxy `{path}` is `{url}`: what stands behind the host is the \
                 beginning of OCI names there, without `/v2`"
            );
            return Err(Fault::Configuration { reason });
        }
        base.set_query(None);
        base.set_path("");
        Ok(Self {
            base,
            prefix,
            tokens: Remembered::default(),
            compared: Remembered::default(),
            tags: Remembered::default(),
            pending: Remembered::default(),
            down: Mutex::default(),
            flights: Mutex::default(),
        })
    }

    /// The upstream's name for the last segment of ours.
    fn name(&self, last: &str) -> String {
        if self.prefix.is_empty() { last.to_owned() } else { format!("{}/{last}", self.prefix) }
    }

    fn url(&self, last: &str, rest: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/v2/{}/{rest}", self.name(last)));
        url
    }

    /// Why it is not asked now: it did not answer a moment ago.
    fn failure(&self) -> Option<String> {
        let down = locked(&self.down);
        down.as_ref().filter(|(until, _)| Instant::now() < *until).map(|(_, reason)| reason.clone())
    }

    fn note_failure(&self, reason: &str) {
        *locked(&self.down) = Some((Instant::now() + PAUSE, reason.to_owned()));
    }

    /// Whoever holds the lock fetches one thing; others wait for it and find it.
    fn flight(&self, what: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut flights = locked(&self.flights);
        // Nobody but the map holds those that nobody fetches any more.
        flights.retain(|_, flight| Arc::strong_count(flight) > 1);
        Arc::clone(flights.entry(what.to_owned()).or_default())
    }

    /// A manifest that was answered and is not stored yet.
    pub(super) fn waiting(&self, last: &str, reference: &str) -> Option<Arc<StoredManifest>> {
        self.pending.get(last, reference)
    }

    fn forget_waiting(&self, last: &str, (reference, digest): (&str, Digest)) {
        self.pending.forget(last, reference);
        self.pending.forget(last, &digest.to_string());
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
