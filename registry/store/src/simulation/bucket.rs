//! A bucket of memory that counts requests, and loses answers when it is told to.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartId, MultipartUpload,
    ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result,
};

/// Names that one answer to a LIST holds.
const PAGE: u64 = 1_000;

/// How a bucket misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    /// Not at all.
    None,
    /// One create in three is carried out and then answered with 500, 409 or nothing; one in twelve
    /// is not carried out and answered with 500 or 409; one read in twenty fails.
    LostAnswers,
    /// It creates what exists.
    Unconditional,
    /// Every listing begins at the beginning.
    Forgetful,
    /// It lets others go first, now and then.
    Slow,
    /// Each answer takes [`DISTANCE`].
    Distant,
}

/// How long an answer of a distant bucket takes.
pub const DISTANCE: Duration = Duration::from_millis(100);

/// Requests so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requests {
    /// Reads, of a whole object, a range, or its size.
    pub gets: u64,
    /// Writes, of an object or a part.
    pub puts: u64,
    /// Pages of listings.
    pub lists: u64,
    /// Removals.
    pub deletes: u64,
}

impl Requests {
    /// All of them.
    pub fn all(self) -> u64 {
        self.gets + self.puts + self.lists + self.deletes
    }
}

/// A bucket of memory; cloning gives another client of the same bucket.
#[derive(Debug, Clone)]
pub struct SimulatedBucket {
    objects: Arc<InMemory>,
    faults: Faults,
    requests: Arc<Mutex<Requests>>,
    /// How much older than they are objects are said to be.
    ages: Arc<Mutex<BTreeMap<Path, Duration>>>,
    decisions: Arc<AtomicU64>,
}

impl SimulatedBucket {
    /// An empty bucket.
    pub fn new(faults: Faults) -> Self {
        Self {
            objects: Arc::default(),
            faults,
            requests: Arc::default(),
            ages: Arc::default(),
            decisions: Arc::default(),
        }
    }

    /// The same bucket behind a client with other faults, and with a count of its own.
    #[must_use]
    pub fn with(&self, faults: Faults) -> Self {
        Self { faults, requests: Arc::default(), ..self.clone() }
    }

    /// Requests since this client was made.
    pub fn requests(&self) -> Requests {
        *lock(&self.requests)
    }

    /// Makes an object older than it is.
    pub fn make_older(&self, name: &str, by: Duration) {
        lock(&self.ages).insert(Path::from(name), by);
    }

    /// All names, sorted, without being counted.
    pub async fn names(&self) -> Vec<String> {
        let listed: Vec<_> = self.objects.list(None).collect().await;
        let names = listed.into_iter().filter_map(std::result::Result::ok);
        names.map(|meta| meta.location.to_string()).collect()
    }

    fn count(&self, add: impl FnOnce(&mut Requests)) {
        add(&mut lock(&self.requests));
    }

    fn aged(&self, mut meta: ObjectMeta) -> ObjectMeta {
        if let Some(by) = lock(&self.ages).get(&meta.location) {
            meta.last_modified -= *by;
        }
        meta
    }

    /// A number below `sides`, another one at each call and the same ones in each run.
    fn dice(&self, sides: u64) -> u64 {
        let thrown = self.decisions.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let mut mixed = thrown.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 31)) % sides
    }

    /// Lets others go first, or time pass, when that is how it is.
    async fn wait(&self) {
        match self.faults {
            Faults::Distant => tokio::time::sleep(DISTANCE).await,
            Faults::Slow => {
                for _ in 0..self.dice(4) {
                    tokio::task::yield_now().await;
                }
            }
            Faults::None | Faults::LostAnswers | Faults::Unconditional | Faults::Forgetful => {}
        }
    }

    async fn create(&self, path: &Path, payload: PutPayload) -> Result<PutResult> {
        let put = |payload| self.objects.put_opts(path, payload, PutMode::Create.into());
        match self.dice(36) {
            // Carried out, one in three.
            side @ 0..12 => {
                // Who is refused hears that in any case.
                put(payload).await?;
                match side % 3 {
                    0 => Err(broken()),
                    1 => Err(conflict(path)),
                    _ => std::future::pending().await,
                }
            }
            12 | 13 => Err(broken()),
            14 => Err(conflict(path)),
            _ => put(payload).await,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn broken() -> Error {
    Error::Generic { store: "simulated", source: "500: something broke".into() }
}

fn conflict(path: &Path) -> Error {
    Error::AlreadyExists {
        path: path.to_string(),
        source: "409: another write is in flight".into(),
    }
}

impl fmt::Display for SimulatedBucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("simulated bucket")
    }
}

#[async_trait]
impl ObjectStore for SimulatedBucket {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.count(|requests| requests.puts += 1);
        self.wait().await;
        lock(&self.ages).remove(path);
        match (self.faults, &options.mode) {
            (Faults::LostAnswers, PutMode::Create) => self.create(path, payload).await,
            (Faults::Unconditional, PutMode::Create) => {
                self.objects.put_opts(path, payload, PutMode::Overwrite.into()).await
            }
            _ => self.objects.put_opts(path, payload, options).await,
        }
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.objects.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.count(|requests| requests.gets += 1);
        self.wait().await;
        if self.faults == Faults::LostAnswers && self.dice(20) == 0 {
            return Err(broken());
        }
        let mut found = self.objects.get_opts(path, options).await?;
        found.meta = self.aged(found.meta);
        Ok(found)
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let counted = self.clone();
        let paths = paths.then(move |path| {
            let counted = counted.clone();
            async move {
                counted.count(|requests| requests.deletes += 1);
                counted.wait().await;
                path
            }
        });
        self.objects.delete_stream(paths.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.pages(self.objects.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        if self.faults == Faults::Forgetful {
            return self.list(prefix);
        }
        self.pages(self.objects.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.count(|requests| requests.lists += 1);
        self.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.count(|requests| requests.puts += 1);
        self.objects.copy_opts(from, to, options).await
    }
}

impl SimulatedBucket {
    /// Counts a page at the beginning, and after each thousand names.
    fn pages(
        &self,
        listed: BoxStream<'static, Result<ObjectMeta>>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.count(|requests| requests.lists += 1);
        let (counted, mut names) = (self.clone(), 0);
        let listed = listed.map(move |meta| {
            names += 1;
            if names % PAGE == 0 {
                counted.count(|requests| requests.lists += 1);
            }
            meta.map(|meta| counted.aged(meta))
        });
        listed.boxed()
    }
}

#[async_trait]
impl MultipartStore for SimulatedBucket {
    async fn create_multipart(&self, path: &Path) -> Result<MultipartId> {
        self.objects.create_multipart(path).await
    }

    async fn put_part(
        &self,
        path: &Path,
        id: &MultipartId,
        index: usize,
        payload: PutPayload,
    ) -> Result<PartId> {
        self.count(|requests| requests.puts += 1);
        if self.faults == Faults::LostAnswers && self.dice(3) == 0 {
            return Err(broken());
        }
        self.objects.put_part(path, id, index, payload).await
    }

    async fn complete_multipart(
        &self,
        path: &Path,
        id: &MultipartId,
        parts: Vec<PartId>,
    ) -> Result<PutResult> {
        self.count(|requests| requests.puts += 1);
        let done = self.objects.complete_multipart(path, id, parts).await?;
        lock(&self.ages).remove(path);
        if self.faults == Faults::LostAnswers && self.dice(3) == 0 {
            return Err(broken());
        }
        Ok(done)
    }

    async fn abort_multipart(&self, path: &Path, id: &MultipartId) -> Result<()> {
        self.objects.abort_multipart(path, id).await
    }
}
