//! One tree of several: the first that has a version decides about it.
//!
//! The trees are read side by side. Where one of them stands alone for the length of a branch or leaf,
//! that is taken as it is, so that merging costs time and memory for what lies between each other and
//! little for the rest. What comes out depends on the trees alone, so replicas have the same
//! validators.

use std::sync::Arc;

use super::growing::Run;
use super::line::Line;
use super::recorded::{Unpacker, pack_waiting};
use super::{BRANCH_LEAVES, Branch, LEAF_ENTRIES, Leaf, Tree};
use crate::entry::Position;

/// A tree among others.
pub(crate) struct Layered<'a> {
    pub(crate) tree: &'a Tree,
    /// Its versions stand in the way of those of later trees, and are not there themselves.
    pub(crate) hidden: bool,
    /// Whether anything of a chart is taken; everything is when nobody asks.
    pub(crate) takes: Option<&'a dyn Fn(&str) -> bool>,
}

/// A place in one tree.
struct Cursor<'a> {
    branches: &'a [Arc<Branch>],
    branch: usize,
    leaf: usize,
    at: usize,
    hidden: bool,
    takes: Option<&'a dyn Fn(&str) -> bool>,
    /// The chart that was asked about last, and whether it is taken.
    asked: Option<(&'a str, bool)>,
}

/// A stretch of a tree that may be taken as it is.
#[derive(Clone, Copy)]
enum Stretch<'a> {
    Branch(&'a Arc<Branch>),
    Leaf(&'a Arc<Leaf>),
}

/// What was made so far.
#[derive(Default)]
struct Made<'a> {
    branches: Vec<Arc<Branch>>,
    leaves: Vec<Arc<Leaf>>,
    lines: Vec<Line<'a>>,
    run: Run,
    unpacker: Unpacker,
}

impl Tree {
    /// The tree of these, the first of which goes first; `None` when memory was damaged.
    pub(crate) fn merged(layers: &[Layered<'_>]) -> Option<Self> {
        let mut cursors: Vec<_> = layers.iter().map(Cursor::new).collect();
        let mut made = Made::default();
        while let Some((first, position)) = smallest(&cursors) {
            let hidden = cursors.get(first)?.hidden;
            if let Some(stretch) = alone(&mut cursors, first).find(|it| hidden || made.suits(*it)) {
                if !hidden {
                    made.share(stretch);
                }
                cursors.get_mut(first)?.pass(stretch);
                continue;
            }
            let line = cursors.get(first)?.line()?;
            for cursor in cursors.iter_mut().filter(|cursor| cursor.is_at(&position)) {
                cursor.step();
            }
            if !hidden {
                made.push(line)?;
            }
        }
        Some(made.finish())
    }
}

/// The cursor at the smallest position, the first of those that are there; and the position.
fn smallest<'a>(cursors: &[Cursor<'a>]) -> Option<(usize, Position<'a>)> {
    let mut least: Option<(usize, Position<'a>)> = None;
    for (number, cursor) in cursors.iter().enumerate() {
        let Some(position) = cursor.position() else { continue };
        if least.as_ref().is_none_or(|(_, least)| position.compare(least).is_lt()) {
            least = Some((number, position));
        }
    }
    least
}

/// The stretches that a cursor is about to enter, the largest first, of which all is taken and
/// between whose versions nothing of others lies.
fn alone<'a>(
    cursors: &mut [Cursor<'a>],
    first: usize,
) -> impl Iterator<Item = Stretch<'a>> + use<'a> {
    let next = cursors.iter().enumerate().filter(|(number, _)| *number != first);
    let next = next.filter_map(|(_, cursor)| cursor.position());
    let next = next.min_by(Position::compare);
    let (branch, leaf) = cursors.get(first).map_or((None, None), Cursor::ahead);
    let mut fits = |stretch: Stretch<'a>| {
        let last = stretch.leaves().last().and_then(|leaf| leaf.entry_at(leaf.length() - 1))?;
        let last = last.position();
        let free = next.as_ref().is_none_or(|next| next.compare(&last).is_gt());
        (free && cursors.get_mut(first)?.takes_all(stretch)).then_some(stretch)
    };
    let branch = branch.and_then(|it| fits(Stretch::Branch(it)));
    let leaf = leaf.and_then(|it| fits(Stretch::Leaf(it)));
    branch.into_iter().chain(leaf)
}

impl<'a> Stretch<'a> {
    fn leaves(self) -> &'a [Arc<Leaf>] {
        match self {
            Self::Branch(branch) => branch.leaves(),
            Self::Leaf(leaf) => std::slice::from_ref(leaf),
        }
    }
}

impl<'a> Cursor<'a> {
    fn new(layer: &Layered<'a>) -> Self {
        let Layered { tree, hidden, takes } = *layer;
        let branches = tree.branches();
        let mut cursor = Self { branches, branch: 0, leaf: 0, at: 0, hidden, takes, asked: None };
        cursor.settle();
        cursor
    }

    fn leaf(&self) -> Option<&'a Arc<Leaf>> {
        self.branches.get(self.branch)?.leaves().get(self.leaf)
    }

    /// The branch and the leaf that begin here.
    fn ahead(&self) -> (Option<&'a Arc<Branch>>, Option<&'a Arc<Leaf>>) {
        let leaf = self.leaf().filter(|_| self.at == 0);
        let begins = self.leaf == 0 && leaf.is_some();
        (self.branches.get(self.branch).filter(|_| begins), leaf)
    }

    fn position(&self) -> Option<Position<'a>> {
        Some(self.leaf()?.entry_at(self.at)?.position())
    }

    fn is_at(&self, position: &Position<'_>) -> bool {
        self.position().is_some_and(|here| here.compare(position).is_eq())
    }

    fn line(&self) -> Option<Line<'a>> {
        self.leaf()?.line_at(self.at)
    }

    fn step(&mut self) {
        self.at += 1;
        self.settle();
    }

    /// Goes on behind a stretch that begins here.
    fn pass(&mut self, stretch: Stretch<'_>) {
        match stretch {
            Stretch::Branch(_) => self.next_branch(),
            Stretch::Leaf(_) => (self.leaf, self.at) = (self.leaf + 1, 0),
        }
        self.settle();
    }

    fn next_branch(&mut self) {
        (self.branch, self.leaf, self.at) = (self.branch + 1, 0, 0);
    }

    /// Goes on to the next version that is taken.
    fn settle(&mut self) {
        while self.branch < self.branches.len() {
            let Some(leaf) = self.leaf() else {
                self.next_branch();
                continue;
            };
            match leaf.entry_at(self.at) {
                None => (self.leaf, self.at) = (self.leaf + 1, 0),
                Some(entry) if self.takes(&entry.chart) => return,
                Some(_) => self.at += 1,
            }
        }
    }

    fn takes_all(&mut self, stretch: Stretch<'a>) -> bool {
        let mut entries = stretch.leaves().iter().flat_map(|leaf| leaf.entries());
        self.takes.is_none() || entries.all(|entry| self.takes(&entry.chart))
    }

    fn takes(&mut self, chart: &'a str) -> bool {
        let Some(ask) = self.takes else { return true };
        match self.asked {
            Some((asked, answer)) if asked == chart => answer,
            Some(_) | None => {
                let answer = ask(chart);
                self.asked = Some((chart, answer));
                answer
            }
        }
    }
}

impl<'a> Made<'a> {
    /// Adds a version in the form that its place asks for.
    fn push(&mut self, line: Line<'a>) -> Option<()> {
        let line = match self.run.form(&line.entry) {
            Some(form) => line.in_form(form, &mut self.unpacker)?,
            None => line,
        };
        self.lines.push(line);
        if self.lines.len() == LEAF_ENTRIES {
            self.flush();
        }
        Some(())
    }

    /// Whether a stretch has the right forms behind what came before it. Those of its first chart may
    /// be wrong here, because other versions stand before them; later charts begin in it.
    fn suits(&self, stretch: Stretch<'_>) -> bool {
        let Some(first) = stretch.leaves().first().map(|leaf| leaf.first_chart()) else {
            return true;
        };
        let mut ahead = if self.run.counts(first) { self.run.clone() } else { Run::default() };
        let forms = stretch.leaves().iter().flat_map(|leaf| leaf.forms());
        let mut of_first = forms.take_while(|(entry, _)| *entry.chart == *first);
        of_first.all(|(entry, form)| ahead.form(entry) == form)
    }

    /// Adds a stretch as it is.
    fn share(&mut self, stretch: Stretch<'_>) {
        self.flush();
        let last = stretch.leaves().last().map_or("", |leaf| leaf.last_chart());
        for leaf in stretch.leaves().iter().filter(|leaf| leaf.last_chart() == last) {
            self.run.pass(leaf);
        }
        match stretch {
            Stretch::Branch(branch) => {
                self.close();
                self.branches.push(Arc::clone(branch));
            }
            Stretch::Leaf(leaf) => self.add(Arc::clone(leaf)),
        }
    }

    fn add(&mut self, leaf: Arc<Leaf>) {
        self.leaves.push(leaf);
        if self.leaves.len() == BRANCH_LEAVES {
            self.close();
        }
    }

    /// Makes a leaf of the versions that wait for one.
    fn flush(&mut self) {
        let mut lines = std::mem::take(&mut self.lines);
        if !lines.is_empty() {
            pack_waiting(&mut lines);
            self.add(Arc::new(Leaf::new(lines)));
        }
    }

    /// Makes a branch of the leaves that wait for one.
    fn close(&mut self) {
        let leaves = std::mem::take(&mut self.leaves);
        if !leaves.is_empty() {
            self.branches.push(Arc::new(Branch::new(leaves)));
        }
    }

    fn finish(mut self) -> Tree {
        self.flush();
        self.close();
        Tree::new(self.branches)
    }
}
