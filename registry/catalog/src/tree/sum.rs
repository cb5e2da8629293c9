//! What a stretch of the tree adds up to, without walking it again.

use std::sync::Arc;

use chart_registry_store::Timestamp;

use super::glue::glue_length;
use super::line::Line;
use crate::life::Usage;

/// Sums over a stretch of versions; stretches side by side are added with the glue between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// Versions, tombstones included.
    pub(crate) versions: u64,
    /// Versions in the index.
    pub(crate) visible: u64,
    /// Those of them that are no pre-releases.
    pub(crate) stable: u64,
    /// Bytes of index text, glue inside the stretch included.
    pub(crate) length: u64,
    /// What [`Self::length`] would be if every version were shown with all of its fields.
    pub(crate) full_length: u64,
    /// When the last of the visible versions was published first.
    pub(crate) newest: Timestamp,
    /// What counts against a quota.
    pub(crate) usage: Usage,
    edges: Option<Edges>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Edges {
    first: Arc<str>,
    last: Arc<str>,
}

impl Sum {
    pub(crate) fn of_version(line: &Line<'_>) -> Self {
        let usage = Usage::of(&line.entry);
        let Some(shown) = &line.shown else {
            return Self { versions: 1, usage, ..Self::default() };
        };
        let (first, last) = (Arc::clone(&line.entry.chart), Arc::clone(&line.entry.chart));
        Self {
            versions: 1,
            visible: 1,
            stable: u64::from(line.entry.stable()),
            length: shown.len() as u64,
            full_length: line.full_length() as u64,
            newest: line.entry.created,
            usage,
            edges: Some(Edges { first, last }),
        }
    }

    /// Visible versions that are pre-releases, or that are none.
    pub(crate) fn of_class(&self, stable: bool) -> u64 {
        if stable { self.stable } else { self.visible - self.stable }
    }

    /// The chart of the first visible version.
    pub(crate) fn first(&self) -> Option<&Arc<str>> {
        self.edges.as_ref().map(|edges| &edges.first)
    }

    /// The chart of the last visible version.
    pub(crate) fn last(&self) -> Option<&Arc<str>> {
        self.edges.as_ref().map(|edges| &edges.last)
    }

    /// Stretches one behind the other; touches little memory, because there are hundreds of them.
    pub(crate) fn of_all<'a>(stretches: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        let (mut first, mut last): (Option<&Arc<str>>, Option<&Arc<str>>) = (None, None);
        for next in stretches {
            let glue = match (last, next.first()) {
                (Some(before), Some(after)) => glue_length(before, after),
                _ => 0,
            };
            sum.versions += next.versions;
            sum.visible += next.visible;
            sum.stable += next.stable;
            sum.length += glue + next.length;
            sum.full_length += glue + next.full_length;
            sum.newest = sum.newest.max(next.newest);
            sum.usage = sum.usage.plus(next.usage);
            first = first.or(next.first());
            last = next.last().or(last);
        }
        let edges = |(first, last): (&Arc<str>, &Arc<str>)| Edges {
            first: Arc::clone(first),
            last: Arc::clone(last),
        };
        sum.edges = first.zip(last).map(edges);
        sum
    }

    /// This stretch followed by `next`.
    pub(crate) fn plus(&self, next: &Self) -> Self {
        let glue = match (&self.edges, &next.edges) {
            (Some(before), Some(after)) => glue_length(&before.last, &after.first),
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
            stable: self.stable + next.stable,
            length: self.length + glue + next.length,
            full_length: self.full_length + glue + next.full_length,
            newest: self.newest.max(next.newest),
            usage: self.usage.plus(next.usage),
            edges,
        }
    }
}
