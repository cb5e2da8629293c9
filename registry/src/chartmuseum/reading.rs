//! The bytes of a file of another program, taken so that nothing of it changes.
//!
//! They are copied. A hard link would cost no room, but it would be one file for two programs:
//! `ChartMuseum` writes in place, which would change what was published here, and the collector tells
//! ages by the times of files, which would change what `ChartMuseum` shows. Where the file system can
//! share blocks between files, copying large files costs no room either: the kernel does it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use chart_format::digest::{Hasher, Sha256};
use chart_registry_store::{Spool, Timestamp};

use super::ImportError;
use crate::registry::Registry;
use crate::spool::Received;

/// Files up to this size are read into memory.
const MEMORY_BYTES: u64 = 256 << 10;

/// Bytes that are hashed at once.
const PIECE_BYTES: usize = 64 << 10;

/// The bytes of a file, and when it was written; `None` when there are more than the limit.
pub(super) async fn small(
    path: PathBuf,
    limit: u64,
) -> Result<Option<(Bytes, Timestamp)>, ImportError> {
    let failed = |source| ImportError::Read { path: path.clone(), source };
    let file = path.clone();
    let work = tokio::task::spawn_blocking(move || read(&file, limit));
    work.await.map_err(|error| failed(io::Error::other(error)))?.map_err(failed)
}

/// A package as an upload would have brought it, and when its file was written; `None` when there
/// are more bytes than the limit.
pub(super) async fn package(
    registry: &Registry,
    (path, size): (&Path, u64),
    limit: u64,
) -> Result<Option<(Received, Timestamp)>, ImportError> {
    if size <= MEMORY_BYTES.min(limit) {
        let small = small(path.to_owned(), MEMORY_BYTES.min(limit)).await?;
        return Ok(small.map(|(bytes, modified)| (Received::from_memory(bytes), modified)));
    }
    let failed = |source| ImportError::Read { path: path.to_owned(), source };
    let refused = |error| ImportError::Publish { path: path.to_owned(), reason: error };
    let made = registry.store().make_tmp().await;
    let (tmp, target) = made.map_err(|error| refused(crate::refusal::Fault::from(error).into()))?;
    let from = path.to_owned();
    let work = tokio::task::spawn_blocking(move || copy(&from, target, limit));
    let copied = work.await.map_err(|error| failed(io::Error::other(error)))?.map_err(failed)?;
    Ok(copied.map(|(sha256, size, modified)| {
        let spool = Spool::Tmp(tmp);
        (Received { spool, sha256, size, file_name: None }, modified)
    }))
}

fn read(path: &Path, limit: u64) -> io::Result<Option<(Bytes, Timestamp)>> {
    let file = File::open(path)?;
    let modified = modified(&file)?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then(|| (Bytes::from(bytes), modified)))
}

/// Copies a file into another one; what is hashed is the copy.
fn copy(path: &Path, mut target: File, limit: u64) -> io::Result<Option<(Sha256, u64, Timestamp)>> {
    let source = File::open(path)?;
    let modified = modified(&source)?;
    let size = io::copy(&mut source.take(limit + 1), &mut target)?;
    if size > limit {
        return Ok(None);
    }
    target.seek(SeekFrom::Start(0))?;
    let mut hasher = Hasher::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match target.read(&mut piece)? {
            0 => return Ok(Some((hasher.finish(), size, modified))),
            count => hasher.update(&piece[..count]),
        }
    }
}

fn modified(file: &File) -> io::Result<Timestamp> {
    let since = file.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Timestamp::from_milliseconds(i64::try_from(since.as_millis()).unwrap_or(0)))
}
