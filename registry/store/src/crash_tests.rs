//! Power cuts at every moment of a small history, times what of the unsynced writes survived.
//!
//! History: a publish; a publish whose process is killed at some operation; a new process that
//! publishes the same bytes again; another publish. Whatever was acknowledged before the cut must be
//! there after it, and whatever is visible must be whole. The last test leaves out one sync at a time
//! and demands that the check notices.

use bytes::Bytes;
use chart_format::digest::Sha256;
use serde_json::value::RawValue;

use crate::commit::{Commit, Head, READER, SealedCommit};
use crate::directory::{Directory, Spool};
use crate::error::StoreError;
use crate::event::{Actor, Event, PackageRef, Publish};
use crate::key::Key;
use crate::simulation::{Crash, Forgets, SimulatedDisk, Sync};
use crate::store::PutOutcome;
use crate::timestamp::Timestamp;

/// The program as far as durability goes: object first, then commit, then the acknowledgement.
struct Writer {
    directory: Directory,
    head: Head,
}

#[derive(Debug, Clone, Copy)]
struct Acknowledged {
    package: &'static str,
    recorded: usize,
}

impl Writer {
    fn open(disk: &SimulatedDisk) -> Result<(Self, Vec<Sha256>), String> {
        let directory = Directory::on(Box::new(disk.clone())).map_err(|e| e.to_string())?;
        let mut writer = Self { directory, head: Head::EMPTY };
        let mut packages = Vec::new();
        while let Some(commit) = writer.next()? {
            commit.follows(writer.head).map_err(|e| e.to_string())?;
            for event in &commit.commit().events {
                let Event::Publish(publish) = event else { return Err(format!("{event:?}")) };
                packages.push(publish.package.sha256);
            }
            writer.head = commit.head();
        }
        let listed = writer.directory.list("journal").map_err(|e| e.to_string())?;
        if listed.len() as u64 != writer.head.seq {
            return Err(format!("the journal has a gap: {listed:?}"));
        }
        Ok((writer, packages))
    }

    fn next(&self) -> Result<Option<SealedCommit>, String> {
        let seq = self.head.seq + 1;
        let bytes = self.directory.read(&Key::Commit(seq)).map_err(|e| e.to_string())?;
        bytes.map(|bytes| SealedCommit::parse(seq, bytes)).transpose().map_err(|e| e.to_string())
    }

    fn publish(&mut self, package: &'static str) -> Result<(), StoreError> {
        let sha256 = Sha256::of(package.as_bytes());
        let spool = Spool::Memory(Bytes::from_static(package.as_bytes()));
        self.directory.put_object(&sha256, &spool)?;
        let event = Event::Publish(Publish {
            repo: String::new(),
            name: package.to_owned(),
            version: "1.0.0".to_owned(),
            actor: Actor { sub: "anonymous".to_owned(), via: "test".to_owned() },
            request: String::new(),
            package: PackageRef { sha256, size: package.len() as u64 },
            content: sha256,
            chart: RawValue::from_string("{}".to_owned()).unwrap(),
        });
        let commit = Commit {
            seq: self.head.seq + 1,
            prev: self.head.hash,
            time: Timestamp::default(),
            writer: "test".to_owned(),
            nonce: package.to_owned(),
            min_reader: READER,
            events: vec![event],
        }
        .seal()?;
        let key = Key::Commit(commit.commit().seq);
        let outcome = self.directory.put_new(&key, commit.bytes())?;
        assert_eq!(outcome, PutOutcome::Created);
        self.head = commit.head();
        Ok(())
    }
}

const FIRST: &str = "first package";
const KILLED: &str = "package of a killed process";
const LAST: &str = "last package";

/// Runs the history; `None` when the killed publish needs fewer operations than `kill_after`.
fn history(disk: &SimulatedDisk, kill_after: usize) -> Option<Vec<Acknowledged>> {
    let mut acknowledged = Vec::new();
    let mut acknowledge =
        |package| acknowledged.push(Acknowledged { package, recorded: disk.recorded() });
    let (mut writer, _) = Writer::open(disk).unwrap();
    writer.publish(FIRST).unwrap();
    acknowledge(FIRST);

    disk.kill_after(Some(kill_after));
    let survived = writer.publish(KILLED).is_ok();
    disk.kill_after(None);

    let (mut writer, visible) = Writer::open(disk).unwrap();
    // A retry of content whose commit is visible is answered from memory, without a write.
    if !visible.contains(&Sha256::of(KILLED.as_bytes())) {
        writer.publish(KILLED).unwrap();
    }
    acknowledge(KILLED);
    writer.publish(LAST).unwrap();
    acknowledge(LAST);
    (!survived).then_some(acknowledged)
}

/// What is wrong after the crash, if anything.
fn check(disk: &SimulatedDisk, crash: Crash, acknowledged: &[Acknowledged]) -> Result<(), String> {
    let after = disk.after(crash);
    let (mut writer, visible) = Writer::open(&after)?;
    for digest in &visible {
        let bytes = writer.directory.read(&Key::Object(*digest)).map_err(|e| e.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("{digest} is visible without its bytes"))?;
        if Sha256::of(&bytes) != *digest {
            return Err(format!("{digest} is visible with {} wrong bytes", bytes.len()));
        }
    }
    for known in acknowledged.iter().filter(|known| known.recorded <= crash.cut) {
        if !visible.contains(&Sha256::of(known.package.as_bytes())) {
            return Err(format!("`{}` was acknowledged and is lost", known.package));
        }
    }
    writer.publish("package after the crash").map_err(|e| format!("publish after: {e}"))
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

/// Every crash of every history; the first fault found, and how many crashes were tried.
fn crash_everywhere(forgets: Forgets) -> (Result<(), String>, usize) {
    let mut tried = 0;
    for kill_after in 0.. {
        let disk = SimulatedDisk::new(forgets);
        let Some(acknowledged) = history(&disk, kill_after) else { break };
        for cut in 0..=disk.recorded() {
            // 256 directories in a row: their beginning and end are enough.
            if disk.makes_directory(cut) && disk.makes_directory(cut + 1) && cut % 64 != 7 {
                continue;
            }
            for kept in subsets(disk.unsynced_groups(cut)) {
                for torn in [false, true] {
                    tried += 1;
                    let crash = Crash { cut, kept, torn };
                    if let Err(fault) = check(&disk, crash, &acknowledged) {
                        return (
                            Err(format!("killed after {kill_after}, {crash:?}: {fault}")),
                            tried,
                        );
                    }
                }
            }
        }
    }
    (Ok(()), tried)
}

#[test]
fn no_crash_loses_what_was_acknowledged_or_shows_half() {
    let (result, tried) = crash_everywhere(|_| false);
    assert_eq!(result, Ok(()));
    assert!(tried > 3_000, "only {tried} crashes were tried");
}

/// Each mutation leaves out one sync of the program.
const MUTATIONS: &[(&str, Forgets)] = &[
    (
        "an object's bytes",
        |sync| matches!(sync, Sync::File { content } if content.starts_with(b"first package")),
    ),
    (
        "a commit's bytes",
        |sync| matches!(sync, Sync::File { content } if content.starts_with(b"{\"v\":1")),
    ),
    (
        "FORMAT's bytes",
        |sync| matches!(sync, Sync::File { content } if content.starts_with(b"{\"format\"")),
    ),
    (
        "an object's name",
        |sync| matches!(sync, Sync::Directory { path, linked: Some(true) } if path.starts_with("objects/")),
    ),
    (
        "the name of an object that is there already",
        |sync| matches!(sync, Sync::Directory { path, linked: Some(false) } if path.starts_with("objects/")),
    ),
    ("a commit's name", |sync| {
        matches!(sync, Sync::Directory { path: "journal", linked: Some(true) })
    }),
    ("the commits that a killed process left", |sync| {
        matches!(sync, Sync::Directory { path: "journal", linked: None })
    }),
    ("the names of the 256 object directories", |sync| {
        matches!(sync, Sync::Directory { path: "objects/sha256", .. })
    }),
    ("the name objects/sha256", |sync| matches!(sync, Sync::Directory { path: "objects", .. })),
    ("the names journal/ and objects/", |sync| {
        matches!(sync, Sync::Directory { path: "", linked: None })
    }),
    ("FORMAT's name", |sync| matches!(sync, Sync::Directory { path: "", linked: Some(_) })),
];

#[test]
fn leaving_out_any_sync_is_noticed() {
    let unnoticed: Vec<_> = MUTATIONS
        .iter()
        .filter(|(_, forgets)| crash_everywhere(*forgets).0.is_ok())
        .map(|(name, _)| name)
        .collect();
    assert!(unnoticed.is_empty(), "nothing depends on the sync of {unnoticed:?}");
}
