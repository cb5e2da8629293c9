//! The real file system below one directory.

use std::fs::{DirBuilder, DirEntry, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::disk::{Disk, ListedFile, Operation};

/// Only the registry's own user reads its files: packages may come from private repositories.
const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;

/// It is never removed: a lock on a file without a name keeps nobody out.
const AGE_LOCK: &str = "objects/lock";

#[derive(Debug)]
pub(crate) struct Files {
    root: PathBuf,
}

impl Files {
    /// Takes `root`, making it and its parents durable when they do not exist.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let root = std::path::absolute(root)?;
        make_durably(&root)?;
        Ok(Self { root })
    }

    /// The file that processes lock while they look at an age and act on it; closing it unlocks it.
    fn age_lock(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(FILE_MODE);
        options.open(self.path(AGE_LOCK))
    }

    fn path(&self, relative: &str) -> PathBuf {
        if relative.is_empty() { self.root.clone() } else { self.root.join(relative) }
    }
}

fn make_durably(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let Some(parent) = directory.parent() else {
        return Err(io::Error::from(io::ErrorKind::NotFound));
    };
    make_durably(parent)?;
    make_directory(directory)?;
    File::open(parent)?.sync_all()
}

fn make_directory(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(DIRECTORY_MODE).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result,
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)?;
    file.write_all(bytes)
}

impl Disk for Files {
    fn perform(&self, operation: &Operation) -> io::Result<()> {
        match operation {
            Operation::MakeDirectory(path) => make_directory(&self.path(path)),
            Operation::Write(path, bytes) => write_new(&self.path(path), bytes),
            Operation::SyncFile(path) | Operation::SyncDirectory(path) => {
                File::open(self.path(path))?.sync_all()
            }
            Operation::Link { from, to } => std::fs::hard_link(self.path(from), self.path(to)),
            Operation::Remove(path) => std::fs::remove_file(self.path(path)),
            Operation::RemoveDirectory(path) => std::fs::remove_dir(self.path(path)),
        }
    }

    fn read(&self, path: &str) -> io::Result<Option<Bytes>> {
        match std::fs::read(self.path(path)) {
            Ok(bytes) => Ok(Some(Bytes::from(bytes))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, directory: &str) -> io::Result<Vec<ListedFile>> {
        let entries = match std::fs::read_dir(self.path(directory)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let metadata = entry.metadata();
            let size = metadata.as_ref().map_or(0, std::fs::Metadata::len);
            let is_directory = metadata.as_ref().is_ok_and(std::fs::Metadata::is_dir);
            files.push(ListedFile { name, age: age(metadata), size, is_directory });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    fn names(&self, directory: &str) -> io::Result<Vec<String>> {
        let name = |entry: DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names = match std::fs::read_dir(self.path(directory)) {
            Ok(entries) => entries.map(|entry| entry.map(name)).collect::<io::Result<Vec<_>>>()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        names.sort_unstable();
        Ok(names)
    }

    fn renew(&self, path: &str, limit: Duration) -> io::Result<bool> {
        let path = self.path(path);
        match age_of(&path)? {
            None => return Ok(false),
            Some(age) if age <= limit => return Ok(true),
            Some(_) => {}
        }
        let lock = self.age_lock()?;
        lock.lock_shared()?;
        match File::open(&path) {
            Ok(file) => file.set_modified(SystemTime::now()).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn remove_if_older(&self, path: &str, limit: Duration) -> io::Result<bool> {
        let path = self.path(path);
        let lock = self.age_lock()?;
        lock.lock()?;
        if age_of(&path)?.is_none_or(|age| age <= limit) {
            return Ok(false);
        }
        std::fs::remove_file(&path).map(|()| true)
    }

    fn is_read_only(&self) -> bool {
        // Where nobody says, the first write tells.
        let flags = rustix::fs::statvfs(&self.root).map(|about| about.f_flag);
        flags.is_ok_and(|flags| flags.contains(rustix::fs::StatVfsMountFlags::RDONLY))
    }
}

fn age_of(path: &Path) -> io::Result<Option<Duration>> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        metadata => Ok(Some(age(metadata))),
    }
}

/// A file whose age cannot be told (gone meanwhile, clock set back) counts as new: nobody removes it.
fn age(metadata: io::Result<std::fs::Metadata>) -> Duration {
    let modified = metadata.and_then(|metadata| metadata.modified());
    modified.ok().and_then(|moment| moment.elapsed().ok()).unwrap_or_default()
}
