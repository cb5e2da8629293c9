//! Manifests of an upstream: asked for, compared, and kept with what they wrap.

use std::sync::Arc;
use std::time::Duration;

use chart_registry_catalog::{StoredManifest, version_of};
use chart_registry_store::{Digest, Spool, is_oci_component};

use super::super::{Kind, Proxy, failed};
use super::Distribution;
use super::api::{Answer, Fetched};
use super::blobs::Part;
use crate::oci::{Name, Push, Reference, document};
use crate::refusal::{Fault, PublishError};
use crate::registry::Registry;

/// How long a manifest is answered whose blobs do not come.
const WAITING: Duration = Duration::from_hours(1);

/// What an upstream was found to have, beside what is stored now.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    /// The manifest, when it is not stored yet because not all that it names has come.
    pub(crate) pending: Option<Arc<StoredManifest>>,
    /// Why what is stored may be old.
    pub(crate) stale: Option<String>,
}

/// A question about a manifest of an upstream.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    proxy: &'a Proxy,
    distribution: &'a Distribution,
    name: &'a Name,
    reference: &'a Reference,
    /// Whether it is of use only when all that it names is here.
    whole: bool,
}

impl Registry {
    /// Makes sure that a manifest of a proxy is stored, as the upstream has it now or had it lately.
    pub(crate) async fn bring_manifest(
        &self,
        proxy: &Proxy,
        name: &Name,
        reference: &Reference,
    ) -> Result<Brought, PublishError> {
        self.bring_as(proxy, (name, reference), false).await
    }

    /// The same, with all that it names, whatever it is.
    pub(super) async fn bring_whole(
        &self,
        proxy: &Proxy,
        name: &Name,
        reference: &Reference,
    ) -> Result<Brought, PublishError> {
        self.bring_as(proxy, (name, reference), true).await
    }

    async fn bring_as(
        &self,
        proxy: &Proxy,
        (name, reference): (&Name, &Reference),
        whole: bool,
    ) -> Result<Brought, PublishError> {
        let distribution = match &proxy.kind {
            Kind::Oci(distribution) => distribution,
            Kind::Classic(classic) => {
                if let Reference::Tag(tag) = reference
                    && let Some(version) = version_of(tag)
                    && self.digest_here(name, reference).is_none()
                {
                    let file = format!("{}-{version}.tgz", name.last);
                    self.bring_listed((proxy, classic), &file).await?;
                }
                return Ok(Brought { pending: None, stale: proxy.failure() });
            }
        };
        if !is_oci_component(&name.last) || !proxy.upstream.admits(&name.last) {
            return Ok(Brought::default());
        }
        let wanted = Wanted { proxy, distribution, name, reference, whole };
        if let Some(known) = self.known(wanted) {
            return Ok(known);
        }
        let text = reference.text();
        let flight = distribution.flight(&format!("{} {text}", name.last));
        let _turn = flight.lock().await;
        // Somebody else may have asked meanwhile.
        match self.known(wanted) {
            Some(known) => Ok(known),
            None => self.compare(wanted).await,
        }
    }

    /// The answer that needs no question.
    fn known(&self, wanted: Wanted<'_>) -> Option<Brought> {
        let Wanted { distribution, name, reference, whole, .. } = wanted;
        let (last, text) = (&name.last, reference.text());
        let here = self.digest_here(name, reference);
        let pending = || distribution.waiting(last, &text).filter(|_| !whole);
        match reference {
            Reference::Digest(_) if here.is_some() => return Some(Brought::default()),
            Reference::Digest(_) => {
                if let Some(pending) = pending() {
                    return Some(Brought { pending: Some(pending), stale: None });
                }
            }
            Reference::Tag(tag) => {
                if self.was_taken_away(name, tag) {
                    return Some(Brought::default());
                }
                let (had, pending) = (distribution.compared.get(last, tag), pending());
                // What could not be kept is asked for again.
                if had.is_some_and(|had| !had || here.is_some() || pending.is_some()) {
                    return Some(Brought { pending, stale: None });
                }
            }
        }
        let stale = distribution.failure()?;
        let pending = pending();
        (here.is_some() || pending.is_some()).then_some(Brought { pending, stale: Some(stale) })
    }

    /// Asks the upstream.
    async fn compare(&self, wanted: Wanted<'_>) -> Result<Brought, PublishError> {
        let Wanted { proxy, distribution, name, reference, .. } = wanted;
        let text = reference.text();
        let here = self.digest_here(name, reference);
        let asked = if let Some(reason) = distribution.failure() {
            Err(reason)
        } else {
            let asked = proxy.ask_manifest(distribution, (&name.last, reference), here).await;
            asked.inspect_err(|reason| {
                distribution.note_failure(reason);
                proxy.warn(reason, "a manifest");
            })
        };
        let (brought, had) = match asked {
            Ok(Answer::Absent) => (Brought::default(), here.is_some()),
            Ok(Answer::Same) => (Brought::default(), true),
            Ok(Answer::Manifest(fetched)) => {
                (self.take(wanted, fetched, here.is_some()).await?, true)
            }
            Err(reason) if here.is_some() => {
                return Ok(Brought { pending: None, stale: Some(reason) });
            }
            Err(reason) => {
                if let Some(pending) = distribution.waiting(&name.last, &text) {
                    return Ok(Brought { pending: Some(pending), stale: Some(reason) });
                }
                let place = format!("{}:{text}", name.text());
                let fix = "send it again when the upstream is back";
                return Err(failed(&reason, &place, fix).into());
            }
        };
        distribution.compared.put((&name.last, &text), had, proxy.upstream.refresh());
        Ok(brought)
    }

    /// Keeps a manifest.
    async fn take(
        &self,
        wanted: Wanted<'_>,
        fetched: Fetched,
        known: bool,
    ) -> Result<Brought, PublishError> {
        let Wanted { proxy, name, reference, whole, .. } = wanted;
        let Fetched { digest, media_type, bytes } = fetched;
        let place = format!("{}:{}", name.text(), reference.text());
        self.refuse_to_keep(&place)?;
        let document = document::parse(&bytes, media_type.as_deref());
        let fix = "ask the upstream's operator";
        let document = document.map_err(|refusal| failed(&refusal.what, &place, fix))?;
        let push = Push {
            last: name.last.clone(),
            reference: reference.clone(),
            tags: Vec::new(),
            content_type: media_type,
            bytes,
            created: None,
        };
        let parts: Vec<Part> = document.blobs.iter().filter_map(Part::of).collect();
        if document.chart.is_none() && !parts.is_empty() && !whole {
            return self.answer_before(wanted, (digest, document), (push, parts)).await;
        }
        for part in parts {
            self.bring_part(proxy, name, part).await?;
        }
        match self.push_manifest(proxy.origin(), push).await {
            Err(PublishError::Refused(refusal)) if known => {
                // What was taken stays what it is, whatever the upstream has now.
                proxy.warn(&refusal.to_string(), "what it gave before");
                Ok(Brought::default())
            }
            pushed => pushed.map(|_| Brought::default()),
        }
    }

    /// Answers with a manifest whose blobs come behind the answer.
    async fn answer_before(
        &self,
        wanted: Wanted<'_>,
        (digest, document): (Digest, document::Document),
        (push, parts): (Push, Vec<Part>),
    ) -> Result<Brought, PublishError> {
        let Wanted { distribution, name, reference, .. } = wanted;
        let stored = Arc::new(StoredManifest {
            digest,
            size: push.bytes.len() as u64,
            media_type: document.media_type,
            artifact_type: document.artifact_type,
            subject: document.subject,
            blobs: Vec::new(),
            chart: None,
        });
        self.store().put_blob(digest, Spool::Memory(push.bytes.clone())).await?;
        let text = reference.text();
        for key in [&text, &digest.to_string()] {
            distribution.pending.put((&name.last, key), Arc::clone(&stored), WAITING);
        }
        let (registry, name) = (self.clone(), name.clone());
        tokio::spawn(async move {
            let done = registry.complete(&name, push, parts).await;
            let Some(proxy) = registry.proxies().at(&name.path) else { return };
            if let Err(error) = done {
                proxy.warn(&error.to_string(), "all that a manifest names");
            }
            if let Kind::Oci(distribution) = &proxy.kind {
                distribution.forget_waiting(&name.last, (&text, digest));
            }
        });
        Ok(Brought { pending: Some(stored), stale: None })
    }

    /// Fetches what a manifest names, then keeps it.
    async fn complete(
        &self,
        name: &Name,
        push: Push,
        parts: Vec<Part>,
    ) -> Result<(), PublishError> {
        let proxy = self.proxies().at(&name.path);
        let proxy = proxy.ok_or(Fault::Stopped { part: "fetching of blobs" })?;
        for part in parts {
            self.bring_part(proxy, name, part).await?;
        }
        self.push_manifest(proxy.origin(), push).await.map(drop)
    }

    fn digest_here(&self, name: &Name, reference: &Reference) -> Option<Digest> {
        let stored = self.state().shelf(&name.path, &name.last);
        let found = match reference {
            Reference::Tag(tag) => stored.tagged(tag),
            Reference::Digest(digest) => stored.manifest(digest),
        };
        found.map(|named| named.digest())
    }

    /// Whether a tag is a version that was deleted or purged here: the upstream does not bring it back.
    fn was_taken_away(&self, name: &Name, tag: &str) -> bool {
        let Some(version) = version_of(tag) else { return false };
        let repository = self.state().repository(&name.path);
        repository.find_any(&name.last, &version).is_some_and(|entry| !entry.available())
    }
}
