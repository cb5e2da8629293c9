//! The change feed: what happened to the versions of a repository and of those below it.
//!
//! One line of JSON for each commit. It leaves out whatever is about rights and rules: readers learn
//! what they could see in the repository, and in which order it came. Administrators of the repository
//! learn who did it and with which request, too, and of packages that came into quarantine.

use bytes::Bytes;
use chart_registry_store::{Event, SealedCommit, Timestamp};
use serde::Serialize;
use serde_json::Value;
use tokio::time::{Duration, Instant, timeout_at};

use crate::refusal::Fault;
use crate::registry::Registry;

/// Most commits that one answer looks through.
pub(crate) const MAX_COMMITS: u64 = 2_000;

/// An answer of so many bytes is not continued.
const MAX_BYTES: usize = 4 << 20;

/// What an answer of the feed holds.
#[derive(Debug, Clone)]
pub(crate) struct Changes {
    /// Lines of JSON.
    pub(crate) lines: Bytes,
    /// The number to ask from the next time.
    pub(crate) next: u64,
}

/// From where on, and how long to wait when nothing is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since {
    pub(crate) seq: u64,
    pub(crate) limit: u64,
    pub(crate) wait: Duration,
}

/// What somebody may be told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    /// Whether that is who did it, too.
    pub(crate) knows_actors: bool,
    /// Whether that is what happened below the repository, too.
    pub(crate) below: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    time: Timestamp,
    head: String,
    events: &'a [Value],
}

impl Registry {
    /// The changes at and below a path after a commit; waits for one when there is none.
    pub(crate) async fn changes(
        &self,
        path: &str,
        since: Since,
        scope: Scope,
    ) -> Result<Changes, Fault> {
        let whole = if scope.knows_actors { ADMINISTRATOR } else { READER };
        let tell = Tell { is_told: if scope.below { is_below } else { is_at }, ..whole };
        let until = Instant::now() + since.wait;
        let mut applied = self.applied();
        let mut from = since.seq;
        loop {
            let changes = self.changes_after((path, tell), Since { seq: from, ..since }).await?;
            if !changes.lines.is_empty() || Instant::now() >= until {
                return Ok(changes);
            }
            from = changes.next;
            // Commits of others are none of the caller's: looked through once, and not again.
            let more = applied.wait_for(|seq| *seq > from);
            if !matches!(timeout_at(until, more).await, Ok(Ok(_))) {
                return Ok(Changes { lines: Bytes::new(), next: from });
            }
        }
    }

    async fn changes_after(
        &self,
        (path, tell): (&str, Tell),
        since: Since,
    ) -> Result<Changes, Fault> {
        // Not beyond what readers of this process see.
        let head = self.state().head().seq;
        let last = head.min(since.seq.saturating_add(since.limit.min(MAX_COMMITS)));
        let (mut next, mut lines) = (since.seq.min(head), Vec::new());
        while next < last && lines.len() < MAX_BYTES {
            let entries = self.store().read_commits(next + 1, last - next).await?;
            if entries.is_empty() {
                break;
            }
            for bytes in entries {
                if lines.len() >= MAX_BYTES {
                    break;
                }
                let commit = SealedCommit::parse(next + 1, bytes)?;
                next += 1;
                append(&commit, (path, tell), &mut lines)?;
            }
        }
        Ok(Changes { lines: Bytes::from(lines), next })
    }
}

fn append(
    commit: &SealedCommit,
    (path, tell): (&str, Tell),
    lines: &mut Vec<u8>,
) -> Result<(), Fault> {
    let unwritable = |error: serde_json::Error| Fault::Index { reason: error.to_string() };
    let mut events = Vec::new();
    for event in &commit.commit().events {
        if (tell.repository)(event).is_some_and(|it| (tell.is_told)(it, path)) {
            events.push((tell.event)(event)?);
        }
    }
    if events.is_empty() {
        return Ok(());
    }
    let (seq, time) = (commit.commit().seq, commit.commit().time);
    let line = Line { seq, time, head: commit.head().hash.prefixed(), events: &events };
    serde_json::to_writer(&mut *lines, &line).map_err(unwritable)?;
    lines.push(b'\n');
    Ok(())
}

/// Which events somebody is told, and how.
#[derive(Clone, Copy)]
struct Tell {
    /// The repository that an event is about, when it is told.
    repository: fn(&Event) -> Option<&str>,
    event: fn(&Event) -> Result<Value, Fault>,
    /// Whether who asks for a path is told of a repository.
    is_told: fn(&str, &str) -> bool,
}

const READER: Tell = Tell { repository: repository_of, event: told, is_told: is_below };

const ADMINISTRATOR: Tell = Tell { repository: administered, event: whole, is_told: is_below };

/// The repository whose administrators are told of an event.
fn administered(event: &Event) -> Option<&str> {
    match event {
        Event::Quarantine(it) => Some(&it.repo),
        other => repository_of(other),
    }
}

/// An event as the journal has it.
fn whole(event: &Event) -> Result<Value, Fault> {
    serde_json::to_value(event).map_err(|error| Fault::Index { reason: error.to_string() })
}

/// An event as readers are told it: without who did it.
pub(crate) fn told(event: &Event) -> Result<Value, Fault> {
    let mut event = whole(event)?;
    if let Some(fields) = event.as_object_mut() {
        fields.remove("actor");
        fields.remove("request");
    }
    Ok(event)
}

/// The repository in which readers could see what an event did; `None` for rights and rules.
pub(crate) fn repository_of(event: &Event) -> Option<&str> {
    match event {
        Event::Publish(it) => Some(&it.repo),
        Event::Delete(it) => Some(&it.repo),
        Event::Provenance(it) => Some(&it.repo),
        Event::Version(it) => Some(&it.repo),
        Event::Oci(it) => Some(it.repo()),
        Event::Policy(_) | Event::Token(_) | Event::Quarantine(_) | Event::Unknown { .. } => None,
    }
}

/// Whether a repository is the one at `path`.
fn is_at(repository: &str, path: &str) -> bool {
    repository == path
}

/// Whether a repository is the one at `path` or lies below it.
fn is_below(repository: &str, path: &str) -> bool {
    let rest = repository.strip_prefix(path);
    rest.is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('/'))
}
