//! What can go wrong between the registry and its storage.

use std::io;

use chart_format::digest::Sha256;

/// Why the store did not do what it was asked.
///
/// Absence is never an error here: reads answer `Option`. So no variant of this type may ever be
/// shown to a client as "not found".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused an operation.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was being done, as a verb.
        action: &'static str,
        /// Path inside the storage directory.
        path: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// There is no room for the write; nothing of it is visible.
    #[error("the storage has no room to write `{path}`: free some space and send it again")]
    Full {
        /// Path inside the storage directory.
        path: String,
    },
    /// The file system takes no writes at all.
    #[error("the storage's file system is read-only, so that `{path}` cannot be written")]
    Unwritable {
        /// Path inside the storage directory.
        path: String,
    },
    /// An earlier sync failed, after which the kernel may have dropped written pages.
    #[error(
        "the storage is read-only since a sync failed ({reason}): check the disk, then restart"
    )]
    ReadOnly {
        /// The failure that started it.
        reason: String,
    },
    /// A bucket gave no answer about a write, and asking again did not settle it.
    #[error("it is unknown whether `{path}` was written: {reason}; send the same content again")]
    OutcomeUnknown {
        /// Path inside the store.
        path: String,
        /// The last answer.
        reason: String,
    },
    /// An object store did not do what it was asked.
    #[error("cannot {action} `{path}` in the bucket: {reason}")]
    Bucket {
        /// What was being done, as a verb.
        action: &'static str,
        /// Name of the object.
        path: String,
        /// What it said.
        reason: String,
        /// True when it may do so a little later.
        passing: bool,
    },
    /// A bucket that no client can be made for.
    #[error("`{place}` cannot be reached: {reason}")]
    Unreachable {
        /// The bucket.
        place: String,
        /// Why not.
        reason: String,
    },
    /// A bucket that creates what exists.
    #[error(
        "the bucket creates an object that exists already, so that two writers would overwrite each \
         other's commits: use one that knows `If-None-Match: *` on writes"
    )]
    Unconditional,
    /// A directory or bucket that holds something else.
    #[error("`{found}` does not belong to a chart store: give it an empty directory or prefix")]
    NotAStore {
        /// The entry that does not belong there.
        found: String,
    },
    /// The journal has entries but its FORMAT file is gone or unreadable.
    #[error("`FORMAT` is damaged ({reason}): restore it from a backup of this storage")]
    DamagedFormat {
        /// What is wrong with it.
        reason: String,
    },
    /// The storage was written by a newer program.
    #[error("the storage has format {found}, this program reads {supported}: use a newer program")]
    NewerFormat {
        /// The format that the storage names.
        found: u64,
        /// The newest format that this program knows.
        supported: u64,
    },
    /// A journal entry is missing although later ones exist.
    #[error(
        "journal entry {seq} is missing although entry {last} exists: restore it from a backup"
    )]
    MissingCommit {
        /// The number that is missing.
        seq: u64,
        /// The last number that exists.
        last: u64,
    },
    /// A journal entry does not say what a journal entry says.
    #[error("journal entry {seq} is damaged: {reason}; restore it from a backup")]
    DamagedCommit {
        /// Number of the entry.
        seq: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A file with a run of journal entries is not what was written.
    #[error("`{path}` is damaged: {reason}; restore it from a backup")]
    DamagedSegment {
        /// Path inside the store.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A journal entry that does not follow the one before it.
    #[error("journal entry {seq} follows {found}, but the entry before it has {expected}")]
    BrokenChain {
        /// Number of the entry.
        seq: u64,
        /// Digest of the entry before.
        expected: Sha256,
        /// Digest that the entry names.
        found: Sha256,
    },
    /// A commit that does not fit into a journal entry.
    #[error("a commit of {size} bytes is larger than the limit of {limit}")]
    CommitTooLarge {
        /// Size of the commit in bytes.
        size: usize,
        /// [`crate::commit::MAX_COMMIT_BYTES`].
        limit: usize,
    },
    /// Bytes that do not have the digest under which they were to be stored.
    #[error("the bytes have digest {found}, not {expected}")]
    WrongDigest {
        /// The digest asked for.
        expected: Sha256,
        /// The digest of the bytes.
        found: Sha256,
    },
    /// An object whose bytes are not those that its name says.
    #[error(
        "`{path}` is damaged: its bytes have another digest; restore it from a backup, or send the \
         same bytes again"
    )]
    DamagedObject {
        /// Path inside the store.
        path: String,
    },
    /// The program is stopping and took no more work.
    #[error("the registry is stopping: send it again in a moment")]
    Stopping,
}

impl StoreError {
    /// True for what a bucket may do differently a little later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::OutcomeUnknown { .. } | Self::Bucket { passing: true, .. })
    }

    pub(crate) fn io(action: &'static str, path: impl Into<String>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::Unwritable { path },
            _ => Self::Io { action, path, source },
        }
    }
}
