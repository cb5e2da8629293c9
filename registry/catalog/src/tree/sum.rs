//! What a stretch of the tree adds up to, without walking it again.

use std::sync::Arc;

use super::glue::glue_between;

/// Sums over a stretch of versions; stretches side by side are added with the glue between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// Versions, tombstones included.
    pub(crate) versions: u64,
    /// Versions in the index.
    pub(crate) visible: u64,
    /// Bytes of index text, glue inside the stretch included.
    pub(crate) length: u64,
    edges: Option<Edges>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Edges {
    first: Arc<str>,
    last: Arc<str>,
}

impl Sum {
    pub(crate) fn of_version(chart: &Arc<str>, text_length: Option<usize>) -> Self {
        match text_length {
            Some(length) => Self {
                versions: 1,
                visible: 1,
                length: length as u64,
                edges: Some(Edges { first: Arc::clone(chart), last: Arc::clone(chart) }),
            },
            None => Self { versions: 1, ..Self::default() },
        }
    }

    /// The chart of the first visible version.
    pub(crate) fn first(&self) -> Option<&Arc<str>> {
        self.edges.as_ref().map(|edges| &edges.first)
    }

    /// The chart of the last visible version.
    pub(crate) fn last(&self) -> Option<&Arc<str>> {
        self.edges.as_ref().map(|edges| &edges.last)
    }

    /// This stretch followed by `next`.
    pub(crate) fn plus(&self, next: &Self) -> Self {
        let glue = match (&self.edges, &next.edges) {
            (Some(before), Some(after)) => glue_between(&before.last, &after.first).len() as u64,
            _ => 0,
        };
        let edges = match (&self.edges, &next.edges) {
            (Some(before), Some(after)) => {
                Some(Edges { first: Arc::clone(&before.first), last: Arc::clone(&after.last) })
            }
            (Some(only), None) | (None, Some(only)) => Some(only.clone()),
            (None, None) => None,
        };
        Self {
            versions: self.versions + next.versions,
            visible: self.visible + next.visible,
            length: self.length + glue + next.length,
            edges,
        }
    }
}
