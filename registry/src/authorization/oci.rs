//! What may be done under an OCI name: the path of the authorized repository and one segment more.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use chart_registry_catalog::StoredManifest;
use chart_registry_store::{Digest, ObjectReader, RepositoryPath, is_oci_component};
use futures_util::Stream;

use super::{Authorized, Delete, Enter, Publish, Read};
use crate::access::Permission;
use crate::oci::{
    self, FoundManifest, MAX_MANIFEST_BYTES, Name, Place, Progress, Push, Pushed, Reference,
    Referrer, Source, unknown_blob, unknown_manifest,
};
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::spool;

/// Most bytes of an OCI name; clients allow 255 with the host before it.
const MAX_NAME_BYTES: usize = 255;

impl<A> Authorized<A> {
    /// The OCI name with this last segment.
    pub(crate) fn oci_name(&self, last: &str) -> Result<Name, Refusal> {
        let name = Name { path: self.path().to_owned(), last: last.to_owned() };
        if is_oci_component(last) && name.text().len() <= MAX_NAME_BYTES {
            return Ok(name);
        }
        let fix = "use a-z, 0-9, and single `.`, `_` or `-` between them";
        Err(Refusal::new(Code::BadName, "this is no OCI name", &name.text(), fix))
    }

    /// Where a name stands on the host as clients see it.
    ///
    /// The path of the configured URL is not looked at: clients put `/v2/` before it, so that only
    /// the proxy knows whether it was there.
    pub(crate) fn oci_place(&self, last: &str) -> String {
        let place = self.told.place(&self.registry.options().base_path);
        let repository = if self.path().is_empty() { "" } else { "/" };
        format!("/v2{place}{repository}{}/{last}", self.path())
    }
}

impl Authorized<Read> {
    /// The manifest that a reference names, and what is to be said about it.
    pub(crate) async fn find_manifest(
        &self,
        last: &str,
        reference: &Reference,
    ) -> Result<FoundManifest, PublishError> {
        let name = self.oci_name(last)?;
        let found = self.registry.find_manifest(self.reader(), &name, reference).await;
        self.state();
        Ok(found?.ok_or_else(|| unknown_manifest(&name, &reference.text()))?)
    }

    /// The bytes of a manifest that was pushed.
    pub(crate) async fn open_manifest(&self, digest: Digest) -> Result<ObjectReader, Fault> {
        let lost =
            || Fault::LostPackage { file: "manifest".to_owned(), digest: digest.to_string() };
        let reader = match digest {
            Digest::Sha256(digest) => self.registry.open_object(digest).await?,
            Digest::Sha512(_) => self.registry.store().open_blob(digest).await?,
        };
        reader.ok_or_else(lost)
    }

    /// The bytes of a manifest that is made of the record of a version.
    pub(crate) fn written(&self, found: &FoundManifest) -> Result<Bytes, PublishError> {
        let digest = found.named.digest().sha256();
        let recent = self.registry.recent();
        if let Some(bytes) = digest.and_then(|digest| recent.find(&digest)) {
            return Ok(bytes);
        }
        let bytes = found.shelf.as_ref().and_then(|shelf| shelf.written(&found.named));
        let bytes = bytes.ok_or_else(Fault::unreadable)?;
        if let Some(digest) = digest {
            recent.keep(digest, &bytes);
        }
        Ok(bytes)
    }

    /// A blob of a name.
    pub(crate) async fn find_blob(
        &self,
        last: &str,
        digest: Digest,
    ) -> Result<Source, PublishError> {
        let name = self.oci_name(last)?;
        let found = self.registry.find_blob(self.reader(), &name, digest).await?;
        Ok(found.ok_or_else(|| unknown_blob(&name, digest))?)
    }

    /// The bytes of a blob that was found.
    pub(crate) async fn open_blob(
        &self,
        digest: Digest,
        source: Source,
    ) -> Result<ObjectReader, Fault> {
        self.registry.open_source(digest, source).await
    }

    /// The tags of a name in the order of their bytes, and why they may be old.
    pub(crate) async fn tags(
        &self,
        last: &str,
    ) -> Result<(Name, Vec<String>, Option<String>), PublishError> {
        let name = self.oci_name(last)?;
        let Some((tags, stale)) = self.registry.tags(self.reader(), &name).await? else {
            let what = format!("there is nothing under `{}`", name.text());
            let fix = "push something there, or see GET /v2/_catalog";
            return Err(Refusal::new(Code::NotFound, &what, "path", fix).into());
        };
        Ok((name, tags, stale))
    }

    /// The manifests that are about another one, and why that may not be all of them.
    pub(crate) async fn referrers(
        &self,
        last: &str,
        subject: Digest,
    ) -> Result<(Vec<Arc<StoredManifest>>, Option<String>), PublishError> {
        let name = self.oci_name(last)?;
        self.registry.referrers(self.reader(), &name, subject).await
    }

    /// A manifest as a list names it, with its annotations.
    pub(crate) async fn describe(&self, manifest: &StoredManifest) -> Result<Referrer, Fault> {
        let reader = self.open_manifest(manifest.digest).await?;
        let bytes = reader.read_all().await.map_err(|e| Fault::io("read a manifest", e))?;
        Ok(Referrer {
            media_type: manifest.media_type.clone(),
            digest: manifest.digest,
            size: manifest.size,
            artifact_type: manifest.artifact_type.clone(),
            annotations: oci::annotations(&bytes),
        })
    }
}

impl Authorized<Enter> {
    /// At most `count` names behind `after` that the caller may read, and whether there are more.
    pub(crate) fn oci_names(&self, after: Option<&str>, count: usize) -> (Vec<String>, bool) {
        self.registry.oci_names(&self.identity, after.unwrap_or_default(), count)
    }
}

impl Authorized<Publish> {
    /// Receives a manifest without looking into it.
    pub(crate) async fn receive_manifest<E: std::fmt::Display>(
        &self,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Bytes, PublishError> {
        let mut bytes = BytesMut::new();
        let keep = |piece: &[u8]| bytes.extend_from_slice(piece);
        let limit = (MAX_MANIFEST_BYTES, manifest_too_large as fn(u64) -> Refusal);
        spool::collect(self.registry.store(), body, limit, keep).await?;
        Ok(bytes.freeze())
    }

    /// Takes a manifest.
    pub(crate) async fn push_manifest(self, push: Push) -> Result<Pushed, PublishError> {
        self.oci_name(&push.last)?;
        let (registry, origin) = self.origin();
        registry.push_manifest(origin, push).await
    }

    /// Takes a blob from another repository, when the caller may read that one and it has the blob.
    pub(crate) async fn mount(
        &self,
        last: &str,
        from: Option<&str>,
        digest: Digest,
    ) -> Result<bool, PublishError> {
        let to = self.oci_name(last)?;
        let Some(from) = from.and_then(other_name) else { return Ok(false) };
        let readable = RepositoryPath::parse(&from.path)
            .is_ok_and(|path| self.identity.may(Permission::Read, &path));
        if !readable {
            return Ok(false);
        }
        self.registry.mount(&from, &to, digest).await
    }

    /// Takes a whole blob.
    pub(crate) async fn push_blob<E: std::fmt::Display>(
        &self,
        last: &str,
        digest: Digest,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), PublishError> {
        self.registry.push_blob(&self.oci_name(last)?, digest, body).await
    }

    /// Begins an upload in parts.
    pub(crate) async fn begin_upload(&self, last: &str) -> Result<Progress, PublishError> {
        self.registry.begin_upload(&self.oci_name(last)?).await
    }

    /// How far an upload has come.
    pub(crate) async fn upload(&self, last: &str, id: &str) -> Result<Progress, PublishError> {
        self.registry.upload(&self.oci_name(last)?, id).await
    }

    /// Adds the next part to an upload.
    pub(crate) async fn continue_upload<E: std::fmt::Display>(
        &self,
        (last, id): (&str, &str),
        place: Place,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Progress, PublishError> {
        self.registry.continue_upload((&self.oci_name(last)?, id), place, body).await
    }

    /// Makes a blob of an upload.
    pub(crate) async fn finish_upload<E: std::fmt::Display>(
        &self,
        (last, id): (&str, &str),
        (digest, place): (Digest, Place),
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), PublishError> {
        let name = self.oci_name(last)?;
        self.registry.finish_upload((&name, id), (digest, place), body).await
    }

    /// Forgets an upload.
    pub(crate) async fn cancel_upload(&self, last: &str, id: &str) -> Result<(), PublishError> {
        self.registry.cancel_upload(&self.oci_name(last)?, id).await
    }
}

impl Authorized<Delete> {
    /// Takes away a tag or a manifest.
    pub(crate) async fn delete_manifest(
        self,
        last: String,
        reference: Reference,
    ) -> Result<(), PublishError> {
        self.oci_name(&last)?;
        let (registry, origin) = self.origin();
        registry.delete_manifest(origin, last, reference).await
    }

    /// Takes away a blob that no manifest names.
    pub(crate) async fn delete_blob(&self, last: &str, digest: Digest) -> Result<(), PublishError> {
        self.registry.delete_blob(&self.oci_name(last)?, digest).await
    }
}

/// A whole name, as a client writes it.
fn other_name(text: &str) -> Option<Name> {
    let (path, last) = text.rsplit_once('/').unwrap_or(("", text));
    let name = Name { path: path.to_owned(), last: last.to_owned() };
    is_oci_component(last).then_some(name)
}

fn manifest_too_large(limit: u64) -> Refusal {
    let what = format!("the manifest is larger than {limit} bytes");
    Refusal::new(Code::TooLarge, &what, "request body", "put what is large into a blob")
}
