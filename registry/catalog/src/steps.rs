//! What one event makes of one version, whatever holds the versions.

use bytes::Bytes;
use chart_registry_store::{Provenance, Publish, Timestamp};

use crate::entry::{Entry, Signature};
use crate::fate::Turn;
use crate::life::{published_again, shown};
use crate::oci::{first_published, signed};
use crate::repository::Repository;
use crate::state::ApplyError;

/// Number and time of a commit.
pub(crate) type Moment = (u64, Timestamp);

/// The versions of one repository.
pub(crate) trait Versions {
    /// The version with exactly this text, deleted or not.
    fn version(&self, chart: &str, version: &str) -> Option<&Entry>;

    /// The recorded Chart.yaml of a version; `None` only when memory was damaged.
    fn recorded(&self, entry: &Entry) -> Option<Bytes>;

    /// When the index changed last.
    fn last_change(&self) -> Timestamp;
}

impl Versions for Repository {
    fn version(&self, chart: &str, version: &str) -> Option<&Entry> {
        self.find_any(chart, version)
    }

    fn recorded(&self, entry: &Entry) -> Option<Bytes> {
        self.chart_json(entry)
    }

    fn last_change(&self) -> Timestamp {
        self.changed()
    }
}

/// The version that a publish makes.
pub(crate) fn published(
    versions: &impl Versions,
    publish: &Publish,
    (seq, time): Moment,
) -> Result<Entry, ApplyError> {
    let before = versions.version(&publish.name, &publish.version);
    let entry = Entry::new(publish, seq, first_published(before, publish, time));
    let entry = entry.ok_or_else(|| ApplyError::Impossible {
        seq,
        reason: format!(
            "`{} {}` has no semantic version, or its Chart.yaml is none",
            publish.name, publish.version
        ),
    })?;
    Ok(match before {
        Some(before) => published_again(before, entry, ((seq, time), &publish.actor)),
        None => entry,
    })
}

/// The version that a provenance file is added to.
pub(crate) fn vouched(
    versions: &impl Versions,
    event: &Provenance,
    seq: u64,
) -> Result<Entry, ApplyError> {
    let found = versions.version(&event.name, &event.version);
    let Some(found) = found.filter(|it| it.package.sha256 == event.package) else {
        let reason = format!("`{} {}` is not the package signed", event.name, event.version);
        return Err(ApplyError::Impossible { seq, reason });
    };
    let provenance = event.provenance;
    let manifest = event.oci.or_else(|| signed(versions, found, provenance));
    Ok(found.clone().with_signature(Some(Signature { provenance, manifest })))
}

/// The version that something happens to, and when the index has changed last then.
pub(crate) fn turned(
    versions: &impl Versions,
    (name, version): (&str, &str),
    turn: Turn,
) -> Result<(Entry, Timestamp), ApplyError> {
    let (seq, time) = (turn.seq, turn.time);
    let Some(entry) = versions.version(name, version) else {
        let reason = format!("`{name} {version}` was never published");
        return Err(ApplyError::Impossible { seq, reason });
    };
    let after = Entry { fate: entry.fate.with(turn), ..entry.clone() };
    // Clients hear of a change of the index only when it may have changed.
    let changed = if shown(entry) == shown(&after) { versions.last_change() } else { time };
    Ok((after, changed))
}

/// That the Chart.yaml of a version cannot be read again.
pub(crate) fn unreadable(seq: u64, entry: &Entry) -> ApplyError {
    let reason = format!("the Chart.yaml of `{}` cannot be read again", entry.file_name());
    ApplyError::Impossible { seq, reason }
}
