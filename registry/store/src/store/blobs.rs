//! Objects: storing them, and reading them as what their digests say.

use chart_format::digest::Sha256;

use super::{Place, PutOutcome, Store, blocking};
use crate::cached;
use crate::digest::Digest;
use crate::directory::Spool;
use crate::error::StoreError;
use crate::key::Key;
use crate::object::ObjectReader;
use crate::soundness::{FileState, Soundness, is_sound, remember_sound, was_found_sound};

/// Objects up to this size are read at once when the kernel has them in memory: handing such a read
/// to another thread costs more than the read.
const INLINE_OBJECT_BYTES: u64 = 256 << 10;

/// Objects up to this size are read whole before a part of them is given: all packages, unless the
/// limit of uploads is raised.
const MOST_CHECKED_BYTES: u64 = 32 << 20;

impl Store {
    /// Stores an object durably; the same object again is fine. It is young afterwards.
    pub async fn put_object(&self, digest: Sha256, spool: Spool) -> Result<PutOutcome, StoreError> {
        self.put_blob(Digest::Sha256(digest), spool).await
    }

    /// Stores a blob durably; the same blob again is fine. It is young afterwards.
    ///
    /// One that is there already and damaged is replaced: whoever sends the bytes again heals it.
    pub async fn put_blob(&self, digest: Digest, spool: Spool) -> Result<PutOutcome, StoreError> {
        let outcome = self.put_blob_once(digest, spool.clone()).await?;
        if outcome == PutOutcome::Created || matches!(spool, Spool::Stored(_)) {
            return Ok(outcome);
        }
        let sound = match self.opened(digest).await? {
            // Reading all of it from a bucket would cost more than it is worth.
            Some(ObjectReader::Remote(_)) => true,
            Some(reader) => are_sound(&reader, digest).await?,
            None => false,
        };
        if sound {
            return Ok(outcome);
        }
        tracing::warn!(%digest, "a damaged object is replaced by what was sent");
        self.remove(Key::from(digest)).await?;
        self.put_blob_once(digest, spool).await
    }

    async fn put_blob_once(&self, digest: Digest, spool: Spool) -> Result<PutOutcome, StoreError> {
        match self.place() {
            Place::Directory(directory) => {
                blocking(move || directory.put_blob(&digest, &spool)).await
            }
            Place::Bucket(bucket) => bucket.put_blob(&digest, &spool).await,
        }
    }

    /// Opens a blob for reading; `None` when it is not stored. One that is read whole is what its
    /// digest says, or an error; who reads a larger one piece by piece asks [`crate::Soundness`].
    pub async fn open_blob(&self, digest: Digest) -> Result<Option<ObjectReader>, StoreError> {
        self.open_key(digest, true).await
    }

    /// Opens a blob for those who find out themselves what its bytes are.
    pub async fn open_unchecked(&self, digest: Digest) -> Result<Option<ObjectReader>, StoreError> {
        self.open_key(digest, false).await
    }

    /// Whether a blob is stored and is what its digest says; reads all of it.
    pub async fn is_sound(&self, digest: Digest) -> Result<bool, StoreError> {
        match self.opened(digest).await? {
            Some(reader) => are_sound(&reader, digest).await,
            None => Ok(false),
        }
    }

    /// A blob that is stored and not damaged, as far as opening it tells.
    async fn opened(&self, digest: Digest) -> Result<Option<ObjectReader>, StoreError> {
        match self.open_blob(digest).await {
            Err(StoreError::DamagedObject { .. }) => Ok(None),
            opened => opened,
        }
    }

    /// Opens an object for reading, as [`Self::open_blob`] does; `None` when it is not stored.
    pub async fn open_object(&self, digest: Sha256) -> Result<Option<ObjectReader>, StoreError> {
        self.open_blob(Digest::Sha256(digest)).await
    }

    async fn open_key(
        &self,
        digest: Digest,
        checked: bool,
    ) -> Result<Option<ObjectReader>, StoreError> {
        let key = Key::from(digest);
        let sound = move |found: Option<ObjectReader>| match &found {
            Some(ObjectReader::Whole(bytes)) if checked && !is_sound(&digest, bytes) => {
                Err(StoreError::DamagedObject { path: key.to_string() })
            }
            _ => Ok(found),
        };
        let directory = match self.place() {
            Place::Directory(directory) => directory,
            Place::Bucket(bucket) => return sound(bucket.open(&key).await?),
        };
        if let Some(path) = directory.real_path(&key)
            && let Some(bytes) = cached::read(&path, INLINE_OBJECT_BYTES)
        {
            return sound(Some(ObjectReader::Whole(bytes)));
        }
        blocking(move || sound(ObjectReader::open(&directory, key)?)).await
    }
}

/// Refuses to give a part of a damaged object that was opened. It is read whole for that, once for
/// many parts, unless it is in a bucket or larger than 32 MiB.
pub async fn refuse_damaged(
    reader: &ObjectReader,
    digest: impl Into<Digest>,
) -> Result<(), StoreError> {
    let ObjectReader::Pieces { file, size } = reader else { return Ok(()) };
    let digest = digest.into();
    let key = || Key::from(digest).to_string();
    if *size > MOST_CHECKED_BYTES {
        return Ok(());
    }
    let state = FileState::of(file).map_err(|error| StoreError::io("read", key(), error))?;
    if was_found_sound(&digest, state) {
        return Ok(());
    }
    if !are_sound(reader, digest).await? {
        return Err(StoreError::DamagedObject { path: key() });
    }
    remember_sound(digest, state);
    Ok(())
}

/// Whether the bytes of an opened blob are those of its digest.
async fn are_sound(reader: &ObjectReader, digest: Digest) -> Result<bool, StoreError> {
    if matches!(reader, ObjectReader::Whole(_)) {
        return Ok(true);
    }
    let failed = |error| StoreError::io("read", Key::from(digest).to_string(), error);
    let (mut soundness, mut offset) = (Soundness::of(digest), 0);
    while offset < reader.size() {
        let piece = reader.piece(offset).await.map_err(failed)?;
        if piece.is_empty() {
            return Ok(false);
        }
        offset += piece.len() as u64;
        soundness.update(&piece);
    }
    Ok(soundness.finish())
}
