//! The journal from its first entry on, and the checkpoints beside it.

use std::collections::BTreeMap;

use chart_format::digest::Sha256;
use chart_registry_catalog::{CheckpointError, State};
use chart_registry_store::{
    Event, Family, Head, Journal, Key, SealedCommit, Segment, Store, StoreError,
};

use super::{RESTORE, Verified};
use crate::refusal::Fault;

/// Things in a page of a listing.
const PAGE: usize = 4_096;

/// What to do about a checkpoint that is wrong.
const DROP: &str = "remove it: it is a cache, and the next start reads the journal instead";

/// The replay, and what is compared with it.
struct Chain<'a> {
    store: &'a Store,
    verified: &'a mut Verified,
    state: State,
    checkpoints: BTreeMap<u64, Head>,
    /// Digests of the entries, from the first on.
    hashes: Vec<Sha256>,
}

/// Replays the journal as far as it holds together, and returns the state there.
pub(super) async fn verify(
    store: &Store,
    journal: &Journal,
    verified: &mut Verified,
) -> Result<State, Fault> {
    let checkpoints = store.list_checkpoints().await?;
    let checkpoints = checkpoints.into_iter().map(|head| (head.seq, head)).collect();
    let mut chain =
        Chain { store, verified, state: State::default(), checkpoints, hashes: Vec::new() };
    let last = store.last_commit(0).await?;
    chain.replay(journal, last).await?;
    chain.compare_singles().await?;
    chain.tell_foreign_files().await?;
    chain.tell_checkpoints_without_commit();
    let head = chain.state.head();
    let state = chain.state;
    verified.seq = head.seq;
    verified.head = head.hash.prefixed();
    Ok(state)
}

impl Chain<'_> {
    async fn replay(&mut self, journal: &Journal, last: u64) -> Result<(), Fault> {
        loop {
            let head = self.state.head();
            let commits = match journal.after(head).await {
                Ok(commits) => commits,
                Err(error) => return self.broken(journal, &error, last).await,
            };
            if commits.is_empty() {
                if head.seq < last {
                    let place = Key::Commit(head.seq + 1).to_string();
                    let what = format!("it is missing, and the journal goes on to number {last}");
                    self.verified.tell(place, what, RESTORE);
                }
                return Ok(());
            }
            for commit in &commits {
                if !self.take(commit).await? {
                    return Ok(());
                }
            }
        }
    }

    /// A batch that holds a fault is taken entry by entry up to it.
    async fn broken(
        &mut self,
        journal: &Journal,
        error: &StoreError,
        last: u64,
    ) -> Result<(), Fault> {
        loop {
            let seq = self.state.head().seq + 1;
            let entry = match self.store.read_commits(seq, 1).await {
                Ok(entries) => entries.into_iter().next(),
                Err(error @ StoreError::Io { .. }) => return Err(error.into()),
                Err(_) => None,
            };
            let commit = entry.map(|bytes| SealedCommit::parse(seq, bytes));
            let follows = |commit: &SealedCommit| commit.follows(self.state.head()).is_ok();
            match commit {
                Some(Ok(commit)) if follows(&commit) => {
                    if !self.take(&commit).await? {
                        return Ok(());
                    }
                    if journal.after(self.state.head()).await.is_ok_and(|rest| rest.is_empty()) {
                        return Ok(());
                    }
                }
                Some(_) | None => {
                    let segment = Key::Segment(Segment::of(seq));
                    let packed = self.store.read(segment).await?.is_some();
                    let place = if packed { segment } else { Key::Commit(seq) }.to_string();
                    let what = format!("{error}; entries {seq} to {last} are not looked at");
                    self.verified.tell(place, what, RESTORE);
                    return Ok(());
                }
            }
        }
    }

    /// Applies one entry; false when the replay ends with it.
    async fn take(&mut self, commit: &SealedCommit) -> Result<bool, Fault> {
        let seq = commit.commit().seq;
        self.recorded_digests(commit);
        match self.state.apply(commit) {
            Ok(state) => self.state = state,
            Err(error) => {
                let fix = "use the newest chart-registry; if that is it, restore from a backup";
                self.verified.tell(Key::Commit(seq).to_string(), error.to_string(), fix);
                return Ok(false);
            }
        }
        self.hashes.push(commit.head().hash);
        if let Some(head) = self.checkpoints.remove(&seq) {
            self.compare_checkpoint(head).await?;
        }
        Ok(true)
    }

    /// Compares what events record about manifests with what the frozen function makes.
    fn recorded_digests(&mut self, commit: &SealedCommit) {
        let time = commit.commit().time.max(self.state.time());
        let mut state = None;
        for event in &commit.commit().events {
            let before = state.as_ref().unwrap_or(&self.state);
            let mut made = event.clone();
            before.record_digests(&mut made, time);
            let differs = match (event, &made) {
                (Event::Publish(is), Event::Publish(must)) => {
                    is.oci.is_some() && is.oci != must.oci
                }
                (Event::Provenance(is), Event::Provenance(must)) => {
                    is.oci.is_some() && is.oci != must.oci
                }
                _ => false,
            };
            if differs {
                let place = Key::Commit(commit.commit().seq).to_string();
                let what = "the recorded digest of a manifest is not the one of its bytes";
                let fix = "report this: programs of two kinds made manifests of one record";
                self.verified.tell(place, what, fix);
            }
            // Later events of a commit may be about the version that an earlier one published.
            if commit.commit().events.len() > 1 {
                state = before.with_event(event, commit.commit().seq, time).ok().or(state);
            }
        }
    }

    async fn compare_checkpoint(&mut self, head: Head) -> Result<(), Fault> {
        let key = Key::Checkpoint(head);
        let place = key.to_string();
        if head.hash != self.state.head().hash {
            self.verified.tell(
                place,
                "it stands for a commit that the journal does not hold",
                DROP,
            );
            return Ok(());
        }
        // A server may have removed it meanwhile.
        let Some(file) = self.store.read(key).await? else { return Ok(()) };
        let state = self.state.clone();
        let stopped = |_| Fault::Stopped { part: "comparison of checkpoints" };
        let compared = tokio::task::spawn_blocking(move || match State::from_checkpoint(&file) {
            Ok(kept) if kept.to_checkpoint() == state.to_checkpoint() => Ok(true),
            Ok(_) => Ok(false),
            Err(error) => Err(error),
        });
        match compared.await.map_err(stopped)? {
            Ok(true) => self.verified.checkpoints += 1,
            Ok(false) => {
                let what = "it holds something else than the journal up to its commit";
                self.verified.tell(place, what, DROP);
            }
            // Another version of the program wrote it: nobody here reads it.
            Err(CheckpointError::OtherProgram) => {}
            Err(error @ CheckpointError::Damaged { .. }) => {
                self.verified.tell(place, error.to_string(), DROP);
            }
        }
        Ok(())
    }

    fn tell_checkpoints_without_commit(&mut self) {
        let reached = self.state.head().seq;
        // Behind a fault of the journal nobody knows; what was written meanwhile is fine, too.
        if self.verified.fault_count == 0 {
            return;
        }
        for head in self.checkpoints.values().filter(|head| head.seq <= reached) {
            let what = "it stands for a commit that the journal does not hold";
            self.verified.tell(Key::Checkpoint(*head).to_string(), what, DROP);
        }
    }

    /// A single entry that stands in a segment, too, must say the same.
    async fn compare_singles(&mut self) -> Result<(), Fault> {
        let mut after = String::new();
        loop {
            let page = self.store.page(Family::Commits, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.path);
            for listed in page {
                let Some(key @ Key::Commit(seq)) = listed.key else {
                    self.tell_foreign(&listed.path);
                    continue;
                };
                let index = usize::try_from(seq.saturating_sub(1)).unwrap_or(usize::MAX);
                let Some(hash) = self.hashes.get(index) else { continue };
                let Some(bytes) = self.store.read(key).await? else { continue };
                if Sha256::of(&bytes) != *hash {
                    let what = "it is not the entry that stands in the segment of its number";
                    let fix = "remove it: the segment is the truth";
                    self.verified.tell(listed.path, what, fix);
                }
            }
        }
    }

    async fn tell_foreign_files(&mut self) -> Result<(), Fault> {
        for family in [Family::Segments, Family::Checkpoints, Family::Staged] {
            let mut after = String::new();
            loop {
                let page = self.store.page(family, &after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after.clone_from(&last.path);
                for listed in page.iter().filter(|listed| listed.key.is_none()) {
                    self.tell_foreign(&listed.path);
                }
            }
        }
        Ok(())
    }

    fn tell_foreign(&mut self, path: &str) {
        self.verified.tell(path, "it is none of the registry's files", super::objects::MOVE_AWAY);
    }
}
