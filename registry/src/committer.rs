//! The one task per process that writes commits: it decides, makes durable, then visible, then answers.
//!
//! Requests that wait become one commit. A commit that another process wrote under our number is
//! applied, and everything that waits is decided again. Between requests the task looks for such
//! commits: all of the time now and then, and at once when a reader misses something.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use chart_registry_catalog::{ApplyError, State};
use chart_registry_store::commit::READER;
use chart_registry_store::{Appended, Commit, Event, Journal, PackageRef, SealedCommit, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use crate::admission::admit;
use crate::refusal::{Code, Fault, PublishError, Refusal};

/// Most events in a commit.
const BATCH_EVENTS: usize = 64;

/// Most bytes of recorded Chart.yaml in a commit of several events; far below a commit's own limit.
const BATCH_BYTES: usize = 256 << 10;

/// Time between two looks for commits of other processes.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Time between two looks while readers wait for something that they missed.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// What the journal says about a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided {
    /// Number of the commit after which the answer holds.
    pub(crate) seq: u64,
    /// The stored package; it may be another compression of the same content.
    pub(crate) package: Option<PackageRef>,
    /// False when nothing had to be written.
    pub(crate) written: bool,
}

pub(crate) type Answer = Result<Decided, PublishError>;

pub(crate) struct Request {
    pub(crate) event: Event,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// What the committer is asked for.
pub(crate) enum Message {
    /// An event is to be written.
    Write(Box<Request>),
    /// A reader missed something: look for commits of other processes, then answer.
    Look(oneshot::Sender<()>),
}

pub(crate) struct Committer {
    pub(crate) state: Arc<ArcSwap<State>>,
    pub(crate) journal: Journal,
    pub(crate) messages: mpsc::Receiver<Message>,
    /// Hears the number of every commit after it was applied.
    pub(crate) applied: watch::Sender<u64>,
    /// True when it was told already that the journal cannot be followed.
    pub(crate) told: bool,
}

/// Readers that wait for the next look, and when the last one was.
struct Looking {
    waiting: Vec<oneshot::Sender<()>>,
    last: Instant,
}

/// A request that a new commit would fulfil.
struct Accepted {
    answer: oneshot::Sender<Answer>,
    package: Option<PackageRef>,
}

impl Looking {
    fn next(&self) -> Instant {
        self.last + if self.waiting.is_empty() { LOOK_EVERY } else { LOOK_PAUSE }
    }

    fn done(&mut self) {
        self.last = Instant::now();
        // A reader that has gone needs no answer.
        for reader in self.waiting.drain(..) {
            let _gone = reader.send(());
        }
    }
}

impl Committer {
    /// Works until every sender of messages is gone.
    pub(crate) async fn run(mut self) {
        let mut looking = Looking { waiting: Vec::new(), last: Instant::now() };
        loop {
            match timeout_at(looking.next(), self.messages.recv()).await {
                Ok(None) => return,
                Ok(Some(Message::Look(reader))) => looking.waiting.push(reader),
                Ok(Some(Message::Write(first))) => {
                    let batch = self.batch(*first, &mut looking);
                    self.commit(batch).await;
                }
                Err(_) => {
                    self.look().await;
                    looking.done();
                }
            }
        }
    }

    /// The request and those that wait behind it.
    fn batch(&mut self, first: Request, looking: &mut Looking) -> Vec<Request> {
        let mut bytes = size(&first.event);
        let mut batch = vec![first];
        while batch.len() < BATCH_EVENTS && bytes < BATCH_BYTES {
            match self.messages.try_recv() {
                Ok(Message::Write(next)) => {
                    bytes += size(&next.event);
                    batch.push(*next);
                }
                Ok(Message::Look(reader)) => looking.waiting.push(reader),
                Err(_) => break,
            }
        }
        batch
    }

    /// Applies what other processes wrote. What hinders it is told once; reading goes on.
    async fn look(&mut self) {
        match self.follow().await {
            Ok(()) => self.told = false,
            Err(error) if !self.told => {
                tracing::error!(%error, "commits of other processes cannot be followed");
                self.told = true;
            }
            Err(_) => {}
        }
    }

    async fn follow(&self) -> Result<(), ApplyError> {
        loop {
            let commits = self.journal.after(self.state.load().head()).await?;
            if commits.is_empty() {
                return Ok(());
            }
            commits.iter().try_for_each(|commit| self.apply(commit))?;
        }
    }

    fn apply(&self, commit: &SealedCommit) -> Result<(), ApplyError> {
        let next = self.state.load().apply(commit)?;
        self.state.store(Arc::new(next));
        self.applied.send_replace(commit.commit().seq);
        Ok(())
    }

    async fn commit(&self, mut batch: Vec<Request>) {
        loop {
            let state = self.state.load_full();
            let seq = state.head().seq + 1;
            let time = now().max(state.time());
            let (accepted, events) = match decide(&state, batch, (seq, time)) {
                Ok(decided) => decided,
                Err(answered) => return answered,
            };
            let commit = Commit {
                seq,
                prev: state.head().hash,
                time,
                writer: concat!("chart-registry/", env!("CARGO_PKG_VERSION")).to_owned(),
                nonce: format!("{:032x}", rand::random::<u128>()),
                min_reader: READER,
                events: events.clone(),
            };
            let sealed = match commit.seal() {
                Ok(sealed) => sealed,
                Err(error) => return fail(accepted, &error.into()),
            };
            let (ours, written) = match self.journal.append(&sealed).await {
                Ok(Appended::Ours) => (true, sealed),
                Ok(Appended::Theirs(theirs)) => (false, *theirs),
                Err(error) => return fail(accepted, &error.into()),
            };
            if let Err(error) = self.apply(&written) {
                return fail(accepted, &blocked(&error));
            }
            if ours {
                return succeed(accepted, seq);
            }
            batch = again(accepted, events);
        }
    }
}

type Batch = (Vec<Accepted>, Vec<Event>);

/// Answers what needs no commit; `Err` when nothing is left.
fn decide(state: &State, batch: Vec<Request>, (seq, time): (u64, Timestamp)) -> Result<Batch, ()> {
    let mut after = state.clone();
    let (mut accepted, mut events) = (Vec::new(), Vec::new());
    for Request { mut event, answer } in batch {
        match admit(&after, &mut event)
            .map(|decided| (decided, after.with_event(&event, seq, time)))
        {
            Ok((None, Ok(next))) => {
                after = next;
                accepted.push(Accepted { answer, package: package(&event) });
                events.push(event);
            }
            Ok((Some(decided), _)) => reply(answer, Ok(decided)),
            Ok((None, Err(error))) => reply(answer, Err(Fault::from(error).into())),
            Err(refusal) => reply(answer, Err(refusal.into())),
        }
    }
    if events.is_empty() { Err(()) } else { Ok((accepted, events)) }
}

fn again(accepted: Vec<Accepted>, events: Vec<Event>) -> Vec<Request> {
    let pairs = accepted.into_iter().zip(events);
    pairs.map(|(accepted, event)| Request { event, answer: accepted.answer }).collect()
}

fn succeed(accepted: Vec<Accepted>, seq: u64) {
    for Accepted { answer, package } in accepted {
        reply(answer, Ok(Decided { seq, package, written: true }));
    }
}

fn fail(accepted: Vec<Accepted>, error: &PublishError) {
    for Accepted { answer, .. } in accepted {
        reply(answer, Err(error.clone()));
    }
}

fn reply(answer: oneshot::Sender<Answer>, decided: Answer) {
    // The client may have gone; what is decided stays decided.
    drop(answer.send(decided));
}

fn package(event: &Event) -> Option<PackageRef> {
    match event {
        Event::Publish(publish) => Some(publish.package),
        Event::Delete(_) | Event::Provenance(_) | Event::Unknown { .. } => None,
    }
}

fn size(event: &Event) -> usize {
    match event {
        Event::Publish(publish) => publish.chart.get().len(),
        Event::Delete(_) | Event::Provenance(_) | Event::Unknown { .. } => 0,
    }
}

/// Why no write can be taken after a commit that this program cannot apply.
pub(crate) fn blocked(error: &ApplyError) -> PublishError {
    let fix = "tell the registry's operator; reading goes on";
    Refusal::new(Code::StorageReadOnly, &error.to_string(), "journal", fix).into()
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_milliseconds(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
