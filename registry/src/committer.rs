//! The one task per process that writes commits: it decides, makes durable, then visible, then answers.
//!
//! Requests that wait become one commit. A commit that another process wrote under our number is
//! applied, and everything that waits is decided again.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use chart_registry_catalog::{Admission, ApplyError, State};
use chart_registry_store::commit::READER;
use chart_registry_store::{
    Appended, Commit, Delete, Event, Journal, PackageRef, Publish, Timestamp,
};
use tokio::sync::{mpsc, oneshot};

use crate::refusal::{Code, Fault, PublishError, Refusal};

/// Most events in a commit.
const BATCH_EVENTS: usize = 64;

/// Most bytes of recorded Chart.yaml in a commit of several events; far below a commit's own limit.
const BATCH_BYTES: usize = 256 << 10;

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

pub(crate) struct Committer {
    pub(crate) state: Arc<ArcSwap<State>>,
    pub(crate) journal: Journal,
    pub(crate) requests: mpsc::Receiver<Request>,
}

/// A request that a new commit would fulfil.
struct Accepted {
    answer: oneshot::Sender<Answer>,
    package: Option<PackageRef>,
}

impl Committer {
    /// Works until every sender of requests is gone.
    pub(crate) async fn run(mut self) {
        while let Some(first) = self.requests.recv().await {
            let batch = self.batch(first);
            self.commit(batch).await;
        }
    }

    /// The request and those that wait behind it.
    fn batch(&mut self, first: Request) -> Vec<Request> {
        let mut bytes = size(&first.event);
        let mut batch = vec![first];
        while batch.len() < BATCH_EVENTS && bytes < BATCH_BYTES {
            let Ok(next) = self.requests.try_recv() else { break };
            bytes += size(&next.event);
            batch.push(next);
        }
        batch
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
            match state.apply(&written) {
                Ok(next) => self.state.store(Arc::new(next)),
                Err(error) => return fail(accepted, &blocked(&error)),
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
    for Request { event, answer } in batch {
        match admit(&after, &event).map(|decided| (decided, after.with_event(&event, seq, time))) {
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

/// `None` when the event has to be written.
fn admit(state: &State, event: &Event) -> Result<Option<Decided>, Refusal> {
    match event {
        Event::Publish(publish) => admit_publish(state, publish),
        Event::Delete(delete) => admit_delete(state, delete).map(|()| None),
        Event::Unknown { .. } => Ok(None),
    }
}

/// Decides about a package; also asked early, so that a refused package is never stored.
pub(crate) fn admit_publish(state: &State, publish: &Publish) -> Result<Option<Decided>, Refusal> {
    let place = format!("{} {}", publish.name, publish.version);
    let refuse = |code, what: String, fix: &str| Err(Refusal::new(code, &what, &place, fix));
    match state.admit(publish) {
        Admission::New => Ok(None),
        Admission::Same { package } => {
            let seq = state.head().seq;
            Ok(Some(Decided { seq, package: Some(package), written: false }))
        }
        Admission::Conflict { package, content } => refuse(
            Code::VersionExists,
            format!(
                "the version exists with other content: stored is the package sha256:{} (content \
                 sha256:{content}), sent was the package sha256:{} (content sha256:{})",
                package.sha256, publish.package.sha256, publish.content
            ),
            "raise the version in Chart.yaml; a published version never changes",
        ),
        Admission::Deleted { content } => refuse(
            Code::VersionDeleted,
            format!(
                "the version was deleted and had the content sha256:{content}, sent was sha256:{}",
                publish.content
            ),
            "raise the version in Chart.yaml; a deleted version comes back only with the same content",
        ),
        Admission::Twin { version } => refuse(
            Code::VersionTwin,
            format!("the version `{version}` differs only behind the `+`"),
            "raise the version in Chart.yaml; clients ignore what stands behind the `+`",
        ),
    }
}

fn admit_delete(state: &State, delete: &Delete) -> Result<(), Refusal> {
    let repository = state.repository(&delete.repo);
    if repository.find(&delete.name, &delete.version).is_some() {
        return Ok(());
    }
    Err(Refusal::not_found("chart not found", &format!("{} {}", delete.name, delete.version)))
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
        Event::Delete(_) | Event::Unknown { .. } => None,
    }
}

fn size(event: &Event) -> usize {
    match event {
        Event::Publish(publish) => publish.chart.get().len(),
        Event::Delete(_) | Event::Unknown { .. } => 0,
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
