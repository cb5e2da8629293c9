//! Writing objects that are named by their content: small ones at once, large ones in parts.
//!
//! A part that fails is sent again, a whole that fails is taken back. What was received in parts
//! before is hashed once more on its way, because another writer could have replaced a part.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use object_store::multipart::PartId;
use object_store::path::Path;
use object_store::{MultipartId, ObjectStore, PutOptions};

use super::Bucket;
use super::attempts::{Refused, often, often_large};
use super::reading::RemoteObject;
use crate::digest::{Digest, DigestHasher};
use crate::directory::Spool;
use crate::error::StoreError;
use crate::key::Key;
use crate::listing::YOUNG;
use crate::object::{ObjectReader, read_piece};
use crate::store::PutOutcome;

/// Objects up to this size are written with one request; larger ones in parts of it, or larger.
pub(super) const PART_BYTES: u64 = 8 << 20;

/// Most parts of an object; S3 takes 10,000.
const MOST_PARTS: u64 = 9_000;

/// Parts of one object that are on their way at the same time.
const PARTS_AT_ONCE: usize = 4;

/// Bytes that are to be written.
pub(super) enum Source {
    Memory(Bytes),
    File(Arc<File>, u64),
    Stored(Path, u64),
    /// An object of another bucket.
    Elsewhere(Arc<RemoteObject>),
}

impl Source {
    fn of(reader: &ObjectReader) -> Self {
        match reader {
            ObjectReader::Whole(bytes) => Self::Memory(bytes.clone()),
            ObjectReader::Pieces { file, size } => Self::File(Arc::clone(file), *size),
            ObjectReader::Remote(object) => Self::Elsewhere(Arc::clone(object)),
        }
    }

    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(_, size) | Self::Stored(_, size) => *size,
            Self::Elsewhere(object) => object.size(),
        }
    }

    pub(super) async fn read(
        &self,
        bucket: &Bucket,
        range: Range<u64>,
    ) -> Result<Bytes, StoreError> {
        let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        match self {
            Self::Memory(bytes) => Ok(bytes.slice(within(range.start)..within(range.end))),
            Self::File(file, _) => {
                let file = Arc::clone(file);
                let read = move || read_piece(&file, range.start, range.end - range.start);
                let read = tokio::task::spawn_blocking(read).await;
                let read = read.map_err(|_| StoreError::Stopping)?;
                read.map_err(|error| StoreError::io("read", "an upload", error))
            }
            Self::Elsewhere(object) => object.bytes(range).await,
            Self::Stored(..) if range.is_empty() => Ok(Bytes::new()),
            Self::Stored(path, _) => match bucket.range(path, range).await? {
                Some(ranged) => Ok(ranged.bytes),
                None => Err(Refused::Absent.into_error("read", path)),
            },
        }
    }
}

/// Where an object goes, and what it must hash to when that is to be found out once more.
#[derive(Clone, Copy)]
struct Target<'a> {
    path: &'a Path,
    expected: Option<Digest>,
}

impl Bucket {
    /// Stores an object; the same object again is fine. It is young afterwards.
    pub(crate) async fn put_blob(
        &self,
        digest: &Digest,
        spool: &Spool,
    ) -> Result<PutOutcome, StoreError> {
        let key = Key::from(*digest);
        let source = match (self.source(spool).await?, spool) {
            (Some(source), _) => source,
            (None, _) if self.renew(&key).await? => return Ok(PutOutcome::Exists),
            // Somebody has opened it, here or elsewhere, and here it was taken away or never was.
            (None, Spool::Stored(reader)) => Source::of(reader),
            (None, _) => return Err(Refused::Absent.into_error("write", &self.path_of(&key))),
        };
        let path = self.path_of(&key);
        let expected = matches!(source, Source::Stored(..)).then_some(*digest);
        let target = Target { path: &path, expected };
        match self.written(&path).await? {
            None => self.write(&source, target).await?,
            Some(written) if written.age() <= YOUNG => return Ok(PutOutcome::Exists),
            Some(_) => {
                let write = || async { self.write(&source, target).await.map(|()| true) };
                self.needed(&key, write).await?;
            }
        }
        Ok(PutOutcome::Created)
    }

    /// Writes what is there once more, so that it is young; false when it is not there.
    pub(super) async fn write_again(&self, path: &Path) -> Result<bool, StoreError> {
        let Some(size) = self.size(path).await? else { return Ok(false) };
        let target = Target { path, expected: None };
        match self.write(&Source::Stored(path.clone(), size), target).await {
            Ok(()) => Ok(true),
            Err(_) if self.size(path).await?.is_none() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Stores what may be large and says the same whoever writes it.
    pub(super) async fn put_large(
        &self,
        path: &Path,
        bytes: Bytes,
    ) -> Result<PutOutcome, StoreError> {
        self.write(&Source::Memory(bytes), Target { path, expected: None }).await?;
        Ok(PutOutcome::Created)
    }

    /// The bytes behind a spool; `None` when they are stored as they are.
    pub(super) async fn source(&self, spool: &Spool) -> Result<Option<Source>, StoreError> {
        let failed = |error| StoreError::io("open", "an upload", error);
        match spool {
            Spool::Memory(bytes) => Ok(Some(Source::Memory(bytes.clone()))),
            Spool::Tmp(tmp) => {
                let file = tokio::fs::File::open(tmp.path()).await.map_err(failed)?;
                let size = file.metadata().await.map_err(failed)?.len();
                Ok(Some(Source::File(Arc::new(file.into_std().await), size)))
            }
            Spool::Part(id, offset) => {
                let path = self.path_of(&Key::UploadPart(*id, *offset));
                let size = self.size(&path).await?;
                let size = size.ok_or_else(|| Refused::Absent.into_error("read", &path))?;
                Ok(Some(Source::Stored(path, size)))
            }
            Spool::Stored(_) => Ok(None),
        }
    }

    async fn write(&self, source: &Source, target: Target<'_>) -> Result<(), StoreError> {
        if source.size() > PART_BYTES {
            return self.write_parts(source, target).await;
        }
        let bytes = source.read(self, 0..source.size()).await?;
        if let Some(expected) = target.expected {
            refuse_other(expected, Digest::of(expected.algorithm(), &bytes), target.path)?;
        }
        let put = || self.client.put_opts(target.path, bytes.clone().into(), PutOptions::default());
        let put = often_large(put).await;
        put.map(drop).map_err(|refused| refused.into_error("write", target.path))
    }

    /// Writes a large source without a condition.
    pub(super) async fn write_large(&self, source: &Source, path: &Path) -> Result<(), StoreError> {
        self.write(source, Target { path, expected: None }).await
    }

    async fn write_parts(&self, source: &Source, target: Target<'_>) -> Result<(), StoreError> {
        let path = target.path;
        let id = often(|| self.client.create_multipart(path)).await;
        let id = id.map_err(|refused| refused.into_error("begin to write", path))?;
        let written = match self.send_parts(source, target, &id).await {
            Ok(parts) => self.complete(source.size(), (path, &id), parts).await,
            Err(error) => Err(error),
        };
        if written.is_err()
            && let Err(refused) = often(|| self.client.abort_multipart(path, &id)).await
        {
            tracing::warn!(%path, ?refused, "parts of a failed upload stay in the bucket");
        }
        written
    }

    async fn send_parts(
        &self,
        source: &Source,
        target: Target<'_>,
        id: &MultipartId,
    ) -> Result<Vec<PartId>, StoreError> {
        let (size, path) = (source.size(), target.path);
        let step = PART_BYTES.max(size.div_ceil(MOST_PARTS));
        let mut hasher = target.expected.map(|digest| DigestHasher::new(digest.algorithm()));
        let (mut running, mut done) = (FuturesOrdered::new(), Vec::new());
        for (index, start) in
            (0..size).step_by(usize::try_from(step).unwrap_or(usize::MAX)).enumerate()
        {
            if running.len() == PARTS_AT_ONCE
                && let Some(part) = running.next().await
            {
                done.push(part?);
            }
            let permit = self.parts.acquire().await.map_err(|_| StoreError::Stopping)?;
            let bytes = source.read(self, start..(start + step).min(size)).await?;
            if let Some(hasher) = &mut hasher {
                hasher.update(&bytes);
            }
            running.push_back(async move {
                let put = || self.client.put_part(path, id, index, bytes.clone().into());
                let put = often_large(put).await;
                drop(permit);
                put.map_err(|refused| refused.into_error("write a part of", path))
            });
        }
        while let Some(part) = running.next().await {
            done.push(part?);
        }
        if let (Some(expected), Some(hasher)) = (target.expected, hasher) {
            refuse_other(expected, hasher.finish(), path)?;
        }
        Ok(done)
    }

    /// Makes the parts one object. An attempt whose answer was lost has done it when the object is
    /// there: the next one is told that there is no such upload.
    async fn complete(
        &self,
        size: u64,
        (path, id): (&Path, &MultipartId),
        parts: Vec<PartId>,
    ) -> Result<(), StoreError> {
        let complete = || self.client.complete_multipart(path, id, parts.clone());
        match often_large(complete).await {
            Ok(_) => Ok(()),
            Err(_) if self.size(path).await? == Some(size) => Ok(()),
            Err(refused) => Err(refused.into_error("complete", path)),
        }
    }
}

fn refuse_other(expected: Digest, found: Digest, path: &Path) -> Result<(), StoreError> {
    if expected == found {
        return Ok(());
    }
    let reason = format!("the parts have the digest {found} now, not {expected}");
    Err(Refused::Never(reason).into_error("write", path))
}
