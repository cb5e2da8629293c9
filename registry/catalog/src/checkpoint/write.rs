//! From a snapshot to bytes.

use std::sync::Arc;

use chart_registry_store::PackageRef;

use super::{FORMAT, MAGIC, PROGRAM};
use crate::entry::Entry;
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
    for (path, repository) in state.repositories() {
        out.text(path);
        out.repository(repository)?;
    }
    Some(out.0)
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
            self.count(line.shown.as_ref().map_or(0, |text| text.len()));
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
