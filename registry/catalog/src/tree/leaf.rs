//! A run of at most 64 versions with their text.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::OnceLock;

use bytes::Bytes;
use chart_format::digest::Sha256;

use super::LEAF_ENTRIES;
use super::deflated::Deflated;
use super::glue::glue_between;
use super::sum::Sum;
use crate::entry::{Entry, Position};

/// A version and its index text; a deleted version has none.
pub(crate) type Line = (Entry, Option<Bytes>);

/// A run of versions: of many small charts, or a part of a large one.
#[derive(Debug)]
pub(crate) struct Leaf {
    entries: Box<[(Entry, Option<Range<usize>>)]>,
    text: Bytes,
    sum: Sum,
    hash: OnceLock<Sha256>,
    deflated: OnceLock<Deflated>,
}

impl Leaf {
    /// A leaf of these versions, which are in order.
    pub(crate) fn new(lines: Vec<Line>) -> Self {
        let mut text = Vec::new();
        let mut sum = Sum::default();
        let mut entries = Vec::with_capacity(lines.len());
        for (entry, line) in lines {
            let range = line.as_ref().map(|line| {
                if let Some(last) = sum.last() {
                    text.extend_from_slice(glue_between(last, &entry.chart).as_bytes());
                }
                let start = text.len();
                text.extend_from_slice(line);
                start..text.len()
            });
            sum = sum.plus(&Sum::of_version(&entry.chart, line.map(|line| line.len())));
            entries.push((entry, range));
        }
        Self {
            entries: entries.into_boxed_slice(),
            text: Bytes::from(text),
            sum,
            hash: OnceLock::new(),
            deflated: OnceLock::new(),
        }
    }

    /// A leaf whose deflated text is known.
    pub(crate) fn restored(lines: Vec<Line>, deflated: Deflated) -> Self {
        Self { deflated: OnceLock::from(deflated), ..Self::new(lines) }
    }

    pub(crate) fn sum(&self) -> &Sum {
        &self.sum
    }

    /// Computed at the first call: a replay makes many leaves that nobody ever asks.
    pub(crate) fn hash(&self) -> &Sha256 {
        self.hash.get_or_init(|| Sha256::of(&self.text))
    }

    /// The text of the visible versions with the glue between them.
    pub(crate) fn text(&self) -> &Bytes {
        &self.text
    }

    /// The text in deflated form, made at the first call.
    pub(crate) fn deflated(&self) -> &Deflated {
        self.deflated.get_or_init(|| Deflated::of(&self.text))
    }

    /// All versions in order, the visible ones with their text.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&Entry, Option<Bytes>)> {
        self.entries.iter().map(|(entry, range)| (entry, self.slice(range.as_ref())))
    }

    pub(crate) fn find(&self, position: &Position<'_>) -> Option<(&Entry, Option<Bytes>)> {
        let at = self.search(position).ok()?;
        self.entries.get(at).map(|(entry, range)| (entry, self.slice(range.as_ref())))
    }

    pub(crate) fn last_chart(&self) -> &str {
        self.entries.last().map_or("", |(entry, _)| &entry.chart)
    }

    pub(crate) fn compare_first(&self, position: &Position<'_>) -> Ordering {
        self.entries
            .first()
            .map_or(Ordering::Greater, |(entry, _)| entry.position().compare(position))
    }

    /// This leaf with one version added or replaced; two leaves when one would be too large.
    pub(crate) fn with(&self, entry: Entry, text: Option<Bytes>) -> Vec<Self> {
        let place = self.search(&entry.position());
        let mut lines: Vec<Line> =
            self.lines().map(|(entry, text)| (entry.clone(), text)).collect();
        match place {
            Ok(at) => drop(lines.splice(at..=at, [(entry, text)])),
            Err(at) => lines.insert(at, (entry, text)),
        }
        if lines.len() <= LEAF_ENTRIES {
            return vec![Self::new(lines)];
        }
        let second = lines.split_off(lines.len() / 2);
        vec![Self::new(lines), Self::new(second)]
    }

    fn search(&self, position: &Position<'_>) -> Result<usize, usize> {
        self.entries.binary_search_by(|(entry, _)| entry.position().compare(position))
    }

    fn slice(&self, range: Option<&Range<usize>>) -> Option<Bytes> {
        range.map(|range| self.text.slice(range.clone()))
    }
}
