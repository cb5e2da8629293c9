//! The two threads on which packages are opened and signatures checked.
//!
//! Threads of their own instead of the runtime's blocking ones: an allocator keeps for a thread
//! what that thread has freed, and of the runtime's there may be hundreds. So uploads that inflate
//! to the limits cost the memory of two inspections, however many come.
//!
//! Left out: what is done there.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::refusal::Fault;

/// How many things are inspected at the same time.
const INSPECTORS: usize = 2;

type Work = Box<dyn FnOnce() + Send>;

/// Where inspections are done. The threads end with the last of its turns and itself.
pub(crate) struct Inspectors {
    free: Arc<Semaphore>,
    work: Sender<Work>,
}

/// The right to one inspection; memory that it needs may be taken from now on.
pub(crate) struct Turn {
    permit: OwnedSemaphorePermit,
    work: Sender<Work>,
}

impl Inspectors {
    /// Starts the threads.
    pub(crate) fn start() -> io::Result<Self> {
        let (work, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 1..=INSPECTORS {
            let queue = Arc::clone(&queue);
            let thread = thread::Builder::new().name(format!("inspector-{number}"));
            thread.spawn(move || inspect_all(&queue))?;
        }
        Ok(Self { free: Arc::new(Semaphore::new(INSPECTORS)), work })
    }

    /// Waits until an inspector is free.
    pub(crate) async fn turn(&self) -> Result<Turn, Fault> {
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| stopped())?;
        Ok(Turn { permit, work: self.work.clone() })
    }
}

impl Turn {
    /// Does the work on an inspector's thread. The turn ends with the work, even when nobody waits
    /// for it any more.
    pub(crate) async fn run<T, F>(self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let permit = self.permit;
        let work = Box::new(move || {
            let outcome = work();
            drop(permit);
            // Whoever asked may have gone away.
            let _ = answer.send(outcome);
        });
        self.work.send(work).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())
    }
}

fn inspect_all(queue: &Mutex<Receiver<Work>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // The one who waits is told by the answer that never comes; the thread goes on.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            tracing::error!(reason = words(&*panic), "an inspection panicked");
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}

fn stopped() -> Fault {
    Fault::Stopped { part: "inspection of packages" }
}

#[cfg(test)]
mod tests {
    use std::thread::ThreadId;

    use super::*;

    #[tokio::test]
    async fn many_inspections_are_done_on_two_threads() {
        let inspectors = Inspectors::start().unwrap();
        let mut threads: Vec<ThreadId> = Vec::new();
        for _ in 0..20 {
            let turn = inspectors.turn().await.unwrap();
            let thread = turn.run(|| thread::current().id()).await.unwrap();
            if !threads.contains(&thread) {
                threads.push(thread);
            }
        }
        assert!(threads.len() <= INSPECTORS, "{threads:?}");
    }

    #[tokio::test]
    async fn an_inspection_that_panics_takes_nobody_with_it() {
        let inspectors = Inspectors::start().unwrap();
        for _ in 0..2 * INSPECTORS {
            let turn = inspectors.turn().await.unwrap();
            let panicked = turn.run(|| assert!(words(&"x") == "y", "as the test wants")).await;
            assert!(matches!(panicked, Err(Fault::Stopped { .. })), "{panicked:?}");
        }
        let turn = inspectors.turn().await.unwrap();
        assert_eq!(turn.run(|| 3).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_turn_ends_with_its_work_when_nobody_waits_for_it() {
        let inspectors = Inspectors::start().unwrap();
        let (go, wait) = channel::<()>();
        let turn = inspectors.turn().await.unwrap();
        let held = tokio::spawn(turn.run(move || wait.recv().is_ok()));
        let other = inspectors.turn().await.unwrap();
        tokio::task::yield_now().await;
        held.abort();
        assert!(held.await.is_err());
        assert_eq!(inspectors.free.available_permits(), 0, "the work goes on");
        drop(other);
        go.send(()).unwrap();
        let both = Arc::clone(&inspectors.free).acquire_many_owned(2).await;
        assert!(both.is_ok());
    }
}
