//! The system calls that decide what survives a crash, as values.
//!
//! The local back end changes the disk only through [`Operation`]s, so that a test can record them,
//! forget those that were not synced, and leave a sync out to see a test fail.

use std::io;
use std::time::Duration;

use bytes::Bytes;

/// A change of the disk; paths are relative to the storage directory, with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Makes a directory; one that exists already is fine.
    MakeDirectory(String),
    /// Makes a new file with these bytes; one that exists already is an error.
    Write(String, Bytes),
    /// Waits until a file's bytes are on the disk.
    SyncFile(String),
    /// Waits until a directory's names are on the disk.
    SyncDirectory(String),
    /// Gives the file `from` a second name; a name that exists already is an error.
    Link {
        /// The first name.
        from: String,
        /// The second name.
        to: String,
    },
    /// Takes a file's name away.
    Remove(String),
    /// Takes an empty directory away.
    RemoveDirectory(String),
}

/// One name in a directory.
#[derive(Debug, Clone)]
pub struct ListedFile {
    /// The name.
    pub name: String,
    /// How long ago it was last written.
    pub age: Duration,
    /// Its size in bytes.
    pub size: u64,
    /// True when it is no file but a directory.
    pub is_directory: bool,
}

/// Something that behaves like the file system below one directory.
pub trait Disk: Send + Sync {
    /// Carries out one change.
    fn perform(&self, operation: &Operation) -> io::Result<()>;

    /// The bytes of a file; `None` when there is no such file.
    fn read(&self, path: &str) -> io::Result<Option<Bytes>>;

    /// The names in a directory, sorted; none when there is no such directory.
    fn list(&self, directory: &str) -> io::Result<Vec<ListedFile>>;

    /// The names in a directory, sorted, where nobody needs to know more: a directory may have many.
    fn names(&self, directory: &str) -> io::Result<Vec<String>> {
        Ok(self.list(directory)?.into_iter().map(|file| file.name).collect())
    }

    /// Makes a file that is older than `limit` look as if it had been written now; false when there
    /// is no such file. Never at the same time as [`Self::remove_if_older`], in any process.
    fn renew(&self, path: &str, limit: Duration) -> io::Result<bool>;

    /// Takes the name of a file away when the file is older than `limit`; false when it is younger,
    /// or when there is no such file.
    fn remove_if_older(&self, path: &str, limit: Duration) -> io::Result<bool>;

    /// True when the file system takes no writes at all.
    fn is_read_only(&self) -> bool;
}

impl Operation {
    pub(crate) fn verb(&self) -> &'static str {
        match self {
            Self::MakeDirectory(_) => "make directory",
            Self::Write(..) => "write",
            Self::SyncFile(_) | Self::SyncDirectory(_) => "sync",
            Self::Link { .. } => "link",
            Self::Remove(_) | Self::RemoveDirectory(_) => "remove",
        }
    }

    pub(crate) fn path(&self) -> &str {
        match self {
            Self::MakeDirectory(path)
            | Self::Write(path, _)
            | Self::SyncFile(path)
            | Self::SyncDirectory(path)
            | Self::Remove(path)
            | Self::RemoveDirectory(path)
            | Self::Link { to: path, .. } => path,
        }
    }
}
