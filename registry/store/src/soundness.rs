//! Whether the bytes of an object are those that its name says, found out while they are read.
//!
//! The first time a whole object is read its digest is computed, and its CRC-32 is kept. Later reads
//! compare that, which costs a tenth: a disk that lets bits fall is found out by either. What is kept
//! is a fact about a digest and not about a store, so all stores of a process share it.
//!
//! Whoever wants a part of a larger object gets it after all of the object was read, so that a
//! download that goes on where it broke off ends with good bytes. That is done once for the parts of
//! some minutes, as long as nobody changes the file.
//!
//! Left out: parts of objects over 32 MiB, and of those in a bucket. Reading all of them for each part
//! would cost more than it is worth; these are layers of images, whose clients compare digests.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::digest::{Digest, DigestHasher};

/// Objects whose CRC-32 is kept; two that share a place drive each other out.
const PLACES: usize = 1 << 16;

/// In each place 32 bits of a digest above the CRC-32 of its object; nothing is 0.
static KNOWN: LazyLock<Box<[AtomicU64]>> =
    LazyLock::new(|| std::iter::repeat_with(AtomicU64::default).take(PLACES).collect());

/// For so long parts of an object are given after all of it was read once.
const REMEMBERED: Duration = Duration::from_mins(10);

/// Objects that are remembered so, at most.
const MOST_REMEMBERED: usize = 1 << 12;

/// Objects of which all was read, what their files were, and when.
static SOUND: LazyLock<Mutex<BTreeMap<Digest, (FileState, Instant)>>> =
    LazyLock::new(Mutex::default);

/// What changes whenever somebody writes to a file, or puts another one in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileState {
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl FileState {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        let about = file.metadata()?;
        let changed = (about.ctime(), about.ctime_nsec());
        Ok(Self { inode: about.ino(), size: about.len(), changed })
    }
}

/// True when all of the object was read some minutes ago, and its file is still what it was.
pub(crate) fn was_found_sound(digest: &Digest, state: FileState) -> bool {
    let known = sound().get(digest).copied();
    known.is_some_and(|(then, at)| then == state && at.elapsed() < REMEMBERED)
}

/// Remembers that all of an object was read and is what its digest says.
pub(crate) fn remember_sound(digest: Digest, state: FileState) {
    let mut sound = sound();
    if sound.len() >= MOST_REMEMBERED {
        sound.clear();
    }
    sound.insert(digest, (state, Instant::now()));
}

fn sound() -> MutexGuard<'static, BTreeMap<Digest, (FileState, Instant)>> {
    SOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The place of a digest, and the bits of it that stand there.
fn place(digest: &Digest) -> (usize, u32) {
    let Some((at, rest)) = digest.as_bytes().split_first_chunk() else { return (0, 0) };
    let mark = rest.first_chunk().map_or(0, |mark| u32::from_le_bytes(*mark));
    (usize::from(u16::from_le_bytes(*at)), mark)
}

/// The CRC-32 of the object with this digest, when it is kept.
fn known(digest: &Digest) -> Option<u32> {
    let (at, mark) = place(digest);
    let kept = KNOWN.get(at)?.load(Ordering::Relaxed);
    let crc = u32::try_from(kept & u64::from(u32::MAX)).ok()?;
    (kept != 0 && kept >> 32 == u64::from(mark)).then_some(crc)
}

fn keep(digest: &Digest, crc: Option<u32>) {
    let (at, mark) = place(digest);
    let kept = crc.map_or(0, |crc| u64::from(mark) << 32 | u64::from(crc));
    if let Some(slot) = KNOWN.get(at) {
        slot.store(kept, Ordering::Relaxed);
    }
}

/// True when `bytes` are the whole object with this digest.
pub(crate) fn is_sound(digest: &Digest, bytes: &[u8]) -> bool {
    let crc = crc32fast::hash(bytes);
    if known(digest) == Some(crc) {
        return true;
    }
    let sound = Digest::of(digest.algorithm(), bytes) == *digest;
    if sound {
        keep(digest, Some(crc));
    }
    sound
}

/// The same for an object that is read piece by piece.
pub struct Soundness {
    digest: Digest,
    crc: crc32fast::Hasher,
    /// Nobody has read the object yet, as far as is known.
    hasher: Option<DigestHasher>,
}

impl Soundness {
    /// Of the object with this digest, of which nothing is read yet.
    pub fn of(digest: Digest) -> Self {
        let hasher = known(&digest).is_none().then(|| DigestHasher::new(digest.algorithm()));
        Self { digest, crc: crc32fast::Hasher::new(), hasher }
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.crc.update(piece);
        if let Some(hasher) = &mut self.hasher {
            hasher.update(piece);
        }
    }

    /// True when the pieces together are the object.
    pub fn finish(self) -> bool {
        let crc = self.crc.finalize();
        let sound = match self.hasher {
            Some(hasher) => hasher.finish() == self.digest,
            None => known(&self.digest) == Some(crc),
        };
        // Whoever reads it next computes the digest: the CRC may have been of another object.
        keep(&self.digest, sound.then_some(crc));
        sound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Algorithm;

    #[test]
    fn every_flipped_bit_is_found_at_the_first_read_and_at_later_ones() {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            let bytes: Vec<u8> = (0..200_u8).collect();
            let digest = Digest::of(algorithm, &bytes);
            for read_before in [false, true] {
                assert!(!read_before || is_sound(&digest, &bytes));
                for bit in 0..bytes.len() * 8 {
                    let mut flipped = bytes.clone();
                    flipped[bit / 8] ^= 1 << (bit % 8);
                    assert!(!is_sound(&digest, &flipped), "bit {bit}");
                    assert!(!is_sound(&digest, &bytes[..bit / 8]), "cut at {bit}");
                }
            }
            assert!(is_sound(&digest, &bytes));
        }
    }

    #[test]
    fn what_was_found_sound_is_read_again_when_its_file_changed_and_little_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("object");
        std::fs::write(&path, "one").unwrap();
        let state = || FileState::of(&File::open(&path).unwrap()).unwrap();
        let (digest, before) = (Digest::of(Algorithm::Sha256, b"remembered"), state());
        assert!(!was_found_sound(&digest, before));
        remember_sound(digest, before);
        assert!(was_found_sound(&digest, state()));
        // The same bytes in another file, and other bytes of another length.
        std::fs::write(folder.path().join("other"), "one").unwrap();
        std::fs::rename(folder.path().join("other"), &path).unwrap();
        assert!(!was_found_sound(&digest, state()));
        std::fs::write(&path, "longer").unwrap();
        assert!(!was_found_sound(&digest, state()));
        for number in 0..2 * MOST_REMEMBERED {
            remember_sound(Digest::of(Algorithm::Sha256, &number.to_le_bytes()), before);
            assert!(sound().len() <= MOST_REMEMBERED);
        }
    }

    #[test]
    fn pieces_are_judged_together() {
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(5_000).collect();
        let digest = Digest::of(Algorithm::Sha256, &bytes);
        let judged = |bytes: &[u8]| {
            let mut soundness = Soundness::of(digest);
            bytes.chunks(999).for_each(|piece| soundness.update(piece));
            soundness.finish()
        };
        let mut flipped = bytes.clone();
        flipped[4_999] ^= 0x80;
        // Nothing is known, then its CRC is; after damage the digest is asked again.
        for _ in 0..3 {
            assert!(judged(&bytes) && judged(&bytes));
            assert!(!judged(&flipped) && !judged(&bytes[1..]));
        }
    }

    #[test]
    fn a_place_that_another_object_holds_costs_one_read_and_no_verdict() {
        let bytes = b"an object whose place is taken";
        let digest = Digest::of(Algorithm::Sha256, bytes);
        keep(&digest, Some(1));
        assert!(is_sound(&digest, bytes), "the digest decides");
        keep(&digest, Some(1));
        let mut soundness = Soundness::of(digest);
        soundness.update(bytes);
        assert!(!soundness.finish());
        let mut soundness = Soundness::of(digest);
        soundness.update(bytes);
        assert!(soundness.finish());
    }
}
