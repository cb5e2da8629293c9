//! Reading objects in ranges, so that none is larger in memory than its reader can take.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use chart_format::digest::Sha256;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt};
use tokio::runtime::Handle;

use super::attempts::{Refused, often, often_large};
use super::{Bucket, Written};
use crate::digest::{Algorithm, Digest};
use crate::error::StoreError;
use crate::key::Key;
use crate::object::ObjectReader;

/// Objects up to this size come with one request; larger ones are streamed in pieces of it. Every
/// reader that has stopped holds one piece.
const PIECE_BYTES: u64 = 1 << 20;

/// Size of the ranges that a checkpoint is read in.
const RANGE_BYTES: u64 = 16 << 20;

/// Ranges of one checkpoint that are on their way at the same time.
const RANGES_AT_ONCE: usize = 4;

/// Some bytes of an object.
pub(super) struct Ranged {
    pub(super) bytes: Bytes,
    /// Size of the whole object.
    pub(super) size: u64,
}

/// A large object that is read piece by piece.
#[derive(Debug)]
pub struct RemoteObject {
    bucket: Arc<Bucket>,
    path: Path,
    size: u64,
    first: Bytes,
    runtime: Handle,
}

impl RemoteObject {
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The same as [`Self::piece`] for a thread that may wait, of this program's runtime or of none.
    pub(crate) fn piece_blocking(&self, offset: u64) -> Result<Bytes, StoreError> {
        self.runtime.block_on(self.piece(offset))
    }

    /// The bytes from `offset` to the end of a piece; empty at the end.
    pub(crate) async fn piece(&self, offset: u64) -> Result<Bytes, StoreError> {
        if let Some(first) = usize::try_from(offset).ok().filter(|at| *at < self.first.len()) {
            return Ok(self.first.slice(first..));
        }
        let end = offset.saturating_add(PIECE_BYTES).min(self.size);
        self.bytes(offset..end).await
    }

    /// The bytes of a range that lies in the object.
    pub(super) async fn bytes(&self, range: Range<u64>) -> Result<Bytes, StoreError> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let found = self.bucket.range(&self.path, range).await?;
        match found {
            Some(ranged) if ranged.size == self.size => Ok(ranged.bytes),
            Some(ranged) => Err(self.bucket.changed(&self.path, ranged.size)),
            None => Err(Refused::Absent.into_error("read", &self.path)),
        }
    }
}

impl Bucket {
    /// Some bytes of an object that has at least one; `None` when it is not there.
    pub(super) async fn range(
        &self,
        path: &Path,
        range: Range<u64>,
    ) -> Result<Option<Ranged>, StoreError> {
        let get = || async {
            let range = Some(GetRange::Bounded(range.clone()));
            let found = self.client.get_opts(path, GetOptions { range, ..GetOptions::default() });
            let found = found.await?;
            let size = found.meta.size;
            Ok(Ranged { bytes: found.bytes().await?, size })
        };
        let large = range.end.saturating_sub(range.start) > PIECE_BYTES;
        match if large { often_large(get).await } else { often(get).await } {
            Ok(ranged) => {
                let expected = range.end.min(ranged.size).saturating_sub(range.start);
                if ranged.bytes.len() as u64 != expected {
                    return Err(self.changed(path, ranged.size));
                }
                Ok(Some(ranged))
            }
            Err(Refused::Absent) => Ok(None),
            Err(refused) => Err(refused.into_error("read", path)),
        }
    }

    #[expect(clippy::unused_self, reason = "it is the bucket that has done it")]
    fn changed(&self, path: &Path, size: u64) -> StoreError {
        let reason = format!("it has {size} bytes now, and another number came");
        Refused::Never(reason).into_error("read", path)
    }

    /// All bytes of a small object that has at least one: a range of it that is larger than it.
    pub(super) async fn read_small(&self, path: &Path) -> Result<Option<Bytes>, StoreError> {
        match self.range(path, 0..PIECE_BYTES).await? {
            Some(found) if found.size > PIECE_BYTES => Err(self.changed(path, found.size)),
            found => Ok(found.map(|found| found.bytes)),
        }
    }

    /// All bytes of an object that has at least one.
    pub(super) async fn read_whole(&self, path: &Path) -> Result<Option<Bytes>, StoreError> {
        let Some(first) = self.range(path, 0..RANGE_BYTES).await? else { return Ok(None) };
        if first.size <= RANGE_BYTES {
            return Ok(Some(first.bytes));
        }
        let starts = (1..).map(|index| index * RANGE_BYTES).take_while(|at| *at < first.size);
        let rest: Vec<Option<Ranged>> = stream::iter(starts)
            .map(|start| self.range(path, start..(start + RANGE_BYTES).min(first.size)))
            .buffered(RANGES_AT_ONCE)
            .try_collect()
            .await?;
        let mut all = Vec::with_capacity(usize::try_from(first.size).unwrap_or(0));
        all.extend_from_slice(&first.bytes);
        for ranged in rest {
            // It was removed in between: what is a cache goes without a word.
            let Some(ranged) = ranged else { return Ok(None) };
            if ranged.size != first.size {
                return Err(self.changed(path, ranged.size));
            }
            all.extend_from_slice(&ranged.bytes);
        }
        Ok(Some(Bytes::from(all)))
    }

    /// Opens an object for reading; `None` when it is not stored.
    pub(crate) async fn open(
        self: &Arc<Self>,
        key: &Key,
    ) -> Result<Option<ObjectReader>, StoreError> {
        // A range of nothing cannot be asked for.
        if is_empty(key) {
            return Ok(Some(ObjectReader::Whole(Bytes::new())));
        }
        let path = self.path_of(key);
        let Some(ranged) = self.range(&path, 0..PIECE_BYTES).await? else { return Ok(None) };
        if ranged.size <= PIECE_BYTES {
            return Ok(Some(ObjectReader::Whole(ranged.bytes)));
        }
        let (size, first) = (ranged.size, ranged.bytes);
        let (bucket, runtime) = (Arc::clone(self), Handle::current());
        let object = RemoteObject { bucket, path, size, first, runtime };
        Ok(Some(ObjectReader::Remote(Arc::new(object))))
    }

    /// The size of an object; `None` when it is not there.
    pub(super) async fn size(&self, path: &Path) -> Result<Option<u64>, StoreError> {
        Ok(self.meta(path).await?.map(|meta| meta.size))
    }

    /// When an object was written; `None` when it is not there.
    pub(super) async fn written(&self, path: &Path) -> Result<Option<Written>, StoreError> {
        Ok(self.meta(path).await?.map(|meta| Written::of(&meta)))
    }

    async fn meta(&self, path: &Path) -> Result<Option<ObjectMeta>, StoreError> {
        match often(|| self.client.head(path)).await {
            Ok(meta) => Ok(Some(meta)),
            Err(Refused::Absent) => Ok(None),
            Err(refused) => Err(refused.into_error("look at", path)),
        }
    }
}

/// True for the name of the object without bytes, which is the same everywhere.
fn is_empty(key: &Key) -> bool {
    match key {
        Key::Object(digest) => *digest == Sha256::of(b""),
        Key::WideObject(digest) => Digest::Sha512(*digest) == Digest::of(Algorithm::Sha512, b""),
        _ => false,
    }
}
