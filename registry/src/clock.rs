//! What time it is, for a program whose clock somebody may set.
//!
//! The journal's time never goes back, and what ends stays ended: both are asked of the later of the
//! wall clock, the last commit, and a clock that nobody sets since the start. What was set is told
//! from what passed by the same clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chart_registry_store::Timestamp;

use crate::registry::Registry;

/// How far the clock may be from where it should be, in milliseconds.
pub(crate) const TRUSTED_MILLISECONDS: i64 = 60_000;

/// The clock that every moment of the journal comes from.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    moved(Timestamp::from_milliseconds(milliseconds(since)))
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The wall clock and a clock that nobody sets, at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clocks {
    pub(crate) wall: Timestamp,
    pub(crate) steady: Instant,
}

impl Clocks {
    /// Both clocks now. The steady one is read first: what is told from it later is then never
    /// behind the wall clock, however long this thread waits between the two.
    pub(crate) fn now() -> Self {
        let steady = Instant::now();
        Self { wall: now(), steady }
    }

    /// How far the wall clock was set since, in milliseconds.
    pub(crate) fn set_since(self, before: Self) -> i64 {
        let passed = milliseconds(self.steady.saturating_duration_since(before.steady));
        let shown = self.wall.milliseconds() - before.wall.milliseconds();
        shown.saturating_sub(passed)
    }

    /// Whether somebody has set the wall clock since, by so much that ages mean nothing.
    pub(crate) fn jumped_since(self, before: Self) -> bool {
        self.set_since(before).abs() > TRUSTED_MILLISECONDS
    }

    /// The time now that no setting of the clock after these makes earlier. `last` is the time of
    /// the last commit.
    ///
    /// It is up to a millisecond later than the wall clock shows: both parts of the sum are whole
    /// milliseconds, and what has ended by the wall clock must have ended by the sum.
    pub(crate) fn latest(self, last: Timestamp) -> Timestamp {
        let passed = milliseconds(self.steady.elapsed()).saturating_add(1);
        let steady = self.wall.milliseconds().saturating_add(passed);
        now().max(last).max(Timestamp::from_milliseconds(steady))
    }
}

impl Registry {
    /// The time at which it is decided whether something has ended.
    pub(crate) fn moment(&self) -> Timestamp {
        self.clocks_at_start().latest(self.state().time())
    }

    /// The same for what others gave an end by their clock: a commit that was made while ours was
    /// wrong says nothing about that.
    pub(crate) fn moment_elsewhere(&self) -> Timestamp {
        self.clocks_at_start().latest(Timestamp::from_milliseconds(0))
    }
}

#[cfg(not(test))]
fn moved(moment: Timestamp) -> Timestamp {
    moment
}

#[cfg(test)]
thread_local! {
    static SET: std::cell::Cell<i64> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
fn moved(moment: Timestamp) -> Timestamp {
    Timestamp::from_milliseconds(moment.milliseconds().saturating_add(SET.get()))
}

/// Sets the wall clock of this thread by so many milliseconds from where it really is.
#[cfg(test)]
pub(crate) fn set(milliseconds: i64) {
    SET.set(milliseconds);
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1_000;

    #[test]
    fn a_clock_that_was_set_is_told_from_time_that_passed() {
        let wall = |milliseconds| Timestamp::from_milliseconds(1_000_000_000 + milliseconds);
        let before = Clocks { wall: wall(0), steady: Instant::now() };
        let later = |seconds| before.steady + Duration::from_secs(seconds);
        for (shown, passed, set) in [
            (0, 0, 0),
            (5_000, 5, 0),
            (DAY, 24 * 60 * 60, 0),
            (DAY, 0, DAY),
            (-DAY, 0, -DAY),
            (0, 60, -60_000),
        ] {
            let clocks = Clocks { wall: wall(shown), steady: later(passed) };
            assert_eq!(clocks.set_since(before), set, "{shown} {passed}");
            assert_eq!(clocks.jumped_since(before), set.abs() == DAY, "{shown} {passed}");
        }
    }

    #[test]
    fn what_has_ended_by_the_wall_clock_has_ended_after_it_was_set_back() {
        for _ in 0..20 {
            let start = Clocks::now();
            while now() == start.wall {
                std::hint::spin_loop();
            }
            let seen = now();
            set(-DAY);
            let told = start.latest(Timestamp::from_milliseconds(0));
            set(0);
            assert!(told >= seen, "{told:?} is before {seen:?}");
        }
    }

    #[test]
    fn the_latest_time_goes_on_when_the_clock_is_set_back() {
        let start = Clocks::now();
        let last = Timestamp::from_milliseconds(0);
        set(DAY);
        assert!(start.latest(last).milliseconds() >= start.wall.milliseconds() + DAY);
        set(-DAY);
        assert!(start.latest(last) >= start.wall, "it was later before");
        let future = Timestamp::from_milliseconds(start.wall.milliseconds() + DAY);
        assert_eq!(start.latest(future), future, "a commit was made then");
        set(0);
    }
}
