//! What a commit does to manifests and tags.

use std::collections::BTreeSet;
use std::sync::Arc;

use chart_format::digest::Sha256;
use chart_registry_store::{Event, OciEvent, PackageRef, Publish, Timestamp};

use super::artifacts::{Artifacts, StoredManifest};
use super::frozen::Record;
use super::shelf::{Shelf, tag_of};
use crate::entry::{Entry, record};
use crate::ordered::Ordered;
use crate::repository::Repository;
use crate::state::State;
use crate::steps::Versions;

impl State {
    /// All that stands under one OCI name: the path of a repository and the name of a chart.
    pub fn shelf(&self, path: &str, name: &str) -> Shelf {
        self.shelf_of(path, self.repository(path), name)
    }

    /// The same, with another repository in the place of the one at the path: one that shows more.
    pub fn shelf_of(&self, path: &str, repository: Arc<Repository>, name: &str) -> Shelf {
        Shelf::new(repository, (self.repository(path), self.artifacts(path)), name)
    }

    /// At most `count` OCI names of the repository at `path`, in order, from `name` on.
    pub fn oci_names(&self, path: &str, name: &str, count: usize) -> Vec<String> {
        let (repository, artifacts) = (self.repository(path), self.artifacts(path));
        let mut charts = repository.charts_from(name).peekable();
        let mut pushed = artifacts.names_from(name).peekable();
        let mut names: Vec<String> = Vec::new();
        while names.len() < count {
            let next = match (charts.peek(), pushed.peek()) {
                (Some(chart), Some(other)) if *chart <= *other => charts.next(),
                (Some(_), None) => charts.next(),
                (_, Some(_)) => pushed.next(),
                (None, None) => break,
            };
            let next = next.map(ToString::to_string);
            names.extend(next.filter(|next| names.last() != Some(next)));
        }
        names
    }

    pub(crate) fn artifacts(&self, path: &str) -> Arc<Artifacts> {
        let known = self.artifacts.get(|known| (**known).cmp(path));
        known.map(Arc::clone).unwrap_or_default()
    }

    /// Every manifest that was pushed to the repository at `path`, with the last segment of its name.
    pub fn manifests(&self, path: &str) -> Vec<(String, StoredManifest)> {
        let artifacts = self.artifacts(path);
        artifacts.manifests().map(|(name, it)| (name.to_owned(), it.clone())).collect()
    }

    /// Writes into an event which digests its OCI manifests have, before it is committed at `time`.
    pub fn record_digests(&self, event: &mut Event, time: Timestamp) {
        match event {
            Event::Publish(publish) => {
                let repository = self.repository(&publish.repo);
                let before = repository.find_any(&publish.name, &publish.version);
                let created = first_published(before, publish, time);
                let identity = record(publish, created).identity();
                publish.oci = identity.ok().map(|identity| identity.record());
            }
            Event::Provenance(event) => {
                let repository = self.repository(&event.repo);
                let found = repository.find_any(&event.name, &event.version);
                event.oci = found.and_then(|it| signed(&*repository, it, event.provenance));
            }
            Event::Delete(_)
            | Event::Version(_)
            | Event::Policy(_)
            | Event::Token(_)
            | Event::Quarantine(_)
            | Event::Oci(_)
            | Event::Unknown { .. } => {}
        }
    }

    /// With what a checkpoint holds of manifests and tags.
    #[must_use]
    pub(crate) fn with_artifacts(mut self, artifacts: Ordered<Arc<str>, Arc<Artifacts>>) -> Self {
        self.artifacts = artifacts;
        self
    }

    /// Paths of repositories with charts or other things, in order.
    pub fn oci_paths(&self) -> BTreeSet<Arc<str>> {
        let charts = self.repositories().iter().map(|(path, _)| path);
        charts.chain(self.artifacts.iter().map(|(path, _)| path)).cloned().collect()
    }

    pub(crate) fn with_oci(&self, event: &OciEvent) -> Self {
        match event {
            OciEvent::Manifest(event) => {
                self.changing(&event.repo, |artifacts| artifacts.with_manifest(event))
            }
            OciEvent::Unmanifest(event) => self.changing(&event.repo, |artifacts| {
                artifacts.without_manifest(&event.name, &event.digest)
            }),
            OciEvent::Untag(event) => self
                .changing(&event.repo, |artifacts| artifacts.without_tag(&event.name, &event.tag)),
        }
    }

    /// With the digests of a version that is published, and its tag.
    pub(crate) fn with_links(&self, path: &str, entry: &Entry, before: Option<&Entry>) -> Self {
        let repository = self.repository(path);
        self.changing(path, |artifacts| {
            giving_way(&artifacts.with_version(entry, &repository), entry, before)
        })
    }

    /// With the tag of a version that is published.
    pub(crate) fn with_own_tag(&self, path: &str, entry: &Entry, before: Option<&Entry>) -> Self {
        self.changing(path, |artifacts| giving_way(artifacts, entry, before))
    }

    /// With the digests of a signature; the version's tag moves to the manifest that holds it.
    pub(crate) fn with_signature(&self, path: &str, entry: &Entry) -> Self {
        let repository = self.repository(path);
        self.changing(path, |artifacts| {
            artifacts
                .with_version(entry, &repository)
                .without_tag(&entry.chart, &tag_of(&entry.version))
        })
    }

    /// With the tag of a version that gets a signature.
    pub(crate) fn with_signed_tag(&self, path: &str, entry: &Entry) -> Self {
        self.changing(path, |artifacts| {
            artifacts.without_tag(&entry.chart, &tag_of(&entry.version))
        })
    }

    /// Whether clients named anything by tags in the repository at `path`.
    pub(crate) fn names_tags(&self, path: &str) -> bool {
        self.artifacts(path).counts().1 > 0
    }

    /// With the digests of all versions of the repository at `path`.
    pub(crate) fn linked(&self, path: &str, repository: &Repository) -> Self {
        self.changing(path, |artifacts| artifacts.with_versions(repository.entries()))
    }

    fn changing(&self, path: &str, change: impl FnOnce(&Artifacts) -> Artifacts) -> Self {
        let changed = Arc::new(change(&self.artifacts(path)));
        let mut next = self.clone();
        next.artifacts = self.artifacts.with(Arc::from(path), changed);
        next
    }
}

/// A tag with the text of a version that named something else gives way: tags of charts are their
/// versions.
fn giving_way(artifacts: &Artifacts, entry: &Entry, before: Option<&Entry>) -> Artifacts {
    let tag = tag_of(&entry.version);
    if before.is_some_and(|before| before.package != entry.package) {
        return artifacts.without_tag(&entry.chart, &tag);
    }
    let named = artifacts.tag(&entry.chart, &tag);
    let named = named.and_then(|digest| artifacts.manifest(&entry.chart, &digest));
    match named {
        Some(named) if named.chart.as_deref() != Some(&entry.version) => {
            artifacts.without_tag(&entry.chart, &tag)
        }
        Some(_) | None => artifacts.clone(),
    }
}

/// When a version that is published now was published first, or its content came.
pub(crate) fn first_published(
    before: Option<&Entry>,
    publish: &Publish,
    time: Timestamp,
) -> Timestamp {
    let same = before.filter(|before| before.content == publish.content);
    same.map_or_else(|| publish.created.map_or(time, |it| it.min(time)), |before| before.created)
}

/// The digest of the manifest with a version's package and this signature.
pub(crate) fn signed(
    versions: &impl Versions,
    entry: &Entry,
    provenance: PackageRef,
) -> Option<Sha256> {
    let chart = chart_text(versions, entry)?;
    let record = Record { chart: &chart, package: entry.package, created: entry.created };
    record.manifest(Some(provenance)).ok().map(|bytes| Sha256::of(&bytes))
}

/// The recorded Chart.yaml of a version.
pub(super) fn chart_text(versions: &impl Versions, entry: &Entry) -> Option<String> {
    String::from_utf8(versions.recorded(entry)?.into()).ok()
}
