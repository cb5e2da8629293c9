//! Publishing what a bundle holds: by the way of every push, so that the same rules hold.
//!
//! Whatever is there already stays as it is, so that a bundle can be taken again; then each version
//! is made to what became of it where the bundle is from. What is refused is told and left; what
//! holds a private key is told apart, because somebody has to act on it.

use std::path::PathBuf;

use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry_catalog::{State, version_of};
use chart_registry_store::{Digest, RepositoryPath, is_oci_component};

use super::read::{BundleError, Reader};
use super::standing::{self, Carried};
use super::{Descriptor, Index, NAME, REFERENCE, children};
use crate::chartmuseum::{Left, Report};
use crate::oci::document::{self, Document};
use crate::oci::{MAX_MANIFEST_BYTES, Name, Push, Reference};
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::{Origin, Registry};
use crate::spool::Received;

/// Deepest list of lists of manifests.
const MAX_DEPTH: usize = 8;

/// Why a bundle is not taken any further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TakeError {
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error(
        "the bundle has the digest {}, and {} was expected: nothing was imported; copy it again, or ask who made it",
        found.prefixed(),
        expected.prefixed()
    )]
    OtherDigest {
        /// Of the file.
        found: Sha256,
        /// As its export told.
        expected: Sha256,
    },
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A file that is to be taken.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    /// What its export told, when that came another way than the file.
    pub(crate) digest: Option<Sha256>,
}

/// One manifest that is to be taken.
struct Item<'a> {
    name: Name,
    descriptor: &'a Descriptor,
    tag: Option<String>,
}

struct Taking<'a> {
    registry: &'a Registry,
    reader: Reader,
    report: Report,
}

/// Takes everything in a bundle, each thing below the path `into`.
pub(crate) async fn take(
    registry: &Registry,
    source: Source,
    into: &RepositoryPath,
) -> Result<Report, TakeError> {
    let stopped = |_| Fault::Stopped { part: "reading of a bundle" };
    let opened = tokio::task::spawn_blocking(move || open(&source)).await.map_err(stopped)?;
    let (reader, index, digest) = opened?;
    let report = Report { digest: Some(digest.prefixed()), ..Report::default() };
    let mut taking = Taking { registry, reader, report };
    for descriptor in &index.manifests {
        match item(descriptor, into) {
            Ok(item) => taking.take(&item, descriptor, 0).await?,
            Err(refusal) => taking.leave(&descriptor.digest.to_string(), &refusal),
        }
    }
    Ok(taking.report)
}

/// Opens a bundle that is what was expected. Blocking.
fn open(source: &Source) -> Result<(Reader, Index, Sha256), TakeError> {
    let found = super::digest_of(&source.file).map_err(BundleError::Io)?;
    if let Some(expected) = source.digest.filter(|expected| *expected != found) {
        return Err(TakeError::OtherDigest { found, expected });
    }
    let (reader, index) = Reader::open(&source.file)?;
    Ok((reader, index, found))
}

/// Where a manifest goes: as the bundle names it, below a path.
fn item<'a>(descriptor: &'a Descriptor, into: &RepositoryPath) -> Result<Item<'a>, Refusal> {
    let reference = descriptor.annotations.get(REFERENCE).map(String::as_str);
    let (named, tag) = match reference.and_then(|text| text.rsplit_once(':')) {
        Some((name, tag)) => (Some(name), Some(tag.to_owned())),
        None => (None, None),
    };
    let name = descriptor.annotations.get(NAME).map(String::as_str).or(named).unwrap_or_default();
    let (path, last) = name.rsplit_once('/').unwrap_or(("", name));
    let path = [into.as_str(), path].into_iter().filter(|part| !part.is_empty());
    let path = path.collect::<Vec<_>>().join("/");
    if !is_oci_component(last) || RepositoryPath::parse(&path).is_err() {
        let what = format!("`{name}` is no name of a repository");
        let fix = "make the bundle with `chart-registry export bundle`";
        return Err(Refusal::new(Code::BadName, &what, super::INDEX, fix));
    }
    Ok(Item { name: Name { path, last: last.to_owned() }, descriptor, tag })
}

impl Taking<'_> {
    /// Takes a manifest and, before it, those that it lists.
    async fn take(
        &mut self,
        item: &Item<'_>,
        descriptor: &Descriptor,
        depth: usize,
    ) -> Result<(), TakeError> {
        let top = descriptor.digest == item.descriptor.digest;
        let tag = item.tag.as_ref().filter(|_| top);
        let shown = match tag {
            Some(tag) => format!("{}:{tag}", item.name.text()),
            None => format!("{}@{}", item.name.text(), descriptor.digest),
        };
        let bytes = match self.manifest(descriptor) {
            Ok(bytes) => bytes,
            Err(refusal) => {
                self.leave(&shown, &refusal);
                return Ok(());
            }
        };
        for child in children(&bytes) {
            // What is not in the bundle may be there already: the push says.
            if depth < MAX_DEPTH && self.reader.size(&child.digest).is_some() {
                Box::pin(self.take(item, &child, depth + 1)).await?;
            }
        }
        let known = is_known(&self.registry.state(), &item.name, descriptor.digest, tag);
        match self.push(item, (descriptor, bytes), tag).await {
            Ok(()) => {
                if known {
                    self.report.present += 1;
                } else {
                    self.report.imported.push(shown.clone());
                }
                self.follow(item, tag, &shown).await?;
            }
            Err(PublishError::Refused(refusal)) => self.leave(&shown, &refusal),
            Err(PublishError::Fault(fault)) => return Err(fault.into()),
        }
        Ok(())
    }

    /// Makes a version to what became of it where the bundle is from.
    async fn follow(
        &mut self,
        item: &Item<'_>,
        tag: Option<&String>,
        shown: &str,
    ) -> Result<(), TakeError> {
        let Some(version) = tag.and_then(|tag| version_of(tag)) else { return Ok(()) };
        let carried = match Carried::read(&item.descriptor.annotations) {
            None => return Ok(()),
            Some(Ok(carried)) => carried,
            Some(Err(reason)) => {
                let what = format!("what became of the version cannot be read: {reason}");
                let fix = "make the bundle with `chart-registry export bundle`";
                self.leave(shown, &Refusal::new(Code::BadRequest, &what, super::INDEX, fix));
                return Ok(());
            }
        };
        let Name { path, last } = &item.name;
        let repository = self.registry.state().repository(path);
        let Some(entry) = repository.find_any(last, &version) else { return Ok(()) };
        let Ok(changes) = carried.changes(&entry.fate) else {
            self.report.kept.push(shown.to_owned());
            return Ok(());
        };
        let mut followed = false;
        for change in changes {
            let at = (last.clone(), version.clone());
            match self.registry.change(origin(path), at, change).await {
                Ok(_) => followed = true,
                Err(PublishError::Refused(refusal)) => self.leave(shown, &refusal),
                Err(PublishError::Fault(fault)) => return Err(fault.into()),
            }
        }
        if followed {
            self.report.changed.push(shown.to_owned());
        }
        Ok(())
    }

    /// The bytes of a manifest, compared with their digest.
    fn manifest(&self, descriptor: &Descriptor) -> Result<Bytes, Refusal> {
        let digest = descriptor.digest;
        let fix = "copy the bundle again, and compare its digest with the one that its export told";
        let refuse = |what: String| Refusal::new(Code::BadDigest, &what, "bundle", fix);
        let bytes = self.reader.blob(&digest, MAX_MANIFEST_BYTES);
        let bytes = bytes.map_err(|error| refuse(error.to_string()))?;
        let bytes = bytes.ok_or_else(|| refuse(format!("it does not hold {digest}")))?;
        if Digest::of(digest.algorithm(), &bytes) != digest {
            return Err(refuse(format!("its bytes of {digest} have another digest")));
        }
        Ok(bytes)
    }

    async fn push(
        &self,
        item: &Item<'_>,
        (descriptor, bytes): (&Descriptor, Bytes),
        tag: Option<&String>,
    ) -> Result<(), PublishError> {
        // Helm 3 and others write manifests that do not name their own media type.
        let media_type = Some(descriptor.media_type.clone());
        let document = document::parse(&bytes, media_type.as_deref())?;
        self.inspect(item, &document).await?;
        for blob in &document.blobs {
            let there = self.registry.blob(&item.name, blob.digest).await?.is_some();
            if !there && self.reader.size(&blob.digest).is_some() {
                let pieces = self.reader.pieces(&blob.digest);
                self.registry.push_blob(&item.name, blob.digest, pieces).await?;
            }
        }
        let reference =
            tag.map_or(Reference::Digest(descriptor.digest), |tag| Reference::Tag(tag.clone()));
        let push = Push {
            last: item.name.last.clone(),
            reference,
            tags: Vec::new(),
            content_type: media_type,
            bytes,
            created: tag.and_then(|_| standing::created(&item.descriptor.annotations)),
        };
        self.registry.push_manifest(origin(&item.name.path), push).await.map(drop)
    }

    /// Looks into a package before anything of it is stored: a key must not even wait there.
    async fn inspect(&self, item: &Item<'_>, document: &Document) -> Result<(), PublishError> {
        let Some(parts) = &document.chart else { return Ok(()) };
        let limit = self.registry.options().max_upload_bytes;
        let package = self.reader.blob(&parts.package.digest, limit);
        let unread = |error: BundleError| {
            let fix = "make the package smaller, or raise the limit of uploads";
            Refusal::new(Code::TooLarge, &error.to_string(), "bundle", fix)
        };
        // A package that is not in the bundle may be there already.
        let Some(package) = package.map_err(unread)? else { return Ok(()) };
        let received = Received::from_memory(package);
        if Digest::from(received.sha256) != parts.package.digest {
            let what = format!("its bytes of {} have another digest", parts.package.digest);
            let fix = "copy the bundle again";
            return Err(Refusal::new(Code::BadDigest, &what, "bundle", fix).into());
        }
        let sha256 = received.sha256;
        let inspected = self.registry.inspect(received).await;
        if let Err(PublishError::Refused(refusal)) = &inspected
            && refusal.code == Code::PrivateKey
        {
            let why = format!("{} ({})", refusal.what, refusal.place);
            let file = format!("{} in a bundle", item.name.text());
            let origin = origin(&item.name.path);
            self.registry.quarantine(origin, sha256, (&file, &why)).await?;
        }
        inspected.map(drop)
    }

    fn leave(&mut self, shown: &str, refusal: &Refusal) {
        let why = format!("{} ({})", refusal.what, refusal.place);
        let left = Left { file: shown.to_owned(), why, fix: refusal.fix.clone() };
        if refusal.code == Code::PrivateKey {
            self.report.quarantined.push(left);
        } else {
            self.report.left.push(left);
        }
    }
}

fn origin(repository: &str) -> Origin {
    let repository = repository.to_owned();
    Origin { actor: standing::actor(), request: String::new(), repository }
}

/// Whether a manifest is there as the bundle has it. The tag of a version stays with the manifest
/// that it came with.
fn is_known(state: &State, name: &Name, digest: Digest, tag: Option<&String>) -> bool {
    let shelf = state.shelf(&name.path, &name.last);
    let tagged = |tag: &String| {
        version_of(tag).is_some_and(|version| shelf.version(&version).is_some())
            || shelf.tagged(tag).is_some_and(|it| it.digest() == digest)
    };
    shelf.manifest(&digest).is_some() && tag.is_none_or(tagged)
}
