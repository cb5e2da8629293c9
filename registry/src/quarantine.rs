//! Packages with a private key that an import came across: nothing of them is stored, and the journal
//! says that they are there, until somebody says how the key was replaced.

use chart_format::digest::Sha256;
use chart_registry_catalog::{Quarantined, State};
use chart_registry_store::event::{QuarantineChange, QuarantineEvent};
use chart_registry_store::{Event, RepositoryPath, Timestamp};

use crate::change::refuse_reason;
use crate::committer::Decided;
use crate::refusal::{PublishError, Refusal};
use crate::registry::{Origin, Registry};

/// Longest name of a file, and longest reason, that is kept.
const MAX_TEXT_BYTES: usize = 1_000;

/// A package in quarantine, as the API tells it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Shown {
    /// `sha256:` digest of its bytes.
    package: String,
    #[serde(flatten)]
    quarantined: Quarantined,
}

/// A package that waits for somebody to replace the key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Path of the repository that it was meant for.
    pub(crate) repository: String,
    /// `sha256:` digest of its bytes.
    pub(crate) package: String,
    /// Where it was found.
    pub(crate) file: String,
    /// Why it is not served.
    pub(crate) why: String,
    /// When it was found.
    pub(crate) time: Timestamp,
}

impl Registry {
    /// Records that a package was found and is not served. The same again writes nothing.
    pub(crate) async fn quarantine(
        &self,
        origin: Origin,
        package: Sha256,
        (file, why): (&str, &str),
    ) -> Result<(), PublishError> {
        let change = QuarantineChange::Found { file: shortened(file), why: shortened(why) };
        self.commit_quarantine(origin, package, change).await.map(drop)
    }

    /// Records that somebody has dealt with a package.
    pub(crate) async fn settle(
        &self,
        origin: Origin,
        package: Sha256,
        reason: String,
    ) -> Result<Decided, PublishError> {
        self.commit_quarantine(origin, package, QuarantineChange::Settled { reason }).await
    }

    async fn commit_quarantine(
        &self,
        origin: Origin,
        package: Sha256,
        change: QuarantineChange,
    ) -> Result<Decided, PublishError> {
        self.refuse_when_blocked()?;
        let Origin { actor, request, repository: repo } = origin;
        self.commit(Event::Quarantine(QuarantineEvent { repo, package, change, actor, request }))
            .await
    }

    /// The packages of a repository that are not served.
    pub(crate) fn quarantined(&self, path: &RepositoryPath) -> Vec<Shown> {
        let state = self.state();
        let shown = |(package, it): (Sha256, &Quarantined)| Shown {
            package: package.prefixed(),
            quarantined: it.clone(),
        };
        state.quarantined(path.as_str()).map(shown).collect()
    }
}

/// The packages at and below a path that nobody has dealt with yet.
pub(crate) fn waiting(state: &State, path: &str) -> Vec<Waiting> {
    let waiting = |(repository, package, it): (&str, Sha256, &Quarantined)| Waiting {
        repository: repository.to_owned(),
        package: package.prefixed(),
        file: it.file.clone(),
        why: it.why.clone(),
        time: it.time,
    };
    state.unsettled_below(path).map(waiting).collect()
}

/// Names and reasons come from files of others.
fn shortened(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

/// `None` when the event has to be written.
pub(crate) fn admit_quarantine(
    state: &State,
    event: &QuarantineEvent,
) -> Result<Option<Decided>, Refusal> {
    let before = state.find_quarantined(&event.repo, event.package);
    let place = event.package.prefixed();
    let so_already = match &event.change {
        // What somebody has dealt with is not found anew.
        QuarantineChange::Found { .. } => before.is_some(),
        QuarantineChange::Settled { reason } => {
            refuse_reason(reason, &place)?;
            let Some(before) = before else {
                return Err(Refusal::not_found("the package is not in quarantine", &place));
            };
            before.settled.is_some()
        }
    };
    let decided = Decided { seq: state.head().seq, package: None, written: false };
    Ok(so_already.then_some(decided))
}
