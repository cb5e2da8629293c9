//! A long journal: the same state as commit by commit, in a fraction of the time.
//!
//! Applying a commit makes a new snapshot, which readers need and a start does not. Here versions
//! are put into trees that change in place, and their text is written when many have come.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use chart_format::constraint::parse_version;
use chart_registry_store::{Event, Head, SealedCommit, Timestamp};

use crate::entry::{Entry, Position};
use crate::fate::What;
use crate::life::turn;
use crate::repository::Repository;
use crate::state::{ApplyError, State};
use crate::steps::{Moment, Versions, published, turned, unreadable, vouched};
use crate::tree::Growing;

/// Commits that are applied one by one: a short tail is not worth touching every leaf.
const ONE_BY_ONE: u64 = if cfg!(test) { 2 } else { 2_048 };

/// Versions that wait before their text is written: that is where memory for them ends.
const WAITING_VERSIONS: usize = if cfg!(test) { 7 } else { 1 << 17 };

/// The state of a journal that is being read.
#[derive(Debug)]
pub struct Replay {
    /// What was applied, but for the versions that wait.
    state: State,
    applied: u64,
    places: BTreeMap<Arc<str>, Place>,
    waiting: usize,
}

/// A repository that changes.
#[derive(Debug)]
struct Place {
    tree: Growing,
    changed: Timestamp,
}

impl Versions for Place {
    fn version(&self, chart: &str, version: &str) -> Option<&Entry> {
        let precedence = &parse_version(version).ok()?;
        let entry = self.tree.find_entry(&Position { chart, precedence })?;
        (*entry.version == *version).then_some(entry)
    }

    fn recorded(&self, entry: &Entry) -> Option<Bytes> {
        self.tree.recorded(&entry.position())
    }

    fn last_change(&self) -> Timestamp {
        self.changed
    }
}

impl Place {
    fn put(&mut self, entry: Entry, chart: Box<str>, changed: Timestamp) {
        self.changed = changed;
        self.tree.put(entry, chart);
    }

    /// Puts another entry for a version that is there.
    fn put_entry(
        &mut self,
        entry: Entry,
        (seq, changed): (u64, Timestamp),
    ) -> Result<(), ApplyError> {
        let chart = self.recorded(&entry).and_then(|it| String::from_utf8(it.into()).ok());
        let chart = chart.ok_or_else(|| unreadable(seq, &entry))?;
        self.put(entry, chart.into(), changed);
        Ok(())
    }
}

impl Replay {
    /// The state from which the journal is read on.
    pub fn new(state: State) -> Self {
        Self { state, applied: 0, places: BTreeMap::new(), waiting: 0 }
    }

    /// The last applied commit.
    pub fn head(&self) -> Head {
        self.state.head()
    }

    /// Applies the next commit.
    ///
    /// A commit that this program does not understand changes nothing. After any other error the
    /// journal is damaged, and the state is of no use.
    pub fn apply(&mut self, commit: &SealedCommit) -> Result<(), ApplyError> {
        self.applied += 1;
        if self.applied <= ONE_BY_ONE {
            self.state = self.state.apply(commit)?;
            return Ok(());
        }
        let moment = self.state.next_moment(commit)?;
        // Rules first: they alone may be of a later program, and touch no version.
        let (rules, others): (Vec<_>, Vec<_>) =
            commit.commit().events.iter().partition(|event| matches!(event, Event::Policy(_)));
        let mut state = self.state.clone();
        for event in rules {
            state = state.with_event(event, moment.0, moment.1)?;
        }
        self.state = state;
        for event in others {
            self.event(event, moment)?;
        }
        self.state = self.state.clone().committed(commit);
        if self.waiting >= WAITING_VERSIONS {
            self.settle()?;
        }
        Ok(())
    }

    /// The state after all commits.
    pub fn finish(mut self) -> Result<State, ApplyError> {
        self.settle()?;
        Ok(self.state)
    }

    fn event(&mut self, event: &Event, moment: Moment) -> Result<(), ApplyError> {
        let (seq, time) = moment;
        match event {
            Event::Publish(publish) => {
                let place = Self::place(&mut self.places, &self.state, &publish.repo);
                let entry = published(place, publish, moment)?;
                if self.state.names_tags(&publish.repo) {
                    let before = place.version(&publish.name, &publish.version);
                    self.state = self.state.with_own_tag(&publish.repo, &entry, before);
                }
                place.put(entry, publish.chart.get().into(), time);
            }
            Event::Provenance(event) => {
                let place = Self::place(&mut self.places, &self.state, &event.repo);
                let entry = vouched(place, event, seq)?;
                if self.state.names_tags(&event.repo) {
                    self.state = self.state.with_signed_tag(&event.repo, &entry);
                }
                let changed = place.changed;
                place.put_entry(entry, (seq, changed))?;
            }
            Event::Delete(event) => {
                let turn = turn(moment, &event.actor, What::Deleted);
                let place = Self::place(&mut self.places, &self.state, &event.repo);
                let (entry, changed) = turned(place, (&*event.name, &*event.version), turn)?;
                place.put_entry(entry, (seq, changed))?;
            }
            Event::Version(event) => {
                let turn = turn(moment, &event.actor, What::Changed(event.change.clone()));
                let place = Self::place(&mut self.places, &self.state, &event.repo);
                let (entry, changed) = turned(place, (&*event.name, &*event.version), turn)?;
                place.put_entry(entry, (seq, changed))?;
            }
            // They touch no version, and versions that wait do not touch what they read.
            Event::Oci(_)
            | Event::Policy(_)
            | Event::Token(_)
            | Event::Quarantine(_)
            | Event::Unknown { .. } => {
                self.state = self.state.with_event(event, seq, time)?;
                return Ok(());
            }
        }
        self.waiting += 1;
        Ok(())
    }

    fn place<'a>(
        places: &'a mut BTreeMap<Arc<str>, Place>,
        state: &State,
        path: &str,
    ) -> &'a mut Place {
        places.entry(Arc::from(path)).or_insert_with(|| {
            let repository = state.repository(path);
            let (tree, changed) = (Growing::of(repository.tree()), repository.changed());
            Place { tree, changed }
        })
    }

    /// Writes the text of the versions that wait.
    fn settle(&mut self) -> Result<(), ApplyError> {
        self.waiting = 0;
        for (path, place) in std::mem::take(&mut self.places) {
            let Place { tree, changed } = place;
            let damaged = || {
                let reason = format!("the versions of `{path}` cannot be read again");
                ApplyError::Impossible { seq: self.state.head().seq, reason }
            };
            let tree = tree.finish().ok_or_else(damaged)?;
            let repository = Repository::restored(tree, changed);
            self.state = self.state.linked(&path, &repository).replacing(&path, repository);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chart_registry_store::commit::READER;
    use chart_registry_store::{Actor, Change, Commit, PackageRef, Provenance, VersionEvent};
    use proptest::prelude::*;

    use super::*;
    use crate::scratch_tests::{delete, publish};

    /// Chart, minor version, kind of event.
    type Choice = (usize, u32, u8);

    fn event(number: usize, (chart, minor, kind): Choice) -> Event {
        let name = ["a", "a-1", "b-2-c", "org"][chart].to_owned();
        let pre = ["", "-rc.1"][usize::from(minor % 5 == 4)];
        let version = format!("1.{minor}.0{pre}");
        let (repo, content) = (String::new(), format!("{name} {version}"));
        let (actor, request) =
            (Actor { sub: "somebody".to_owned(), via: "test".to_owned() }, number.to_string());
        match kind {
            0 => delete(&name, &version),
            1 => {
                let change = Change::Yank { reason: "bad".to_owned() };
                Event::Version(VersionEvent { repo, name, version, actor, request, change })
            }
            2 => {
                let package = publish(&name, &version, &content).package.sha256;
                let provenance = PackageRef { sha256: package, size: 7 };
                Event::Provenance(Provenance {
                    repo,
                    name,
                    version,
                    actor,
                    request,
                    package,
                    provenance,
                    signer: None,
                    oci: None,
                })
            }
            _ => Event::Publish(publish(&name, &version, &content)),
        }
    }

    fn commit(head: Head, events: Vec<Event>) -> SealedCommit {
        let commit = Commit {
            seq: head.seq + 1,
            prev: head.hash,
            time: Timestamp::from_milliseconds(i64::try_from(head.seq).unwrap()),
            writer: "test".to_owned(),
            nonce: head.seq.to_string(),
            min_reader: READER,
            events,
        };
        commit.seal().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_replay_ends_as_what_commits_one_by_one_end_as(
            steps in prop::collection::vec((0..4_usize, 0..14_u32, 0..9_u8), 1..90),
            together in 1..4_usize,
        ) {
            let (mut state, mut commits) = (State::default(), Vec::new());
            for (number, choices) in steps.chunks(together).enumerate() {
                // What cannot have been admitted is not in a journal.
                let mut events = Vec::new();
                let mut after = state.clone();
                for choice in choices {
                    let event = event(number, *choice);
                    if let Ok(next) = after.with_event(&event, state.head().seq + 1, state.time()) {
                        after = next;
                        events.push(event);
                    }
                }
                let commit = commit(state.head(), events);
                state = state.apply(&commit).unwrap();
                commits.push(commit);
            }
            let mut replay = Replay::new(State::default());
            for commit in &commits {
                replay.apply(commit).unwrap();
            }
            prop_assert_eq!(replay.head(), state.head());
            let replayed = replay.finish().unwrap();
            // Entries, borders of leaves: everything.
            prop_assert_eq!(replayed.to_checkpoint().unwrap(), state.to_checkpoint().unwrap());
            prop_assert_eq!(replayed.repository("").hash(), state.repository("").hash());
            let frames = |state: &State| state.repository("").index_frames().collect::<Vec<_>>();
            prop_assert_eq!(frames(&replayed), frames(&state));
            prop_assert_eq!(replayed.visible_versions(), state.visible_versions());
            for entry in replayed.repository("").available() {
                let shelf = replayed.shelf("", &entry.chart);
                prop_assert!(shelf.manifest(&entry.oci.manifest.into()).is_some());
            }
        }
    }
}
