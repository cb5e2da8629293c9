//! The network directory on disk: where everything lies, how it is read and how it is written.
//!
//! Nothing here decides what a file says. Reading never opens `private/`, which belongs to [`crate::identities`];
//! writing is atomic and durable, so that a crash at any point leaves every file either as it was or complete.

mod error;
pub mod paths;
mod read;
mod write;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

pub use error::DirectoryError;
pub use read::{MAX_PUBLIC_FILE_BYTES, PublicFiles};
pub(crate) use read::{bytes as file, optional_bytes as optional_file};
pub use write::{Access, Writer};

use crate::lock::{self, Lock};
use crate::source::Source;

/// A network directory: the place of one network's topology, lock, certificates and keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkDirectory {
    root: PathBuf,
}

/// Nobody else writes into the directory while this lives; released when it is dropped, or with the process.
#[derive(Debug)]
pub struct Exclusive {
    _directory: File,
}

impl NetworkDirectory {
    /// The network directory at `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Its path as given.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The place of `relative`, a path of [`paths`]; short when the directory is the current one.
    pub fn path(&self, relative: &str) -> PathBuf {
        if self.root == Path::new(".") { PathBuf::from(relative) } else { self.root.join(relative) }
    }

    /// Takes the directory for writing. A second process is refused at once: it does not wait.
    ///
    /// The lock is the kernel's, on the directory itself: no file is left behind, and a crash releases it.
    pub fn take(&self) -> Result<Exclusive, DirectoryError> {
        let directory =
            File::open(&self.root).map_err(DirectoryError::io("open", self.root.clone()))?;
        match directory.try_lock() {
            Ok(()) => Ok(Exclusive { _directory: directory }),
            Err(TryLockError::WouldBlock) => Err(DirectoryError::Busy { path: self.root.clone() }),
            Err(TryLockError::Error(source)) => {
                Err(DirectoryError::Unlockable { path: self.root.clone(), source })
            }
        }
    }

    /// The topology, under the name that reports print.
    pub fn source(&self) -> Result<Source, DirectoryError> {
        let path = self.path(paths::TOPOLOGY);
        Ok(Source::new(path.display().to_string(), read::text(&path)?))
    }

    /// What is frozen; nothing, if there is no `network.lock` yet.
    pub fn lock(&self) -> Result<Lock, DirectoryError> {
        let path = self.path(paths::LOCK);
        let Some(text) = read::optional_text(&path)? else { return Ok(Lock::default()) };
        lock::read(&text).map_err(|fault| DirectoryError::Lock { path, fault })
    }

    /// Every file below `public/`.
    pub fn public(&self) -> Result<PublicFiles, DirectoryError> {
        PublicFiles::read(&self.path(paths::PUBLIC))
    }

    /// Adds what lies in directories that the topology names, as [`paths::source_directory`] gives them. A directory that is
    /// not there adds nothing: whoever needs its files says so.
    pub fn add_sources<'a>(
        &self,
        files: &mut PublicFiles,
        directories: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), DirectoryError> {
        directories
            .into_iter()
            .try_for_each(|directory| files.add(&self.path(directory), directory))
    }
}

/// A file of an earlier tool, under the name that reports print.
pub fn source_file(path: &Path) -> Result<Source, DirectoryError> {
    Ok(Source::new(path.display().to_string(), read::text(path)?))
}

#[cfg(test)]
mod tests;
