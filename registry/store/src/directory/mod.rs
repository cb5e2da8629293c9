//! The local back end: layout, the order of syncs, and what is cleaned at start.
//!
//! ```text
//! FORMAT                         says how to read the rest; written last at init, so it seals the layout
//! journal/<16 digits>            commits
//! journal/seg/<first>-<last>...  runs of 256 commits, see the module `segment`
//! objects/sha256/ab/<62 digits>  packages and blobs by digest; all 256 directories are made at init
//! objects/lock                   locked while an age is looked at and acted on, see the module `ages`
//! objects/sha512/ab/<126 digits> blobs that clients name so; directories are made when needed
//! staged/<repository>-<digest>   that a repository has a blob which no manifest names yet
//! uploads/<id>/<offset>          parts of uploads, see the module `uploads`
//! lease/<task>-<16 digits>       whose turn it is to do a task
//! state/<countdown>-<head>       checkpoints, a cache
//! tmp/                           what is being written; never read
//! ```
//!
//! A thing becomes visible under its name by a hard link, which never replaces: the first writer of
//! a name wins, also between processes. It counts as stored when its bytes *and* its name are
//! synced; that holds for things which another writer linked a moment ago, too.

mod ages;
mod uploads;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chart_format::digest::Sha256;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::disk::{Disk, Operation};
use crate::error::StoreError;
use crate::files::Files;
use crate::key::{Key, LEASES, STAGED, UPLOADS, UploadId, WIDE_OBJECTS};
use crate::object::ObjectReader;
use crate::segment::last_commit;
use crate::store::PutOutcome;

pub(crate) use uploads::UPLOAD_AGE_LIMIT;
pub use uploads::UploadPart;

/// The layout that this program writes.
const FORMAT: u64 = 1;

/// Leftovers in `tmp/` younger than this may belong to an upload that another process receives.
const TMP_AGE_LIMIT: Duration = Duration::from_hours(24);

/// A segment is older than this before its single commits go: whoever opened one has read it by then.
const SETTLED_AGE: Duration = Duration::from_hours(1);

/// What may stand in the directory before FORMAT does: our own unfinished init, and ext4's own.
const OWN_NAMES: [&str; 8] =
    ["journal", "lease", "lost+found", "objects", "staged", "state", "tmp", "uploads"];

/// A store on a directory of the local disk.
pub struct Directory {
    disk: Box<dyn Disk>,
    /// Where the disk really is, for readers that stream; none for simulated ones.
    root: Option<PathBuf>,
    next_tmp: AtomicU64,
    failed_sync: OnceLock<String>,
    /// Whether the file system took no write the last time.
    unwritable: AtomicBool,
    /// Directories of objects with a SHA-512 whose names this process has synced.
    wide_directories: Mutex<BTreeSet<String>>,
}

/// The bytes of an object that is to be stored.
#[derive(Debug, Clone)]
pub enum Spool {
    /// Bytes in memory.
    Memory(Bytes),
    /// A file below `tmp/` of this store, complete but not synced.
    Tmp(Arc<TmpFile>),
    /// The part of an upload that begins at this offset, and that is all of the object.
    Part(UploadId, u64),
    /// An object that is stored already.
    Stored(ObjectReader),
}

/// A file below `tmp/`; removed when the last handle is dropped.
#[derive(Debug)]
pub struct TmpFile {
    name: String,
    path: PathBuf,
}

impl TmpFile {
    /// A file beside a store that has no `tmp/`.
    pub(crate) fn beside(path: PathBuf) -> Self {
        Self { name: String::new(), path }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TmpFile {
    fn drop(&mut self) {
        // A file that stays behind is removed by a start a day later.
        drop(std::fs::remove_file(&self.path));
    }
}

#[derive(Serialize, Deserialize)]
struct Format {
    format: u64,
}

impl Directory {
    /// Opens the store below `root`, making it when the directory is empty or absent.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let shown = root.display().to_string();
        let files = Files::open(root).map_err(|error| StoreError::io("open", shown, error))?;
        let mut directory = Self::on(Box::new(files))?;
        directory.root = Some(root.to_owned());
        Ok(directory)
    }

    /// Opens the store on some disk.
    pub(crate) fn on(disk: Box<dyn Disk>) -> Result<Self, StoreError> {
        let unwritable = AtomicBool::new(disk.is_read_only());
        let directory = Self {
            disk,
            unwritable,
            root: None,
            next_tmp: AtomicU64::new(0),
            failed_sync: OnceLock::new(),
            wide_directories: Mutex::default(),
        };
        match directory.read(&Key::Format)? {
            Some(text) => check_format(&text)?,
            None => directory.make_layout()?,
        }
        match directory.clean() {
            // Reading goes on, and whoever writes hears why not.
            Err(error @ StoreError::Unwritable { .. }) => {
                tracing::warn!(%error, "the storage is read, and takes no writes");
            }
            cleaned => cleaned?,
        }
        Ok(directory)
    }

    fn clean(&self) -> Result<(), StoreError> {
        if self.is_read_only() {
            return Err(StoreError::Unwritable { path: "journal".to_owned() });
        }
        // Names that a killed process linked but did not sync are visible now; what is answered from
        // them must not vanish later.
        self.perform(&Operation::SyncDirectory("journal".to_owned()))?;
        self.make_missing_directories()?;
        self.remove_old_tmp()?;
        self.open_uploads().map(drop)
    }

    fn make_layout(&self) -> Result<(), StoreError> {
        for file in self.list("")? {
            if !OWN_NAMES.contains(&file.as_str()) {
                return Err(StoreError::NotAStore { found: file });
            }
        }
        if last_commit(self)? > 0 {
            return Err(StoreError::DamagedFormat { reason: "it does not exist".to_owned() });
        }
        let plain = ["tmp", "journal", "state", "objects", "objects/sha256"];
        for path in plain.into_iter().chain([WIDE_OBJECTS, STAGED, UPLOADS, LEASES]) {
            self.perform(&Operation::MakeDirectory(path.to_owned()))?;
        }
        for byte in 0..=255_u8 {
            self.perform(&Operation::MakeDirectory(format!("objects/sha256/{byte:02x}")))?;
        }
        for path in ["objects/sha256", "objects", ""] {
            self.perform(&Operation::SyncDirectory(path.to_owned()))?;
        }
        self.put_new(&Key::Format, &Bytes::from(format_text()?)).map(drop)
    }

    fn remove_old_tmp(&self) -> Result<(), StoreError> {
        let files = self.disk.list("tmp").map_err(|error| StoreError::io("list", "tmp", error))?;
        for file in files.into_iter().filter(|file| file.age > TMP_AGE_LIMIT) {
            self.perform(&Operation::Remove(format!("tmp/{}", file.name)))?;
        }
        Ok(())
    }

    /// The bytes under `key`; `None` when there are none.
    pub fn read(&self, key: &Key) -> Result<Option<Bytes>, StoreError> {
        let path = key.to_string();
        self.disk.read(&path).map_err(|error| StoreError::io("read", path, error))
    }

    /// The sorted names in a directory of the layout.
    pub fn list(&self, directory: &str) -> Result<Vec<String>, StoreError> {
        let names = self.disk.names(directory);
        names.map_err(|error| StoreError::io("list", directory, error))
    }

    /// The sorted names in a directory that are older than an hour, once they are durable.
    pub(crate) fn settled(&self, directory: &str) -> Result<Vec<String>, StoreError> {
        // A killed process may have linked a name without syncing it.
        self.perform(&Operation::SyncDirectory(directory.to_owned()))?;
        let files = self.disk.list(directory);
        let files = files.map_err(|error| StoreError::io("list", directory, error))?;
        let old = files.into_iter().filter(|file| file.age > SETTLED_AGE);
        Ok(old.map(|file| file.name).collect())
    }

    /// Takes a name away, if it is there. It may come back after a crash.
    pub(crate) fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let remove = Operation::Remove(key.to_string());
        match self.try_perform(&remove)? {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io(remove.verb(), remove.path(), error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Stores `bytes` durably under `key` unless the key is taken.
    pub fn put_new(&self, key: &Key, bytes: &Bytes) -> Result<PutOutcome, StoreError> {
        let tmp = self.write_tmp(bytes)?;
        let result = self.sync_and_link(&tmp, key);
        self.discard(&tmp);
        result
    }

    /// Stores an object durably; the same object again is fine.
    pub fn put_object(&self, digest: &Sha256, spool: &Spool) -> Result<PutOutcome, StoreError> {
        self.put_blob(&Digest::Sha256(*digest), spool)
    }

    /// Makes an empty file below `tmp/` for an upload; simulated disks have none.
    pub fn make_tmp(&self) -> Result<(Arc<TmpFile>, std::fs::File), StoreError> {
        self.refuse_after_failed_sync()?;
        let name = self.write_tmp(&Bytes::new())?;
        let unsupported = || io::Error::from(io::ErrorKind::Unsupported);
        let root =
            self.root.as_ref().ok_or_else(|| StoreError::io("open", &name, unsupported()))?;
        let path = root.join(&name);
        let file = std::fs::OpenOptions::new().write(true).read(true).open(&path);
        let name = name.trim_start_matches("tmp/").to_owned();
        let tmp = Arc::new(TmpFile { name, path });
        match file {
            Ok(file) => Ok((tmp, file)),
            Err(error) => Err(StoreError::io("open", tmp.path.display().to_string(), error)),
        }
    }

    /// The real path of a key, for readers that stream; `None` on simulated disks.
    pub(crate) fn real_path(&self, key: &Key) -> Option<PathBuf> {
        self.root.as_ref().map(|root| root.join(key.to_string()))
    }

    fn sync_and_link(&self, tmp: &str, key: &Key) -> Result<PutOutcome, StoreError> {
        self.perform(&Operation::SyncFile(tmp.to_owned()))?;
        let link = Operation::Link { from: tmp.to_owned(), to: key.to_string() };
        let outcome = match self.try_perform(&link)? {
            Ok(()) => PutOutcome::Created,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => PutOutcome::Exists,
            Err(error) => return Err(StoreError::io(link.verb(), link.path(), error)),
        };
        self.perform(&Operation::SyncDirectory(key.directory()))?;
        Ok(outcome)
    }

    /// Writes a file with a fresh name below `tmp/` and returns its path.
    fn write_tmp(&self, bytes: &Bytes) -> Result<String, StoreError> {
        loop {
            // Another process, perhaps in another container with the same process id, may have
            // taken the name: then the next number is tried.
            let number = self.next_tmp.fetch_add(1, Ordering::Relaxed);
            let path = format!("tmp/{}-{number}", std::process::id());
            let write = Operation::Write(path.clone(), bytes.clone());
            match self.try_perform(&write)? {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    self.discard(&path);
                    return Err(StoreError::io(write.verb(), path, error));
                }
            }
        }
    }

    fn discard(&self, tmp: &str) {
        // What cannot be removed now is removed by a start a day later; the write itself is decided.
        drop(self.disk.perform(&Operation::Remove(tmp.to_owned())));
    }

    fn perform(&self, operation: &Operation) -> Result<(), StoreError> {
        self.try_perform(operation)?
            .map_err(|error| StoreError::io(operation.verb(), operation.path(), error))
    }

    /// The outer error is a store that writes no more, the inner one is the operation's own.
    fn try_perform(&self, operation: &Operation) -> Result<io::Result<()>, StoreError> {
        self.refuse_after_failed_sync()?;
        let result = self.disk.perform(operation);
        self.note_writability(operation, &result);
        if let (Operation::SyncFile(_) | Operation::SyncDirectory(_), Err(error)) =
            (operation, &result)
            && !is_harmless(operation, error.kind())
        {
            // The kernel forgets dirty pages after it has reported them: a second sync would succeed
            // and mean nothing.
            let reason = format!("`{}`: {error}", operation.path());
            return Err(read_only(self.failed_sync.get_or_init(|| reason)));
        }
        Ok(result)
    }

    /// A file system that becomes read-only, and one that is mounted for writing again.
    fn note_writability(&self, operation: &Operation, result: &io::Result<()>) {
        match result {
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                self.unwritable.store(true, Ordering::Relaxed);
            }
            Ok(()) if matches!(operation, Operation::Write(..)) => {
                self.unwritable.store(false, Ordering::Relaxed);
            }
            Ok(()) | Err(_) => {}
        }
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.failed_sync.get().is_some() || self.unwritable.load(Ordering::Relaxed)
    }

    fn wide_directories(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.wide_directories.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse_after_failed_sync(&self) -> Result<(), StoreError> {
        self.failed_sync.get().map_or(Ok(()), |reason| Err(read_only(reason)))
    }
}

/// Whether nothing is in doubt after a sync that failed so: there was no room for what was being made,
/// and it is thrown away.
fn is_harmless(sync: &Operation, kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let thrown_away = matches!(sync, Operation::SyncFile(path) if path.starts_with("tmp/"));
    thrown_away && [QuotaExceeded, ReadOnlyFilesystem, StorageFull].contains(&kind)
}

fn read_only(reason: &str) -> StoreError {
    StoreError::ReadOnly { reason: reason.to_owned() }
}

/// The text of FORMAT.
pub(crate) fn format_text() -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(&Format { format: FORMAT })
        .map_err(|error| StoreError::DamagedFormat { reason: error.to_string() })
}

/// Refuses a store that a newer program has made.
pub(crate) fn check_format(text: &[u8]) -> Result<(), StoreError> {
    let format: Format = serde_json::from_slice(text)
        .map_err(|error| StoreError::DamagedFormat { reason: error.to_string() })?;
    if format.format > FORMAT {
        return Err(StoreError::NewerFormat { found: format.format, supported: FORMAT });
    }
    Ok(())
}

#[cfg(test)]
mod space_tests;
#[cfg(test)]
mod tests;
