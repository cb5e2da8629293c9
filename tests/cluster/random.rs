//! Seeded numbers (SplitMix64): a run can be repeated by its seed.

use std::time::Duration;

/// A sequence of numbers that a seed decides.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a count");
        usize::try_from(self.next() % limit).expect("below a count")
    }

    /// Shorter than `limit`.
    pub(crate) fn duration(&mut self, limit: Duration) -> Duration {
        let milliseconds = usize::try_from(limit.as_millis()).expect("a short time");
        Duration::from_millis(self.below(milliseconds.max(1)) as u64)
    }

    /// Every order is as likely as any other.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
