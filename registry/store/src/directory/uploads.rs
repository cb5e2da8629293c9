//! Uploads in parts, and blobs that no manifest names yet.
//!
//! The parts of an upload are files of their own, named by their offsets, so that any process on the
//! storage can go on with it, and two that write at one offset have one winner. Parts are not synced:
//! after a power cut an upload begins again, and whatever is made of parts is hashed first.

use std::io;
use std::time::Duration;

use bytes::Bytes;

use super::{Directory, Spool};
use crate::digest::Digest;
use crate::disk::Operation;
use crate::error::StoreError;
use crate::key::{Key, LEASES, STAGED, UPLOADS, UploadId, WIDE_OBJECTS};
use crate::segment::SEGMENTS;
use crate::store::PutOutcome;

/// An upload of which nothing came for this long is given up.
pub(crate) const UPLOAD_AGE_LIMIT: Duration = Duration::from_hours(24);

/// One part of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadPart {
    /// Where it begins.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
}

impl Directory {
    /// Storages of the first days have fewer directories, and a backup may leave out empty ones and
    /// what is no part of it.
    pub(super) fn make_missing_directories(&self) -> Result<(), StoreError> {
        self.make_missing_shelves()?;
        for path in ["tmp", "state", SEGMENTS, WIDE_OBJECTS, STAGED, UPLOADS, LEASES] {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            if !self.list(parent)?.iter().any(|known| *known == name) {
                self.perform(&Operation::MakeDirectory(path.to_owned()))?;
                self.perform(&Operation::SyncDirectory(parent.to_owned()))?;
            }
        }
        Ok(())
    }

    /// The directories of objects; that above them is there, or the storage has lost more than that.
    fn make_missing_shelves(&self) -> Result<(), StoreError> {
        let known = self.list("objects/sha256")?;
        let shelves = (0..=255_u8).map(|byte| format!("{byte:02x}"));
        let missing: Vec<String> = shelves.filter(|name| !known.contains(name)).collect();
        for name in &missing {
            self.perform(&Operation::MakeDirectory(format!("objects/sha256/{name}")))?;
        }
        if missing.is_empty() {
            return Ok(());
        }
        self.perform(&Operation::SyncDirectory("objects/sha256".to_owned()))
    }

    /// Stores an object durably; the same object again is fine. It is young afterwards.
    pub fn put_blob(&self, digest: &Digest, spool: &Spool) -> Result<PutOutcome, StoreError> {
        let key = Key::from(*digest);
        if let Digest::Sha512(_) = digest {
            self.make_wide_directory(&key)?;
        }
        self.put_spooled(&key, spool)
    }

    pub(super) fn put_spooled(&self, key: &Key, spool: &Spool) -> Result<PutOutcome, StoreError> {
        match spool {
            Spool::Memory(bytes) => self.put_young(key, || self.put_new(key, bytes)),
            Spool::Tmp(file) => {
                let from = format!("tmp/{}", file.name);
                self.put_young(key, || self.sync_and_link(&from, key))
            }
            Spool::Part(id, offset) => self.put_part_as(key, &Key::UploadPart(*id, *offset)),
            Spool::Stored(reader) => self.put_again(key, reader),
        }
    }

    /// Few objects have a SHA-512, so their directories are made when they are needed.
    fn make_wide_directory(&self, key: &Key) -> Result<(), StoreError> {
        let directory = key.directory();
        if self.wide_directories().contains(&directory) {
            return Ok(());
        }
        self.perform(&Operation::MakeDirectory(directory.clone()))?;
        self.perform(&Operation::SyncDirectory(WIDE_OBJECTS.to_owned()))?;
        self.wide_directories().insert(directory);
        Ok(())
    }

    /// Begins an upload; `session` says what it is for.
    pub fn begin_upload(&self, id: UploadId, session: &Bytes) -> Result<(), StoreError> {
        self.perform(&Operation::MakeDirectory(Key::Upload(id).directory()))?;
        let tmp = self.write_tmp(session)?;
        let linked = self.link_unsynced(&tmp, &Key::Upload(id));
        self.discard(&tmp);
        linked.map(drop)
    }

    /// The parts of an upload that follow each other from the beginning.
    pub fn upload_parts(&self, id: UploadId) -> Result<Vec<UploadPart>, StoreError> {
        let directory = Key::Upload(id).directory();
        let files = self.disk.list(&directory);
        let files = files.map_err(|error| StoreError::io("list", directory, error))?;
        let (mut parts, mut end) = (Vec::new(), 0);
        for file in files {
            let Some(offset) = Key::parse_part(&file.name) else { continue };
            if offset != end {
                break;
            }
            parts.push(UploadPart { offset, size: file.size });
            end += file.size;
        }
        Ok(parts)
    }

    /// Adds the part that begins at `offset`; `None` when there is no such upload any more.
    pub fn put_part(
        &self,
        id: UploadId,
        offset: u64,
        spool: &Spool,
    ) -> Result<Option<PutOutcome>, StoreError> {
        let key = Key::UploadPart(id, offset);
        match spool {
            Spool::Memory(bytes) => {
                let tmp = self.write_tmp(bytes)?;
                let linked = self.link_unsynced(&tmp, &key);
                self.discard(&tmp);
                linked
            }
            Spool::Tmp(file) => self.link_unsynced(&format!("tmp/{}", file.name), &key),
            Spool::Part(from, at) => {
                self.link_unsynced(&Key::UploadPart(*from, *at).to_string(), &key)
            }
            // A part is what a client sent just now.
            Spool::Stored(_) => Ok(Some(PutOutcome::Exists)),
        }
    }

    /// Forgets an upload and its parts.
    pub fn end_upload(&self, id: UploadId) -> Result<(), StoreError> {
        self.remove_upload(&Key::Upload(id).directory())
    }

    /// Uploads that are not complete; those of which nothing came for a day are removed.
    pub fn open_uploads(&self) -> Result<usize, StoreError> {
        let uploads = self.disk.list(UPLOADS);
        let uploads = uploads.map_err(|error| StoreError::io("list", UPLOADS, error))?;
        let (old, open): (Vec<_>, Vec<_>) =
            uploads.into_iter().partition(|upload| upload.age > UPLOAD_AGE_LIMIT);
        for upload in old {
            self.remove_upload(&format!("{UPLOADS}/{}", upload.name))?;
        }
        Ok(open.len())
    }

    fn remove_upload(&self, directory: &str) -> Result<(), StoreError> {
        for name in self.list(directory)? {
            self.remove_if_there(&Operation::Remove(format!("{directory}/{name}")))?;
        }
        self.remove_if_there(&Operation::RemoveDirectory(directory.to_owned()))
    }

    /// Another process may remove the same upload, or add a part to it: then it is removed later.
    fn remove_if_there(&self, remove: &Operation) -> Result<(), StoreError> {
        use io::ErrorKind::{DirectoryNotEmpty, NotFound};
        match self.try_perform(remove)? {
            Err(error) if ![NotFound, DirectoryNotEmpty].contains(&error.kind()) => {
                Err(StoreError::io(remove.verb(), remove.path(), error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn link_unsynced(&self, from: &str, key: &Key) -> Result<Option<PutOutcome>, StoreError> {
        let link = Operation::Link { from: from.to_owned(), to: key.to_string() };
        match self.try_perform(&link)? {
            Ok(()) => Ok(Some(PutOutcome::Created)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Ok(Some(PutOutcome::Exists))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io(link.verb(), link.path(), error)),
        }
    }
}
