//! A tree that changes in place, for journals of which many commits are read at once.
//!
//! It splits leaves and branches exactly where the tree that is copied on write does, so that both
//! end as the same one; but it writes the text of a leaf once, however often the leaf changed.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use bytes::Bytes;

use super::line::{Form, Line};
use super::newest::FULL_VERSIONS;
use super::recorded::{Unpacker, pack_waiting};
use super::{BRANCH_LEAVES, Branch, LEAF_ENTRIES, Leaf, Tree};
use crate::entry::{Entry, Position};

/// The tree while it grows.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    branches: Vec<Limb>,
}

#[derive(Debug)]
struct Limb {
    leaves: Vec<Part>,
    /// The branch as it was, as long as nothing in it has changed.
    kept: Option<Arc<Branch>>,
}

/// A leaf: as it was, or opened.
#[derive(Debug)]
struct Part {
    kept: Option<Arc<Leaf>>,
    slots: Vec<Slot>,
}

/// A version in a leaf that changed.
#[derive(Debug)]
enum Slot {
    /// It is as it was, but for its form.
    Kept(Line<'static>),
    /// Another entry, with its Chart.yaml as JSON.
    New(Entry, Box<str>),
}

/// How many versions of a chart came so far, those that are no pre-releases and the others.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    chart: Option<Arc<str>>,
    stable: usize,
    others: usize,
}

impl Growing {
    pub(crate) fn of(tree: &Tree) -> Self {
        let limb = |branch: &Arc<Branch>| Limb {
            leaves: branch.leaves().iter().map(Part::kept).collect(),
            kept: Some(Arc::clone(branch)),
        };
        Self { branches: tree.branches().iter().map(limb).collect() }
    }

    /// The version at a position, in the index or not.
    pub(crate) fn find_entry(&self, position: &Position<'_>) -> Option<&Entry> {
        let part = self.part(position)?;
        match &part.kept {
            Some(leaf) => leaf.find_entry(position),
            None => part.find(position).map(Slot::entry),
        }
    }

    /// The recorded Chart.yaml of a version; `None` when there is none, or memory was damaged.
    pub(crate) fn recorded(&self, position: &Position<'_>) -> Option<Bytes> {
        let mut unpacker = Unpacker::default();
        let part = self.part(position)?;
        match &part.kept {
            Some(leaf) => leaf.find(position)?.recorded(&mut unpacker),
            None => match part.find(position)? {
                Slot::Kept(line) => line.recorded(&mut unpacker),
                Slot::New(_, chart) => Some(Bytes::copy_from_slice(chart.as_bytes())),
            },
        }
    }

    /// Adds a version, or replaces the one at its position; `chart` is its recorded Chart.yaml.
    pub(crate) fn put(&mut self, entry: Entry, chart: Box<str>) {
        let at = floor(&self.branches, |limb| limb.compare_first(&entry.position()));
        let Some(limb) = self.branches.get_mut(at) else {
            let leaves = vec![Part::opened(vec![Slot::New(entry, chart)])];
            self.branches.push(Limb { leaves, kept: None });
            return;
        };
        limb.put(entry, chart);
        if limb.leaves.len() > BRANCH_LEAVES {
            let leaves = limb.leaves.split_off(limb.leaves.len() / 2);
            self.branches.insert(at + 1, Limb { leaves, kept: None });
        }
    }

    /// The tree as it is now; `None` when memory was damaged.
    pub(crate) fn finish(self) -> Option<Tree> {
        let mut run = Run::default();
        let branches = self.branches.into_iter().map(|limb| limb.finish(&mut run));
        Some(Tree::new(branches.collect::<Option<_>>()?))
    }

    fn part(&self, position: &Position<'_>) -> Option<&Part> {
        let limb = self.branches.get(floor(&self.branches, |it| it.compare_first(position)))?;
        limb.leaves.get(floor(&limb.leaves, |it| it.compare_first(position)))
    }
}

impl Limb {
    fn compare_first(&self, position: &Position<'_>) -> Ordering {
        self.leaves.first().map_or(Ordering::Greater, |part| part.compare_first(position))
    }

    fn put(&mut self, entry: Entry, chart: Box<str>) {
        self.kept = None;
        let at = floor(&self.leaves, |part| part.compare_first(&entry.position()));
        let Some(part) = self.leaves.get_mut(at) else {
            self.leaves.push(Part::opened(vec![Slot::New(entry, chart)]));
            return;
        };
        let slots = part.open();
        match search(slots, &entry.position()) {
            Ok(place) => slots[place] = Slot::New(entry, chart),
            Err(place) => slots.insert(place, Slot::New(entry, chart)),
        }
        if slots.len() > LEAF_ENTRIES {
            let second = slots.split_off(slots.len() / 2);
            self.leaves.insert(at + 1, Part::opened(second));
        }
    }

    fn finish(self, run: &mut Run) -> Option<Arc<Branch>> {
        let mut same = self.kept.is_some();
        let mut leaves = Vec::with_capacity(self.leaves.len());
        for mut part in self.leaves {
            if let Some(leaf) = part.kept.take_if(|leaf| run.fits(leaf)) {
                run.pass(&leaf);
                leaves.push(leaf);
                continue;
            }
            same = false;
            let slots = std::mem::take(part.open());
            leaves.push(Arc::new(run.leaf(slots)?));
        }
        self.kept.filter(|_| same).or_else(|| Some(Arc::new(Branch::new(leaves))))
    }
}

impl Part {
    fn kept(leaf: &Arc<Leaf>) -> Self {
        Self { kept: Some(Arc::clone(leaf)), slots: Vec::new() }
    }

    fn opened(slots: Vec<Slot>) -> Self {
        Self { kept: None, slots }
    }

    fn compare_first(&self, position: &Position<'_>) -> Ordering {
        match (&self.kept, self.slots.first()) {
            (Some(leaf), _) => leaf.compare_first(position),
            (None, Some(slot)) => slot.entry().position().compare(position),
            (None, None) => Ordering::Greater,
        }
    }

    fn find(&self, position: &Position<'_>) -> Option<&Slot> {
        self.slots.get(search(&self.slots, position).ok()?)
    }

    /// Its versions, to be changed.
    fn open(&mut self) -> &mut Vec<Slot> {
        if let Some(leaf) = self.kept.take() {
            self.slots = leaf.lines().map(|line| Slot::Kept(line.into_owned())).collect();
        }
        &mut self.slots
    }
}

impl Slot {
    fn entry(&self) -> &Entry {
        match self {
            Self::Kept(line) => &line.entry,
            Self::New(entry, _) => entry,
        }
    }
}

impl Run {
    /// Whether the last version that came was one of this chart.
    pub(super) fn counts(&self, chart: &str) -> bool {
        self.chart.as_deref() == Some(chart)
    }

    /// Counts a version; its form when it is in the index.
    pub(super) fn form(&mut self, entry: &Entry) -> Option<Form> {
        if self.chart.as_ref() != Some(&entry.chart) {
            *self = Self { chart: Some(Arc::clone(&entry.chart)), ..Self::default() };
        }
        if !entry.visible() {
            return None;
        }
        let count = if entry.stable() { &mut self.stable } else { &mut self.others };
        *count += 1;
        Some(if *count <= FULL_VERSIONS { Form::Full } else { Form::Slim })
    }

    /// Whether a leaf that did not change itself has the right forms behind what came before it.
    fn fits(&self, leaf: &Leaf) -> bool {
        let Some(chart) = &self.chart else { return true };
        let mut ahead = Self { chart: Some(Arc::clone(chart)), ..*self };
        leaf.lines()
            .take_while(|line| line.entry.chart == *chart)
            .all(|line| ahead.form(&line.entry) == line.form())
    }

    /// Counts the versions of a leaf as far as the next one needs them.
    pub(super) fn pass(&mut self, leaf: &Leaf) {
        let last = leaf.last_chart();
        for entry in leaf.entries().filter(|entry| *entry.chart == *last) {
            self.form(entry);
        }
    }

    fn leaf(&mut self, slots: Vec<Slot>) -> Option<Leaf> {
        let mut unpacker = Unpacker::default();
        let lines = slots.into_iter().map(|slot| {
            let form = self.form(slot.entry());
            match slot {
                Slot::New(entry, chart) => Some(Line::new(entry, &chart, form)),
                Slot::Kept(line) => match form {
                    Some(form) => line.in_form(form, &mut unpacker),
                    None => Some(line),
                },
            }
        });
        let mut lines = lines.collect::<Option<Vec<_>>>()?;
        pack_waiting(&mut lines);
        Some(Leaf::new(lines))
    }
}

impl Line<'_> {
    /// The same line, which borrows nothing.
    fn into_owned(self) -> Line<'static> {
        let Self { entry, shown, tail, chart } = self;
        let (entry, chart) = (entry.into_owned(), chart.into_owned());
        Line { entry: Cow::Owned(entry), shown, tail, chart: Cow::Owned(chart) }
    }
}

fn search(slots: &[Slot], position: &Position<'_>) -> Result<usize, usize> {
    slots.binary_search_by(|slot| slot.entry().position().compare(position))
}

/// Index of the last item that begins at or before the position sought; 0 when all begin after it.
fn floor<T>(items: &[T], compare_first: impl Fn(&T) -> Ordering) -> usize {
    items.partition_point(|item| compare_first(item).is_le()).saturating_sub(1)
}
