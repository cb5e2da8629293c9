//! Power cuts at every moment of a small history, times what of the unsynced writes survived.
//!
//! Histories: a publish; a publish whose process is killed at some operation; a new process that
//! publishes the same bytes again; another publish, a release, a yank, a deletion. And: commits enough
//! for segments, whose making is killed at some operation and done again, with publishes between. And
//! the same on a copy of a storage that lacks directories. Whatever was acknowledged before the cut
//! must be there after it, what was yanked is yanked, what was deleted is gone, and whatever is visible
//! must be whole. `mutations` leaves out one sync at a time and demands that the check notices.

mod mutations;
mod pushes;

use std::collections::BTreeMap;

use bytes::Bytes;
use chart_format::digest::Sha256;
use serde_json::value::RawValue;

use crate::commit::{Commit, Head, READER, SealedCommit};
use crate::directory::{Directory, Spool};
use crate::error::StoreError;
use crate::event::{Actor, Change, Delete, Event, PackageRef, Publish, VersionEvent};
use crate::key::Key;
use crate::segment;
use crate::simulation::{Crash, Forgets, SimulatedDisk};
use crate::store::PutOutcome;
use crate::timestamp::Timestamp;

/// The program as far as durability goes: object first, then commit, then the acknowledgement.
struct Writer {
    directory: Directory,
    head: Head,
}

/// What a package is to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    There,
    Yanked,
    Deleted,
}

/// A change whose answer was sent when so many effects were recorded.
#[derive(Debug, Clone, Copy)]
struct Acknowledged {
    package: &'static str,
    fate: Fate,
    recorded: usize,
}

/// What a history tells: its acknowledgements, and how many effects were recorded before the kill.
struct Told {
    acknowledged: Vec<Acknowledged>,
    from: usize,
}

/// Packages that are not deleted.
type Visible = BTreeMap<String, (Sha256, Fate)>;

impl Writer {
    fn open(disk: &SimulatedDisk) -> Result<(Self, Visible), String> {
        let directory = Directory::on(Box::new(disk.clone())).map_err(|e| e.to_string())?;
        let mut writer = Self { directory, head: Head::EMPTY };
        let mut visible = Visible::new();
        while let Some(commit) = writer.next()? {
            commit.follows(writer.head).map_err(|e| e.to_string())?;
            for event in &commit.commit().events {
                match event {
                    Event::Publish(it) => {
                        visible.insert(it.name.clone(), (it.package.sha256, Fate::There));
                    }
                    Event::Version(it) => {
                        let yanked = visible.get_mut(&it.name).ok_or("a yank of nothing")?;
                        yanked.1 = Fate::Yanked;
                    }
                    Event::Delete(it) => drop(visible.remove(&it.name)),
                    Event::Provenance(_)
                    | Event::Policy(_)
                    | Event::Oci(_)
                    | Event::Token(_)
                    | Event::Quarantine(_)
                    | Event::Unknown { .. } => return Err(format!("{event:?}")),
                }
            }
            writer.head = commit.head();
        }
        let last = segment::last_commit(&writer.directory).map_err(|e| e.to_string())?;
        if last != writer.head.seq {
            return Err(format!("the journal has a gap below {last}"));
        }
        Ok((writer, visible))
    }

    fn next(&self) -> Result<Option<SealedCommit>, String> {
        let seq = self.head.seq + 1;
        let found = segment::commits_from(&self.directory, seq, 1).map_err(|e| e.to_string())?;
        let commit = found.into_iter().next().map(|bytes| SealedCommit::parse(seq, bytes));
        commit.transpose().map_err(|e| e.to_string())
    }

    fn publish(&mut self, package: &'static str) -> Result<(), StoreError> {
        self.release(&[package])
    }

    /// Publishes packages in one commit.
    fn release(&mut self, packages: &[&'static str]) -> Result<(), StoreError> {
        let events =
            packages.iter().map(|package| self.store(package)).collect::<Result<_, _>>()?;
        self.commit(events)
    }

    fn store(&self, package: &'static str) -> Result<Event, StoreError> {
        let sha256 = Sha256::of(package.as_bytes());
        let spool = Spool::Memory(Bytes::from_static(package.as_bytes()));
        self.directory.put_object(&sha256, &spool)?;
        Ok(Event::Publish(Publish {
            repo: String::new(),
            name: package.to_owned(),
            version: "1.0.0".to_owned(),
            actor: actor(),
            request: String::new(),
            package: PackageRef { sha256, size: package.len() as u64 },
            content: sha256,
            force: false,
            created: None,
            chart: RawValue::from_string("{}".to_owned()).unwrap(),
            oci: None,
        }))
    }

    fn yank(&mut self, package: &'static str) -> Result<(), StoreError> {
        self.commit(vec![Event::Version(VersionEvent {
            repo: String::new(),
            name: package.to_owned(),
            version: "1.0.0".to_owned(),
            actor: actor(),
            request: String::new(),
            change: Change::Yank { reason: "a test".to_owned() },
        })])
    }

    fn delete(&mut self, package: &'static str) -> Result<(), StoreError> {
        self.commit(vec![Event::Delete(Delete {
            repo: String::new(),
            name: package.to_owned(),
            version: "1.0.0".to_owned(),
            actor: actor(),
            request: String::new(),
        })])
    }

    fn commit(&mut self, events: Vec<Event>) -> Result<(), StoreError> {
        let commit = Commit {
            seq: self.head.seq + 1,
            prev: self.head.hash,
            time: Timestamp::default(),
            writer: "test".to_owned(),
            nonce: String::new(),
            min_reader: READER,
            events,
        }
        .seal()?;
        let key = Key::Commit(commit.commit().seq);
        let outcome = self.directory.put_new(&key, commit.bytes())?;
        assert_eq!(outcome, PutOutcome::Created);
        self.head = commit.head();
        Ok(())
    }
}

fn actor() -> Actor {
    Actor { sub: "anonymous".to_owned(), via: "test".to_owned() }
}

const FIRST: &str = "first package";
const KILLED: &str = "package of a killed process";
const LAST: &str = "last package";
const RELEASE: [&str; 2] = ["first package of a release", "second package of a release"];

/// Runs the history; `None` when the killed publish needs fewer operations than `kill_after`.
fn history(disk: &SimulatedDisk, kill_after: usize) -> Option<Told> {
    let mut acknowledged = Vec::new();
    let mut acknowledge = |package, fate| acknowledged.push(told(package, fate, disk));
    let (mut writer, _) = Writer::open(disk).unwrap();
    writer.publish(FIRST).unwrap();
    acknowledge(FIRST, Fate::There);

    let from = disk.recorded();
    disk.kill_after(Some(kill_after));
    let survived = writer.publish(KILLED).is_ok();
    disk.kill_after(None);

    let (mut writer, visible) = Writer::open(disk).unwrap();
    // A retry of content whose commit is visible is answered from memory, without a write.
    if !visible.contains_key(KILLED) {
        writer.publish(KILLED).unwrap();
    }
    acknowledge(KILLED, Fate::There);
    writer.publish(LAST).unwrap();
    acknowledge(LAST, Fate::There);
    writer.release(&RELEASE).unwrap();
    for package in RELEASE {
        acknowledge(package, Fate::There);
    }
    writer.yank(LAST).unwrap();
    acknowledge(LAST, Fate::Yanked);
    writer.delete(FIRST).unwrap();
    acknowledge(FIRST, Fate::Deleted);
    (!survived).then_some(Told { acknowledged, from })
}

fn told(package: &'static str, fate: Fate, disk: &SimulatedDisk) -> Acknowledged {
    Acknowledged { package, fate, recorded: disk.recorded() }
}

/// Commits enough for a segment, which a killed process begins and another one finishes.
fn packing(disk: &SimulatedDisk, kill_after: usize) -> Option<Told> {
    let mut acknowledged = Vec::new();
    let (mut writer, _) = Writer::open(disk).unwrap();
    for package in [FIRST, "b", "c"] {
        writer.publish(package).unwrap();
        acknowledged.push(told(package, Fate::There, disk));
    }
    writer.delete("b").unwrap();
    acknowledged.push(told("b", Fate::Deleted, disk));
    let from = disk.recorded();

    disk.kill_after(Some(kill_after));
    let survived = segment::compact(&writer.directory, writer.head.seq).is_ok();
    disk.kill_after(None);

    let (mut writer, _) = Writer::open(disk).unwrap();
    segment::compact(&writer.directory, writer.head.seq).unwrap();
    writer.publish(LAST).unwrap();
    acknowledged.push(told(LAST, Fate::There, disk));
    (!survived).then_some(Told { acknowledged, from })
}

/// The files of a storage as a backup brings them back: without what it need not hold, and without
/// directories that are empty.
fn bare_copy() -> (SimulatedDisk, Vec<Acknowledged>) {
    let (from, to) = (SimulatedDisk::new(|_| false), SimulatedDisk::new(|_| false));
    let (mut writer, _) = Writer::open(&from).unwrap();
    for package in [FIRST, "b", "c", "d"] {
        writer.publish(package).unwrap();
    }
    from.copy_files("", &to);
    let copied = [FIRST, "b", "c", "d"].map(|package| told(package, Fate::There, &to));
    (to, copied.to_vec())
}

/// A start on such a copy, a segment, whose single commits go, and a publish.
fn restored(forgets: Forgets) -> (SimulatedDisk, Told) {
    let (copy, mut acknowledged) = bare_copy();
    let disk = copy.forgetting(forgets);
    let from = disk.recorded();
    let (mut writer, _) = Writer::open(&disk).unwrap();
    segment::compact(&writer.directory, writer.head.seq).unwrap();
    writer.publish(LAST).unwrap();
    acknowledged.push(told(LAST, Fate::There, &disk));
    (disk, Told { acknowledged, from })
}

type History = fn(&SimulatedDisk, usize) -> Option<Told>;

/// What is wrong after the crash, if anything.
fn check(disk: &SimulatedDisk, crash: Crash, acknowledged: &[Acknowledged]) -> Result<(), String> {
    let after = disk.after(crash);
    let (mut writer, visible) = Writer::open(&after)?;
    for (digest, _) in visible.values() {
        let bytes = writer.directory.read(&Key::Object(*digest)).map_err(|e| e.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("{digest} is visible without its bytes"))?;
        if Sha256::of(&bytes) != *digest {
            return Err(format!("{digest} is visible with {} wrong bytes", bytes.len()));
        }
    }
    let released = RELEASE.iter().filter(|package| visible.contains_key(**package)).count();
    if released == 1 {
        return Err("half of a release is visible".to_owned());
    }
    for (package, wanted) in expected(acknowledged, crash.cut) {
        let fate = visible.get(package).map_or(Fate::Deleted, |(_, fate)| *fate);
        if fate != wanted && !undecided(acknowledged, package, crash.cut) {
            return Err(format!("`{package}` was acknowledged as {wanted:?}, and is {fate:?}"));
        }
    }
    let upto = writer.head.seq;
    segment::compact(&writer.directory, upto).map_err(|e| format!("compact after: {e}"))?;
    writer.publish("package after the crash").map_err(|e| format!("publish after: {e}"))
}

/// What was last acknowledged about each package.
fn expected(acknowledged: &[Acknowledged], cut: usize) -> BTreeMap<&str, Fate> {
    let known = acknowledged.iter().filter(|known| known.recorded <= cut);
    known.map(|known| (known.package, known.fate)).collect()
}

/// A yank or a deletion whose answer was not sent yet may have happened or not.
fn undecided(acknowledged: &[Acknowledged], package: &str, cut: usize) -> bool {
    acknowledged
        .iter()
        .any(|it| it.package == package && it.fate != Fate::There && it.recorded > cut)
}

/// All subsets of few unsynced groups; of many the telling ones.
fn subsets(groups: usize) -> Vec<u64> {
    let all = if groups == 0 { 0 } else { u64::MAX >> (64 - groups.min(64)) };
    if groups <= 7 {
        return (0..=all).collect();
    }
    let single = (0..groups.min(64)).map(|group| 1 << group);
    let all_but_one = single.clone().map(|bit| all & !bit);
    [0, all].into_iter().chain(single).chain(all_but_one).collect()
}

/// Every crash of a history: the first fault found; counts the crashes.
fn crash_everywhere(history: History, forgets: Forgets, tried: &mut usize) -> Result<(), String> {
    for kill_after in 0.. {
        let disk = SimulatedDisk::new(forgets);
        let Some(Told { acknowledged, from }) = history(&disk, kill_after) else { break };
        // Up to the kill every round of the history records the same.
        let first = if kill_after == 0 { 0 } else { from };
        cut_everywhere((&disk, first), &acknowledged, tried)
            .map_err(|fault| format!("killed after {kill_after}, {fault}"))?;
    }
    Ok(())
}

/// Every crash of one run of a history from the effect with number `first` on.
fn cut_everywhere(
    (disk, first): (&SimulatedDisk, usize),
    acknowledged: &[Acknowledged],
    tried: &mut usize,
) -> Result<(), String> {
    for cut in first..=disk.recorded() {
        // 256 directories in a row: their beginning and end are enough.
        if disk.makes_directory(cut) && disk.makes_directory(cut + 1) && cut % 64 != 7 {
            continue;
        }
        for kept in subsets(disk.unsynced_groups(cut)) {
            for torn in [false, true] {
                *tried += 1;
                let crash = Crash { cut, kept, torn };
                check(disk, crash, acknowledged).map_err(|fault| format!("{crash:?}: {fault}"))?;
            }
        }
    }
    Ok(())
}

fn cut_the_restored(forgets: Forgets, tried: &mut usize) -> Result<(), String> {
    let (disk, Told { acknowledged, from }) = restored(forgets);
    cut_everywhere((&disk, from), &acknowledged, tried)
}

#[test]
fn no_crash_loses_what_was_acknowledged_or_shows_half() {
    for (history, expected) in [(history as History, 2_000), (packing, 1_000)] {
        let mut tried = 0;
        assert_eq!(crash_everywhere(history, |_| false, &mut tried), Ok(()));
        assert!(tried > expected, "only {tried} crashes were tried");
    }
    let mut tried = 0;
    assert_eq!(cut_the_restored(|_| false, &mut tried), Ok(()));
    assert!(tried > 100, "only {tried} crashes were tried");
}
