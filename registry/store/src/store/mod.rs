//! The back ends behind one asynchronous interface.
//!
//! A directory is read and written by threads that may wait, a bucket is awaited in place. Callers
//! see no difference but in time.

mod blobs;

pub use blobs::refuse_damaged;

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::bucket::Bucket;
use crate::bucket::address::Address;
use crate::commit::Head;
use crate::directory::{Directory, Spool, TmpFile, UploadPart};
use crate::error::StoreError;
use crate::key::{CHECKPOINTS, Key, LEASES, Lease, Task, UploadId};
use crate::location::Location;
use crate::object::ObjectReader;
use crate::segment::{self, Compacted};

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
    /// A bucket of an object store.
    Bucket(Arc<Bucket>),
    /// A store that carries out writes and then loses the answer.
    #[cfg(any(test, feature = "simulation"))]
    Unreliable(Arc<crate::simulation::Unreliable>),
}

/// A back end to be used now.
pub(crate) enum Place<'a> {
    Directory(Arc<Directory>),
    Bucket(&'a Arc<Bucket>),
}

impl Store {
    /// Opens the store in `directory`, making it when the directory is empty or absent.
    pub async fn open(directory: &Path) -> Result<Self, StoreError> {
        let root = directory.to_owned();
        let directory = blocking(move || Directory::open(&root)).await?;
        Ok(Self::Directory(Arc::new(directory)))
    }

    /// Opens the store at a place that an operator wrote.
    pub async fn open_at(location: &Location, writable: bool) -> Result<Self, StoreError> {
        match location {
            Location::Directory(directory) => Self::open(directory).await,
            Location::Bucket(address) => Self::open_bucket(address, writable).await,
        }
    }

    /// Opens the store in a bucket. One that is to be written to is made when there is nothing, and
    /// is refused when it creates what exists.
    pub async fn open_bucket(address: &Address, writable: bool) -> Result<Self, StoreError> {
        Bucket::open_at(address, writable).await.map(|bucket| Self::Bucket(Arc::new(bucket)))
    }

    /// Opens the store on a disk of memory, making it when the disk is empty.
    #[cfg(any(test, feature = "simulation"))]
    pub fn on_disk(disk: crate::simulation::SimulatedDisk) -> Result<Self, StoreError> {
        Directory::on(Box::new(disk)).map(|directory| Self::Directory(Arc::new(directory)))
    }

    /// Opens the store on a client of any object store, making it when there is nothing.
    #[cfg(any(test, feature = "simulation"))]
    pub async fn on_client(client: Arc<dyn crate::Client>) -> Result<Self, StoreError> {
        let bucket = Bucket::open_on(client, "", true).await?;
        Ok(Self::Bucket(Arc::new(bucket)))
    }

    /// The bytes under `key`; `None` when there are none.
    pub async fn read(&self, key: Key) -> Result<Option<Bytes>, StoreError> {
        match self.place() {
            Place::Directory(directory) => blocking(move || directory.read(&key)).await,
            Place::Bucket(bucket) => bucket.read(&key).await,
        }
    }

    /// Stores `bytes` durably under `key` unless the key is taken.
    pub async fn put_new(&self, key: Key, bytes: Bytes) -> Result<PutOutcome, StoreError> {
        let outcome = match self.place() {
            Place::Directory(directory) => blocking(move || directory.put_new(&key, &bytes)).await,
            Place::Bucket(bucket) => bucket.put_new(&key, bytes).await,
        };
        self.lose_answer(key, outcome)
    }

    /// The bytes of at most `count` journal entries from number `first` on, up to the first gap.
    ///
    /// Fewer than there are may come: call it again from the next number until none comes.
    pub async fn read_commits(&self, first: u64, count: u64) -> Result<Vec<Bytes>, StoreError> {
        match self.place() {
            Place::Directory(directory) => {
                blocking(move || segment::commits_from(&directory, first, count)).await
            }
            Place::Bucket(bucket) => bucket.commits_from(first, count).await,
        }
    }

    /// The journal entry with this number, wherever it stands.
    pub(crate) async fn commit(&self, seq: u64) -> Result<Option<Bytes>, StoreError> {
        match self.place() {
            Place::Directory(_) => Ok(self.read_commits(seq, 1).await?.into_iter().next()),
            Place::Bucket(bucket) => bucket.commit(seq).await,
        }
    }

    /// The number of the last journal entry, when there is one after `head`.
    pub async fn last_commit(&self, head: u64) -> Result<u64, StoreError> {
        match self.place() {
            Place::Directory(directory) => blocking(move || segment::last_commit(&directory)).await,
            Place::Bucket(bucket) => bucket.last_commit(head).await,
        }
    }

    /// The entry of a segment that stands above the single one with this number.
    pub(crate) async fn commit_above(&self, seq: u64) -> Result<Option<Bytes>, StoreError> {
        match self.place() {
            Place::Directory(directory) => {
                blocking(move || segment::packed_commit(&directory, seq)).await
            }
            Place::Bucket(bucket) => bucket.commit_above(seq).await,
        }
    }

    /// Makes segments of the commits up to number `upto`, and removes what they replace.
    pub(crate) async fn compact(&self, upto: u64) -> Result<Compacted, StoreError> {
        match self.place() {
            Place::Directory(directory) => {
                blocking(move || segment::compact(&directory, upto)).await
            }
            Place::Bucket(bucket) => bucket.compact(upto).await,
        }
    }

    /// Makes segments of the commits up to number `upto`. In a bucket it also removes some of what
    /// they replace, as many as come meanwhile.
    pub(crate) async fn make_segments(&self, upto: u64) -> Result<Compacted, StoreError> {
        match self.place() {
            Place::Directory(directory) => {
                let segments = blocking(move || segment::make_segments(&directory, upto)).await?;
                Ok(Compacted { segments, removed: 0 })
            }
            Place::Bucket(bucket) => bucket.compact(upto).await,
        }
    }

    /// The heads of all checkpoints, newest first.
    pub async fn list_checkpoints(&self) -> Result<Vec<Head>, StoreError> {
        let names = match self.place() {
            Place::Directory(directory) => blocking(move || directory.list(CHECKPOINTS)).await?,
            Place::Bucket(bucket) => bucket.names(CHECKPOINTS).await?,
        };
        Ok(names.iter().filter_map(|name| Key::parse_checkpoint(name)).collect())
    }

    /// The leases of a task that are there, oldest first.
    pub async fn list_leases(&self, task: Task) -> Result<Vec<Lease>, StoreError> {
        let names = match self.place() {
            Place::Directory(directory) => blocking(move || directory.list(LEASES)).await?,
            Place::Bucket(bucket) => bucket.names(LEASES).await?,
        };
        Ok(names.iter().filter_map(|name| Lease::parse(task, name)).collect())
    }

    /// Takes something away, if it is there; only what is a cache or stands elsewhere, too.
    pub async fn remove(&self, key: Key) -> Result<(), StoreError> {
        match self.place() {
            Place::Directory(directory) => blocking(move || directory.remove(&key)).await,
            Place::Bucket(bucket) => bucket.remove(&key).await,
        }
    }

    /// Opens the part of an upload that begins at `offset`; `None` when there is none.
    pub async fn open_part(
        &self,
        id: UploadId,
        offset: u64,
    ) -> Result<Option<ObjectReader>, StoreError> {
        let key = Key::UploadPart(id, offset);
        match self.place() {
            Place::Directory(directory) => {
                blocking(move || ObjectReader::open(&directory, key)).await
            }
            Place::Bucket(bucket) => bucket.open(&key).await,
        }
    }

    /// Begins an upload; `session` says what it is for, to every process on this store.
    pub async fn begin_upload(&self, id: UploadId, session: Bytes) -> Result<(), StoreError> {
        match self.place() {
            Place::Directory(directory) => {
                blocking(move || directory.begin_upload(id, &session)).await
            }
            Place::Bucket(bucket) => bucket.begin_upload(id, session).await,
        }
    }

    /// The parts of an upload that follow each other from the beginning.
    pub async fn upload_parts(&self, id: UploadId) -> Result<Vec<UploadPart>, StoreError> {
        match self.place() {
            Place::Directory(directory) => blocking(move || directory.upload_parts(id)).await,
            Place::Bucket(bucket) => bucket.upload_parts(id).await,
        }
    }

    /// Adds the part that begins at `offset`; `None` when there is no such upload any more.
    pub async fn put_part(
        &self,
        id: UploadId,
        offset: u64,
        spool: Spool,
    ) -> Result<Option<PutOutcome>, StoreError> {
        match self.place() {
            Place::Directory(directory) => {
                blocking(move || directory.put_part(id, offset, &spool)).await
            }
            Place::Bucket(bucket) => bucket.put_part(id, offset, &spool).await,
        }
    }

    /// Forgets an upload and its parts.
    pub async fn end_upload(&self, id: UploadId) -> Result<(), StoreError> {
        match self.place() {
            Place::Directory(directory) => blocking(move || directory.end_upload(id)).await,
            Place::Bucket(bucket) => bucket.end_upload(id).await,
        }
    }

    /// The number of uploads that are not complete; old ones are removed.
    pub async fn open_uploads(&self) -> Result<usize, StoreError> {
        match self.place() {
            Place::Directory(directory) => blocking(move || directory.open_uploads()).await,
            Place::Bucket(bucket) => bucket.open_uploads().await,
        }
    }

    /// Makes an empty file for an upload that is too large for memory: on the same disk, or where
    /// the system has its temporary files.
    pub async fn make_tmp(&self) -> Result<(Arc<TmpFile>, File), StoreError> {
        match self.place() {
            Place::Directory(directory) => blocking(move || directory.make_tmp()).await,
            Place::Bucket(_) => blocking(make_local_tmp).await,
        }
    }

    /// True when an earlier sync failed: nothing is written until a restart.
    pub fn is_read_only(&self) -> bool {
        match self.place() {
            Place::Directory(directory) => directory.is_read_only(),
            Place::Bucket(_) => false,
        }
    }

    pub(crate) fn place(&self) -> Place<'_> {
        match self {
            Self::Directory(directory) => Place::Directory(Arc::clone(directory)),
            Self::Bucket(bucket) => Place::Bucket(bucket),
            #[cfg(any(test, feature = "simulation"))]
            Self::Unreliable(unreliable) => Place::Directory(Arc::clone(unreliable.directory())),
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

/// A file for an upload on its way to a bucket, readable by nobody else.
fn make_local_tmp() -> Result<(Arc<TmpFile>, File), StoreError> {
    let name = format!("chart-registry-{:016x}", RandomState::new().hash_one("upload"));
    let path = std::env::temp_dir().join(name);
    let shown = path.display().to_string();
    let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&path);
    let file = file.map_err(|error: io::Error| StoreError::io("make", shown, error))?;
    Ok((Arc::new(TmpFile::beside(path)), file))
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    #[cfg(any(test, feature = "simulation"))]
    if crate::simulation::schedule::pause().await {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(StoreError::Stopping),
    }
}
