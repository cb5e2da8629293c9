//! Reading a stored object, in memory or piece by piece.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;

use crate::bucket::RemoteObject;
use crate::directory::Directory;
use crate::error::StoreError;
use crate::key::Key;

/// Objects up to this size are read whole; larger ones are streamed in pieces.
const WHOLE_OBJECT_BYTES: u64 = 1 << 20;

/// Size of a streamed piece in bytes.
const PIECE_BYTES: u64 = 256 << 10;

/// The bytes of a stored object.
#[derive(Debug, Clone)]
pub enum ObjectReader {
    /// All of them.
    Whole(Bytes),
    /// An open file to be read piece by piece.
    Pieces {
        /// The file.
        file: Arc<File>,
        /// Its size in bytes.
        size: u64,
    },
    /// An object of a bucket to be read piece by piece.
    Remote(Arc<RemoteObject>),
}

impl ObjectReader {
    /// Opens a file of a directory. Blocking.
    pub(crate) fn open(directory: &Directory, key: Key) -> Result<Option<Self>, StoreError> {
        let Some(path) = directory.real_path(&key) else {
            return Ok(directory.read(&key)?.map(Self::Whole));
        };
        let failed = |error| StoreError::io("read", key.to_string(), error);
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let size = file.metadata().map_err(failed)?.len();
        if size > WHOLE_OBJECT_BYTES {
            return Ok(Some(Self::Pieces { file: Arc::new(file), size }));
        }
        read_piece(&file, 0, size).map(Self::Whole).map(Some).map_err(failed)
    }

    /// The object's size in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Pieces { size, .. } => *size,
            Self::Remote(object) => object.size(),
        }
    }

    /// The bytes from the start, for those who may wait for the disk or the bucket: a thread for
    /// blocking work.
    pub fn to_read(&self) -> Box<dyn io::Read> {
        match self {
            Self::Whole(bytes) => Box::new(io::Cursor::new(bytes.clone())),
            Self::Pieces { file, .. } => Box::new(Positioned { file: Arc::clone(file), at: 0 }),
            Self::Remote(object) => {
                Box::new(Fetched { object: Arc::clone(object), at: 0, piece: Bytes::new() })
            }
        }
    }

    /// All bytes.
    pub async fn read_all(&self) -> io::Result<Bytes> {
        if let Self::Whole(bytes) = self {
            return Ok(bytes.clone());
        }
        let mut all = Vec::new();
        loop {
            let piece = self.piece(all.len() as u64).await?;
            if piece.is_empty() {
                return Ok(Bytes::from(all));
            }
            all.extend_from_slice(&piece);
        }
    }

    /// The bytes from `offset` to the end of the piece that begins there; empty at the end.
    pub async fn piece(&self, offset: u64) -> io::Result<Bytes> {
        match self {
            Self::Whole(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(start..))
            }
            Self::Pieces { file, size } => {
                let length = size.saturating_sub(offset).min(PIECE_BYTES);
                let file = Arc::clone(file);
                tokio::task::spawn_blocking(move || read_piece(&file, offset, length))
                    .await
                    .map_err(io::Error::other)?
            }
            Self::Remote(object) => object.piece(offset).await.map_err(io::Error::other),
        }
    }
}

/// Reads a file that others read, too, from a position of its own.
struct Positioned {
    file: Arc<File>,
    at: u64,
}

impl io::Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// Reads an object of a bucket from a thread that may wait.
struct Fetched {
    object: Arc<RemoteObject>,
    at: u64,
    piece: Bytes,
}

impl io::Read for Fetched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            self.piece = self.object.piece_blocking(self.at).map_err(io::Error::other)?;
            self.at += self.piece.len() as u64;
        }
        let count = buffer.len().min(self.piece.len());
        buffer[..count].copy_from_slice(&self.piece.split_to(count));
        Ok(count)
    }
}

pub(crate) fn read_piece(file: &File, offset: u64, length: u64) -> io::Result<Bytes> {
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, offset)?;
    Ok(Bytes::from(bytes))
}
