//! Which of the tasks of one thread goes on next, decided by a number: the same number, the same order.
//!
//! While a schedule is set on a thread, the store works on that thread, and before each of its
//! operations the task steps back a few times. With a runtime of one thread and a clock that stands
//! still nothing else decides what comes first.

use std::cell::Cell;

/// Most steps back before an operation.
const MOST_STEPS: u64 = 6;

thread_local! {
    static STATE: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Decides by `number` what comes first on this thread from now on; `None` lets threads decide.
pub fn set(number: Option<u64>) {
    STATE.set(number);
}

/// The next number below `limit`; 0 when no schedule is set.
pub fn draw(limit: u64) -> u64 {
    let Some(state) = STATE.get() else { return 0 };
    // SplitMix64.
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    STATE.set(Some(state));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % limit.max(1)
}

/// Lets other tasks go first, as the schedule says; false when there is none.
pub(crate) async fn pause() -> bool {
    if STATE.get().is_none() {
        return false;
    }
    for _ in 0..draw(MOST_STEPS) {
        tokio::task::yield_now().await;
    }
    true
}
