//! Pages of what is stored, and the two steps that keep things young and take old ones away.
//!
//! A bucket cannot look at an age and delete in one step, so whoever takes away and whoever needs an
//! old thing meet at a mark. The one who takes away sets the mark, looks at the age, deletes, and
//! removes the mark. The one who needs the thing writes it, looks for the mark, and then for the
//! thing. A mark that stands is waited for; one that is gone has done its worst, and the look at the
//! thing tells; one that comes later is followed by a look at an age that is young. What is young or
//! absent needs none of this: nobody takes it away.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use tokio::time::Instant;

use super::attempts::{Refused, once, pause};
use super::{Bucket, Listing};
use crate::error::StoreError;
use crate::key::Key;
use crate::listing::{Family, Listed, YOUNG};
use crate::store::PutOutcome;

/// Whoever sets a mark deletes within this time or not at all.
const SWIFT: Duration = Duration::from_mins(1);

/// A mark that is older was left by somebody who died, or whose delete had no answer.
const STALE: Duration = Duration::from_hours(1);

/// How long somebody who needs a thing waits for a mark to go.
const PATIENCE: Duration = Duration::from_secs(30);

impl Bucket {
    /// At most `count` things of a family, in the order of their paths, behind the path `after`.
    pub(crate) async fn page(
        &self,
        family: Family,
        after: &str,
        count: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let directory = family.directory();
        let after = after.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'));
        let flat = family == Family::Commits;
        let named = self.list(Listing { directory, after, count, flat }).await?;
        let listed = named.into_iter().map(|named| {
            let path = format!("{directory}/{}", named.name);
            let key = Key::parse(&path);
            Listed { path, key, size: named.size, age: named.written.age() }
        });
        Ok(listed.collect())
    }

    /// Makes a thing young when it is old enough for somebody to take it away soon; false when it is
    /// not there.
    pub(crate) async fn renew(&self, key: &Key) -> Result<bool, StoreError> {
        let path = self.path_of(key);
        let Some(written) = self.written(&path).await? else { return Ok(false) };
        if written.age() <= YOUNG {
            return Ok(true);
        }
        self.needed(key, || self.write_again(&path)).await
    }

    /// Puts a note, and makes it young when it is there already.
    pub(crate) async fn put_note(&self, key: &Key, bytes: Bytes) -> Result<PutOutcome, StoreError> {
        loop {
            let outcome = self.put_new(key, bytes.clone()).await?;
            // What was taken away between the two is put again.
            if self.renew(key).await? {
                return Ok(outcome);
            }
        }
    }

    /// Takes a thing away when it is older than `age`; false when it is younger, or not there.
    pub(crate) async fn remove_if_older(
        &self,
        key: &Key,
        age: Duration,
    ) -> Result<bool, StoreError> {
        let (path, mark) = (self.path_of(key), self.mark(key));
        if !self.is_older(&path, age).await? {
            return Ok(false);
        }
        let began = SystemTime::now();
        let ours = Bytes::from(format!("{:016x}\n", RandomState::new().hash_one("mark")));
        if self.settle(&mark, ours).await? == PutOutcome::Exists {
            // Somebody else is at it, or was and died.
            self.remove_stale(&mark).await?;
            return Ok(false);
        }
        // A machine may have slept meanwhile.
        let swift = || began.elapsed().is_ok_and(|since| since < SWIFT);
        let removed = self.is_older(&path, age).await? && swift();
        if removed {
            match once(self.client.delete(&path)).await {
                Ok(()) | Err(Refused::Absent) => {}
                // It may still come to be: the mark stays until that is out of the question.
                Err(refused) => return Err(refused.into_error("remove", &path)),
            }
        }
        self.remove_path(&mark).await?;
        Ok(removed)
    }

    async fn is_older(&self, path: &Path, age: Duration) -> Result<bool, StoreError> {
        Ok(self.written(path).await?.is_some_and(|written| written.age() > age))
    }

    /// Where those who take a thing away and those who need it meet.
    fn mark(&self, key: &Key) -> Path {
        self.path(&format!("gc/{}", key.to_string().replace('/', "-")))
    }

    /// Removes a mark that nobody can act upon any more.
    async fn remove_stale(&self, mark: &Path) -> Result<(), StoreError> {
        if self.is_older(mark, STALE).await? {
            self.remove_path(mark).await?;
        }
        Ok(())
    }

    /// Writes an old thing that is needed, and again as long as somebody may be about to take it
    /// away; false when there is nothing to write it from.
    pub(super) async fn needed<Write>(
        &self,
        key: &Key,
        write: impl Fn() -> Write,
    ) -> Result<bool, StoreError>
    where
        Write: Future<Output = Result<bool, StoreError>>,
    {
        let (path, mark) = (self.path_of(key), self.mark(key));
        let until = Instant::now() + PATIENCE;
        loop {
            if !write().await? {
                return Ok(false);
            }
            // Whose mark is gone has deleted before, if at all: so the mark first, then the thing.
            if self.size(&mark).await?.is_none() && self.size(&path).await?.is_some() {
                return Ok(true);
            }
            if Instant::now() > until {
                let reason = "it is being taken away, and nobody says that it is gone".to_owned();
                return Err(Refused::Unknown(reason).into_error("write", &mark));
            }
            self.remove_stale(&mark).await?;
            pause(Duration::from_millis(100)).await;
        }
    }
}
