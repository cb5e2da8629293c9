//! Proxies: repositories that show what an upstream has, and keep what was asked for.
//!
//! - `classic`, `index`: an upstream with an `index.yaml`, which is read on demand and is not older
//!   than a limit;
//! - `oci`: an upstream that is an OCI registry, of which manifests, blobs and tags are asked for one
//!   by one;
//! - `fetch`: packages.
//!
//! What comes is compared with its digest, admitted like any upload to the repository, and committed
//! with the upstream as its actor: from then on it is an ordinary version or manifest that replicas
//! know. When the upstream does not answer, what is here goes on, and readers are warned.
//!
//! Left out: entries of an index without a digest; repositories that merge others ([`crate::merged`]).

mod classic;
mod fetch;
pub(crate) mod index;
pub(crate) mod oci;
mod settings;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chart_registry_catalog::Repository;
use chart_registry_store::Actor;
use tokio::sync::Semaphore;

use crate::access::Permission;
use crate::outbound::{Client, Credentials, Outbound, OutboundError};
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Origin, Registry};
use crate::sight::Sight;

pub use settings::{Upstream, UpstreamKind};

use classic::Classic;
use oci::Distribution;
use settings::VIA;

/// Packages and blobs that one proxy fetches at the same time.
const FETCHES: usize = 4;

/// An upstream that did not answer is left alone for this long.
const PAUSE: Duration = Duration::from_secs(15);

/// The time that a package or blob may take.
const PACKAGE_TIME: Duration = Duration::from_mins(5);

/// The proxies of a registry, by the paths of their repositories.
#[derive(Default)]
pub(crate) struct Proxies(BTreeMap<String, Proxy>);

/// One repository with an upstream.
pub(crate) struct Proxy {
    upstream: Upstream,
    client: Client,
    credentials: Option<Credentials>,
    fetches: Semaphore,
    kind: Kind,
}

/// What is known of the upstream.
enum Kind {
    Classic(Classic),
    Oci(Box<Distribution>),
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
        let kind = match upstream.kind {
            UpstreamKind::Classic => Kind::Classic(Classic::default()),
            UpstreamKind::Oci => Kind::Oci(Box::new(Distribution::new(&upstream)?)),
        };
        let fetches = Semaphore::new(FETCHES);
        Ok(Self { upstream, client, credentials, fetches, kind })
    }

    /// What readers see where that is more than what is stored: the versions that the upstream has
    /// besides.
    pub(crate) fn repository(&self) -> Option<Arc<Repository>> {
        match &self.kind {
            Kind::Classic(classic) => classic.repository(),
            Kind::Oci(_) => None,
        }
    }

    /// Why what is shown may be old.
    pub(crate) fn failure(&self) -> Option<String> {
        match &self.kind {
            Kind::Classic(classic) => classic.failure(),
            Kind::Oci(_) => None,
        }
    }

    /// Brings what is shown up to date with the upstream and with what is stored.
    pub(crate) async fn freshen(&self, registry: &Registry) -> Result<(), Fault> {
        match &self.kind {
            Kind::Classic(classic) => classic.freshen(self, registry).await,
            Kind::Oci(_) => Ok(()),
        }
    }

    /// What callers see.
    pub(crate) async fn sight(&self, registry: &Registry) -> Result<Sight, Fault> {
        self.freshen(registry).await?;
        let key = self.upstream.path.as_str().to_owned();
        let shown = match &self.kind {
            Kind::Classic(classic) => classic.base(),
            Kind::Oci(_) => None,
        };
        let stored = || {
            let state = registry.state();
            (state.head().seq, state.repository(&key))
        };
        let base = shown.unwrap_or_else(stored);
        Ok(Sight { key, base, stale: self.failure() })
    }

    /// Why clients cannot publish there.
    pub(crate) fn refuse_write(&self) -> Refusal {
        let path = &self.upstream.path;
        let what = format!("`{path}` shows what another repository has, and takes no packages");
        let fix = "publish to the other repository, or to another path";
        Refusal::new(Code::Forbidden, &what, &format!("repository `{path}`"), fix)
    }

    /// What comes from the upstream is published by it.
    fn origin(&self) -> Origin {
        let actor = Actor { sub: "upstream".to_owned(), via: self.upstream.via() };
        let repository = self.upstream.path.as_str().to_owned();
        Origin { actor, request: String::new(), repository }
    }

    fn warn(&self, reason: &str, what: &'static str) {
        let upstream = self.upstream.url.shown();
        tracing::warn!(upstream, reason, "an upstream does not give {what}");
    }
}

impl Registry {
    /// A server that writes nothing fetches nothing either.
    fn refuse_to_keep(&self, place: &str) -> Result<(), Refusal> {
        if self.options().writable {
            return Ok(());
        }
        let what = "it would have to be stored, and this server was started with --read-only";
        Err(failed(what, place, "ask a server that writes; others serve it from then on"))
    }

    /// What a proxy shows comes from its upstream alone, and what is virtual from its members.
    pub(crate) fn refuse_into_others(&self, origin: &Origin) -> Result<(), Refusal> {
        if let Some(it) = self.virtuals().at(&origin.repository) {
            return Err(it.refuse_write(self, Permission::Publish, |_| true));
        }
        match self.proxies().at(&origin.repository) {
            Some(proxy) if !origin.actor.via.starts_with(VIA) => Err(proxy.refuse_write()),
            Some(_) | None => Ok(()),
        }
    }
}

/// Why something that the upstream has cannot be had.
fn failed(what: &str, place: &str, fix: &str) -> Refusal {
    let what = format!("the upstream does not give it: {what}");
    Refusal::new(Code::Upstream, &what, place, fix)
}

fn unanswered(error: &OutboundError, place: &str) -> Refusal {
    failed(&error.to_string(), place, "send it again when the upstream is back")
}

/// A body that breaks off, drips or is too large is the upstream's fault and not the client's.
fn unreceived(error: PublishError, place: &str) -> PublishError {
    match error {
        PublishError::Refused(refusal)
            if [Code::BadRequest, Code::TooSlow, Code::TooLarge].contains(&refusal.code) =>
        {
            failed(&refusal.what, place, "ask the upstream's operator").into()
        }
        other => other,
    }
}
