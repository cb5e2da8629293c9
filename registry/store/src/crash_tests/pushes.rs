//! The same for blobs: one that was acknowledged is noted and whole, and no note stands without its
//! blob. Uploads themselves may be lost: their parts are hashed before anything is made of them.

use bytes::Bytes;
use chart_format::digest::Sha256;

use super::subsets;
use crate::digest::{Algorithm, Digest};
use crate::directory::{Directory, Spool};
use crate::error::StoreError;
use crate::key::{Key, Staged, UploadId};
use crate::simulation::{Crash, Forgets, SimulatedDisk};

pub(super) const FIRST: &[u8] = b"first blob";
const KILLED: &[u8] = b"blob of a killed process";
pub(super) const NOTE: &[u8] = b"note of a blob";

/// A blob whose answer was sent when so many effects were recorded.
type Acknowledged = (&'static [u8], usize);

fn open(disk: &SimulatedDisk) -> Result<Directory, String> {
    Directory::on(Box::new(disk.clone())).map_err(|error| error.to_string())
}

fn digest(blob: &[u8]) -> Digest {
    Digest::of(Algorithm::Sha512, blob)
}

fn note(blob: &[u8]) -> Key {
    Key::Staged(Staged { repository: Sha256::of(b"team/image"), digest: digest(blob) })
}

/// A blob that comes as one part.
fn push(directory: &Directory, blob: &'static [u8]) -> Result<(), StoreError> {
    let id = UploadId(7);
    directory.begin_upload(id, &Bytes::from_static(b"{}"))?;
    directory.put_part(id, 0, &Spool::Memory(Bytes::from_static(blob)))?;
    directory.put_blob(&digest(blob), &Spool::Part(id, 0))?;
    directory.put_new(&note(blob), &Bytes::from_static(NOTE))?;
    directory.end_upload(id)
}

/// `None` when the killed push needs fewer operations than `kill_after`.
fn history(disk: &SimulatedDisk, kill_after: usize) -> Option<(Vec<Acknowledged>, usize)> {
    let directory = open(disk).unwrap();
    push(&directory, FIRST).unwrap();
    let mut acknowledged = vec![(FIRST, disk.recorded())];
    let from = disk.recorded();

    disk.kill_after(Some(kill_after));
    let survived = push(&directory, KILLED).is_ok();
    disk.kill_after(None);

    push(&open(disk).unwrap(), KILLED).unwrap();
    acknowledged.push((KILLED, disk.recorded()));
    (!survived).then_some((acknowledged, from))
}

/// What is wrong after the crash, if anything.
fn check(disk: &SimulatedDisk, crash: Crash, acknowledged: &[Acknowledged]) -> Result<(), String> {
    let directory = open(&disk.after(crash))?;
    for (blob, recorded) in acknowledged {
        let read = |key: Key| directory.read(&key).map_err(|error| error.to_string());
        let stored = read(Key::from(digest(blob)))?;
        let noted = read(note(blob))?;
        if noted.is_none() && *recorded <= crash.cut {
            return Err("an acknowledged blob is not noted".to_owned());
        }
        if noted.is_some_and(|noted| noted != NOTE || stored.as_deref() != Some(*blob)) {
            return Err("a blob is noted, and it or its note is not whole".to_owned());
        }
    }
    push(&directory, b"blob after the crash").map_err(|error| format!("push after: {error}"))
}

pub(super) fn crash_everywhere(forgets: Forgets, tried: &mut usize) -> Result<(), String> {
    for kill_after in 0.. {
        let disk = SimulatedDisk::new(forgets);
        let Some((acknowledged, from)) = history(&disk, kill_after) else { break };
        // Before the first blob everything is as in the other histories.
        let first = if kill_after == 0 { acknowledged[0].1 } else { from };
        for cut in first..=disk.recorded() {
            for kept in subsets(disk.unsynced_groups(cut)) {
                for torn in [false, true] {
                    *tried += 1;
                    let crash = Crash { cut, kept, torn };
                    check(&disk, crash, &acknowledged).map_err(|fault| {
                        format!("killed after {kill_after}, {crash:?}: {fault}")
                    })?;
                }
            }
        }
    }
    Ok(())
}

#[test]
fn no_crash_loses_an_acknowledged_blob_or_shows_half() {
    let mut tried = 0;
    assert_eq!(crash_everywhere(|_| false, &mut tried), Ok(()));
    assert!(tried > 500, "only {tried} crashes were tried");
}
