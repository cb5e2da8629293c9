//! Reading `public/` and single text files, with limits.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::{fs, str};

use walkdir::WalkDir;

use super::DirectoryError;

/// The largest file that may lie in `public/`, in bytes. A genesis block above 1 MiB is refused by Fabric's
/// `MaxRequestBodySize` and by Kubernetes' `ConfigMap` anyway.
pub const MAX_PUBLIC_FILE_BYTES: u64 = 1 << 20;

/// The largest topology or lock, in bytes.
const MAX_TEXT_BYTES: u64 = 16 << 20;

/// Every file that a build reads beside topology and lock: all of `public/`, and sources that the topology names, by its path in the network directory (`public/Org1/msp/cacerts/ca.pem`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublicFiles {
    files: BTreeMap<String, Vec<u8>>,
}

impl PublicFiles {
    /// Reads the tree at `directory`; a directory that is not there is an empty tree.
    ///
    /// Files that version control and editors leave behind (names with a leading dot) are not part of it. Other owners
    /// send these files: a symbolic link, which could lead to a key, and everything else that is no regular file is
    /// refused.
    pub(super) fn read(directory: &Path) -> Result<Self, DirectoryError> {
        let mut files = Self::default();
        files.add(directory, super::paths::PUBLIC)?;
        Ok(files)
    }

    /// Adds the tree at `directory` under the path `name` in the network directory.
    pub(super) fn add(&mut self, directory: &Path, name: &str) -> Result<(), DirectoryError> {
        if !directory.exists() {
            return Ok(());
        }
        let visible = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
        };
        for entry in WalkDir::new(directory).into_iter().filter_entry(visible) {
            let entry = entry.map_err(|error| walk_error(directory, error))?;
            if entry.file_type().is_dir() {
                continue;
            }
            if !entry.file_type().is_file() {
                return Err(DirectoryError::NotAFile { path: entry.path().to_owned() });
            }
            let below = entry.path().strip_prefix(directory).unwrap_or(entry.path());
            let path = relative_name(name, below)
                .ok_or_else(|| DirectoryError::NotText { path: entry.path().to_owned() })?;
            self.files.insert(path, bytes(entry.path(), MAX_PUBLIC_FILE_BYTES)?);
        }
        Ok(())
    }

    /// The bytes of a file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The text of a file; `None` also when it is not UTF-8, which no PEM file is.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.bytes(path).and_then(|bytes| str::from_utf8(bytes).ok())
    }

    /// A file is there.
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Adds or replaces a file: for a build's own new blocks and for tests.
    pub fn insert(&mut self, path: String, bytes: Vec<u8>) {
        self.files.insert(path, bytes);
    }

    /// Every file in the order of its path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

/// `public/…` with `/` between the parts, on every system.
fn relative_name(root: &str, below: &Path) -> Option<String> {
    let mut name = root.to_owned();
    for part in below.components() {
        name.push('/');
        name.push_str(part.as_os_str().to_str()?);
    }
    Some(name)
}

fn walk_error(directory: &Path, error: walkdir::Error) -> DirectoryError {
    let path = error.path().unwrap_or(directory).to_owned();
    DirectoryError::io("read", path)(io::Error::from(error))
}

/// The bytes of a file that has at most `limit` of them.
pub(crate) fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, DirectoryError> {
    let fault = || DirectoryError::io("read", path.to_owned());
    // Opening a pipe waits for somebody who writes.
    let present = fs::metadata(path).map_err(fault())?;
    if !present.is_file() {
        return Err(DirectoryError::NotAFile { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(fault())?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(fault())?;
    let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if read > limit {
        let bytes = read.max(present.len());
        return Err(DirectoryError::TooLarge { path: path.to_owned(), bytes, limit });
    }
    Ok(bytes)
}

pub(super) fn text(path: &Path) -> Result<String, DirectoryError> {
    utf8(path, bytes(path, MAX_TEXT_BYTES)?)
}

/// The text of a file, or nothing when it is not there.
pub(crate) fn optional_text(path: &Path) -> Result<Option<String>, DirectoryError> {
    optional_bytes(path, MAX_TEXT_BYTES)?.map(|bytes| utf8(path, bytes)).transpose()
}

/// The bytes of a file, or nothing when it is not there.
pub(crate) fn optional_bytes(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, DirectoryError> {
    match bytes(path, limit) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(DirectoryError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn utf8(path: &Path, bytes: Vec<u8>) -> Result<String, DirectoryError> {
    String::from_utf8(bytes).map_err(|_| DirectoryError::NotText { path: PathBuf::from(path) })
}
