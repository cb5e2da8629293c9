//! The index and the listing of all charts as sequences of frames.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use crate::repository::Repository;
use crate::tree::{Leaf, Tree, glue_between, glue_first};

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

/// The frames of an uncompressed body; keeps the snapshot alive that it reads.
pub struct IndexFrames {
    repository: Arc<Repository>,
    closing: Option<Bytes>,
    ready: VecDeque<Bytes>,
    branch: usize,
    leaf: usize,
    last: Option<Arc<str>>,
    fields: Fields,
    remaining: u64,
}

impl IndexFrames {
    pub(crate) fn new(repository: Arc<Repository>, framing: &Framing, fields: Fields) -> Self {
        let tree = repository.tree();
        let opening = Bytes::from(framing.opening(tree));
        let closing = Some(Bytes::from(framing.closing(tree)));
        let remaining = framing.length(tree, fields);
        let ready = VecDeque::from([opening]);
        let last = None;
        let frames =
            Self { repository, closing, ready, branch: 0, leaf: 0, last, fields, remaining };
        if remaining <= ONE_FRAME_BYTES { frames.joined() } else { frames }
    }

    /// Bytes that are still to come.
    pub fn remaining(&self) -> u64 {
        self.remaining
    }

    fn joined(mut self) -> Self {
        let mut bytes = Vec::new();
        for frame in &mut self {
            bytes.extend_from_slice(&frame);
        }
        self.remaining = bytes.len() as u64;
        self.ready.push_back(Bytes::from(bytes));
        self
    }

    fn next_leaf(&mut self) -> Option<Arc<Leaf>> {
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

    fn fill(&mut self) {
        let Some(leaf) = self.next_leaf() else {
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
