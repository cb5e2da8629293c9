//! From a snapshot to bytes.

use std::sync::Arc;

use chart_registry_store::PackageRef;

use super::{FORMAT, MAGIC, PROGRAM};
use crate::entry::Entry;
use crate::repository::Repository;
use crate::state::State;
use crate::tree::Leaf;

/// The file without the digest at its end.
pub(super) fn state(state: &State) -> Vec<u8> {
    let mut out = Writer(Vec::new());
    out.bytes(MAGIC);
    out.number(u64::from(FORMAT));
    out.text(PROGRAM);
    out.number(state.head().seq);
    out.bytes(state.head().hash.as_bytes());
    out.signed(state.time().milliseconds());
    out.count(state.repositories().len());
    for (path, repository) in state.repositories() {
        out.text(path);
        out.repository(repository);
    }
    out.0
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

    fn repository(&mut self, repository: &Repository) {
        self.signed(repository.changed().milliseconds());
        let branches = repository.tree().branches();
        self.count(branches.len());
        for branch in branches {
            self.count(branch.leaves().len());
            for leaf in branch.leaves() {
                self.leaf(leaf);
            }
        }
    }

    fn leaf(&mut self, leaf: &Leaf) {
        let deflated = leaf.deflated();
        self.number(deflated.length);
        self.number(u64::from(deflated.crc));
        self.count(deflated.bytes.len());
        self.bytes(&deflated.bytes);
        self.count(leaf.lines().count());
        let mut chart: Option<&Arc<str>> = None;
        for (entry, text) in leaf.lines() {
            // The chart is written where it changes: most leaves hold one.
            let same = chart == Some(&entry.chart);
            self.text(if same { "" } else { &entry.chart });
            self.entry(entry);
            self.count(text.map_or(0, |text| text.len()));
            chart = Some(&entry.chart);
        }
    }

    fn entry(&mut self, entry: &Entry) {
        self.text(&entry.version);
        self.package(entry.package);
        self.bytes(entry.content.as_bytes());
        self.count(usize::from(entry.provenance.is_some()));
        entry.provenance.into_iter().for_each(|provenance| self.package(provenance));
        self.signed(entry.created.milliseconds());
        self.number(entry.born);
        // No commit has the number 0.
        self.number(entry.deleted.unwrap_or(0));
    }

    fn package(&mut self, package: PackageRef) {
        self.bytes(package.sha256.as_bytes());
        self.number(package.size);
    }
}
