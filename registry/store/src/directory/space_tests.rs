//! A disk that is full at some byte of a write, and one that takes no writes at all.

use super::*;
use crate::commit::Head;
use crate::key::Staged;
use crate::segment;
use crate::simulation::{Crash, SimulatedDisk};

const BYTES: &[u8] = b"a package, a blob or whatever is stored";

fn open(disk: &SimulatedDisk) -> Directory {
    Directory::on(Box::new(disk.clone())).unwrap()
}

/// A disk of its own with the same files.
fn fork(disk: &SimulatedDisk) -> SimulatedDisk {
    disk.after(Crash { cut: disk.recorded(), kept: u64::MAX, torn: false })
}

/// A storage with four commits, which are enough for a segment in these tests.
fn filled() -> SimulatedDisk {
    let disk = SimulatedDisk::new(|_| false);
    let directory = open(&disk);
    for seq in 1..=4 {
        directory.put_new(&Key::Commit(seq), &commit(seq)).unwrap();
    }
    disk
}

fn commit(seq: u64) -> Bytes {
    let mut head = Head::EMPTY;
    let mut bytes = Bytes::new();
    for seq in 1..=seq {
        let commit = crate::commit::Commit {
            seq,
            prev: head.hash,
            time: crate::timestamp::Timestamp::default(),
            writer: "test".to_owned(),
            nonce: String::new(),
            min_reader: crate::commit::READER,
            events: Vec::new(),
        };
        let sealed = commit.seal().unwrap();
        (head, bytes) = (sealed.head(), sealed.bytes().clone());
    }
    bytes
}

fn wide() -> Digest {
    Digest::of(crate::digest::Algorithm::Sha512, BYTES)
}

fn spool() -> Spool {
    Spool::Memory(Bytes::from_static(BYTES))
}

/// Something that writes, and the keys under which it can be seen then.
type Writing = (&'static str, fn(&Directory) -> Result<(), StoreError>, fn() -> Vec<Key>);

const ID: UploadId = UploadId(7);

const WRITINGS: [Writing; 6] = [
    ("a commit", |it| it.put_new(&Key::Commit(5), &commit(5)).map(drop), || vec![Key::Commit(5)]),
    (
        "an object",
        |it| it.put_object(&Sha256::of(BYTES), &spool()).map(drop),
        || vec![Key::Object(Sha256::of(BYTES))],
    ),
    ("a blob", |it| it.put_blob(&wide(), &spool()).map(drop), || vec![Key::from(wide())]),
    (
        "a note",
        |it| it.put_note(&staged(), &Bytes::from_static(BYTES)).map(drop),
        || vec![staged()],
    ),
    (
        "an upload",
        |it| {
            it.begin_upload(ID, &Bytes::from_static(b"{}"))?;
            it.put_part(ID, 0, &spool()).map(drop)
        },
        || vec![Key::UploadPart(ID, 0)],
    ),
    (
        "a segment",
        |it| segment::compact(it, 4).map(drop),
        || vec![Key::Segment(segment::Segment::of(1))],
    ),
];

fn staged() -> Key {
    Key::Staged(Staged { repository: Sha256::of(b"team"), digest: wide() })
}

/// Writes with room for so many bytes, and again when there is room; false when it was enough.
fn full_at(disk: &SimulatedDisk, (name, write, keys): Writing, late: bool) -> bool {
    let directory = open(disk);
    let Err(error) = write(&directory) else { return false };
    assert!(matches!(error, StoreError::Full { .. }), "{name}: {error}");
    for key in keys() {
        assert_eq!(directory.read(&key).unwrap(), None, "{name}: half of it is there");
    }
    assert_eq!(directory.list("tmp").unwrap(), Vec::<String>::new(), "{name}: something stays");
    assert!(!directory.is_read_only(), "{name}, late: {late}");
    for seq in 1..=4 {
        let read = segment::commits_from(&directory, seq, 1).unwrap();
        assert_eq!(read, [commit(seq)], "{name}: a commit is gone");
    }
    // Also whoever starts now finds everything, and has no need to write.
    disk.set_room(Some(0));
    let restarted = open(disk);
    disk.set_room(None);
    for directory in [restarted, directory] {
        write(&directory).unwrap();
        for key in keys() {
            assert!(directory.read(&key).unwrap().is_some(), "{name}: there was room");
        }
    }
    true
}

#[test]
fn at_every_byte_a_full_disk_refuses_the_write_shows_nothing_and_goes_on_later() {
    let disk = filled();
    for writing in WRITINGS {
        for late in [false, true] {
            let mut room = 0;
            loop {
                let disk = fork(&disk);
                disk.set_room(Some(room));
                disk.tell_late_that_there_is_no_room(late);
                if !full_at(&disk, writing, late) {
                    break;
                }
                room += 1;
            }
            // Parts of uploads are not synced, so that nothing is told late.
            let least = if late && writing.0 == "an upload" { 1 } else { 20 };
            assert!(room >= least, "{}: only {room} places, late: {late}", writing.0);
        }
    }
}

#[test]
fn a_disk_that_takes_no_writes_is_read_and_noticed_when_it_takes_them_again() {
    let disk = filled();
    disk.perform(&Operation::Write("tmp/old".to_owned(), Bytes::new())).unwrap();
    disk.set_read_only(true);
    let directory = open(&disk);
    assert!(directory.is_read_only());
    assert_eq!(directory.read(&Key::Commit(4)).unwrap(), Some(commit(4)));
    for (name, write, keys) in WRITINGS {
        let error = write(&directory).unwrap_err();
        assert!(matches!(error, StoreError::Unwritable { .. }), "{name}: {error}");
        assert!(keys().iter().all(|key| directory.read(key).unwrap().is_none()), "{name}");
    }
    disk.set_read_only(false);
    WRITINGS[0].1(&directory).unwrap();
    assert!(!directory.is_read_only());
    // It happens while the program runs, too.
    disk.set_read_only(true);
    WRITINGS[1].1(&directory).unwrap_err();
    assert!(directory.is_read_only());
}

#[test]
fn a_storage_is_not_made_where_nothing_can_be_written() {
    for full in [false, true] {
        let disk = SimulatedDisk::new(|_| false);
        disk.set_read_only(!full);
        disk.set_room(full.then_some(100));
        let error = Directory::on(Box::new(disk.clone())).err().unwrap();
        let told = if full {
            matches!(error, StoreError::Full { .. })
        } else {
            matches!(error, StoreError::Unwritable { .. })
        };
        assert!(told, "{error}");
        // What was begun is finished later.
        disk.set_read_only(false);
        disk.set_room(None);
        open(&disk);
    }
}
