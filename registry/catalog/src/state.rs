//! The whole snapshot, and what a commit does to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chart_format::constraint::parse_version;
use chart_format::digest::Sha256;
use chart_registry_store::{
    Event, Head, PackageRef, Provenance, Publish, SealedCommit, StoreError, Timestamp,
};

use crate::entry::Entry;
use crate::fate::Standing;
use crate::oci::Artifacts;
use crate::ordered::Ordered;
use crate::policy::{Policies, Policy, deciding};
use crate::quarantine::{self, Quarantine};
use crate::repository::Repository;
use crate::steps::{Moment, published, unreadable, vouched};
use crate::tokens::{self, Token, Tokens};

/// Everything that the registry knows after some commit; never changes.
#[derive(Debug, Clone)]
pub struct State {
    head: Head,
    time: Timestamp,
    repositories: Repositories,
    totals: Totals,
    pub(crate) policies: Arc<Policies>,
    pub(crate) artifacts: Ordered<Arc<str>, Arc<Artifacts>>,
    pub(crate) tokens: Tokens,
    pub(crate) quarantine: Quarantine,
}

/// Repositories by path.
pub(crate) type Repositories = Ordered<Arc<str>, Arc<Repository>>;

/// Sums over all repositories, so that nobody walks them for a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Totals {
    versions: u64,
    visible: u64,
    /// Repositories with a version in their index.
    shown: u64,
}

impl Totals {
    fn of(repository: &Repository) -> Self {
        let visible = repository.visible_versions();
        Self { versions: repository.all_versions(), visible, shown: u64::from(visible > 0) }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            versions: self.versions + other.versions,
            visible: self.visible + other.visible,
            shown: self.shown + other.shown,
        }
    }

    fn replaced(self, before: &Repository, after: &Repository) -> Self {
        let (before, sum) = (Self::of(before), self.plus(Self::of(after)));
        Self {
            versions: sum.versions - before.versions,
            visible: sum.visible - before.visible,
            shown: sum.shown - before.shown,
        }
    }
}

/// Why a commit cannot be applied. Reading goes on with the state before it.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The journal itself is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The commit was written by a later program that knows more than this one.
    #[error(
        "journal entry {seq} needs {needed}: reading goes on, for writing use a newer chart-registry"
    )]
    NewerReader {
        /// Number of the commit.
        seq: u64,
        /// What it needs.
        needed: String,
    },
    /// The commit says something that cannot have been admitted.
    #[error("journal entry {seq} is damaged: {reason}")]
    Impossible {
        /// Number of the commit.
        seq: u64,
        /// What it says.
        reason: String,
    },
}

/// What publishing a package would mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The version is new.
    New,
    /// The version comes back after a deletion with the same content.
    Returns {
        /// The stored package, which stays: what was once served under a version never changes.
        package: PackageRef,
    },
    /// The version has the same content already.
    Same {
        /// The stored package; its bytes may differ when another compressor packed it.
        package: PackageRef,
    },
    /// The version has other content.
    Conflict {
        /// The stored package.
        package: PackageRef,
        /// Digest of its content.
        content: Sha256,
    },
    /// The version was deleted and had other content.
    Deleted {
        /// Digest of the deleted content.
        content: Sha256,
    },
    /// The version was purged: nothing is ever published under it again.
    Purged,
    /// Another version differs only in its build metadata; clients cannot tell the two apart.
    Twin {
        /// That version.
        version: String,
    },
}

impl Default for State {
    fn default() -> Self {
        Self {
            head: Head::EMPTY,
            time: Timestamp::default(),
            repositories: Ordered::default(),
            totals: Totals::default(),
            policies: Arc::default(),
            artifacts: Ordered::default(),
            tokens: Tokens::default(),
            quarantine: Quarantine::default(),
        }
    }
}

impl State {
    /// The last applied commit.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The time of the last applied commit.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// A state that was kept elsewhere.
    pub(crate) fn restored(
        head: Head,
        time: Timestamp,
        repositories: Repositories,
        policies: Policies,
    ) -> Self {
        let policies = Arc::new(policies);
        let totals = |sum: Totals, it: &Repository| sum.plus(Totals::of(it));
        let totals = repositories.iter().fold(Totals::default(), |sum, (_, it)| totals(sum, it));
        Self { head, time, repositories, totals, policies, ..Self::default() }
    }

    /// The same with tokens that were kept elsewhere.
    pub(crate) fn with_tokens(self, tokens: Tokens) -> Self {
        Self { tokens, ..self }
    }

    /// The same with packages that are not served, which were kept elsewhere.
    pub(crate) fn with_quarantine(self, quarantine: Quarantine) -> Self {
        Self { quarantine, ..self }
    }

    /// All tokens that were ever issued, by their public names.
    pub fn tokens(&self) -> impl Iterator<Item = (&str, &Token)> {
        self.tokens.iter().map(|(id, token)| (&**id, &**token))
    }

    /// Whether a token was ever issued.
    pub fn has_tokens(&self) -> bool {
        self.tokens.len() > 0
    }

    /// The token with a public name, whether it is worth something or not.
    pub fn token(&self, id: &str) -> Option<&Token> {
        tokens::find(&self.tokens, id)
    }

    /// The policies that were written, by path.
    pub fn policies(&self) -> &BTreeMap<Arc<str>, Arc<Policy>> {
        &self.policies
    }

    /// The policy that decides at a path, with the prefix where it stands; the longest wins.
    pub fn policy(&self, path: &str) -> (String, Arc<Policy>) {
        match deciding(&self.policies, path) {
            Some((prefix, policy)) => (prefix.to_owned(), Arc::clone(policy)),
            None => (String::new(), Arc::default()),
        }
    }

    pub(crate) fn repositories(&self) -> &Repositories {
        &self.repositories
    }

    /// Versions of all repositories, tombstones included.
    pub fn all_versions(&self) -> u64 {
        self.totals.versions
    }

    /// Versions in the indexes of all repositories.
    pub fn visible_versions(&self) -> u64 {
        self.totals.visible
    }

    /// Repositories that have a version in their index.
    pub fn repository_count(&self) -> u64 {
        self.totals.shown
    }

    /// The repository at `path`, empty when nothing was ever published there.
    pub fn repository(&self, path: &str) -> Arc<Repository> {
        self.repositories.get(|known| (**known).cmp(path)).map(Arc::clone).unwrap_or_default()
    }

    /// Decides about a package before it is published.
    pub fn admit(&self, publish: &Publish) -> Admission {
        let repository = self.repository(&publish.repo);
        let Ok(precedence) = parse_version(&publish.version) else { return Admission::New };
        let Some(entry) = repository.at_precedence(&publish.name, &precedence) else {
            return Admission::New;
        };
        let same_content = entry.content == publish.content;
        if *entry.version != *publish.version {
            return Admission::Twin { version: entry.version.to_string() };
        }
        match (entry.fate.standing(), same_content) {
            (Standing::Live | Standing::Yanked, true) => Admission::Same { package: entry.package },
            (Standing::Live | Standing::Yanked, false) => {
                Admission::Conflict { package: entry.package, content: entry.content }
            }
            (Standing::Deleted, true) => Admission::Returns { package: entry.package },
            (Standing::Deleted, false) => Admission::Deleted { content: entry.content },
            (Standing::Purged, _) => Admission::Purged,
        }
    }

    /// The state after `commit`, which must be the next one.
    pub fn apply(&self, commit: &SealedCommit) -> Result<Self, ApplyError> {
        let (seq, time) = self.next_moment(commit)?;
        let mut state = self.clone();
        for event in &commit.commit().events {
            state = state.with_event(event, seq, time)?;
        }
        Ok(Self { head: commit.head(), time, ..state })
    }

    /// Number and time of `commit`, which must be the next one.
    pub(crate) fn next_moment(&self, commit: &SealedCommit) -> Result<Moment, ApplyError> {
        commit.follows(self.head)?;
        let seq = commit.commit().seq;
        match commit.newer_reader_needed() {
            Some(needed) => Err(ApplyError::NewerReader { seq, needed }),
            None => Ok((seq, commit.commit().time.max(self.time))),
        }
    }

    /// This state, to which all events of `commit` were applied, as what it is after the commit.
    ///
    /// For whoever made the commit of them, which saves doing it twice.
    #[must_use]
    pub fn committed(self, commit: &SealedCommit) -> Self {
        let time = commit.commit().time.max(self.time);
        Self { head: commit.head(), time, ..self }
    }

    /// The state after one event of commit `seq`; the head stays.
    pub fn with_event(&self, event: &Event, seq: u64, time: Timestamp) -> Result<Self, ApplyError> {
        match event {
            Event::Publish(publish) => self.with_publish(publish, seq, time),
            Event::Delete(delete) => self.with_delete(delete, (seq, time)),
            Event::Provenance(provenance) => self.with_provenance(provenance, seq),
            Event::Version(event) => self.with_change(event, (seq, time)),
            Event::Policy(event) => self.with_policy(event, seq),
            Event::Oci(event) => Ok(self.with_oci(event)),
            Event::Token(event) => {
                let impossible = |reason| ApplyError::Impossible { seq, reason };
                let tokens = tokens::after(&self.tokens, event, time).map_err(impossible)?;
                Ok(self.clone().with_tokens(tokens))
            }
            Event::Quarantine(event) => {
                let impossible = |reason| ApplyError::Impossible { seq, reason };
                let quarantine = quarantine::after(&self.quarantine, event, time);
                Ok(self.clone().with_quarantine(quarantine.map_err(impossible)?))
            }
            Event::Unknown { .. } => Ok(self.clone()),
        }
    }

    fn with_publish(
        &self,
        publish: &Publish,
        seq: u64,
        time: Timestamp,
    ) -> Result<Self, ApplyError> {
        let repository = self.repository(&publish.repo);
        let entry = published(&*repository, publish, (seq, time))?;
        let before = repository.find_any(&publish.name, &publish.version);
        let next = self.with_links(&publish.repo, &entry, before);
        let repository = repository.with(entry, publish.chart.get(), time);
        Ok(next.replacing(&publish.repo, repository))
    }

    /// The index says nothing about signatures, so that neither its text nor its time changes.
    fn with_provenance(&self, event: &Provenance, seq: u64) -> Result<Self, ApplyError> {
        let repository = self.repository(&event.repo);
        let entry = vouched(&*repository, event, seq)?;
        let changed = repository.changed();
        let next = self.with_signature(&event.repo, &entry);
        next.with_entry(&event.repo, &entry, (seq, changed))
    }

    /// The state with another entry for a version that is there.
    pub(crate) fn with_entry(
        &self,
        path: &str,
        entry: &Entry,
        (seq, changed): (u64, Timestamp),
    ) -> Result<Self, ApplyError> {
        let repository = self.repository(path).with_entry(entry, changed);
        let repository = repository.ok_or_else(|| unreadable(seq, entry))?;
        Ok(self.replacing(path, repository))
    }

    pub(crate) fn replacing(&self, path: &str, repository: Repository) -> Self {
        let before = self.repository(path);
        let totals = self.totals.replaced(&before, &repository);
        let repositories = self.repositories.with(Arc::from(path), Arc::new(repository));
        Self { repositories, totals, ..self.clone() }
    }
}
