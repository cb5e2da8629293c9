//! What a bundle holds, without unpacking it: where each of its files begins and ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use chart_registry_store::Digest;
use futures_util::Stream;
use futures_util::stream::unfold;

use super::{INDEX, Index, LAYOUT, Layout, blob_path};

/// Most files of a bundle.
const MAX_FILES: usize = 4_000_000;

/// Most bytes of a file that is read whole besides manifests.
const MAX_DOCUMENT_BYTES: u64 = 256 << 20;

/// Bytes that are read at once.
const PIECE_BYTES: u64 = 256 << 10;

/// Why a file is no bundle.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BundleError {
    #[error("the bundle cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("the file is no bundle: {reason}")]
    Other {
        /// What is wrong with it.
        reason: String,
    },
}

/// An open bundle.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    file: Arc<File>,
    /// Where files begin, and their sizes.
    files: Arc<BTreeMap<String, (u64, u64)>>,
}

fn other(reason: impl Into<String>) -> BundleError {
    BundleError::Other { reason: reason.into() }
}

impl Reader {
    /// Opens a bundle and reads its list of manifests. Blocking.
    pub(super) fn open(path: &Path) -> Result<(Self, Index), BundleError> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut files = BTreeMap::new();
        let mut archive = tar::Archive::new(&file);
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = name.trim_start_matches("./").to_owned();
            let (begin, length) = (entry.raw_file_position(), entry.size());
            if begin.checked_add(length).is_none_or(|end| end > size) {
                return Err(other(format!("it ends within `{name}`")));
            }
            if files.insert(name.clone(), (begin, length)).is_some() {
                return Err(other(format!("it holds `{name}` twice")));
            }
            if files.len() > MAX_FILES {
                return Err(other(format!("it holds more than {MAX_FILES} files")));
            }
        }
        let reader = Self { file: Arc::new(file), files: Arc::new(files) };
        let layout: Layout = reader.document(LAYOUT)?;
        if layout.image_layout_version != "1.0.0" {
            return Err(other(format!("it has layout version {}", layout.image_layout_version)));
        }
        let index = reader.document(INDEX)?;
        Ok((reader, index))
    }

    fn document<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, BundleError> {
        let bytes = self.whole(name, MAX_DOCUMENT_BYTES)?;
        let bytes = bytes.ok_or_else(|| other(format!("it holds no `{name}`")))?;
        serde_json::from_slice(&bytes).map_err(|error| other(format!("`{name}`: {error}")))
    }

    fn whole(&self, name: &str, limit: u64) -> Result<Option<Bytes>, BundleError> {
        let Some((begin, size)) = self.files.get(name).copied() else { return Ok(None) };
        if size > limit {
            return Err(other(format!("`{name}` has {size} bytes, and {limit} are allowed")));
        }
        let mut bytes = vec![0; usize::try_from(size).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut bytes, begin)?;
        Ok(Some(Bytes::from(bytes)))
    }

    /// The bytes of a blob of at most `limit` bytes; `None` when the bundle does not hold it.
    /// Blocking, but for a moment only.
    pub(super) fn blob(&self, digest: &Digest, limit: u64) -> Result<Option<Bytes>, BundleError> {
        self.whole(&blob_path(digest), limit)
    }

    /// The size of a blob; `None` when the bundle does not hold it.
    pub(super) fn size(&self, digest: &Digest) -> Option<u64> {
        self.files.get(&blob_path(digest)).map(|(_, size)| *size)
    }

    /// The bytes of a blob, piece by piece.
    pub(super) fn pieces(
        &self,
        digest: &Digest,
    ) -> impl Stream<Item = io::Result<Bytes>> + Unpin + use<> {
        let (begin, size) = self.files.get(&blob_path(digest)).copied().unwrap_or_default();
        let file = Arc::clone(&self.file);
        Box::pin(unfold((file, begin, size), |(file, at, left)| async move {
            let count = left.min(PIECE_BYTES);
            if count == 0 {
                return None;
            }
            let from = Arc::clone(&file);
            let read = move || {
                let mut bytes = vec![0; usize::try_from(count).map_err(io::Error::other)?];
                from.read_exact_at(&mut bytes, at)?;
                Ok(Bytes::from(bytes))
            };
            let piece = tokio::task::spawn_blocking(read).await;
            let piece = piece.map_err(io::Error::other).and_then(|read| read);
            // Nothing follows an error.
            let left = if piece.is_ok() { left - count } else { 0 };
            Some((piece, (file, at + count, left)))
        }))
    }
}
