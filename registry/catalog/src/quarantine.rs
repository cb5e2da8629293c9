//! Packages that an import found and that are not served, until somebody has dealt with them.

use std::cmp::Ordering;
use std::sync::Arc;

use chart_format::digest::Sha256;
use chart_registry_store::Timestamp;
use chart_registry_store::event::{QuarantineChange, QuarantineEvent};
use serde::{Deserialize, Serialize};

use crate::ordered::Ordered;
use crate::state::State;

/// Packages by the path of their repository and their digest. Those that were dealt with stay, so
/// that the next import does not find them anew.
pub(crate) type Quarantine = Ordered<(Arc<str>, Sha256), Arc<Quarantined>>;

/// A package that is not served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Where it was found.
    pub file: String,
    /// Why it is not served.
    pub why: String,
    /// Who found it.
    pub by: String,
    /// When it was found.
    pub time: Timestamp,
    /// What became of it.
    pub settled: Option<Settled>,
}

/// How somebody has dealt with a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// How.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub time: Timestamp,
}

fn find<'a>(quarantine: &'a Quarantine, repo: &str, package: Sha256) -> Option<&'a Quarantined> {
    let compare = |(path, digest): &(Arc<str>, Sha256)| -> Ordering {
        (**path).cmp(repo).then_with(|| digest.cmp(&package))
    };
    quarantine.get(compare).map(|it| &**it)
}

/// What an event does to the packages; `Err` says why it cannot have been admitted.
pub(crate) fn after(
    quarantine: &Quarantine,
    event: &QuarantineEvent,
    time: Timestamp,
) -> Result<Quarantine, String> {
    let before = find(quarantine, &event.repo, event.package);
    let by = event.actor.sub.clone();
    let next = match (&event.change, before) {
        (QuarantineChange::Found { file, why }, _) => {
            let (file, why) = (file.clone(), why.clone());
            Quarantined { file, why, by, time, settled: None }
        }
        (QuarantineChange::Settled { reason }, Some(before)) => {
            let settled = Some(Settled { reason: reason.clone(), by, time });
            Quarantined { settled, ..before.clone() }
        }
        (QuarantineChange::Settled { .. }, None) => {
            return Err(format!("the package {} was never found", event.package));
        }
    };
    Ok(quarantine.with((Arc::from(event.repo.as_str()), event.package), Arc::new(next)))
}

impl State {
    /// The packages of a repository that are not served, those that were dealt with included.
    pub fn quarantined(&self, repo: &str) -> impl Iterator<Item = (Sha256, &Quarantined)> {
        let all = self.quarantine.iter();
        all.filter(move |((path, _), _)| **path == *repo).map(|((_, digest), it)| (*digest, &**it))
    }

    /// A package that is not served.
    pub fn find_quarantined(&self, repo: &str, package: Sha256) -> Option<&Quarantined> {
        find(&self.quarantine, repo, package)
    }

    /// The packages of a repository and of those below it that nobody has dealt with yet, with the
    /// paths of their repositories.
    pub fn unsettled_below<'a>(
        &'a self,
        repo: &'a str,
    ) -> impl Iterator<Item = (&'a str, Sha256, &'a Quarantined)> {
        let all = self.quarantine.iter().filter(|(_, it)| it.settled.is_none());
        let all = all.map(|((path, digest), it)| (&**path, *digest, &**it));
        all.filter(move |(path, ..)| {
            let rest = path.strip_prefix(repo);
            rest.is_some_and(|rest| repo.is_empty() || rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// How many packages nobody has dealt with yet.
    pub fn unsettled(&self) -> usize {
        self.quarantine.iter().filter(|(_, it)| it.settled.is_none()).count()
    }
}
