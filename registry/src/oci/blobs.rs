//! Blobs that a repository has: those that its manifests name, and those that wait for one.
//!
//! A blob is asked for by name and digest, never by digest alone: that the bytes are stored for
//! somebody else is nobody's business.

use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry_catalog::{Blob, Shelf, State};
use chart_registry_store::{Digest, DigestHasher, Key, ObjectReader, Spool, Staged};
use futures_util::Stream;
use serde::{Deserialize, Serialize};

use super::Name;
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::registry::Registry;
use crate::spool;

/// Where the bytes of a blob come from.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Their number.
    pub(crate) size: u64,
    /// The bytes themselves, when no object holds them.
    pub(super) made: Option<Bytes>,
}

/// What stands in the store about a blob that waits for its manifest.
#[derive(Serialize, Deserialize)]
struct Waiting {
    name: String,
    digest: Digest,
    size: u64,
}

/// A body that was received and hashed.
pub(super) struct Hashed {
    pub(super) spool: Spool,
    pub(super) digest: Digest,
    pub(super) size: u64,
}

impl Registry {
    /// All that stands under a name, after a look at the journal when it does not have something.
    pub(crate) async fn shelf_with(
        &self,
        name: &Name,
        has: impl Fn(&Shelf) -> bool,
    ) -> Result<Shelf, Fault> {
        let of = |state: &State| state.shelf(&name.path, &name.last);
        let state = self.state_with(|state| has(&of(state))).await?;
        Ok(of(&state))
    }

    /// A blob of a repository; `None` when the repository has no such blob.
    pub(crate) async fn blob(&self, name: &Name, digest: Digest) -> Result<Option<Source>, Fault> {
        if let Some(source) = self.named_blob(name, digest) {
            return Ok(Some(source));
        }
        if let Some(size) = self.waiting_blob(name, digest).await? {
            return Ok(Some(Source { size, made: None }));
        }
        // Another process may have taken its manifest a moment ago.
        self.shelf_with(name, |shelf| shelf.is_named(&digest)).await?;
        Ok(self.named_blob(name, digest))
    }

    /// A blob that a manifest under a name has.
    pub(super) fn named_blob(&self, name: &Name, digest: Digest) -> Option<Source> {
        let found = self.state().shelf(&name.path, &name.last).blob(&digest);
        found.map(|blob| match blob {
            Blob::Stored { size } => Source { size, made: None },
            Blob::Made(bytes) => Source { size: bytes.len() as u64, made: Some(bytes) },
        })
    }

    /// Whether a repository has a blob, as far as this process knows.
    pub(crate) async fn has_blob(&self, name: &Name, digest: Digest) -> Result<bool, Fault> {
        let named = self.named_blob(name, digest).is_some();
        Ok(named || self.waiting_blob(name, digest).await?.is_some())
    }

    /// The size of a blob that was pushed and that no manifest names yet.
    pub(super) async fn waiting_blob(
        &self,
        name: &Name,
        digest: Digest,
    ) -> Result<Option<u64>, Fault> {
        let Some(text) = self.store().read(waiting_key(name, digest)).await? else {
            return Ok(None);
        };
        let waiting: Option<Waiting> = serde_json::from_slice(&text).ok();
        let waiting = waiting.filter(|it| it.digest == digest && it.name == name.text());
        // A note that is cut short or somebody else's says nothing: the client pushes again.
        Ok(waiting.map(|it| it.size))
    }

    /// The bytes of a blob that was found.
    pub(crate) async fn open_source(
        &self,
        digest: Digest,
        source: Source,
    ) -> Result<ObjectReader, Fault> {
        if let Some(bytes) = source.made {
            return Ok(ObjectReader::Whole(bytes));
        }
        let lost = || Fault::LostPackage { file: "blob".to_owned(), digest: digest.to_string() };
        let reader = match digest {
            Digest::Sha256(digest) => self.open_object(digest).await?,
            Digest::Sha512(_) => self.store().open_blob(digest).await?,
        };
        reader.ok_or_else(lost)
    }

    /// Receives a whole blob.
    pub(crate) async fn push_blob<E: std::fmt::Display>(
        &self,
        name: &Name,
        digest: Digest,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), PublishError> {
        self.refuse_when_blocked()?;
        let hashed = self.receive_hashed(body, digest).await?;
        self.take_blob(name, digest, hashed).await
    }

    pub(super) async fn receive_hashed<E: std::fmt::Display>(
        &self,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        digest: Digest,
    ) -> Result<Hashed, PublishError> {
        let mut hasher = DigestHasher::new(digest.algorithm());
        let limit = self.options().max_blob_bytes;
        let hash = |piece: &[u8]| hasher.update(piece);
        let (spool, size) = spool::collect(self.store(), body, (limit, too_large), hash).await?;
        Ok(Hashed { spool, digest: hasher.finish(), size })
    }

    /// Keeps a received blob, when it is what the client says.
    pub(super) async fn take_blob(
        &self,
        name: &Name,
        digest: Digest,
        hashed: Hashed,
    ) -> Result<(), PublishError> {
        if hashed.digest != digest {
            return Err(wrong_digest(digest, hashed.digest).into());
        }
        self.store().put_blob(digest, hashed.spool).await?;
        self.keep_waiting(name, digest, hashed.size).await
    }

    /// Notes that a repository has a stored blob.
    pub(super) async fn keep_waiting(
        &self,
        name: &Name,
        digest: Digest,
        size: u64,
    ) -> Result<(), PublishError> {
        let waiting = Waiting { name: name.text(), digest, size };
        let text =
            serde_json::to_vec(&waiting).map_err(|error| Fault::io("note a blob", error.into()))?;
        self.store().put_note(waiting_key(name, digest), text.into()).await?;
        Ok(())
    }

    /// Forgets that a blob waits: a manifest names it, or nobody wants it.
    pub(super) async fn stop_waiting(&self, name: &Name, digest: Digest) -> Result<(), Fault> {
        Ok(self.store().remove(waiting_key(name, digest)).await?)
    }

    /// Gives a blob of one repository to another one; false when the first does not have it.
    pub(crate) async fn mount(
        &self,
        from: &Name,
        to: &Name,
        digest: Digest,
    ) -> Result<bool, PublishError> {
        self.refuse_when_blocked()?;
        let Some(source) = self.blob(from, digest).await? else { return Ok(false) };
        let size = source.size;
        if !self.keep_young(digest, source).await? {
            return Ok(false);
        }
        self.keep_waiting(to, digest, size).await?;
        Ok(true)
    }

    /// Sees to it that a blob which is about to be named is an object that nobody takes away: the
    /// config of a published chart is none until then. False when it was taken away a moment ago.
    pub(super) async fn keep_young(
        &self,
        digest: Digest,
        source: Source,
    ) -> Result<bool, PublishError> {
        match source.made {
            Some(bytes) => {
                self.store().put_blob(digest, Spool::Memory(bytes)).await?;
                Ok(true)
            }
            None => Ok(self.store().renew(digest.into()).await?),
        }
    }
}

fn waiting_key(name: &Name, digest: Digest) -> Key {
    Key::Staged(Staged { repository: Sha256::of(name.text().as_bytes()), digest })
}

pub(super) fn wrong_digest(expected: Digest, found: Digest) -> Refusal {
    let what = format!("the bytes have the digest {found}, not {expected}");
    Refusal::new(Code::BadDigest, &what, "request body", "send them again")
}

pub(super) fn too_large(limit: u64) -> Refusal {
    let what = format!("only {limit} more bytes of the blob are taken");
    let fix = "make it smaller, or start the registry with --max-blob-bytes";
    Refusal::new(Code::TooLarge, &what, "request body", fix)
}
