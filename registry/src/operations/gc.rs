//! Taking away objects that nothing needs any more, while others publish and delete.
//!
//! An object goes when no state of the journal up to now needs it, no repository waits for its
//! manifest, and it is old: whoever is about to name an object makes it young first (see `Family`
//! and its ages in the store). So an object that a publish is about to bring back either is young
//! when this looks at it, which is the same step as taking it, or was gone before the publish
//! looked, which then stores it again.

use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use chart_registry_catalog::{Needed, State};
use chart_registry_store::{Digest, Family, Journal, Key, Listed, OLD, Staged, Store};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::clock::{Clocks, now};
use crate::refusal::Fault;
use crate::registry::Options;

/// Things in a page of a listing.
const PAGE: usize = 4_096;

/// What is needed is found out again after this long: objects that are young now must not be old
/// before it is known who named them.
const MARKS_HOLD: Duration = Duration::from_hours(1);

/// A server looks the first time at most so long after its start.
const FIRST_PAUSE: Duration = Duration::from_hours(1);

/// Up to so many versions it takes no thread of its own to find out what is needed.
const FEW_VERSIONS: u64 = 1_000;

/// A collector of garbage.
pub(crate) struct Collector {
    pub(crate) store: Store,
    pub(crate) journal: Journal,
    /// How long the package of a deleted version stays.
    pub(crate) keep_deleted: Duration,
    /// Everything is found, nothing is taken away.
    pub(crate) dry_run: bool,
}

/// What a round took away, or would take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Collected {
    /// Objects taken away.
    pub(crate) objects: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Objects that stay.
    pub(crate) kept: u64,
    /// Notes about blobs that no manifest has named for a day.
    pub(crate) notes: u64,
}

/// What is needed, and since when that is known.
struct Marks {
    state: State,
    needed: Needed,
    since: Instant,
}

/// Begins to take garbage away now and then, when the options say so.
pub(crate) fn start(
    (store, journal): (&Store, &Journal),
    options: &Options,
    state: &Arc<ArcSwap<State>>,
    applied: watch::Receiver<u64>,
) {
    let (every, keep_deleted) = (options.collect_every, options.keep_deleted);
    if every.is_zero() {
        return;
    }
    let (store, journal) = (store.clone(), journal.clone());
    let collector = Collector { store, journal, keep_deleted, dry_run: false };
    tokio::spawn(collector.now_and_then(every, Arc::downgrade(state), applied));
}

impl Collector {
    /// Takes garbage away every now and then, until the registry is closed.
    async fn now_and_then(
        self,
        every: Duration,
        state: Weak<ArcSwap<State>>,
        mut applied: watch::Receiver<u64>,
    ) {
        // Soon after a start, because servers may be started anew every day; those that start
        // together do not look together.
        let mut pause = every.min(FIRST_PAUSE).mul_f64(rand::random_range(0.5..1.0));
        loop {
            let before = Clocks::now();
            let closed = async { while applied.changed().await.is_ok() {} };
            if timeout(pause, closed).await.is_ok() {
                return;
            }
            pause = every;
            let Some(state) = state.upgrade().map(|state| state.load_full()) else { return };
            // Those who publish while the clock is set are done a round later.
            let collected = if Clocks::now().jumped_since(before) {
                Err(Fault::ClockSet)
            } else {
                self.collect((*state).clone()).await
            };
            match collected {
                Ok(Collected { objects, bytes, kept, notes }) => {
                    tracing::info!(objects, bytes, kept, notes, "took away what nothing needs");
                }
                Err(error) => tracing::warn!(%error, "what nothing needs is not taken away"),
            }
        }
    }

    /// One round over the whole storage, beginning with any state of its journal.
    pub(crate) async fn collect(&self, state: State) -> Result<Collected, Fault> {
        self.collect_since(Clocks::now(), state).await
    }

    /// The same for a program that knows nothing of the clock before its own start.
    ///
    /// If the clock was set a moment before, what a publish has just stored looks old. So nothing goes
    /// until those who publish had some time to name what they stored.
    pub(crate) async fn collect_after(
        &self,
        pause: Duration,
        state: State,
    ) -> Result<Collected, Fault> {
        let began = Clocks::now();
        let (store, journal) = (self.store.clone(), self.journal.clone());
        let look = Self { store, journal, keep_deleted: self.keep_deleted, dry_run: true };
        let found = look.collect_since(began, state.clone()).await?;
        if self.dry_run {
            return Ok(found);
        }
        if found.objects + found.notes > 0 {
            sleep(pause).await;
        }
        self.collect_since(began, state).await
    }

    /// It ends when the clock was set since `began`: what a publish has stored a moment ago would look
    /// old, and go before it is named.
    async fn collect_since(&self, began: Clocks, state: State) -> Result<Collected, Fault> {
        let mut collected = Collected::default();
        let mut marks = self.mark(state, &mut collected).await?;
        for family in [Family::Objects, Family::WideObjects] {
            let mut after = String::new();
            loop {
                if marks.since.elapsed() > MARKS_HOLD {
                    marks = self.mark(marks.state, &mut collected).await?;
                }
                let page = self.store.page(family, &after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after.clone_from(&last.path);
                for listed in &page {
                    if Clocks::now().jumped_since(began) {
                        return Err(Fault::ClockSet);
                    }
                    self.look_at(listed, &marks.needed, &mut collected).await?;
                }
            }
        }
        // Those of which nothing came for a day go when they are counted.
        if !self.dry_run {
            self.store.open_uploads().await?;
        }
        Ok(collected)
    }

    async fn look_at(
        &self,
        listed: &Listed,
        needed: &Needed,
        collected: &mut Collected,
    ) -> Result<(), Fault> {
        let Some((key, digest)) = object(listed) else { return Ok(()) };
        let garbage = listed.age > OLD && !needed.has(&digest);
        if garbage && (self.dry_run || self.store.remove_if_older(key, OLD).await?) {
            collected.objects += 1;
            collected.bytes += listed.size;
            tracing::debug!(%digest, size = listed.size, "an object is needed no more");
        } else {
            collected.kept += 1;
        }
        Ok(())
    }

    /// Finds out what is needed now.
    ///
    /// Notes first: one that goes meanwhile goes because a commit names its blob, and the journal is
    /// read behind it.
    async fn mark(&self, state: State, collected: &mut Collected) -> Result<Marks, Fault> {
        let since = Instant::now();
        let waiting = self.waiting(collected).await?;
        let state = followed(&self.journal, state).await?;
        let (moment, keep) = (now().max(state.time()), self.keep_deleted);
        let (state, mut needed) = if state.all_versions() <= FEW_VERSIONS {
            let needed = state.needed(moment, keep);
            (state, needed)
        } else {
            let stopped = |_| Fault::Stopped { part: "search for what is needed" };
            let find = move || {
                let needed = state.needed(moment, keep);
                (state, needed)
            };
            tokio::task::spawn_blocking(find).await.map_err(stopped)?
        };
        for digest in waiting {
            needed.add(digest);
        }
        Ok(Marks { state, needed, since })
    }

    /// The blobs that wait for a manifest. Notes that are a day old go.
    async fn waiting(&self, collected: &mut Collected) -> Result<Vec<Digest>, Fault> {
        let (mut waiting, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.store.page(Family::Staged, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(waiting) };
            after.clone_from(&last.path);
            for listed in &page {
                let Some(key @ Key::Staged(Staged { digest, .. })) = listed.key else { continue };
                let old = listed.age > OLD;
                if old && (self.dry_run || self.store.remove_if_older(key, OLD).await?) {
                    collected.notes += 1;
                } else {
                    waiting.push(digest);
                }
            }
        }
    }
}

/// The object that was listed, if it is one.
fn object(listed: &Listed) -> Option<(Key, Digest)> {
    let key = listed.key?;
    match key {
        Key::Object(digest) => Some((key, Digest::from(digest))),
        Key::WideObject(digest) => Some((key, Digest::Sha512(digest))),
        Key::Format
        | Key::Commit(_)
        | Key::Segment(_)
        | Key::Checkpoint(_)
        | Key::Staged(_)
        | Key::Lease(_)
        | Key::Upload(_)
        | Key::UploadPart(..) => None,
    }
}

/// The state after all commits that are there now.
///
/// A commit that this program cannot apply is an error: it may name objects.
pub(crate) async fn followed(journal: &Journal, mut state: State) -> Result<State, Fault> {
    loop {
        let commits = journal.after(state.head()).await?;
        if commits.is_empty() {
            return Ok(state);
        }
        for commit in &commits {
            state = state.apply(commit)?;
        }
    }
}
