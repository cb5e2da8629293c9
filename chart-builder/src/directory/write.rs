//! Atomic, durable writes: after a crash every file is as it was or complete, never half.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::DirectoryError;

/// Who may read what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody: files 0644, directories 0755.
    Public,
    /// The owner alone: files 0600, directories 0700.
    Private,
}

impl Access {
    const fn file_mode(self) -> u32 {
        match self {
            Self::Public => 0o644,
            Self::Private => 0o600,
        }
    }

    const fn directory_mode(self) -> u32 {
        match self {
            Self::Public => 0o755,
            Self::Private => 0o700,
        }
    }
}

/// Writes files below one directory. The process's umask has no say in what comes out.
#[derive(Debug)]
pub struct Writer {
    root: PathBuf,
    #[cfg(test)]
    steps_until_crash: std::cell::Cell<Option<u32>>,
}

impl Writer {
    /// Writes below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            #[cfg(test)]
            steps_until_crash: std::cell::Cell::new(None),
        }
    }

    /// A writer that dies after so many steps, as a process does: nothing is cleaned up.
    #[cfg(test)]
    pub(crate) fn crashing_after(root: impl Into<PathBuf>, steps: u32) -> Self {
        Self { root: root.into(), steps_until_crash: std::cell::Cell::new(Some(steps)) }
    }

    /// Writes a file that must not be there yet. Fails with [`DirectoryError::Exists`] when it is.
    pub fn put_new(
        &self,
        relative: &str,
        bytes: &[u8],
        access: Access,
    ) -> Result<(), DirectoryError> {
        let (path, temporary) = self.stage(relative, bytes, access)?;
        self.step(&path)?;
        let linked = fs::hard_link(&temporary, &path);
        self.step(&path)?;
        fs::remove_file(&temporary).map_err(DirectoryError::io("remove", temporary))?;
        match linked {
            Ok(()) => sync_parent(&path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(DirectoryError::Exists { path })
            }
            Err(source) => Err(DirectoryError::io("create", path)(source)),
        }
    }

    /// Writes a file that the builder owns, whether or not it is there; unchanged bytes are left alone.
    pub fn replace(
        &self,
        relative: &str,
        bytes: &[u8],
        access: Access,
    ) -> Result<(), DirectoryError> {
        let target = self.root.join(relative);
        if fs::read(&target).is_ok_and(|present| present == bytes) {
            return self.restrict(relative, access);
        }
        let (path, temporary) = self.stage(relative, bytes, access)?;
        self.step(&path)?;
        fs::rename(&temporary, &path).map_err(DirectoryError::io("replace", path.clone()))?;
        sync_parent(&path)
    }

    /// Removes what a crashed run left beside a file, and takes rights away that `access` does not give.
    pub fn settle(&self, relative: &str, access: Access) -> Result<(), DirectoryError> {
        let (parent, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        remove_if_present(&self.root.join(parent).join(temporary_name(name)))?;
        self.restrict(relative, access)
    }

    /// Takes away the rights that `access` does not give, on a file and the directories above it: what somebody opened
    /// up is closed again.
    fn restrict(&self, relative: &str, access: Access) -> Result<(), DirectoryError> {
        if access == Access::Public {
            return Ok(());
        }
        let mut path = self.root.clone();
        for part in Path::new(relative).components() {
            path.push(part);
            if path.is_dir() {
                tighten(&path, access.directory_mode())?;
            } else if path.exists() {
                tighten(&path, access.file_mode())?;
            }
        }
        Ok(())
    }

    /// Makes a directory and those above it, up to the root.
    pub fn directory(&self, relative: &str, access: Access) -> Result<PathBuf, DirectoryError> {
        let mut path = self.root.clone();
        for part in Path::new(relative).components() {
            path.push(part);
            match DirBuilder::new().mode(access.directory_mode()).create(&path) {
                Ok(()) => {
                    let mode = Permissions::from_mode(access.directory_mode());
                    fs::set_permissions(&path, mode)
                        .map_err(DirectoryError::io("restrict", path.clone()))?;
                    sync_parent(&path)?;
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {
                    if access == Access::Private {
                        tighten(&path, access.directory_mode())?;
                    }
                }
                Err(source) => return Err(DirectoryError::io("create", path)(source)),
            }
        }
        Ok(path)
    }

    /// The file's bytes under a temporary name beside it, on disk. The name is fixed, so that the next run takes up
    /// what a crashed one left.
    fn stage(
        &self,
        relative: &str,
        bytes: &[u8],
        access: Access,
    ) -> Result<(PathBuf, PathBuf), DirectoryError> {
        let path = self.root.join(relative);
        let (parent, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        let temporary = self.directory(parent, access)?.join(temporary_name(name));
        remove_if_present(&temporary)?;
        self.step(&path)?;
        let write = || {
            let options =
                OpenOptions::new().write(true).create_new(true).mode(access.file_mode()).clone();
            let mut file = options.open(&temporary)?;
            file.set_permissions(Permissions::from_mode(access.file_mode()))?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(DirectoryError::io("write", temporary.clone()))?;
        Ok((path, temporary))
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "tests let it crash here")]
    fn step(&self, _path: &Path) -> Result<(), DirectoryError> {
        Ok(())
    }

    #[cfg(test)]
    fn step(&self, path: &Path) -> Result<(), DirectoryError> {
        match self.steps_until_crash.get() {
            Some(0) => {
                let crash = io::Error::other("crash for a test");
                Err(DirectoryError::io("finish", path.to_owned())(crash))
            }
            Some(steps) => {
                self.steps_until_crash.set(Some(steps - 1));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn temporary_name(name: &str) -> String {
    format!(".{name}.tmp")
}

fn remove_if_present(path: &Path) -> Result<(), DirectoryError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(DirectoryError::io("remove", path.to_owned())(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes every permission bit that is not in `mode`.
pub(crate) fn tighten(path: &Path, mode: u32) -> Result<(), DirectoryError> {
    let permissions =
        fs::metadata(path).map_err(DirectoryError::io("read", path.to_owned()))?.permissions();
    let present = permissions.mode() & 0o7777;
    if present & !mode == 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(present & mode))
        .map_err(DirectoryError::io("restrict", path.to_owned()))
}

/// Makes the name of `path` as durable as its bytes.
fn sync_parent(path: &Path) -> Result<(), DirectoryError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(DirectoryError::io("flush", parent.to_owned()))
}
