//! When it is this process's turn to write a commit.
//!
//! Whoever writes without a pause wins every number: others hear of a commit only after it was taken,
//! are one try late for the next one, and would wait for ever. So a process that has met others leaves
//! a gap behind each of its commits, and one that believes itself alone leaves one now and then, in
//! which those whom it never met can come. How long a gap has to be is seen from how long a commit
//! takes here: on one storage it takes others about as long.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Others write, too, as long as one of them did within this time.
const OTHERS_WRITE_FOR: Duration = Duration::from_secs(30);

/// Commits that fit into a gap: the rest of a try that is in vain already, what has to be read after
/// it, and a try that succeeds.
const COMMITS_IN_A_GAP: u32 = 3;

/// The longest gap between two commits while others write is no shorter than this: a busy machine
/// makes a try last longer than our own commits let us expect.
const LONGEST_GAP: Duration = Duration::from_millis(20);

/// A process that meets nobody leaves a gap when it has written so many commits and for so long.
const STREAK: (u32, Duration) = (16, Duration::from_millis(500));

/// When this process wrote, and when it may write again.
#[derive(Debug)]
pub(crate) struct Turns {
    /// When another process was seen to have written.
    met: Option<Instant>,
    /// About how long a commit of this process takes.
    took: Duration,
    /// When the last commit of this process was written.
    wrote: Instant,
    /// Commits since the last gap, and when the first of them was begun.
    streak: (u32, Instant),
    /// No commit is begun before.
    next: Option<Instant>,
}

impl Turns {
    /// Of a process that has written nothing and met nobody.
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self { met: None, took: Duration::ZERO, wrote: now, streak: (0, now), next: None }
    }

    /// Another process has written a commit.
    pub(crate) fn meet(&mut self) {
        self.met = Some(Instant::now());
    }

    /// This process has written a commit that it began then.
    pub(crate) fn wrote(&mut self, began: Instant) {
        let now = Instant::now();
        let took = now.duration_since(began);
        self.took = if self.took.is_zero() { took } else { (self.took * 3 + took) / 4 };
        let gap = self.took * COMMITS_IN_A_GAP;
        if began.duration_since(self.wrote) >= gap {
            self.streak = (0, began);
        }
        self.streak.0 += 1;
        self.wrote = now;
        self.next = self.pause(gap, now).map(|pause| now + pause);
    }

    /// How long nothing is written after a commit that was written now.
    fn pause(&mut self, gap: Duration, now: Instant) -> Option<Duration> {
        if self.met.is_some_and(|met| now.duration_since(met) < OTHERS_WRITE_FOR) {
            return Some(gap.max(LONGEST_GAP).mul_f64(rand::random()));
        }
        let ((commits, since), (most, longest)) = (self.streak, STREAK);
        let long = commits >= most && now.duration_since(since) >= longest;
        long.then_some(gap)
    }

    /// Waits for the turn; no time at all for most commits where nobody else writes.
    pub(crate) async fn come(&mut self) {
        if let Some(next) = self.next.take() {
            sleep_until(next).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long a commit takes here.
    const COMMIT: Duration = Duration::from_millis(100);

    /// Waits for the turn and writes, and returns how long the wait was.
    async fn commit(turns: &mut Turns) -> Duration {
        let asked = Instant::now();
        turns.come().await;
        let began = Instant::now();
        tokio::time::advance(COMMIT).await;
        turns.wrote(began);
        began - asked
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_alone_leaves_a_gap_for_a_try_in_vain_and_another_one_now_and_then() {
        let mut turns = Turns::new();
        for _ in 0..3 {
            for _ in 0..STREAK.0 {
                assert_eq!(commit(&mut turns).await, Duration::ZERO);
            }
            assert_eq!(turns.next.take(), Some(Instant::now() + COMMIT * COMMITS_IN_A_GAP));
            tokio::time::advance(COMMIT * COMMITS_IN_A_GAP).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_pauses_by_itself_waits_for_nobody() {
        let mut turns = Turns::new();
        for _ in 0..10 * STREAK.0 {
            assert_eq!(commit(&mut turns).await, Duration::ZERO);
            tokio::time::advance(COMMIT * COMMITS_IN_A_GAP).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_met_others_leaves_them_room_until_they_are_gone() {
        let mut turns = Turns::new();
        commit(&mut turns).await;
        turns.meet();
        commit(&mut turns).await;
        let mut waits = Vec::new();
        for _ in 0..50 {
            waits.push(commit(&mut turns).await);
        }
        let most = COMMIT * COMMITS_IN_A_GAP;
        assert!(waits.iter().all(|wait| *wait <= most), "{waits:?}");
        assert!(waits.iter().any(|wait| *wait > most * 2 / 3), "{waits:?}");
        tokio::time::advance(OTHERS_WRITE_FOR).await;
        commit(&mut turns).await;
        assert_eq!(commit(&mut turns).await, Duration::ZERO);
    }
}
