//! What goes wrong with files.

use std::io;
use std::path::PathBuf;

use crate::lock::LockError;

/// A network directory that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The operating system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it was refused.
        source: io::Error,
    },
    /// Another process writes here.
    #[error("`{}` is in use by another chart-builder; wait until it is done", path.display())]
    Busy {
        /// The network directory.
        path: PathBuf,
    },
    /// A file that must never be overwritten is there.
    #[error("`{}` is there already and is never overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file is larger than anything that belongs here.
    #[error("`{}` has {bytes} bytes; at most {limit} belong here", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A link, a pipe, a device or a directory where a file belongs.
    #[error("`{}` is no regular file; put a copy of the file there, no link", path.display())]
    NotAFile {
        /// What is there.
        path: PathBuf,
    },
    /// A file system without locks.
    #[error(
        "cannot lock `{}`: its file system has no locks on directories (NFS has none); copy it to a local disk",
        path.display()
    )]
    Unlockable {
        /// The directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Text that is not UTF-8.
    #[error("`{}` is not UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// The lock is not in its own format.
    #[error("`{}`:{fault}; restore it from version control", path.display())]
    Lock {
        /// The lock.
        path: PathBuf,
        /// Line, column and fault.
        fault: LockError,
    },
}

impl DirectoryError {
    /// Wraps what the operating system said about `path`.
    pub fn io(action: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path, source }
    }
}
