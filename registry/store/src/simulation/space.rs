//! The room on a simulated disk: files cost their bytes and names cost one byte each.

use std::collections::BTreeSet;
use std::io;

use bytes::Bytes;

use super::disk::{Memory, SimulatedDisk, Target};
use crate::disk::Operation;

/// How much a disk takes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Space {
    /// Bytes of files and names together; without a number, as many as come.
    capacity: Option<u64>,
    /// The disk takes all bytes, and says at the sync that there is no room for them.
    tells_late: bool,
    read_only: bool,
}

impl SimulatedDisk {
    /// From now on there is room for so many bytes more; `None` for as many as come.
    ///
    /// A write that does not fit leaves a file with those bytes that do.
    pub fn set_room(&self, room: Option<u64>) {
        let mut memory = self.lock();
        let used = memory.used();
        memory.space.capacity = room.map(|room| used + room);
    }

    /// From now on writes seem to fit, and the sync of the file says that they do not.
    pub fn tell_late_that_there_is_no_room(&self, late: bool) {
        self.lock().space.tells_late = late;
    }

    /// From now on the file system takes no writes, or takes them again.
    pub fn set_read_only(&self, read_only: bool) {
        self.lock().space.read_only = read_only;
    }

    /// Bytes of files and names.
    pub fn used(&self) -> u64 {
        self.lock().used()
    }
}

impl Memory {
    fn used(&self) -> u64 {
        let file = |target: &Target| match target {
            Target::File(file) => Some(*file),
            Target::Directory => None,
        };
        let files: BTreeSet<usize> = self.names.values().filter_map(file).collect();
        let size = |file: &usize| self.files.get(file).map_or(0, |bytes| bytes.len() as u64);
        files.iter().map(size).sum::<u64>() + self.names.len() as u64
    }

    fn room(&self) -> u64 {
        self.space.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(self.used()))
    }

    pub(super) fn require_writable(&self) -> io::Result<()> {
        if self.space.read_only {
            return Err(io::Error::from(io::ErrorKind::ReadOnlyFilesystem));
        }
        Ok(())
    }

    /// Whether there is room for a name, and at a late sync for what was written.
    pub(super) fn require_space(&self, operation: &Operation) -> io::Result<()> {
        let full = || Err(io::Error::from(io::ErrorKind::StorageFull));
        if !matches!(operation, Operation::SyncFile(_) | Operation::SyncDirectory(_)) {
            self.require_writable()?;
        }
        match operation {
            Operation::SyncFile(_) if self.space.tells_late => {
                let fits = self.space.capacity.is_none_or(|capacity| self.used() <= capacity);
                if fits { Ok(()) } else { full() }
            }
            Operation::MakeDirectory(path) if self.find(path).is_some() => Ok(()),
            Operation::MakeDirectory(_) | Operation::Write(..) | Operation::Link { .. } => {
                if self.room() == 0 { full() } else { Ok(()) }
            }
            Operation::SyncFile(_)
            | Operation::SyncDirectory(_)
            | Operation::Remove(_)
            | Operation::RemoveDirectory(_) => Ok(()),
        }
    }

    /// The bytes of a file that fit beside its name, and what the write answers.
    pub(super) fn fitting(&self, bytes: &Bytes) -> (Bytes, io::Result<()>) {
        let room = usize::try_from(self.room().saturating_sub(1)).unwrap_or(usize::MAX);
        if self.space.tells_late || bytes.len() <= room {
            return (bytes.clone(), Ok(()));
        }
        (bytes.slice(..room), Err(io::Error::from(io::ErrorKind::StorageFull)))
    }
}
