//! Taking a manifest. One that wraps a chart publishes the chart by the way of every other package.

use bytes::Bytes;
use chart_registry_catalog::full_version_of;
use chart_registry_store::{
    Algorithm, BlobRef, Digest, Event, Manifest, OciEvent, Spool, Timestamp,
};

use super::blobs::wrong_digest;
use super::document::{ChartParts, Document, NamedBlob, invalid, parse};
use super::{Name, Reference, tag};
use crate::committer;
use crate::inspection::Inspected;
use crate::provenance::MAX_PROVENANCE_BYTES;
use crate::publishing::Wish;
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Origin, Registry};
use crate::spool::{Received, too_large};

/// A manifest as a request brought it.
#[derive(Debug)]
pub(crate) struct Push {
    /// Last segment of the OCI name.
    pub(crate) last: String,
    pub(crate) reference: Reference,
    /// Tags in the query, of a manifest that is pushed by its digest.
    pub(crate) tags: Vec<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
    /// When the chart that it wraps was published first elsewhere.
    pub(crate) created: Option<Timestamp>,
}

/// What a pushed manifest became.
#[derive(Debug)]
pub(crate) struct Pushed {
    pub(crate) digest: Digest,
    pub(crate) subject: Option<Digest>,
    /// Tags in the query that name it now.
    pub(crate) tags: Vec<String>,
}

impl Registry {
    /// Takes a manifest: when this returns, it is durable and everybody sees it.
    pub(crate) async fn push_manifest(
        &self,
        origin: Origin,
        push: Push,
    ) -> Result<Pushed, PublishError> {
        self.refuse_when_blocked()?;
        let digest = push.digest()?;
        push.tags.iter().try_for_each(|text| tag(text))?;
        let document = parse(&push.bytes, push.content_type.as_deref())?;
        let name = Name { path: origin.repository.clone(), last: push.last.clone() };
        let blobs = self.stored_blobs(&name, &document).await?;
        let event = manifest_event(&origin, &push, (digest, &document), blobs.clone());
        let pushed = Pushed { digest, subject: document.subject, tags: push.tags };
        let events = match document.chart {
            Some(parts) => self.chart_events(origin, (&event, push.created), parts).await?,
            None => vec![Event::Oci(OciEvent::Manifest(Box::new(event)))],
        };
        // What is refused is refused before its manifest is stored.
        committer::decide_now(&self.state(), &events)?;
        self.store().put_blob(digest, Spool::Memory(push.bytes)).await?;
        self.commit_all(events).await?;
        for blob in blobs {
            self.stop_waiting(&name, blob.digest).await?;
        }
        Ok(pushed)
    }

    /// The blobs of a manifest that are stored; refuses one that names what the repository lacks.
    async fn stored_blobs(
        &self,
        name: &Name,
        document: &Document,
    ) -> Result<Vec<BlobRef>, PublishError> {
        let mut stored = Vec::new();
        for blob in &document.blobs {
            let size = match (self.kept(name, blob.digest).await?, &blob.data) {
                (Some(size), _) => size,
                (None, Some(data)) => {
                    self.store().put_blob(blob.digest, Spool::Memory(data.clone())).await?;
                    self.keep_waiting(name, blob.digest, data.len() as u64).await?;
                    data.len() as u64
                }
                (None, None) if blob.elsewhere => continue,
                (None, None) => return Err(missing_blob(name, blob.digest).into()),
            };
            if size != blob.size {
                let digest = blob.digest;
                let reason = format!("`{digest}` has {size} bytes, and it says {}", blob.size);
                return Err(invalid(&reason).into());
            }
            stored.push(BlobRef { digest: blob.digest, size });
        }
        Ok(stored)
    }

    /// The size of a blob that the repository has, and that nobody takes away now.
    async fn kept(&self, name: &Name, digest: Digest) -> Result<Option<u64>, PublishError> {
        let Some(source) = self.blob(name, digest).await? else { return Ok(None) };
        let size = source.size;
        Ok(self.keep_young(digest, source).await?.then_some(size))
    }

    /// The events of a manifest that wraps a chart: the chart, its signature, and the manifest.
    async fn chart_events(
        &self,
        origin: Origin,
        (manifest, created): (&Manifest, Option<Timestamp>),
        parts: ChartParts,
    ) -> Result<Vec<Event>, PublishError> {
        let limit = self.options().max_upload_bytes;
        if parts.package.size > limit {
            return Err(too_large(limit).into());
        }
        let package = self.received(&parts.package).await?;
        let provenance = match parts.provenance {
            Some(blob) if blob.size > MAX_PROVENANCE_BYTES => {
                return Err(too_large(MAX_PROVENANCE_BYTES).into());
            }
            Some(blob) => Some(self.received(&blob).await?),
            None => None,
        };
        let wish = Wish { created, ..Wish::default() };
        let (mut events, inspected) = self.events_of(&origin, (package, provenance), wish).await?;
        refuse_other_names(manifest, &inspected)?;
        let manifest = Manifest { chart: Some(inspected.version), ..manifest.clone() };
        events.push(Event::Oci(OciEvent::Manifest(Box::new(manifest))));
        Ok(events)
    }

    /// A stored blob as the package or signature that it is.
    async fn received(&self, blob: &NamedBlob) -> Result<Received, PublishError> {
        let digest = blob.digest;
        let Some(sha256) = digest.sha256() else {
            return Err(invalid("the parts of a chart have SHA-256 digests").into());
        };
        let lost = || Fault::LostPackage { file: "blob".to_owned(), digest: digest.to_string() };
        let reader = self.store().open_blob(digest).await?.ok_or_else(lost)?;
        if reader.size() <= MAX_PROVENANCE_BYTES {
            let bytes = reader.read_all().await.map_err(|e| Fault::io("read a blob", e))?;
            return Ok(Received::from_memory(bytes));
        }
        let size = reader.size();
        Ok(Received { spool: Spool::Stored(reader), sha256, size, file_name: None })
    }
}

impl Push {
    /// The digest of the bytes, which must be the one that the request says.
    fn digest(&self) -> Result<Digest, Refusal> {
        let Reference::Digest(expected) = self.reference else {
            return Ok(Digest::of(Algorithm::Sha256, &self.bytes));
        };
        let found = Digest::of(expected.algorithm(), &self.bytes);
        if found == expected { Ok(found) } else { Err(wrong_digest(expected, found)) }
    }
}

fn manifest_event(
    origin: &Origin,
    push: &Push,
    (digest, document): (Digest, &Document),
    blobs: Vec<BlobRef>,
) -> Manifest {
    let Origin { actor, request, repository: repo } = origin.clone();
    let mut tags = push.tags.clone();
    if let Reference::Tag(tag) = &push.reference {
        tags.push(tag.clone());
    }
    Manifest {
        repo,
        name: push.last.clone(),
        actor,
        request,
        digest,
        size: push.bytes.len() as u64,
        media_type: document.media_type.clone(),
        artifact_type: document.artifact_type.clone(),
        subject: document.subject,
        blobs,
        chart: None,
        tags,
    }
}

/// The OCI name ends with the chart's name, and tags that are versions say the chart's version.
fn refuse_other_names(manifest: &Manifest, inspected: &Inspected) -> Result<(), Refusal> {
    let fix = "push the chart to `<repository>/<name>:<version>`, with `_` for `+`, as Helm does";
    let refuse = |what: String| Err(Refusal::new(Code::BadManifest, &what, "Chart.yaml", fix));
    if inspected.name != manifest.name {
        return refuse(format!(
            "the chart is named `{}`, and the repository ends with `{}`",
            inspected.name, manifest.name
        ));
    }
    let other = |tag: &&String| full_version_of(tag).is_some_and(|it| it != inspected.version);
    match manifest.tags.iter().find(other) {
        Some(tag) => refuse(format!("the tag is `{tag}`, and the version {}", inspected.version)),
        None => Ok(()),
    }
}

fn missing_blob(name: &Name, digest: Digest) -> Refusal {
    let what = format!("the manifest names {digest}, which `{}` does not have", name.text());
    Refusal::new(Code::MissingBlob, &what, "manifest", "push the blobs first, then the manifest")
}
