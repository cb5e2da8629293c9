//! Whether the bytes of an object are those that its name says, found out while they are read.
//!
//! The first time a whole object is read its digest is computed, and its CRC-32 is kept. Later reads
//! compare that, which costs a tenth: a disk that lets bits fall is found out by either. What is kept
//! is a fact about a digest and not about a store, so all stores of a process share it.
//!
//! Left out: parts of objects that are too large for one read. Whoever reads a part cannot know what
//! the rest is; clients put parts together and compare the digest of the whole.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::digest::{Digest, DigestHasher};

/// Objects whose CRC-32 is kept; two that share a place drive each other out.
const PLACES: usize = 1 << 16;

/// In each place 32 bits of a digest above the CRC-32 of its object; nothing is 0.
static KNOWN: LazyLock<Box<[AtomicU64]>> =
    LazyLock::new(|| std::iter::repeat_with(AtomicU64::default).take(PLACES).collect());

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
