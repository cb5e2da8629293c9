//! The back ends behind one asynchronous interface.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use chart_format::digest::Sha256;

use crate::cached;
use crate::commit::Head;
use crate::digest::Digest;
use crate::directory::{Directory, Spool, TmpFile, UploadPart};
use crate::error::StoreError;
use crate::key::{CHECKPOINTS, Key, UploadId};
use crate::segment::{self, Compacted};

/// Objects up to this size are read whole; larger ones are streamed in pieces.
const WHOLE_OBJECT_BYTES: u64 = 1 << 20;

/// Objects up to this size are read at once when the kernel has them in memory: handing such a read
/// to another thread costs more than the read.
const INLINE_OBJECT_BYTES: u64 = 256 << 10;

/// Size of a streamed piece in bytes.
const PIECE_BYTES: u64 = 256 << 10;

/// Whether a create-if-absent write created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutOutcome {
    /// The thing is stored, by this write.
    Created,
    /// The key was taken; what is stored there is durable.
    Exists,
}

/// Where things are stored; cloning gives another handle on the same place.
#[derive(Clone)]
pub enum Store {
    /// A directory of the local disk.
    Directory(Arc<Directory>),
    /// A store that carries out writes and then loses the answer.
    #[cfg(any(test, feature = "simulation"))]
    Unreliable(Arc<crate::simulation::Unreliable>),
}

impl Store {
    /// Opens the store in `directory`, making it when the directory is empty or absent.
    pub async fn open(directory: &Path) -> Result<Self, StoreError> {
        let root = directory.to_owned();
        let directory = blocking(move || Directory::open(&root)).await?;
        Ok(Self::Directory(Arc::new(directory)))
    }

    /// Opens the store on a disk of memory, making it when the disk is empty.
    #[cfg(any(test, feature = "simulation"))]
    pub fn on_disk(disk: crate::simulation::SimulatedDisk) -> Result<Self, StoreError> {
        Directory::on(Box::new(disk)).map(|directory| Self::Directory(Arc::new(directory)))
    }

    /// The bytes under `key`; `None` when there are none.
    pub async fn read(&self, key: Key) -> Result<Option<Bytes>, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.read(&key)).await
    }

    /// Stores `bytes` durably under `key` unless the key is taken.
    pub async fn put_new(&self, key: Key, bytes: Bytes) -> Result<PutOutcome, StoreError> {
        let directory = Arc::clone(self.directory());
        let outcome = blocking(move || directory.put_new(&key, &bytes)).await;
        self.lose_answer(key, outcome)
    }

    /// Stores an object durably; the same object again is fine.
    pub async fn put_object(&self, digest: Sha256, spool: Spool) -> Result<PutOutcome, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.put_object(&digest, &spool)).await
    }

    /// The bytes of at most `count` journal entries from number `first` on, up to the first gap.
    ///
    /// Fewer than there are may come: call it again from the next number until none comes.
    pub async fn read_commits(&self, first: u64, count: u64) -> Result<Vec<Bytes>, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || segment::commits_from(&directory, first, count)).await
    }

    /// The number of the last journal entry; 0 when there is none.
    pub async fn last_commit(&self) -> Result<u64, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || segment::last_commit(&directory)).await
    }

    /// The entry under this number, when it stands in a segment.
    pub(crate) async fn packed_commit(&self, seq: u64) -> Result<Option<Bytes>, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || segment::packed_commit(&directory, seq)).await
    }

    /// Makes segments of the commits up to number `upto`, and removes what they replace.
    pub(crate) async fn compact(&self, upto: u64) -> Result<Compacted, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || segment::compact(&directory, upto)).await
    }

    /// The heads of all checkpoints, newest first.
    pub async fn list_checkpoints(&self) -> Result<Vec<Head>, StoreError> {
        let directory = Arc::clone(self.directory());
        let names = blocking(move || directory.list(CHECKPOINTS)).await?;
        Ok(names.iter().filter_map(|name| Key::parse_checkpoint(name)).collect())
    }

    /// Takes something away, if it is there; only what is a cache or stands elsewhere, too.
    pub async fn remove(&self, key: Key) -> Result<(), StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.remove(&key)).await
    }

    /// Stores a blob durably; the same blob again is fine.
    pub async fn put_blob(&self, digest: Digest, spool: Spool) -> Result<PutOutcome, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.put_blob(&digest, &spool)).await
    }

    /// Opens a blob for reading; `None` when it is not stored.
    pub async fn open_blob(&self, digest: Digest) -> Result<Option<ObjectReader>, StoreError> {
        self.open_key(Key::from(digest)).await
    }

    /// Opens the part of an upload that begins at `offset`; `None` when there is none.
    pub async fn open_part(
        &self,
        id: UploadId,
        offset: u64,
    ) -> Result<Option<ObjectReader>, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || open_object(&directory, Key::UploadPart(id, offset))).await
    }

    /// Begins an upload; `session` says what it is for, to every process on this store.
    pub async fn begin_upload(&self, id: UploadId, session: Bytes) -> Result<(), StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.begin_upload(id, &session)).await
    }

    /// The parts of an upload that follow each other from the beginning.
    pub async fn upload_parts(&self, id: UploadId) -> Result<Vec<UploadPart>, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.upload_parts(id)).await
    }

    /// Adds the part that begins at `offset`; `None` when there is no such upload any more.
    pub async fn put_part(
        &self,
        id: UploadId,
        offset: u64,
        spool: Spool,
    ) -> Result<Option<PutOutcome>, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.put_part(id, offset, &spool)).await
    }

    /// Forgets an upload and its parts.
    pub async fn end_upload(&self, id: UploadId) -> Result<(), StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.end_upload(id)).await
    }

    /// The number of uploads that are not complete; old ones are removed.
    pub async fn open_uploads(&self) -> Result<usize, StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.open_uploads()).await
    }

    /// Makes an empty file on the same disk for an upload that is too large for memory.
    pub async fn make_tmp(&self) -> Result<(Arc<TmpFile>, File), StoreError> {
        let directory = Arc::clone(self.directory());
        blocking(move || directory.make_tmp()).await
    }

    /// True when an earlier sync failed: nothing is written until a restart.
    pub fn is_read_only(&self) -> bool {
        self.directory().is_read_only()
    }

    /// Opens an object for reading; `None` when it is not stored.
    pub async fn open_object(&self, digest: Sha256) -> Result<Option<ObjectReader>, StoreError> {
        self.open_key(Key::Object(digest)).await
    }

    async fn open_key(&self, key: Key) -> Result<Option<ObjectReader>, StoreError> {
        if let Some(path) = self.directory().real_path(&key)
            && let Some(bytes) = cached::read(&path, INLINE_OBJECT_BYTES)
        {
            return Ok(Some(ObjectReader::Whole(bytes)));
        }
        let directory = Arc::clone(self.directory());
        blocking(move || open_object(&directory, key)).await
    }

    fn directory(&self) -> &Arc<Directory> {
        match self {
            Self::Directory(directory) => directory,
            #[cfg(any(test, feature = "simulation"))]
            Self::Unreliable(unreliable) => unreliable.directory(),
        }
    }

    #[cfg_attr(
        not(any(test, feature = "simulation")),
        expect(clippy::unused_self, reason = "only test back ends lose answers")
    )]
    fn lose_answer(
        &self,
        key: Key,
        outcome: Result<PutOutcome, StoreError>,
    ) -> Result<PutOutcome, StoreError> {
        #[cfg(any(test, feature = "simulation"))]
        if let Self::Unreliable(unreliable) = self {
            return unreliable.lose(key, outcome);
        }
        let _ = key;
        outcome
    }
}

fn open_object(directory: &Directory, key: Key) -> Result<Option<ObjectReader>, StoreError> {
    let Some(path) = directory.real_path(&key) else {
        return Ok(directory.read(&key)?.map(ObjectReader::Whole));
    };
    let failed = |error| StoreError::io("read", key.to_string(), error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let size = file.metadata().map_err(failed)?.len();
    if size > WHOLE_OBJECT_BYTES {
        return Ok(Some(ObjectReader::Pieces { file: Arc::new(file), size }));
    }
    read_piece(&file, 0, size).map(ObjectReader::Whole).map(Some).map_err(failed)
}

/// The bytes of a stored object.
#[derive(Debug, Clone)]
pub enum ObjectReader {
    /// All of them.
    Whole(Bytes),
    /// An open file to be read piece by piece.
    Pieces {
        /// The file.
        file: Arc<File>,
        /// Its size in bytes.
        size: u64,
    },
}

impl ObjectReader {
    /// The object's size in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Pieces { size, .. } => *size,
        }
    }

    /// The bytes from the start, for those who may wait for the disk.
    pub fn to_read(&self) -> Box<dyn io::Read> {
        match self {
            Self::Whole(bytes) => Box::new(io::Cursor::new(bytes.clone())),
            Self::Pieces { file, .. } => Box::new(Positioned { file: Arc::clone(file), at: 0 }),
        }
    }

    /// All bytes.
    pub async fn read_all(&self) -> io::Result<Bytes> {
        if let Self::Whole(bytes) = self {
            return Ok(bytes.clone());
        }
        let mut all = Vec::new();
        loop {
            let piece = self.piece(all.len() as u64).await?;
            if piece.is_empty() {
                return Ok(Bytes::from(all));
            }
            all.extend_from_slice(&piece);
        }
    }

    /// The bytes from `offset` to the end of the piece that begins there; empty at the end.
    pub async fn piece(&self, offset: u64) -> io::Result<Bytes> {
        match self {
            Self::Whole(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(start..))
            }
            Self::Pieces { file, size } => {
                let length = size.saturating_sub(offset).min(PIECE_BYTES);
                let file = Arc::clone(file);
                tokio::task::spawn_blocking(move || read_piece(&file, offset, length))
                    .await
                    .map_err(io::Error::other)?
            }
        }
    }
}

/// Reads a file that others read, too, from a position of its own.
struct Positioned {
    file: Arc<File>,
    at: u64,
}

impl io::Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

fn read_piece(file: &File, offset: u64, length: u64) -> io::Result<Bytes> {
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, offset)?;
    Ok(Bytes::from(bytes))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(StoreError::Stopping),
    }
}
