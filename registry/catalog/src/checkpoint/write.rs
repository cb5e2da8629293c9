//! From a snapshot to bytes.

use std::sync::Arc;

use chart_registry_store::{Change, Digest, PackageRef};

use super::{DELETED, FORMAT, MAGIC, PROGRAM, REPLACED, RETURNED};
use crate::entry::Entry;
use crate::fate::{Fate, Turn, What};
use crate::oci::{Artifacts, StoredManifest};
use crate::repository::Repository;
use crate::state::State;
use crate::tree::{Deflated, Leaf, deflated_apart};

/// The file without the digest at its end; `None` when memory was damaged.
pub(super) fn state(state: &State) -> Option<Vec<u8>> {
    let mut out = Writer(Vec::new());
    out.bytes(MAGIC);
    out.number(u64::from(FORMAT));
    out.text(PROGRAM);
    out.number(state.head().seq);
    out.bytes(state.head().hash.as_bytes());
    out.signed(state.time().milliseconds());
    out.count(state.repositories().len());
    for (path, repository) in state.repositories().iter() {
        out.text(path);
        out.repository(repository)?;
    }
    out.count(state.policies().len());
    for (prefix, policy) in state.policies() {
        out.text(prefix);
        // A document that cannot be written cannot be read either: the checkpoint is dropped then.
        out.text(&policy.to_json().unwrap_or_default());
    }
    out.count(state.artifacts.len());
    for (path, artifacts) in state.artifacts.iter() {
        out.text(path);
        out.artifacts(artifacts);
    }
    out.count(state.tokens.len());
    for (id, token) in state.tokens() {
        out.text(id);
        // As with policies: what cannot be written is dropped with the checkpoint when it is read.
        out.text(&serde_json::to_string(token).unwrap_or_default());
    }
    out.count(state.quarantine.len());
    for ((path, digest), quarantined) in state.quarantine.iter() {
        out.text(path);
        out.bytes(digest.as_bytes());
        out.text(&serde_json::to_string(&**quarantined).unwrap_or_default());
    }
    Some(out.0)
}

/// A change as it stands in a commit. What cannot be written is dropped when it is read back.
fn json(change: &Change) -> String {
    serde_json::to_string(change).unwrap_or_default()
}

struct Writer(Vec<u8>);

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    fn signed(&mut self, number: i64) {
        self.bytes(&number.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    fn repository(&mut self, repository: &Repository) -> Option<()> {
        self.signed(repository.changed().milliseconds());
        let branches = repository.tree().branches();
        self.count(branches.len());
        for branch in branches {
            self.count(branch.leaves().len());
            for leaf in branch.leaves() {
                self.leaf(leaf)?;
            }
        }
        Some(())
    }

    fn leaf(&mut self, leaf: &Leaf) -> Option<()> {
        self.deflated(leaf.deflated());
        let lines: Vec<_> = leaf.lines().collect();
        self.deflated(&*deflated_apart(lines.iter().map(|line| &*line.chart))?);
        self.count(lines.len());
        let mut chart: Option<&Arc<str>> = None;
        for line in &lines {
            // The chart is written where it changes: most leaves hold one.
            let same = chart == Some(&line.entry.chart);
            self.text(if same { "" } else { &line.entry.chart });
            self.entry(&line.entry);
            self.count(line.shown.as_ref().map_or(0, bytes::Bytes::len));
            self.count(line.tail);
            // No Chart.yaml is empty.
            self.count(line.chart.length().unwrap_or(0));
            chart = Some(&line.entry.chart);
        }
        Some(())
    }

    fn deflated(&mut self, deflated: &Deflated) {
        self.number(deflated.length);
        self.number(u64::from(deflated.crc));
        self.count(deflated.bytes.len());
        self.bytes(&deflated.bytes);
    }

    fn entry(&mut self, entry: &Entry) {
        self.text(&entry.version);
        self.package(entry.package);
        self.bytes(entry.content.as_bytes());
        self.count(usize::from(entry.provenance().is_some()));
        entry.provenance().into_iter().for_each(|provenance| self.package(provenance));
        self.bytes(entry.oci.config.as_bytes());
        self.bytes(entry.oci.manifest.as_bytes());
        self.count(usize::from(entry.signed().is_some()));
        entry.signed().into_iter().for_each(|signed| self.bytes(signed.as_bytes()));
        self.text(entry.network().unwrap_or_default());
        self.signed(entry.created.milliseconds());
        self.number(entry.born);
        self.fate(&entry.fate);
    }

    fn fate(&mut self, fate: &Fate) {
        self.count(fate.turns().len());
        for Turn { seq, time, by, what } in fate.turns() {
            self.number(*seq);
            self.signed(time.milliseconds());
            self.text(by);
            self.text(&match what {
                What::Deleted => DELETED.to_owned(),
                What::Returned => RETURNED.to_owned(),
                What::Replaced => REPLACED.to_owned(),
                What::Changed(change) => json(change),
            });
        }
    }

    /// Maps from digests are made again at reading: of these, and of the versions.
    fn artifacts(&mut self, artifacts: &Artifacts) {
        let (manifests, tags) = artifacts.counts();
        self.count(manifests);
        for (name, manifest) in artifacts.manifests() {
            self.text(name);
            self.manifest(manifest);
        }
        self.count(tags);
        for (name, tag, digest) in artifacts.all_tags() {
            self.text(name);
            self.text(tag);
            self.digest(&digest);
        }
    }

    fn manifest(&mut self, manifest: &StoredManifest) {
        self.digest(&manifest.digest);
        self.number(manifest.size);
        self.text(&manifest.media_type);
        self.count(usize::from(manifest.artifact_type.is_some()));
        manifest.artifact_type.iter().for_each(|text| self.text(text));
        self.count(usize::from(manifest.subject.is_some()));
        manifest.subject.iter().for_each(|subject| self.digest(subject));
        self.count(manifest.blobs.len());
        for blob in &manifest.blobs {
            self.digest(&blob.digest);
            self.number(blob.size);
        }
        self.count(usize::from(manifest.chart.is_some()));
        manifest.chart.iter().for_each(|text| self.text(text));
    }

    fn digest(&mut self, digest: &Digest) {
        self.text(&digest.to_string());
    }

    fn package(&mut self, package: PackageRef) {
        self.bytes(package.sha256.as_bytes());
        self.number(package.size);
    }
}
