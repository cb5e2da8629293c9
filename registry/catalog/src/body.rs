//! The index and the listing of all charts as sequences of frames.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use crate::repository::Repository;
use crate::tree::{Leaf, Tree, Unpacker, glue_between, glue_first};
use crate::view::Damaged;

/// Bodies up to this length are sent as one frame: one copy is cheaper than many small writes.
const ONE_FRAME_BYTES: u64 = 64 << 10;

/// Which fields of a version a body tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fields {
    /// Those that the index tells: fewer of older versions.
    Indexed,
    /// All.
    All,
}

/// What stands around the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framing {
    pub(crate) before: String,
    pub(crate) after: &'static str,
}

impl Framing {
    /// Around an `index.yaml`.
    pub(crate) fn index(generated: &str) -> Self {
        Self {
            before: format!(r#"{{"apiVersion":"v1","generated":"{generated}","entries":{{"#),
            after: "}}\n",
        }
    }

    /// Around the answer of `GET /api/charts`.
    pub(crate) fn listing() -> Self {
        Self { before: "{".to_owned(), after: "}\n" }
    }

    /// Text before the first entry of `tree`.
    pub(crate) fn opening(&self, tree: &Tree) -> String {
        let first = tree.sum().first().map(|chart| glue_first(chart));
        format!("{}{}", self.before, first.unwrap_or_default())
    }

    /// Text after the last entry of `tree`.
    pub(crate) fn closing(&self, tree: &Tree) -> String {
        let list_end = if tree.sum().visible > 0 { "]" } else { "" };
        format!("{list_end}{}", self.after)
    }

    pub(crate) fn length(&self, tree: &Tree, fields: Fields) -> u64 {
        let around = self.opening(tree).len() + self.closing(tree).len();
        let entries = match fields {
            Fields::Indexed => tree.sum().length,
            Fields::All => tree.sum().full_length,
        };
        entries + around as u64
    }
}

/// The leaves of a snapshot that have something to show; keeps the snapshot alive.
struct Leaves {
    repository: Arc<Repository>,
    branch: usize,
    leaf: usize,
}

/// The frames of an uncompressed body; keeps the snapshot alive that it reads.
pub struct IndexFrames {
    leaves: Leaves,
    closing: Option<Bytes>,
    ready: VecDeque<Bytes>,
    last: Option<Arc<str>>,
    fields: Fields,
    remaining: u64,
}

impl Leaves {
    fn of(repository: Arc<Repository>) -> Self {
        Self { repository, branch: 0, leaf: 0 }
    }
}

impl Iterator for Leaves {
    type Item = Arc<Leaf>;

    fn next(&mut self) -> Option<Arc<Leaf>> {
        loop {
            let branch = self.repository.tree().branches().get(self.branch)?;
            if let Some(leaf) = branch.leaves().get(self.leaf) {
                self.leaf += 1;
                if leaf.sum().visible > 0 {
                    return Some(Arc::clone(leaf));
                }
            } else {
                self.branch += 1;
                self.leaf = 0;
            }
        }
    }
}

impl IndexFrames {
    pub(crate) fn new(repository: Arc<Repository>, framing: &Framing, fields: Fields) -> Self {
        let tree = repository.tree();
        let opening = Bytes::from(framing.opening(tree));
        let closing = Some(Bytes::from(framing.closing(tree)));
        let remaining = framing.length(tree, fields);
        let ready = VecDeque::from([opening]);
        let leaves = Leaves::of(repository);
        let frames = Self { leaves, closing, ready, last: None, fields, remaining };
        if remaining <= ONE_FRAME_BYTES { frames.joined() } else { frames }
    }

    /// Bytes that are still to come.
    pub fn remaining(&self) -> u64 {
        self.remaining
    }

    /// The whole body, when it is one frame.
    pub fn only(&mut self) -> Option<Bytes> {
        let whole = self.ready.front().is_some_and(|frame| frame.len() as u64 == self.remaining);
        if whole { self.next() } else { None }
    }

    fn joined(mut self) -> Self {
        // A body that ends early keeps its length, so that it is not taken for a whole one.
        let (mut bytes, length) = (Vec::new(), self.remaining);
        for frame in &mut self {
            bytes.extend_from_slice(&frame);
        }
        self.remaining = length;
        self.ready.push_back(Bytes::from(bytes));
        self
    }

    fn fill(&mut self) {
        let Some(leaf) = self.leaves.next() else {
            self.ready.extend(self.closing.take());
            return;
        };
        let text = match self.fields {
            Fields::Indexed => Some(leaf.text().clone()),
            Fields::All => leaf.full_text(),
        };
        // A body that ends early is seen by whoever counts on its length.
        let Some(text) = text else {
            self.closing = None;
            return;
        };
        let sum = leaf.sum();
        if let (Some(last), Some(first)) = (&self.last, sum.first()) {
            self.ready.push_back(Bytes::from(glue_between(last, first)));
        }
        self.last = sum.last().cloned();
        self.ready.push_back(text);
    }
}

impl Iterator for IndexFrames {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.ready.is_empty() {
            self.fill();
        }
        let frame = self.ready.pop_front()?;
        self.remaining = self.remaining.saturating_sub(frame.len() as u64);
        Some(frame)
    }
}

/// The versions of an index one by one, each with the name of its chart; for those who write
/// another form of it.
pub struct IndexVersions {
    leaves: Leaves,
    fields: Fields,
    ready: VecDeque<(Arc<str>, Bytes)>,
}

impl IndexVersions {
    pub(crate) fn new(repository: Arc<Repository>, fields: Fields) -> Self {
        Self { leaves: Leaves::of(repository), fields, ready: VecDeque::new() }
    }

    fn fill(&mut self, leaf: &Leaf) -> Result<(), Damaged> {
        let mut unpacker = Unpacker::default();
        for line in leaf.lines().filter(|line| line.shown.is_some()) {
            let text = match self.fields {
                Fields::Indexed => line.shown.clone(),
                Fields::All => line.full(&mut unpacker),
            };
            self.ready.push_back((Arc::clone(&line.entry.chart), text.ok_or(Damaged)?));
        }
        Ok(())
    }
}

impl Iterator for IndexVersions {
    type Item = Result<(Arc<str>, Bytes), Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            let leaf = self.leaves.next()?;
            if let Err(damaged) = self.fill(&leaf) {
                return Some(Err(damaged));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
