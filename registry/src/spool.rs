//! Receiving a package: counted, hashed, in memory while it is small and on disk when it is not.

use std::io::Read;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chart_format::digest::{Hasher, Sha256};
use chart_registry_store::{Spool, Store, StoreError};
use futures_util::{Stream, StreamExt};
use tokio::io::AsyncWriteExt;

use crate::refusal::{Code, Fault, PublishError, Refusal};

/// Bodies up to this size stay in memory.
const MEMORY_BYTES: usize = 256 << 10;

/// A body of which no byte comes for this long is given up.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// A body that is not complete after this long is given up, however steadily it drips.
const TOTAL_LIMIT: Duration = Duration::from_mins(10);

/// A received package, not yet looked into.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) spool: Spool,
    pub(crate) sha256: Sha256,
    pub(crate) size: u64,
    /// The name that a form gave to the file.
    pub(crate) file_name: Option<String>,
}

impl Received {
    /// Takes a package that is in memory already.
    pub(crate) fn from_memory(bytes: Bytes) -> Self {
        let (sha256, size) = (Sha256::of(&bytes), bytes.len() as u64);
        Self { spool: Spool::Memory(bytes), sha256, size, file_name: None }
    }

    /// The bytes of an upload that is small by its limit; `None` when it is on disk.
    pub(crate) fn in_memory(&self) -> Option<&Bytes> {
        match &self.spool {
            Spool::Memory(bytes) => Some(bytes),
            Spool::Tmp(_) | Spool::Part(..) | Spool::Stored(_) => None,
        }
    }

    /// The bytes from the start. Blocking: call it from a thread that may wait for the disk.
    pub(crate) fn open(&self) -> std::io::Result<Box<dyn Read>> {
        match &self.spool {
            Spool::Memory(bytes) => Ok(Box::new(std::io::Cursor::new(bytes.clone()))),
            Spool::Tmp(file) => Ok(Box::new(std::fs::File::open(file.path())?)),
            Spool::Stored(reader) => Ok(reader.to_read()),
            Spool::Part(..) => Err(std::io::Error::from(std::io::ErrorKind::Unsupported)),
        }
    }
}

/// Where the bytes go while they come.
pub(crate) enum Target {
    Memory(BytesMut),
    Disk { spool: Spool, file: tokio::fs::File },
}

/// Receives a body of at most `limit` bytes.
pub(crate) async fn receive<E: std::fmt::Display>(
    store: &Store,
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    limit: u64,
) -> Result<Received, PublishError> {
    let mut hasher = Hasher::new();
    let hash = |piece: &[u8]| hasher.update(piece);
    let (spool, size) = collect(store, body, (limit, too_large), hash).await?;
    Ok(Received { spool, sha256: hasher.finish(), size, file_name: None })
}

/// Keeps a body of at most so many bytes, and shows each piece to `look`.
pub(crate) async fn collect<E: std::fmt::Display>(
    store: &Store,
    mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    (limit, too_large): (u64, fn(u64) -> Refusal),
    mut look: impl FnMut(&[u8]),
) -> Result<(Spool, u64), PublishError> {
    let mut size = 0_u64;
    let mut target = Target::default();
    while let Some(piece) = next_piece(&mut body).await? {
        size += piece.len() as u64;
        if size > limit {
            return Err(too_large(limit).into());
        }
        look(&piece);
        target = target.write(store, &piece).await?;
    }
    Ok((target.finish().await?, size))
}

/// Why a body over the limit is refused.
pub(crate) fn too_large(limit: u64) -> Refusal {
    let what = format!("the file is larger than {limit} bytes");
    let fix = "make it smaller (see .helmignore), or start the registry with --max-upload-bytes";
    Refusal::new(Code::TooLarge, &what, "request body", fix)
}

async fn next_piece<E: std::fmt::Display>(
    body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
) -> Result<Option<Bytes>, Refusal> {
    match tokio::time::timeout(IDLE_LIMIT, body.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(piece))) => Ok(Some(piece)),
        Ok(Some(Err(error))) => {
            let what = format!("the body ended before it was complete: {error}");
            Err(Refusal::new(Code::BadRequest, &what, "request body", "send it again"))
        }
        Err(_) => Err(too_slow(&format!("no byte came for {} s", IDLE_LIMIT.as_secs()))),
    }
}

impl Default for Target {
    fn default() -> Self {
        Self::Memory(BytesMut::new())
    }
}

impl Target {
    /// Adds the next piece.
    pub(crate) async fn write(self, store: &Store, piece: &[u8]) -> Result<Self, PublishError> {
        match self {
            Self::Memory(mut bytes) if bytes.len() + piece.len() <= MEMORY_BYTES => {
                bytes.extend_from_slice(piece);
                Ok(Self::Memory(bytes))
            }
            Self::Memory(bytes) => {
                let (tmp, file) = store.make_tmp().await?;
                let mut file = tokio::fs::File::from_std(file);
                write_all(&mut file, &bytes).await?;
                write_all(&mut file, piece).await?;
                Ok(Self::Disk { spool: Spool::Tmp(tmp), file })
            }
            Self::Disk { spool, mut file } => {
                write_all(&mut file, piece).await?;
                Ok(Self::Disk { spool, file })
            }
        }
    }

    /// All pieces in order.
    pub(crate) async fn finish(self) -> Result<Spool, PublishError> {
        match self {
            Self::Memory(bytes) => Ok(Spool::Memory(bytes.freeze())),
            Self::Disk { spool, mut file } => {
                file.flush().await.map_err(failed_write)?;
                Ok(spool)
            }
        }
    }
}

async fn write_all(file: &mut tokio::fs::File, bytes: &[u8]) -> Result<(), PublishError> {
    file.write_all(bytes).await.map_err(failed_write)
}

/// Gives up a request whose body takes longer than [`TOTAL_LIMIT`].
pub(crate) async fn within_total_limit<T>(
    receiving: impl Future<Output = Result<T, PublishError>>,
) -> Result<T, PublishError> {
    tokio::time::timeout(TOTAL_LIMIT, receiving).await.unwrap_or_else(|_| {
        Err(too_slow(&format!("the body took longer than {} s", TOTAL_LIMIT.as_secs())).into())
    })
}

fn too_slow(what: &str) -> Refusal {
    Refusal::new(Code::TooSlow, what, "request body", "send it again")
}

fn failed_write(error: std::io::Error) -> PublishError {
    match error.kind() {
        std::io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::Unwritable { path: "tmp".to_owned() }.into()
        }
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Refusal::new(
            Code::StorageFull,
            "the storage has no room for the upload",
            "request body",
            "free some space and send it again",
        )
        .into(),
        _ => Fault::io("keep an upload on disk", error).into(),
    }
}
