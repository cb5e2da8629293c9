//! Waiting for something that another machine does: the only place of this suite that lets time pass.
//!
//! Every wait asks again until its deadline, and says what it saw last when the deadline has come.

use std::time::{Duration, Instant};

/// Pause between two looks: short beside what a cluster takes, long beside what a look costs.
const INTERVAL: Duration = Duration::from_millis(500);

/// Pause between two looks at something that should stay as it is: looking must not be what keeps it busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// Looks until there is a value; panics with the last state when `limit` has passed.
pub(crate) fn until<T>(
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> Result<T, String>,
) -> T {
    let begin = Instant::now();
    loop {
        match look() {
            Ok(value) => return value,
            Err(state) if begin.elapsed() >= limit => {
                panic!("{what}: not within {} s; last seen: {state}", limit.as_secs())
            }
            Err(_) => pause(INTERVAL),
        }
    }
}

/// Looks again and again for `duration`; panics with the first state that is not as it should be.
pub(crate) fn throughout(
    what: &str,
    duration: Duration,
    mut look: impl FnMut() -> Result<(), String>,
) {
    let begin = Instant::now();
    loop {
        if let Err(state) = look() {
            panic!("{what}: after {:.1} s: {state}", begin.elapsed().as_secs_f64());
        }
        let Some(rest) = duration.checked_sub(begin.elapsed()) else { return };
        pause(rest.min(PATIENCE));
    }
}

/// Nobody unparks this thread; a wake-up without a cause only makes a look come early.
fn pause(duration: Duration) {
    std::thread::park_timeout(duration);
}
