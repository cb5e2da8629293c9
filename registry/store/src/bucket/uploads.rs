//! Blobs that come in pieces: each piece is an object, so that any process can go on.
//!
//! Small pieces at one offset have one winner. Large ones are written in parts, which no bucket can
//! do on a condition: there the last one wins, and whatever is made of pieces is hashed on its way.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::writing::PART_BYTES;
use super::{Bucket, Listing};
use crate::directory::{Spool, UPLOAD_AGE_LIMIT, UploadPart};
use crate::error::StoreError;
use crate::key::{Key, UPLOADS, UploadId};
use crate::store::PutOutcome;

impl Bucket {
    /// Begins an upload; `session` says what it is for.
    pub(crate) async fn begin_upload(
        &self,
        id: UploadId,
        session: Bytes,
    ) -> Result<(), StoreError> {
        self.put_new(&Key::Upload(id), session).await.map(drop)
    }

    /// The parts of an upload that follow each other from the beginning.
    pub(crate) async fn upload_parts(&self, id: UploadId) -> Result<Vec<UploadPart>, StoreError> {
        let (mut parts, mut end) = (Vec::new(), 0);
        for named in self.list(Listing::of(&Key::Upload(id).directory())).await? {
            let Some(offset) = Key::parse_part(&named.name) else { continue };
            if offset != end {
                break;
            }
            parts.push(UploadPart { offset, size: named.size });
            end += named.size;
        }
        Ok(parts)
    }

    /// Adds the part that begins at `offset`; `None` when there is no such upload any more.
    pub(crate) async fn put_part(
        &self,
        id: UploadId,
        offset: u64,
        spool: &Spool,
    ) -> Result<Option<PutOutcome>, StoreError> {
        if self.size(&self.path_of(&Key::Upload(id))).await?.is_none() {
            return Ok(None);
        }
        // A part is what a client sent just now.
        let Some(source) = self.source(spool).await? else { return Ok(Some(PutOutcome::Exists)) };
        let path = self.path_of(&Key::UploadPart(id, offset));
        if source.size() <= PART_BYTES {
            let bytes = source.read(self, 0..source.size()).await?;
            return self.settle(&path, bytes).await.map(Some);
        }
        if self.size(&path).await?.is_some() {
            return Ok(Some(PutOutcome::Exists));
        }
        self.write_large(&source, &path).await?;
        Ok(Some(PutOutcome::Created))
    }

    /// Forgets an upload and its parts.
    pub(crate) async fn end_upload(&self, id: UploadId) -> Result<(), StoreError> {
        self.remove_below(&Key::Upload(id).directory()).await
    }

    /// Uploads that are not complete; those of which nothing came for a day are removed.
    pub(crate) async fn open_uploads(&self) -> Result<usize, StoreError> {
        let mut youngest: BTreeMap<String, Duration> = BTreeMap::new();
        for named in self.list(Listing::of(UPLOADS)).await? {
            let Some((id, _)) = named.name.split_once('/') else { continue };
            let age = named.written.age();
            let youngest = youngest.entry(id.to_owned()).or_insert(age);
            *youngest = age.min(*youngest);
        }
        let (old, open): (Vec<_>, Vec<_>) =
            youngest.into_iter().partition(|(_, age)| *age > UPLOAD_AGE_LIMIT);
        for (id, _) in old {
            self.remove_below(&format!("{UPLOADS}/{id}")).await?;
        }
        Ok(open.len())
    }

    async fn remove_below(&self, directory: &str) -> Result<(), StoreError> {
        // What the upload is for goes first: nobody adds to it then.
        for named in self.list(Listing::of(directory)).await?.into_iter().rev() {
            self.remove_path(&self.path(&format!("{directory}/{}", named.name))).await?;
        }
        Ok(())
    }
}
