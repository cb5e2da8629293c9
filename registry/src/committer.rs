//! The one task per process that writes commits: it decides, makes durable, then visible, then answers.
//!
//! Requests that wait become one commit. A commit that another process wrote under our number is
//! applied, and everything that waits is decided again. Between requests the task looks for such
//! commits.

use std::sync::Arc;

use arc_swap::ArcSwap;
use chart_registry_catalog::{ApplyError, State};
use chart_registry_store::commit::READER;
use chart_registry_store::{Appended, Commit, Event, Journal, PackageRef, SealedCommit, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::admission::{admit, admit_group};
pub(crate) use crate::clock::now;
use crate::looks::{Looked, Looks};
use crate::oci::admission::admit_oci;
use crate::refusal::{Code, Fault, PublishError, Refusal};
use crate::turns::Turns;

/// Most events in a commit.
const BATCH_EVENTS: usize = 64;

/// Most bytes of recorded Chart.yaml in a commit of several events; far below a commit's own limit.
const BATCH_BYTES: usize = 256 << 10;

/// Most bytes of the events of one request; a commit of twice as many would be too large.
pub(crate) const MAX_GROUP_BYTES: usize = 640 << 10;

/// Bytes of an event besides the text in it, at most in practice.
const EVENT_BYTES: usize = 1 << 10;

/// What the journal says about an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided {
    /// Number of the commit after which the answer holds.
    pub(crate) seq: u64,
    /// The stored package; it may be another compression of the same content.
    pub(crate) package: Option<PackageRef>,
    /// False when nothing had to be written.
    pub(crate) written: bool,
}

/// What the journal says about each event of a request, or why it takes none of them.
pub(crate) type Answer = Result<Vec<Decided>, PublishError>;

/// Events of which all are written in one commit, or none.
pub(crate) struct Request {
    pub(crate) events: Vec<Event>,
    pub(crate) answer: oneshot::Sender<Answer>,
}

pub(crate) struct Committer {
    pub(crate) state: Arc<ArcSwap<State>>,
    pub(crate) journal: Journal,
    pub(crate) requests: mpsc::Receiver<Request>,
    /// When to look for commits of other processes.
    pub(crate) looks: Looks,
    /// Hears the number of every commit after it was applied.
    pub(crate) applied: watch::Sender<u64>,
    /// True when it was told already that the journal cannot be followed.
    pub(crate) told: bool,
    /// A request that would have made the last commit too large.
    pub(crate) aside: Option<Request>,
    pub(crate) turns: Turns,
}

/// A request that a new commit would fulfil.
struct Accepted {
    request: Request,
    decided: Vec<Decided>,
}

impl Committer {
    /// Works until every sender of requests is gone.
    pub(crate) async fn run(mut self) {
        loop {
            tokio::select! {
                // Whoever publishes without a pause must not keep readers from what others wrote.
                biased;
                () = self.looks.due() => {
                    let looked = self.look().await;
                    self.looks.done(&looked);
                }
                request = next(&mut self.aside, &mut self.requests) => {
                    let Some(first) = request else { return };
                    self.turns.come().await;
                    let batch = self.batch(first);
                    self.commit(batch).await;
                }
            }
        }
    }

    /// The request and those that wait behind it, as far as they fit into a commit.
    fn batch(&mut self, first: Request) -> Vec<Request> {
        let (mut events, mut bytes) = (first.events.len(), size(&first.events));
        let mut batch = vec![first];
        while events < BATCH_EVENTS && bytes < BATCH_BYTES {
            let Ok(next) = self.requests.try_recv() else { break };
            events += next.events.len();
            bytes += size(&next.events);
            if bytes > MAX_GROUP_BYTES {
                self.aside = Some(next);
                break;
            }
            batch.push(next);
        }
        batch
    }

    /// Applies what other processes wrote. What hinders it is told once; reading goes on.
    async fn look(&mut self) -> Looked {
        let Err(error) = self.follow().await else {
            self.told = false;
            return Ok(());
        };
        if !self.told {
            tracing::error!(%error, "commits of other processes cannot be followed");
            self.told = true;
        }
        match error {
            // What this program does not understand is not there for its readers.
            ApplyError::NewerReader { .. } => Ok(()),
            ApplyError::Store(_) | ApplyError::Impossible { .. } => Err(error.into()),
        }
    }

    async fn follow(&mut self) -> Result<(), ApplyError> {
        loop {
            let commits = self.journal.after(self.state.load().head()).await?;
            if commits.is_empty() {
                return Ok(());
            }
            self.turns.meet();
            commits.iter().try_for_each(|commit| self.apply(commit))?;
        }
    }

    /// Applies the commit that was written under our number, and when it is not the first in a row
    /// whatever stands behind it: others may be faster than we can try each number.
    async fn lost(&mut self, theirs: &SealedCommit, behind: bool) -> Result<(), ApplyError> {
        self.turns.meet();
        self.apply(theirs)?;
        if behind { self.follow().await } else { Ok(()) }
    }

    fn apply(&self, commit: &SealedCommit) -> Result<(), ApplyError> {
        let next = self.state.load().apply(commit)?;
        self.show(next);
        Ok(())
    }

    fn show(&self, state: State) {
        let seq = state.head().seq;
        self.state.store(Arc::new(state));
        self.applied.send_replace(seq);
    }

    async fn commit(&mut self, mut batch: Vec<Request>) {
        let mut behind = false;
        loop {
            let began = Instant::now();
            let state = self.state.load_full();
            let seq = state.head().seq + 1;
            let time = now().max(state.time());
            let Batch { accepted, events, after } = match decide(&state, batch, (seq, time)) {
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
                events,
            };
            let sealed = match commit.seal() {
                Ok(sealed) => sealed,
                Err(error) => return fail(accepted, &error.into()),
            };
            match self.journal.append(&sealed).await {
                Ok(Appended::Ours) => {
                    self.show(after.committed(&sealed));
                    self.turns.wrote(began);
                    self.looks.heard();
                    return succeed(accepted);
                }
                Ok(Appended::Theirs(theirs)) => {
                    if let Err(error) = self.lost(&theirs, behind).await {
                        return fail(accepted, &unfollowed(error));
                    }
                    behind = true;
                }
                Err(error) => return fail(accepted, &error.into()),
            }
            batch = again(accepted);
        }
    }
}

/// The request that is next; whoever stops waiting for it loses none.
async fn next(
    aside: &mut Option<Request>,
    requests: &mut mpsc::Receiver<Request>,
) -> Option<Request> {
    match aside.take() {
        Some(request) => Some(request),
        None => requests.recv().await,
    }
}

/// Requests that one commit fulfils.
struct Batch {
    accepted: Vec<Accepted>,
    /// What has to be written.
    events: Vec<Event>,
    /// The state behind these events.
    after: State,
}

/// Answers what needs no commit; `Err` when nothing is left.
fn decide(state: &State, batch: Vec<Request>, moment: Moment) -> Result<Batch, ()> {
    let mut after = state.clone();
    let (mut accepted, mut events) = (Vec::new(), Vec::new());
    for request in batch {
        match decide_group(&after, &request.events, moment) {
            Ok(group) if group.needed.is_empty() => reply(request.answer, Ok(group.decided)),
            Ok(group) => {
                after = group.after;
                events.extend(group.needed);
                accepted.push(Accepted { request, decided: group.decided });
            }
            Err(error) => reply(request.answer, Err(error)),
        }
    }
    if events.is_empty() { Err(()) } else { Ok(Batch { accepted, events, after }) }
}

/// Number and time of the commit that is being made.
type Moment = (u64, Timestamp);

/// A request as it would be fulfilled.
struct Group {
    after: State,
    /// The events that have to be written.
    needed: Vec<Event>,
    decided: Vec<Decided>,
}

/// Decides about each event after those before it; the first that is refused refuses all.
fn decide_group(state: &State, events: &[Event], moment: Moment) -> Result<Group, PublishError> {
    admit_group(state, events)?;
    let mut group = Group { after: state.clone(), needed: Vec::new(), decided: Vec::new() };
    let (seq, time) = moment;
    for event in events {
        let mut event = event.clone();
        let fresh = group.decided.iter().any(|decided| decided.written);
        let needless = match &mut event {
            Event::Oci(event) => admit_oci(&group.after, event, fresh)?,
            event => admit(&group.after, event)?,
        };
        if let Some(decided) = needless {
            group.decided.push(decided);
            continue;
        }
        group.after.record_digests(&mut event, time);
        group.after = group.after.with_event(&event, seq, time).map_err(Fault::from)?;
        group.decided.push(Decided { seq, package: package(&event), written: true });
        group.needed.push(event);
    }
    Ok(group)
}

/// The decision about events as if they were committed now.
///
/// The last event is not applied: nobody looks at the state behind it, and one is the usual number.
pub(crate) fn decide_now(state: &State, events: &[Event]) -> Answer {
    admit_group(state, events)?;
    let (seq, time) = (state.head().seq + 1, state.time());
    let mut after: Option<State> = None;
    let mut decided = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let mut event = event.clone();
        let now = after.as_ref().unwrap_or(state);
        if let Some(needless) = admit(now, &mut event)? {
            decided.push(needless);
            continue;
        }
        if index + 1 < events.len() {
            after = Some(now.with_event(&event, seq, time).map_err(Fault::from)?);
        }
        decided.push(Decided { seq, package: package(&event), written: true });
    }
    Ok(decided)
}

fn again(accepted: Vec<Accepted>) -> Vec<Request> {
    accepted.into_iter().map(|accepted| accepted.request).collect()
}

fn succeed(accepted: Vec<Accepted>) {
    for Accepted { request, decided } in accepted {
        reply(request.answer, Ok(decided));
    }
}

fn fail(accepted: Vec<Accepted>, error: &PublishError) {
    for Accepted { request, .. } in accepted {
        reply(request.answer, Err(error.clone()));
    }
}

fn reply(answer: oneshot::Sender<Answer>, decided: Answer) {
    // The client may have gone; what is decided stays decided.
    drop(answer.send(decided));
}

fn package(event: &Event) -> Option<PackageRef> {
    match event {
        Event::Publish(publish) => Some(publish.package),
        Event::Delete(_)
        | Event::Provenance(_)
        | Event::Version(_)
        | Event::Policy(_)
        | Event::Oci(_)
        | Event::Token(_)
        | Event::Quarantine(_)
        | Event::Unknown { .. } => None,
    }
}

/// About the bytes that events take in a commit.
pub(crate) fn size(events: &[Event]) -> usize {
    let text = |event: &Event| match event {
        Event::Publish(publish) => publish.chart.get().len(),
        Event::Policy(policy) => policy.document.as_ref().map_or(0, |text| text.get().len()),
        Event::Version(event) => event.change.reason().len(),
        Event::Oci(event) => event.size_bound(),
        Event::Token(event) => event.size_bound(),
        Event::Quarantine(event) => event.size_bound(),
        Event::Delete(_) | Event::Provenance(_) | Event::Unknown { .. } => 0,
    };
    events.iter().map(|event| text(event) + EVENT_BYTES).sum()
}

/// Why a request is not fulfilled behind commits of others.
fn unfollowed(error: ApplyError) -> PublishError {
    match error {
        ApplyError::Store(_) => Fault::from(error).into(),
        ApplyError::NewerReader { .. } | ApplyError::Impossible { .. } => blocked(&error),
    }
}

/// Why no write can be taken after a commit that this program cannot apply.
pub(crate) fn blocked(error: &ApplyError) -> PublishError {
    let fix = "tell the registry's operator; reading goes on";
    Refusal::new(Code::StorageReadOnly, &error.to_string(), "journal", fix).into()
}
