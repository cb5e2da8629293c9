//! Looks at the journal: how this process hears of what other processes wrote.
//!
//! The committer looks now and then. A reader that misses something asks for a look that begins
//! after it asked, so that what was answered elsewhere before is found. Looks are rare: those who
//! ask within 50 ms share one. A look that failed is told to those who wait for it, because nobody
//! knows then whether the thing exists.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chart_registry_catalog::State;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::refusal::Fault;
use crate::registry::Registry;

/// Time between two looks when nobody asks.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Time between two looks while readers wait for something that they missed.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// How long a reader waits for a look. A storage that takes longer is as good as gone.
const LOOK_LIMIT: Duration = Duration::from_secs(30);

/// How long a request waits for a commit that its client knows from elsewhere.
const REACH_LIMIT: Duration = Duration::from_secs(2);

/// A process that has not heard of the journal for so long should get no more requests.
const SILENCE_LIMIT: Duration = Duration::from_secs(5);

/// What a look came to.
pub(crate) type Looked = Result<(), Fault>;

type Reader = oneshot::Sender<Looked>;

/// The place where readers ask for looks.
pub(crate) struct Asking {
    readers: mpsc::UnboundedSender<Reader>,
    heard: Arc<Heard>,
}

/// The committer's side: who waits, and when the last look was.
pub(crate) struct Looks {
    readers: mpsc::UnboundedReceiver<Reader>,
    waiting: Vec<Reader>,
    last: Instant,
    heard: Arc<Heard>,
}

/// When the journal was last looked at with success.
struct Heard(Mutex<Instant>);

/// Both sides of the looks of one registry, whose journal was read just now.
pub(crate) fn looks() -> (Asking, Looks) {
    let (asking, readers) = mpsc::unbounded_channel();
    let now = Instant::now();
    let heard = Arc::new(Heard(Mutex::new(now)));
    let asking = Asking { readers: asking, heard: Arc::clone(&heard) };
    (asking, Looks { readers, waiting: Vec::new(), last: now, heard })
}

impl Looks {
    /// Completes when a look is due. Whoever stops waiting for it loses nothing.
    pub(crate) async fn due(&mut self) {
        loop {
            let pause = if self.waiting.is_empty() { LOOK_EVERY } else { LOOK_PAUSE };
            let moment = self.last + pause;
            if Instant::now() >= moment {
                return;
            }
            match timeout_at(moment, self.readers.recv()).await {
                Ok(Some(reader)) => self.waiting.push(reader),
                // Nobody is left to ask; the committer hears that from its own channel.
                Ok(None) => sleep_until(moment).await,
                Err(_) => return,
            }
        }
    }

    /// Remembers that the journal has answered: by a look, or by taking a commit, which takes long
    /// where the disk is slow.
    pub(crate) fn heard(&self) {
        *self.heard.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Answers those who asked before the look began.
    pub(crate) fn done(&mut self, looked: &Looked) {
        self.last = Instant::now();
        if looked.is_ok() {
            self.heard();
        }
        for reader in self.waiting.drain(..) {
            // A reader that has gone needs no answer.
            drop(reader.send(looked.clone()));
        }
    }
}

impl Asking {
    /// A look that begins now or later.
    async fn look(&self) -> Looked {
        let stopped = || Fault::Stopped { part: "committer" };
        let (reader, looked) = oneshot::channel();
        self.readers.send(reader).map_err(|_| stopped())?;
        match timeout(LOOK_LIMIT, looked).await {
            Ok(looked) => looked.map_err(|_| stopped())?,
            Err(_) => Err(Fault::NoAnswer { waited: LOOK_LIMIT }),
        }
    }

    /// For how long nothing was heard of the journal, when that is too long.
    fn silence(&self) -> Option<Duration> {
        let heard = *self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(heard.elapsed()).filter(|silence| *silence > SILENCE_LIMIT)
    }
}

impl Registry {
    /// The snapshot, after a look at what other processes wrote when the present one does not have
    /// what is asked for.
    pub(crate) async fn state_with(
        &self,
        has: impl Fn(&State) -> bool,
    ) -> Result<Arc<State>, Fault> {
        let state = self.state();
        if has(&state) {
            return Ok(state);
        }
        self.asking().look().await?;
        Ok(self.state())
    }

    /// Waits until commit `seq` is in the snapshot; false when it does not come in time.
    pub(crate) async fn reaches(&self, seq: u64) -> Result<bool, Fault> {
        let mut applied = self.applied();
        if *applied.borrow() >= seq {
            return Ok(true);
        }
        let wait = async {
            self.asking().look().await?;
            let gone = |_| Fault::Stopped { part: "committer" };
            applied.wait_for(|number| *number >= seq).await.map(drop).map_err(gone)
        };
        timeout(REACH_LIMIT, wait).await.map_or(Ok(false), |reached| reached.map(|()| true))
    }

    /// For how long nothing was heard of the journal, when that is too long.
    pub(crate) fn silence(&self) -> Option<Duration> {
        self.asking().silence()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(asking: &Arc<Asking>) -> tokio::task::JoinHandle<Looked> {
        let asking = Arc::clone(asking);
        let reader = tokio::spawn(async move { asking.look().await });
        tokio::task::yield_now().await;
        reader
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_ask_before_a_look_share_it_and_later_ones_get_the_next() {
        let (asking, mut looks) = looks();
        let asking = Arc::new(asking);
        let began = Instant::now();
        looks.due().await;
        assert_eq!(began.elapsed(), LOOK_EVERY, "nobody asks");
        looks.done(&Ok(()));

        let (first, second) = (asked(&asking).await, asked(&asking).await);
        let began = Instant::now();
        looks.due().await;
        assert_eq!(began.elapsed(), LOOK_PAUSE);
        let late = asked(&asking).await;
        looks.done(&Ok(()));
        assert!(first.await.unwrap().is_ok() && second.await.unwrap().is_ok());
        looks.due().await;
        assert!(!late.is_finished(), "the look began before it asked");
        looks.done(&Err(Fault::Stopped { part: "disk" }));
        assert!(late.await.unwrap().is_err(), "a look that failed says nothing about what exists");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_waits_for_no_storage_that_is_gone() {
        let (asking, _looks) = looks();
        let answer = asking.look().await;
        assert!(matches!(answer, Err(Fault::NoAnswer { .. })), "{answer:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn silence_begins_with_the_last_look_that_was_answered() {
        let (asking, mut looks) = looks();
        for _ in 0..20 {
            looks.due().await;
            looks.done(&Ok(()));
        }
        assert_eq!(asking.silence(), None);
        while asking.silence().is_none() {
            looks.due().await;
            looks.done(&Err(Fault::Stopped { part: "disk" }));
        }
        assert!(asking.silence().unwrap() < SILENCE_LIMIT + LOOK_EVERY);
        looks.due().await;
        looks.done(&Ok(()));
        assert_eq!(asking.silence(), None);
        // A commit that takes long is as good as a look.
        tokio::time::advance(2 * SILENCE_LIMIT).await;
        assert!(asking.silence().is_some());
        looks.heard();
        assert_eq!(asking.silence(), None);
    }
}
