//! A disk in memory that records every change and can be cut off at any moment.
//!
//! After the cut a file holds its synced bytes, and of the unsynced ones what the crash chose:
//! nothing, half, or all; a directory holds its synced names, and of the unsynced changes the chosen
//! ones. Syncing a new file does not make its name durable (POSIX promises no more).

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::space::Space;
use super::sync::{Forgets, Sync};
use crate::disk::{Disk, ListedFile, Operation};

/// A recorded change of one file or one directory.
#[derive(Debug, Clone)]
enum Effect {
    Content { file: usize, bytes: Bytes },
    Name { directory: String, name: String, target: Option<Target> },
    FileSynced { file: usize },
    DirectorySynced { directory: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    File(usize),
    Directory,
}

#[derive(Default)]
pub(super) struct Memory {
    log: Vec<Effect>,
    pub(super) files: BTreeMap<usize, Bytes>,
    pub(super) names: BTreeMap<(String, String), Target>,
    performed: usize,
    linked: Option<bool>,
    made: Option<String>,
    kill_after: Option<usize>,
    /// What time it is; without a clock everything is old.
    clock: Option<Duration>,
    /// When files were written or made young.
    written: BTreeMap<usize, Duration>,
    ignores_renewals: bool,
    pub(super) space: Space,
}

/// A disk in memory; clones share it.
#[derive(Clone)]
pub struct SimulatedDisk {
    memory: Arc<Mutex<Memory>>,
    forgets: Forgets,
}

/// A moment at which the power goes, and what of the unsynced changes had reached the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crash {
    /// How many recorded effects had happened.
    pub cut: usize,
    /// Bit `i` says that the unsynced group `i` is kept.
    pub kept: u64,
    /// Kept unsynced bytes are only half there.
    pub torn: bool,
}

impl SimulatedDisk {
    /// An empty disk that swallows the syncs that `forgets` names.
    pub fn new(forgets: Forgets) -> Self {
        Self { memory: Arc::default(), forgets }
    }

    /// The same disk, which swallows other syncs from now on.
    #[must_use]
    pub fn forgetting(self, forgets: Forgets) -> Self {
        Self { forgets, ..self }
    }

    /// How many effects were recorded so far.
    pub fn recorded(&self) -> usize {
        self.lock().log.len()
    }

    /// How many operations were performed so far.
    pub fn performed(&self) -> usize {
        self.lock().performed
    }

    /// From now on, after so many more operations every operation fails: the process is dead.
    pub fn kill_after(&self, operations: Option<usize>) {
        let mut memory = self.lock();
        memory.linked = None;
        memory.kill_after = operations.map(|count| memory.performed + count);
    }

    /// Sets the clock that ages come from.
    pub fn set_clock(&self, now: Duration) {
        self.lock().clock = Some(now);
    }

    /// From now on nothing is made young: it only looks so.
    pub fn ignore_renewals(&self) {
        self.lock().ignores_renewals = true;
    }

    /// The number of groups of unsynced changes at `cut`; bits of [`Crash::kept`].
    pub fn unsynced_groups(&self, cut: usize) -> usize {
        let memory = self.lock();
        let log = &memory.log[..cut];
        groups(log).iter().flatten().max().map_or(0, |last| last + 1)
    }

    /// True when the effect before `cut` makes a directory: there are hundreds of these in a row.
    pub fn makes_directory(&self, cut: usize) -> bool {
        let memory = self.lock();
        matches!(
            cut.checked_sub(1).and_then(|last| memory.log.get(last)),
            Some(Effect::Name { target: Some(Target::Directory), .. })
        )
    }

    /// The disk as it is after the crash; its own log starts with what survived, all synced.
    #[must_use]
    pub fn after(&self, crash: Crash) -> Self {
        let log = self.lock().log[..crash.cut].to_vec();
        let groups = groups(&log);
        let mut memory = Memory::default();
        for (effect, group) in log.iter().zip(groups) {
            let synced = group.is_none();
            let kept = group.is_none_or(|group| crash.kept & (1 << group.min(63)) != 0);
            match effect {
                Effect::Content { file, bytes } => {
                    let whole = if synced || !crash.torn { bytes.len() } else { bytes.len() / 2 };
                    let length = if kept { whole } else { 0 };
                    memory.files.insert(*file, bytes.slice(..length));
                }
                Effect::Name { directory, name, target } if kept => {
                    memory.rename(directory, name, *target);
                }
                Effect::Name { .. }
                | Effect::FileSynced { .. }
                | Effect::DirectorySynced { .. } => {}
            }
        }
        memory.drop_unreachable();
        memory.record_as_synced();
        Self { memory: Arc::new(Mutex::new(memory)), forgets: self.forgets }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For each effect the group of unsynced changes it belongs to; `None` when it is synced.
///
/// Changes below `tmp/`, and the making of directories in one place, are one group each, because
/// nothing depends on their parts.
fn groups(log: &[Effect]) -> Vec<Option<usize>> {
    let mut synced_files = BTreeSet::new();
    let mut synced_directories = BTreeSet::new();
    let mut unsynced = vec![None; log.len()];
    for (at, effect) in log.iter().enumerate().rev() {
        match effect {
            Effect::FileSynced { file } => drop(synced_files.insert(file)),
            Effect::DirectorySynced { directory } => drop(synced_directories.insert(directory)),
            Effect::Content { file, .. } if !synced_files.contains(file) => {
                unsynced[at] = Some(format!("content {file}"));
            }
            Effect::Name { directory, target, .. } if !synced_directories.contains(directory) => {
                unsynced[at] = Some(match target {
                    _ if directory == "tmp" => "tmp".to_owned(),
                    Some(Target::Directory) => format!("directories in {directory}"),
                    Some(Target::File(_)) | None => format!("name {at}"),
                });
            }
            Effect::Content { .. } | Effect::Name { .. } => {}
        }
    }
    let mut keys: Vec<String> = Vec::new();
    let mut number = |key: String| {
        keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            keys.push(key);
            keys.len() - 1
        })
    };
    unsynced.into_iter().map(|key| key.map(&mut number)).collect()
}

impl Memory {
    fn rename(&mut self, directory: &str, name: &str, target: Option<Target>) {
        let key = (directory.to_owned(), name.to_owned());
        match target {
            Some(target) => drop(self.names.insert(key, target)),
            None => drop(self.names.remove(&key)),
        }
    }

    /// Names below a directory whose own name did not survive are gone.
    fn drop_unreachable(&mut self) {
        let names = self.names.clone();
        let exists = |directory: &str| {
            let mut rest = directory;
            while !rest.is_empty() {
                let (parent, name) = rest.rsplit_once('/').unwrap_or(("", rest));
                if names.get(&(parent.to_owned(), name.to_owned())) != Some(&Target::Directory) {
                    return false;
                }
                rest = parent;
            }
            true
        };
        self.names.retain(|(directory, _), _| exists(directory));
    }

    fn record_as_synced(&mut self) {
        for (file, bytes) in &self.files {
            self.log.push(Effect::Content { file: *file, bytes: bytes.clone() });
            self.log.push(Effect::FileSynced { file: *file });
        }
        for ((directory, name), target) in &self.names {
            let (directory, name) = (directory.clone(), name.clone());
            self.log.push(Effect::Name { directory, name, target: Some(*target) });
        }
        let directories: Vec<_> = self.names.keys().map(|(directory, _)| directory).collect();
        for directory in directories {
            self.log.push(Effect::DirectorySynced { directory: directory.clone() });
        }
    }

    pub(super) fn find(&self, path: &str) -> Option<Target> {
        let (directory, name) = split(path);
        self.names.get(&(directory.to_owned(), name.to_owned())).copied()
    }

    fn set(&mut self, path: &str, target: Option<Target>) {
        let (directory, name) = split(path);
        self.rename(directory, name, target);
        let (directory, name) = (directory.to_owned(), name.to_owned());
        self.log.push(Effect::Name { directory, name, target });
    }

    /// How old a file is. Without a clock everything is old, so that a start cleans what a crash left.
    fn age(&self, target: Target) -> Duration {
        match (self.clock, target) {
            (Some(now), Target::File(file)) => {
                now.saturating_sub(self.written.get(&file).copied().unwrap_or_default())
            }
            (None, _) | (_, Target::Directory) => Duration::from_hours(1000),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.kill_after.is_some_and(|limit| self.performed >= limit) {
            return Err(io::Error::other("the process was killed"));
        }
        self.performed += 1;
        Ok(())
    }

    fn require_parent(&self, path: &str) -> io::Result<()> {
        let (directory, _) = split(path);
        if directory.is_empty() || self.find(directory) == Some(Target::Directory) {
            return Ok(());
        }
        Err(io::Error::from(io::ErrorKind::NotFound))
    }

    fn apply(&mut self, operation: &Operation, forgets: Forgets) -> io::Result<()> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let taken = || io::Error::from(io::ErrorKind::AlreadyExists);
        self.require_parent(operation.path())?;
        self.require_space(operation)?;
        match operation {
            Operation::MakeDirectory(path) => {
                if self.find(path).is_none() {
                    self.set(path, Some(Target::Directory));
                }
            }
            Operation::Write(path, bytes) => {
                if self.find(path).is_some() {
                    return Err(taken());
                }
                let (bytes, written) = self.fitting(bytes);
                let file = self.files.keys().next_back().map_or(0, |last| last + 1);
                self.files.insert(file, bytes.clone());
                self.written.insert(file, self.clock.unwrap_or_default());
                self.set(path, Some(Target::File(file)));
                self.log.push(Effect::Content { file, bytes });
                return written;
            }
            Operation::SyncFile(path) => match self.find(path) {
                Some(Target::File(file)) => {
                    let content = self.files.get(&file).map_or(&[][..], |bytes| bytes);
                    if !forgets(&Sync::File { content }) {
                        self.log.push(Effect::FileSynced { file });
                    }
                }
                Some(Target::Directory) | None => return Err(missing()),
            },
            Operation::SyncDirectory(path) => {
                let sealed = self.find("FORMAT").is_some();
                let (linked, made) = (self.linked, self.made.as_deref());
                if !forgets(&Sync::Directory { path, linked, made, sealed }) {
                    self.log.push(Effect::DirectorySynced { directory: path.clone() });
                }
            }
            Operation::Link { from, to } => match (self.find(from), self.find(to)) {
                (Some(target @ Target::File(_)), None) => self.set(to, Some(target)),
                (_, Some(_)) => return Err(taken()),
                (_, None) => return Err(missing()),
            },
            Operation::Remove(path) => {
                self.find(path).ok_or_else(missing)?;
                self.set(path, None);
            }
            Operation::RemoveDirectory(path) => {
                self.find(path).ok_or_else(missing)?;
                if self.names.keys().any(|(parent, _)| parent == path) {
                    return Err(io::Error::from(io::ErrorKind::DirectoryNotEmpty));
                }
                self.set(path, None);
            }
        }
        Ok(())
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

impl Disk for SimulatedDisk {
    fn perform(&self, operation: &Operation) -> io::Result<()> {
        let mut memory = self.lock();
        memory.begin()?;
        let result = memory.apply(operation, self.forgets);
        memory.linked = matches!(operation, Operation::Link { .. }).then_some(result.is_ok());
        memory.made = match operation {
            Operation::MakeDirectory(path) => Some(path.clone()),
            _ => None,
        };
        result
    }

    fn read(&self, path: &str) -> io::Result<Option<Bytes>> {
        let memory = self.lock();
        match memory.find(path) {
            Some(Target::File(file)) => Ok(memory.files.get(&file).cloned()),
            Some(Target::Directory) => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            None => Ok(None),
        }
    }

    fn list(&self, directory: &str) -> io::Result<Vec<ListedFile>> {
        let memory = self.lock();
        let names = memory.names.range((directory.to_owned(), String::new())..);
        let names = names.take_while(|((parent, _), _)| parent == directory);
        let listed = |((_, name), target): (&(String, String), &Target)| ListedFile {
            name: name.clone(),
            age: memory.age(*target),
            is_directory: *target == Target::Directory,
            size: match target {
                Target::File(file) => memory.files.get(file).map_or(0, |it| it.len() as u64),
                Target::Directory => 0,
            },
        };
        Ok(names.map(listed).collect())
    }

    fn renew(&self, path: &str, _limit: Duration) -> io::Result<bool> {
        let mut memory = self.lock();
        memory.begin()?;
        memory.require_writable()?;
        let Some(Target::File(file)) = memory.find(path) else { return Ok(false) };
        if let (Some(now), false) = (memory.clock, memory.ignores_renewals) {
            memory.written.insert(file, now);
        }
        Ok(true)
    }

    fn remove_if_older(&self, path: &str, limit: Duration) -> io::Result<bool> {
        let mut memory = self.lock();
        memory.begin()?;
        memory.require_writable()?;
        let Some(target) = memory.find(path) else { return Ok(false) };
        let old = memory.age(target) > limit;
        if old {
            memory.set(path, None);
        }
        Ok(old)
    }

    fn is_read_only(&self) -> bool {
        self.lock().require_writable().is_err()
    }
}
