//! The three levels, copied on write: root, branches, leaves.

mod deflated;
mod glue;
mod growing;
mod leaf;
mod line;
mod merged;
mod newest;
mod recorded;
mod sum;

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use chart_format::digest::{Hasher, Sha256};

pub(crate) use deflated::{Deflated, Joiner};
pub(crate) use glue::{glue_between, glue_first};
pub(crate) use growing::Growing;
pub(crate) use leaf::Leaf;
pub(crate) use line::{Form, Line};
pub(crate) use merged::Layered;
pub(crate) use newest::FULL_VERSIONS;
pub(crate) use recorded::{Recorded, Unpacker, deflated_apart};
pub(crate) use sum::Sum;

use crate::entry::{Entry, Position};

/// Most versions in a leaf: a publish writes their text again, at most some 70 KB.
pub(crate) const LEAF_ENTRIES: usize = if cfg!(test) { 5 } else { 64 };

/// Most leaves in a branch.
///
/// The unit tests have small leaves and branches, so that few versions make many of them.
pub(crate) const BRANCH_LEAVES: usize = if cfg!(test) { 3 } else { 128 };

/// Branches whose hashing holds up nobody: their leaves are hashed already, or are few.
const FEW_BRANCHES: usize = 2;

/// All versions of one repository in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    branches: Box<[Arc<Branch>]>,
    sum: Sum,
}

#[derive(Debug)]
pub(crate) struct Branch {
    leaves: Box<[Arc<Leaf>]>,
    sum: Sum,
    hash: OnceLock<Sha256>,
    deflated: OnceLock<Deflated>,
}

impl Tree {
    /// What the whole tree adds up to.
    pub(crate) fn sum(&self) -> &Sum {
        &self.sum
    }

    pub(crate) fn branches(&self) -> &[Arc<Branch>] {
        &self.branches
    }

    /// A digest that differs whenever the text of the tree differs.
    pub(crate) fn hash(&self) -> Sha256 {
        hash_of(self.branches.iter().map(|branch| branch.hash()))
    }

    /// Whether few branches have to be hashed for [`Self::hash`].
    pub(crate) fn is_nearly_hashed(&self) -> bool {
        let fresh = self.branches.iter().filter(|branch| branch.hash.get().is_none());
        fresh.take(FEW_BRANCHES + 1).count() <= FEW_BRANCHES
    }

    /// The version at `position`, in the index or not.
    pub(crate) fn find(&self, position: &Position<'_>) -> Option<Line<'_>> {
        self.leaf_of(position)?.find(position)
    }

    /// Like [`Self::find`], without its texts.
    pub(crate) fn find_entry(&self, position: &Position<'_>) -> Option<&Entry> {
        self.leaf_of(position)?.find_entry(position)
    }

    fn leaf_of(&self, position: &Position<'_>) -> Option<&Arc<Leaf>> {
        let branch = self.branches.get(floor(&self.branches, |b| b.compare_first(position)))?;
        branch.leaves.get(floor(&branch.leaves, |l| l.compare_first(position)))
    }

    /// Leaves from the one that holds or would hold the first version of `chart` on.
    pub(crate) fn leaves_from<'a>(&'a self, chart: &str) -> impl Iterator<Item = &'a Arc<Leaf>> {
        let before = |leaf: &Leaf| leaf.last_chart() < chart;
        let branch = self.branches.partition_point(|b| b.leaves.last().is_some_and(|l| before(l)));
        let skipped =
            self.branches.get(branch).map_or(0, |b| b.leaves.partition_point(|l| before(l)));
        self.branches[branch..].iter().flat_map(|b| b.leaves.iter()).skip(skipped)
    }

    /// Leaves from the one on that holds or would hold the version at `position`.
    pub(crate) fn leaves_at(
        &self,
        position: &Position<'_>,
    ) -> impl Iterator<Item = &Arc<Leaf>> + use<'_> {
        let branch = floor(&self.branches, |b| b.compare_first(position));
        let skipped = self.branches.get(branch);
        let skipped = skipped.map_or(0, |b| floor(&b.leaves, |l| l.compare_first(position)));
        self.branches.iter().skip(branch).flat_map(|b| b.leaves.iter()).skip(skipped)
    }

    /// The tree with a version added, or in the place of the one at its position, and another one
    /// that is there already in its new form.
    #[must_use]
    pub(crate) fn with(&self, line: Line<'_>, moved: Option<Line<'_>>) -> Self {
        let Some(moved) = moved else { return self.with_lines(vec![line]) };
        let leaf = |line: &Line<'_>| self.leaf_of(&line.entry.position()).map(Arc::as_ptr);
        if leaf(&line) == leaf(&moved) {
            return self.with_lines(vec![line, moved]);
        }
        self.with_lines(vec![moved]).with_lines(vec![line])
    }

    /// The tree with versions that belong into one leaf.
    fn with_lines(&self, lines: Vec<Line<'_>>) -> Self {
        let at = lines.first().map_or(0, |line| {
            let position = line.entry.position();
            floor(&self.branches, |branch| branch.compare_first(&position))
        });
        let Some(branch) = self.branches.get(at) else {
            let leaf = Arc::new(Leaf::new(lines));
            return Self::new(vec![Arc::new(Branch::new(vec![leaf]))]);
        };
        let mut branches = self.branches.to_vec();
        branches.splice(at..=at, branch.with(lines).into_iter().map(Arc::new));
        Self::new(branches)
    }

    pub(crate) fn new(branches: Vec<Arc<Branch>>) -> Self {
        let sum = Sum::of_all(branches.iter().map(|branch| &branch.sum));
        Self { branches: branches.into_boxed_slice(), sum }
    }
}

impl Branch {
    pub(crate) fn new(leaves: Vec<Arc<Leaf>>) -> Self {
        let sum = Sum::of_all(leaves.iter().map(|leaf| leaf.sum()));
        let leaves = leaves.into_boxed_slice();
        Self { leaves, sum, hash: OnceLock::new(), deflated: OnceLock::new() }
    }

    pub(crate) fn leaves(&self) -> &[Arc<Leaf>] {
        &self.leaves
    }

    pub(crate) fn sum(&self) -> &Sum {
        &self.sum
    }

    /// Bytes of memory beside the leaves, roughly.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.deflated.get().map_or(0, |deflated| deflated.bytes.len() as u64)
    }

    fn hash(&self) -> &Sha256 {
        self.hash.get_or_init(|| hash_of(self.leaves.iter().map(|leaf| leaf.hash())))
    }

    /// The branch's text, deflated leaf by leaf; made once, of the leaves' own deflated forms.
    pub(crate) fn deflated(&self) -> &Deflated {
        self.deflated.get_or_init(|| {
            let mut joiner = Joiner::default();
            let mut last: Option<&Arc<str>> = None;
            for leaf in self.leaves.iter().filter(|leaf| leaf.sum().visible > 0) {
                let sum = leaf.sum();
                if let (Some(last), Some(first)) = (last, sum.first()) {
                    joiner.store(&glue_between(last, first));
                }
                joiner.append(leaf.deflated());
                last = sum.last();
            }
            joiner.finish()
        })
    }

    fn with(&self, lines: Vec<Line<'_>>) -> Vec<Self> {
        let at = lines.first().map_or(0, |line| {
            let position = line.entry.position();
            floor(&self.leaves, |leaf| leaf.compare_first(&position))
        });
        let changed = match self.leaves.get(at) {
            Some(leaf) => leaf.with(lines),
            None => vec![Leaf::new(lines)],
        };
        let mut leaves = self.leaves.to_vec();
        leaves.splice(at..=at, changed.into_iter().map(Arc::new));
        if leaves.len() <= BRANCH_LEAVES {
            return vec![Self::new(leaves)];
        }
        let second = leaves.split_off(leaves.len() / 2);
        vec![Self::new(leaves), Self::new(second)]
    }

    fn compare_first(&self, position: &Position<'_>) -> Ordering {
        self.leaves.first().map_or(Ordering::Greater, |leaf| leaf.compare_first(position))
    }
}

/// Index of the last item that begins at or before the position sought; 0 when all begin after it.
fn floor<T>(items: &[Arc<T>], compare_first: impl Fn(&T) -> Ordering) -> usize {
    items.partition_point(|item| compare_first(item).is_le()).saturating_sub(1)
}

fn hash_of<'a>(parts: impl Iterator<Item = &'a Sha256>) -> Sha256 {
    let mut hasher = Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
    }
    hasher.finish()
}
