//! A run of at most 64 versions with their text.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use chart_format::digest::Sha256;

use super::LEAF_ENTRIES;
use super::deflated::Deflated;
use super::glue::{glue_between, glue_length};
use super::line::{Form, Line};
use super::recorded::{Recorded, Unpacker, pack_waiting};
use super::sum::Sum;
use crate::entry::{Entry, Position};
use crate::search;

/// A run of versions: of many small charts, or a part of a large one.
#[derive(Debug)]
pub(crate) struct Leaf {
    slots: Box<[Slot]>,
    text: Bytes,
    sum: Sum,
    hash: OnceLock<Sha256>,
    deflated: OnceLock<Deflated>,
    words: OnceLock<Box<str>>,
}

/// A version; its text is a part of the leaf's.
///
/// There is a slot for each version in memory, so places are no wider than they have to be: the text
/// of a leaf is that of at most 64 Chart.yaml files, which have at most 1 MiB each.
#[derive(Debug)]
struct Slot {
    entry: Entry,
    shown: Option<Range<u32>>,
    tail: u32,
    chart: Recorded,
}

impl Slot {
    fn form(&self) -> Option<Form> {
        self.shown.as_ref().map(|_| self.chart.form())
    }
}

impl Leaf {
    /// A leaf of these versions, which are in order.
    pub(crate) fn new(lines: Vec<Line<'_>>) -> Self {
        let mut text = Vec::with_capacity(text_length(&lines));
        let mut sum = Sum::default();
        let mut slots = Vec::with_capacity(lines.len());
        for line in lines {
            let shown = line.shown.as_ref().map(|shown| {
                if let Some(last) = sum.last() {
                    text.extend_from_slice(glue_between(last, &line.entry.chart).as_bytes());
                }
                let start = text.len();
                text.extend_from_slice(shown);
                place(start)..place(text.len())
            });
            sum = sum.plus(&Sum::of_version(&line));
            let Line { entry, tail, chart, .. } = line;
            let (entry, chart) = (entry.into_owned(), chart.into_owned());
            slots.push(Slot { entry, shown, tail: place(tail), chart });
        }
        Self {
            slots: slots.into_boxed_slice(),
            text: Bytes::from(text),
            sum,
            hash: OnceLock::new(),
            deflated: OnceLock::new(),
            words: OnceLock::new(),
        }
    }

    /// A leaf whose deflated text is known.
    pub(crate) fn restored(lines: Vec<Line<'_>>, deflated: Deflated) -> Self {
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

    /// The text with all fields of all visible versions; `None` when memory was damaged.
    pub(crate) fn full_text(&self) -> Option<Bytes> {
        if self.sum.full_length == self.sum.length {
            return Some(self.text.clone());
        }
        let mut text = Vec::with_capacity(usize::try_from(self.sum.full_length).ok()?);
        let (mut unpacker, mut last) = (Unpacker::default(), None);
        for line in self.lines().filter(|line| line.shown.is_some()) {
            if let Some(last) = last.replace(Arc::clone(&line.entry.chart)) {
                text.extend_from_slice(glue_between(&last, &line.entry.chart).as_bytes());
            }
            text.extend_from_slice(&line.full(&mut unpacker)?);
        }
        Some(Bytes::from(text))
    }

    /// The text in deflated form, made at the first call.
    pub(crate) fn deflated(&self) -> &Deflated {
        self.deflated.get_or_init(|| Deflated::of(&self.text))
    }

    /// Bytes of memory, roughly: texts that are deflated with others are not counted.
    pub(crate) fn held_bytes(&self) -> u64 {
        let deflated = self.deflated.get().map_or(0, |deflated| deflated.bytes.len());
        let slots = self.slots.len() * size_of::<Slot>();
        (self.text.len() + deflated + slots) as u64
    }

    /// True when [`Self::words`] costs nothing.
    pub(crate) fn has_words(&self) -> bool {
        self.words.get().is_some()
    }

    /// What a search looks through, made at the first call.
    pub(crate) fn words(&self) -> &str {
        self.words.get_or_init(|| search::words(self))
    }

    /// All versions in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().map(|slot| &slot.entry)
    }

    /// The versions of a chart in order.
    pub(crate) fn entries_of(&self, chart: &str) -> impl Iterator<Item = &Entry> {
        let start = self.slots.partition_point(|slot| *slot.entry.chart < *chart);
        let slots = self.slots.get(start..).unwrap_or_default();
        let count = slots.partition_point(|slot| *slot.entry.chart == *chart);
        slots.iter().take(count).map(|slot| &slot.entry)
    }

    /// All versions in order, with their texts.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.slots.iter().map(|slot| self.line(slot))
    }

    /// Number of its versions.
    pub(crate) fn length(&self) -> usize {
        self.slots.len()
    }

    /// The version in a place, without its texts.
    pub(crate) fn entry_at(&self, place: usize) -> Option<&Entry> {
        self.slots.get(place).map(|slot| &slot.entry)
    }

    /// The version in a place.
    pub(crate) fn line_at(&self, place: usize) -> Option<Line<'_>> {
        self.slots.get(place).map(|slot| self.line(slot))
    }

    /// How each version stands in the index, without its texts.
    pub(crate) fn forms(&self) -> impl Iterator<Item = (&Entry, Option<Form>)> {
        self.slots.iter().map(|slot| (&slot.entry, slot.form()))
    }

    pub(crate) fn find(&self, position: &Position<'_>) -> Option<Line<'_>> {
        let at = self.search(position).ok()?;
        self.slots.get(at).map(|slot| self.line(slot))
    }

    pub(crate) fn find_entry(&self, position: &Position<'_>) -> Option<&Entry> {
        let at = self.search(position).ok()?;
        self.slots.get(at).map(|slot| &slot.entry)
    }

    pub(crate) fn first_chart(&self) -> &str {
        self.slots.first().map_or("", |slot| &slot.entry.chart)
    }

    pub(crate) fn last_chart(&self) -> &str {
        self.slots.last().map_or("", |slot| &slot.entry.chart)
    }

    pub(crate) fn compare_first(&self, position: &Position<'_>) -> Ordering {
        self.slots.first().map_or(Ordering::Greater, |slot| slot.entry.position().compare(position))
    }

    /// This leaf with versions added or replaced; two leaves when one would be too large.
    pub(crate) fn with(&self, changed: Vec<Line<'_>>) -> Vec<Self> {
        let mut lines: Vec<Line<'_>> = self.lines().collect();
        for line in changed {
            let position = line.entry.position();
            let place = lines.binary_search_by(|it| it.entry.position().compare(&position));
            match place {
                Ok(at) => drop(lines.splice(at..=at, [line])),
                Err(at) => lines.insert(at, line),
            }
        }
        pack_waiting(&mut lines);
        if lines.len() <= LEAF_ENTRIES {
            return vec![Self::new(lines)];
        }
        let second = lines.split_off(lines.len() / 2);
        vec![Self::new(lines), Self::new(second)]
    }

    fn search(&self, position: &Position<'_>) -> Result<usize, usize> {
        self.slots.binary_search_by(|slot| slot.entry.position().compare(position))
    }

    fn line<'a>(&self, slot: &'a Slot) -> Line<'a> {
        Line {
            entry: Cow::Borrowed(&slot.entry),
            shown: slot
                .shown
                .as_ref()
                .map(|it| self.text.slice(it.start as usize..it.end as usize)),
            tail: slot.tail as usize,
            chart: Cow::Borrowed(&slot.chart),
        }
    }
}

/// A place in the text of a leaf.
fn place(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Length of the text of these versions. Text that grew would keep the room that it grew into for
/// as long as the leaf lives.
fn text_length(lines: &[Line<'_>]) -> usize {
    let (mut length, mut last) = (0, None);
    for line in lines {
        let Some(shown) = &line.shown else { continue };
        let glue = last.map_or(0, |last| glue_length(last, &line.entry.chart));
        length += shown.len() as u64 + glue;
        last = Some(&*line.entry.chart);
    }
    usize::try_from(length).unwrap_or_default()
}
