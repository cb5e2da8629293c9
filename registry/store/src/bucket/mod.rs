//! The remote back end: the same names as in a directory, as objects of a bucket.
//!
//! A commit is created if it is absent, which the bucket decides; there is no lock and no leader, and
//! what was stored is durable when the answer comes. Objects that are named by their digest are simply
//! put: the same bytes again do no harm, and make them young for those who clean up. Everything is
//! awaited in place: the client is asynchronous, and so is the interface of the store.
//!
//! - [`address`]: how a bucket is written on a command line;
//! - `credentials`: keys from a file;
//! - `connection`, `attempts`: requests, and what their answers mean;
//! - `commits`: following the journal and packing it, with few requests;
//! - `writing`, `reading`: objects of any size, in parts;
//! - `uploads`: blobs that come in pieces;
//! - `ages`: what is stored and how old it is, for those who clean up;
//! - `opening`: what is checked before the bucket is trusted.

pub(crate) mod address;
mod ages;
mod attempts;
mod commits;
mod connection;
mod credentials;
mod opening;
mod reading;
mod uploads;
mod writing;

#[cfg(test)]
mod tests;

use std::fmt;
use std::future::ready;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use tokio::sync::Semaphore;

use crate::error::StoreError;
use crate::key::Key;
use crate::store::PutOutcome;
use attempts::{Refused, often, once, pause};
pub use reading::RemoteObject;

/// Parts of large objects that are in memory at the same time, in all uploads together.
const PARTS_IN_MEMORY: usize = 8;

/// How often a small object is written whose fate is unknown.
const SETTLING: u32 = 5;

/// What an object store's client can do.
pub trait Client: ObjectStore + MultipartStore {}

impl<T: ObjectStore + MultipartStore> Client for T {}

/// A store in a bucket.
pub struct Bucket {
    client: Arc<dyn Client>,
    /// What stands before every name; empty when the bucket is ours alone.
    prefix: String,
    /// The last commit that is known to stand in a segment.
    packed: AtomicU64,
    /// The last single commit that is known to exist.
    last: AtomicU64,
    /// When the end of the journal was seen last.
    seen: Mutex<Option<SystemTime>>,
    parts: Semaphore,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bucket({:?})", self.prefix)
    }
}

/// What is to be listed.
struct Listing<'a> {
    directory: &'a str,
    /// Only names behind this one.
    after: Option<&'a str>,
    count: usize,
    /// Only up to the first name in a directory below; digits stand before those.
    flat: bool,
}

impl<'a> Listing<'a> {
    /// Everything below a directory.
    fn of(directory: &'a str) -> Self {
        Self { directory, after: None, count: usize::MAX, flat: false }
    }
}

/// One object in a listing.
struct Named {
    /// Its name below the listed directory.
    name: String,
    size: u64,
    written: Written,
}

/// When an object was written, in milliseconds since 1970 by the bucket's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Written(u64);

impl Written {
    fn of(meta: &ObjectMeta) -> Self {
        Self(u64::try_from(meta.last_modified.timestamp_millis()).unwrap_or(0))
    }

    /// How long ago that is by our clock; what lies ahead is new.
    fn age(self) -> Duration {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.saturating_sub(Duration::from_millis(self.0))
    }

    /// How long before `later` that is; both are of one clock.
    fn before(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }
}

impl Bucket {
    /// The store below `prefix` of what `client` reaches; nothing is looked at yet.
    pub(crate) fn new(client: Arc<dyn Client>, prefix: &str) -> Self {
        Self {
            client,
            prefix: prefix.to_owned(),
            packed: AtomicU64::new(0),
            last: AtomicU64::new(0),
            seen: Mutex::default(),
            parts: Semaphore::new(PARTS_IN_MEMORY),
        }
    }

    /// The full name of what stands at `relative`.
    fn path(&self, relative: &str) -> Path {
        if self.prefix.is_empty() {
            return Path::from(relative);
        }
        Path::from(format!("{}/{relative}", self.prefix))
    }

    fn path_of(&self, key: &Key) -> Path {
        self.path(&key.to_string())
    }

    /// The bytes under `key`; `None` when there are none.
    pub(crate) async fn read(&self, key: &Key) -> Result<Option<Bytes>, StoreError> {
        let path = self.path_of(key);
        match key {
            Key::Format | Key::Commit(_) | Key::Staged(_) | Key::Upload(_) => {
                self.read_small(&path).await
            }
            _ => self.read_whole(&path).await,
        }
    }

    /// Stores `bytes` under `key` unless the key is taken.
    ///
    /// The fate of a commit may stay unknown, and whoever appends it finds it out. A checkpoint says
    /// the same whoever writes it, so that the last one may win.
    pub(crate) async fn put_new(&self, key: &Key, bytes: Bytes) -> Result<PutOutcome, StoreError> {
        match key {
            Key::Commit(_) => self.create(&self.path_of(key), bytes).await,
            Key::Checkpoint(_) => self.put_large(&self.path_of(key), bytes).await,
            _ => self.settle(&self.path_of(key), bytes).await,
        }
    }

    /// Creates an object with one request.
    async fn create(&self, path: &Path, bytes: Bytes) -> Result<PutOutcome, StoreError> {
        let options = PutOptions::from(PutMode::Create);
        match once(self.client.put_opts(path, bytes.into(), options)).await {
            Ok(_) => Ok(PutOutcome::Created),
            Err(Refused::Taken(_)) => Ok(PutOutcome::Exists),
            Err(Refused::Unknown(reason)) => {
                Err(StoreError::OutcomeUnknown { path: path.to_string(), reason })
            }
            Err(refused @ (Refused::Absent | Refused::Never(_))) => {
                Err(refused.into_error("create", path))
            }
        }
    }

    /// Creates a small object, and reads it where the answer says nothing.
    async fn settle(&self, path: &Path, bytes: Bytes) -> Result<PutOutcome, StoreError> {
        let mut unknown = "it is being written by somebody else".to_owned();
        for _ in 0..SETTLING {
            match self.create(path, bytes.clone()).await {
                Ok(PutOutcome::Created) => return Ok(PutOutcome::Created),
                Ok(PutOutcome::Exists) => {}
                Err(StoreError::OutcomeUnknown { reason, .. }) => unknown = reason,
                Err(error) => return Err(error),
            }
            match self.read_whole(path).await? {
                Some(stored) if stored == bytes => return Ok(PutOutcome::Created),
                Some(_) => return Ok(PutOutcome::Exists),
                None => pause(Duration::from_millis(100)).await,
            }
        }
        Err(StoreError::OutcomeUnknown { path: path.to_string(), reason: unknown })
    }

    /// Takes an object away, if it is there.
    pub(crate) async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.remove_path(&self.path_of(key)).await
    }

    async fn remove_path(&self, path: &Path) -> Result<(), StoreError> {
        match often(|| self.client.delete(path)).await {
            Ok(()) | Err(Refused::Absent) => Ok(()),
            Err(refused) => Err(refused.into_error("remove", path)),
        }
    }

    /// The sorted names below a directory.
    pub(crate) async fn names(&self, directory: &str) -> Result<Vec<String>, StoreError> {
        let named = self.list(Listing::of(directory)).await?;
        Ok(named.into_iter().map(|it| it.name).collect())
    }

    /// Names below a directory, sorted.
    async fn list(&self, listing: Listing<'_>) -> Result<Vec<Named>, StoreError> {
        let Listing { directory, after: behind, count, flat } = listing;
        let prefix = self.path(directory);
        let beginning = format!("{prefix}/");
        let after = behind.map(|name| self.path(&format!("{directory}/{name}")));
        let nested = |meta: &ObjectMeta| {
            let name = meta.location.as_ref().strip_prefix(&beginning);
            flat && name.is_some_and(|name| name.contains('/'))
        };
        let page = || async {
            let listed = match &after {
                Some(after) => self.client.list_with_offset(Some(&prefix), after),
                None => self.client.list(Some(&prefix)),
            };
            let listed = listed.take(count);
            let listed = listed.try_take_while(|meta| ready(Ok(!nested(meta))));
            listed.try_collect::<Vec<ObjectMeta>>().await
        };
        let listed = match often(page).await {
            Ok(listed) => listed,
            Err(Refused::Absent) => Vec::new(),
            Err(refused) => return Err(refused.into_error("list", &prefix)),
        };
        let named = listed.into_iter().filter_map(|meta| {
            let name = meta.location.as_ref().strip_prefix(&beginning)?.to_owned();
            Some(Named { name, size: meta.size, written: Written::of(&meta) })
        });
        let mut named: Vec<_> = named.collect();
        let listed = named.len();
        named.retain(|it| behind.is_none_or(|behind| it.name.as_str() > behind));
        // Whoever reads page after page would read the first one for ever, or miss the others.
        if named.len() < listed && count < usize::MAX {
            let reason = "it does not begin a listing behind the name that it is given".to_owned();
            return Err(Refused::Never(reason).into_error("list", &prefix));
        }
        named.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(named)
    }
}
