//! Bytes of small objects that were read lately: packages, blobs, and manifests that are made.
//!
//! Objects are named by their digests, so what is here is never old. Whether somebody may have an
//! object, and whether it is still there for anybody, is decided before: this only saves opening a
//! file for each read of what many read.
//!
//! Left out: large objects, which are streamed; a strict order of use. There are two generations, and
//! when the younger one is full, the older one goes.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry_store::{ObjectReader, StoreError};

use crate::registry::Registry;

/// Bytes of both generations together.
const MOST_BYTES: usize = 32 << 20;

/// Objects up to this size are kept.
const MOST_OBJECT_BYTES: usize = 256 << 10;

/// The bytes that are kept.
#[derive(Default)]
pub(crate) struct Recent(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: BTreeMap<Sha256, Bytes>,
    old: BTreeMap<Sha256, Bytes>,
    young_bytes: usize,
}

impl Generations {
    fn keep(&mut self, digest: Sha256, bytes: Bytes) {
        let length = bytes.len();
        if self.young.insert(digest, bytes).is_none() {
            self.young_bytes += length;
        }
        if self.young_bytes > MOST_BYTES / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}

impl Recent {
    /// The bytes with a digest, when they are here.
    pub(crate) fn find(&self, digest: &Sha256) -> Option<Bytes> {
        let mut generations = self.lock();
        if let Some(bytes) = generations.young.get(digest) {
            return Some(bytes.clone());
        }
        let bytes = generations.old.remove(digest)?;
        generations.keep(*digest, bytes.clone());
        Some(bytes)
    }

    /// Keeps the bytes with a digest, when they are few.
    pub(crate) fn keep(&self, digest: Sha256, bytes: &Bytes) {
        if bytes.len() <= MOST_OBJECT_BYTES {
            self.lock().keep(digest, bytes.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Opens an object for a reader; `None` when it is not stored.
    pub(crate) async fn open_object(
        &self,
        digest: Sha256,
    ) -> Result<Option<ObjectReader>, StoreError> {
        if let Some(bytes) = self.recent().find(&digest) {
            return Ok(Some(ObjectReader::Whole(bytes)));
        }
        let reader = Box::pin(self.store().open_object(digest)).await?;
        if let Some(ObjectReader::Whole(bytes)) = &reader {
            self.recent().keep(digest, bytes);
        }
        Ok(reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(number: usize, length: usize) -> (Sha256, Bytes) {
        (Sha256::of(&number.to_le_bytes()), Bytes::from(vec![0; length]))
    }

    #[test]
    fn what_is_read_again_stays_and_everything_has_room() {
        let recent = Recent::default();
        let (often, bytes) = object(0, 1 << 10);
        recent.keep(often, &bytes);
        for number in 1..2_000 {
            let (digest, bytes) = object(number, 100 << 10);
            recent.keep(digest, &bytes);
            assert!(recent.find(&often).is_some(), "{number}");
            assert!(recent.find(&digest).is_some(), "{number}");
            let generations = recent.lock();
            let held = generations.young.values().chain(generations.old.values());
            assert!(held.map(Bytes::len).sum::<usize>() <= MOST_BYTES + MOST_OBJECT_BYTES);
        }
        assert!(recent.find(&object(1, 0).0).is_none(), "nobody asked for it again");
    }

    #[test]
    fn large_objects_are_not_kept() {
        let recent = Recent::default();
        for (number, length, kept) in
            [(1, MOST_OBJECT_BYTES, true), (2, MOST_OBJECT_BYTES + 1, false)]
        {
            let (digest, bytes) = object(number, length);
            recent.keep(digest, &bytes);
            assert_eq!(recent.find(&digest).is_some(), kept);
        }
    }
}
