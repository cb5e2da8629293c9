//! How many failed logins a source may have: a budget for each address, refilled with time.
//!
//! Memory is bounded: addresses share a fixed number of budgets, chosen by a keyed hash that nobody
//! outside knows. Two addresses with one budget are rare, and only failures count: who sends what was
//! proven before is never held up by others.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Budgets; each takes eight bytes.
const BUDGETS: usize = 4_096;

/// Failures that a source may have at once.
const BURST: u64 = 20;

/// Time after which a source may fail once more.
const REFILL_MILLISECONDS: u64 = 6_000;

/// The failed logins of all sources.
pub(crate) struct Limiter {
    key: RandomState,
    started: Instant,
    /// For each budget the moment at which it is full again.
    full_at: Box<[AtomicU64]>,
}

impl Default for Limiter {
    fn default() -> Self {
        let full_at = (0..BUDGETS).map(|_| AtomicU64::new(0)).collect();
        Self { key: RandomState::new(), started: Instant::now(), full_at }
    }
}

impl Limiter {
    /// Takes one attempt from the budget of a source; false when nothing is left.
    pub(crate) fn take(&self, source: Option<IpAddr>) -> bool {
        self.take_at(source, self.now())
    }

    /// Gives back an attempt that did not fail.
    pub(crate) fn give_back(&self, source: Option<IpAddr>) {
        let less = |at: u64| Some(at.saturating_sub(REFILL_MILLISECONDS));
        // There is always a new value.
        let _before = self.budget(source).fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn take_at(&self, source: Option<IpAddr>, now: u64) -> bool {
        let later = |full_at: u64| {
            let after = full_at.max(now).saturating_add(REFILL_MILLISECONDS);
            (after.saturating_sub(now) <= BURST * REFILL_MILLISECONDS).then_some(after)
        };
        self.budget(source).fetch_update(Ordering::Relaxed, Ordering::Relaxed, later).is_ok()
    }

    fn budget(&self, source: Option<IpAddr>) -> &AtomicU64 {
        let hash = self.key.hash_one(source.map(network));
        let index = usize::try_from(hash % BUDGETS as u64).unwrap_or_default();
        &self.full_at[index]
    }
}

/// What one customer of a network provider has: an address, or the first half of a longer one.
fn network(source: IpAddr) -> u128 {
    match source.to_canonical() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_source_fails_a_number_of_times_and_then_as_often_as_time_allows() {
        let limiter = Limiter::default();
        let source = Some(address("192.0.2.1"));
        assert!((0..BURST).all(|_| limiter.take_at(source, 0)));
        assert!(!limiter.take_at(source, REFILL_MILLISECONDS - 1));
        assert!(limiter.take_at(source, REFILL_MILLISECONDS));
        assert!(!limiter.take_at(source, REFILL_MILLISECONDS));
        limiter.give_back(source);
        assert!(limiter.take_at(source, REFILL_MILLISECONDS));
    }

    #[test]
    fn a_customer_with_many_addresses_has_one_budget() {
        let limiter = Limiter::default();
        let attempts = (0..=BURST).map(|n| Some(address(&format!("2001:db8::{n}"))));
        let taken = attempts.filter(|source| limiter.take_at(*source, 0)).count();
        assert_eq!(taken as u64, BURST);
        assert_eq!(network(address("::ffff:192.0.2.1")), u128::from(0xc000_0201_u32));
    }

    #[test]
    fn giving_back_makes_no_budget_larger_than_it_is() {
        let limiter = Limiter::default();
        (0..3).for_each(|_| limiter.give_back(None));
        assert_eq!((0..2 * BURST).filter(|_| limiter.take_at(None, 0)).count() as u64, BURST);
    }
}
