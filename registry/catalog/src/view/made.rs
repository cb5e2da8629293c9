//! A view that was made, and making it again after a change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::selection::{Damaged, Reach, Taken};
use super::spec::ViewSpec;
use crate::repository::Repository;
use crate::tree::{Branch, LEAF_ENTRIES, Leaf, Line, Tree, Unpacker};

/// Versions that make a leaf of a view; small leaves are put together until they are so many.
const GROUP_ENTRIES: usize = LEAF_ENTRIES / 2;

/// A view of a repository, and of what it was made.
#[derive(Debug)]
pub struct View {
    spec: ViewSpec,
    base: Arc<Repository>,
    branches: Vec<Arc<MappedBranch>>,
    repository: Arc<Repository>,
}

/// A branch and the branch of the view that it makes, if it makes one.
#[derive(Debug)]
struct MappedBranch {
    base: Arc<Branch>,
    before: Taken,
    groups: Vec<Arc<Group>>,
    made: Option<Arc<Branch>>,
    after: Taken,
}

/// Leaves beside each other and the leaf of the view that they make, if they make one.
#[derive(Debug)]
struct Group {
    base: Vec<Arc<Leaf>>,
    before: Taken,
    made: Option<Arc<Leaf>>,
    /// False when it ends only because the branch does.
    full: bool,
    after: Taken,
}

/// What the view before has made of branches and leaves, by their places in memory, which are theirs
/// alone as long as the view holds them.
#[derive(Default)]
struct Memory<'a> {
    branches: BTreeMap<usize, &'a Arc<MappedBranch>>,
    groups: BTreeMap<usize, &'a Arc<Group>>,
}

impl View {
    /// The view of a repository; walks over all versions that may be in it.
    pub fn new(spec: ViewSpec, base: Arc<Repository>) -> Result<Self, Damaged> {
        Self::made(spec, base, &Memory::default())
    }

    /// The view of the repository as it is now.
    pub fn updated(&self, base: Arc<Repository>) -> Result<Self, Damaged> {
        let memory = self.memory(&base);
        Self::made(self.spec.clone(), base, &memory)
    }

    /// The repository that it was made of.
    pub fn base(&self) -> &Arc<Repository> {
        &self.base
    }

    /// What it shows, as a repository.
    ///
    /// Its moment is the one at which the newest of its versions was published first, so that it
    /// changes no more often than what is in it.
    pub fn repository(&self) -> &Arc<Repository> {
        &self.repository
    }

    fn made(spec: ViewSpec, base: Arc<Repository>, memory: &Memory<'_>) -> Result<Self, Damaged> {
        let (mut taken, mut branches) = (Taken::default(), Vec::new());
        for branch in base.tree().branches() {
            let known = memory.branches.get(&place(branch)).filter(|it| it.before == taken);
            let mapped = match known {
                Some(mapped) => Arc::clone(mapped),
                None => Arc::new(MappedBranch::of(&spec, branch, (taken, memory))?),
            };
            taken = mapped.after.clone();
            branches.push(mapped);
        }
        let made: Vec<_> = branches.iter().filter_map(|it| it.made.clone()).collect();
        let tree = Tree::new(made);
        let changed = tree.sum().newest;
        let repository = Arc::new(Repository::restored(tree, changed));
        Ok(Self { spec, base, branches, repository })
    }

    /// Groups are remembered of branches that have changed: the others are taken whole.
    fn memory(&self, base: &Repository) -> Memory<'_> {
        let present: BTreeSet<usize> = base.tree().branches().iter().map(place).collect();
        let changed = self.branches.iter().filter(|it| !present.contains(&place(&it.base)));
        let groups = changed.flat_map(|it| &it.groups);
        let first = |group: &Group| group.base.first().map(place);
        Memory {
            branches: self.branches.iter().map(|it| (place(&it.base), it)).collect(),
            groups: groups.filter_map(|group| Some((first(group)?, group))).collect(),
        }
    }
}

impl MappedBranch {
    fn of(
        spec: &ViewSpec,
        base: &Arc<Branch>,
        (before, memory): (Taken, &Memory<'_>),
    ) -> Result<Self, Damaged> {
        let leaves = base.leaves();
        let ends = leaves.first().zip(leaves.last());
        let ends = ends.map_or(("", ""), |(first, last)| (first.first_chart(), last.last_chart()));
        let whole = |made, after| Self {
            base: Arc::clone(base),
            before: before.clone(),
            groups: Vec::new(),
            made,
            after,
        };
        match spec.reach(ends, &before) {
            Reach::Nothing => return Ok(whole(None, before.clone())),
            Reach::Everything => return Ok(whole(Some(Arc::clone(base)), before.clone())),
            Reach::Some => {}
        }
        let (mut groups, mut taken, mut rest) = (Vec::new(), before.clone(), leaves);
        while let Some(first) = rest.first() {
            let known = memory.groups.get(&place(first)).filter(|it| it.fits(rest, &taken));
            let group = match known {
                Some(group) => Arc::clone(group),
                None => Arc::new(Group::of(spec, rest, taken)?),
            };
            taken = group.after.clone();
            rest = rest.get(group.base.len()..).unwrap_or_default();
            groups.push(group);
        }
        let made: Vec<_> = groups.iter().filter_map(|group| group.made.clone()).collect();
        let made = (!made.is_empty()).then(|| Arc::new(Branch::new(made)));
        Ok(Self { base: Arc::clone(base), before, groups, made, after: taken })
    }
}

impl Group {
    /// The first leaves of `leaves` that make a leaf of the view together.
    fn of(spec: &ViewSpec, leaves: &[Arc<Leaf>], before: Taken) -> Result<Self, Damaged> {
        let (mut base, mut lines, mut taken) = (Vec::new(), Vec::new(), before.clone());
        let (mut unpacker, mut changed, mut full) = (Unpacker::default(), false, false);
        for leaf in leaves {
            base.push(Arc::clone(leaf));
            let ends = (leaf.first_chart(), leaf.last_chart());
            match spec.reach(ends, &taken) {
                Reach::Nothing => {}
                Reach::Everything => {
                    lines.extend(leaf.lines().filter(|line| line.shown.is_some()));
                }
                Reach::Some => {
                    for line in leaf.lines() {
                        let form = line.form();
                        let Some(line) = spec.shown(line, &mut taken, &mut unpacker)? else {
                            continue;
                        };
                        changed |= line.form() != form;
                        lines.push(line);
                    }
                }
            }
            full = lines.len() >= GROUP_ENTRIES;
            if full {
                break;
            }
        }
        let made = made(&base, lines, changed);
        Ok(Self { base, before, made, full, after: taken })
    }

    /// True when it would be made again of the first of these leaves.
    fn fits(&self, leaves: &[Arc<Leaf>], taken: &Taken) -> bool {
        let same = self.base.len() <= leaves.len()
            && self.base.iter().zip(leaves).all(|(mine, other)| Arc::ptr_eq(mine, other));
        same && self.before == *taken && (self.full || self.base.len() == leaves.len())
    }
}

/// The leaf of these lines; the one they come from when they are all that it shows.
fn made(base: &[Arc<Leaf>], lines: Vec<Line<'_>>, changed: bool) -> Option<Arc<Leaf>> {
    if lines.is_empty() {
        return None;
    }
    if let [only] = base
        && !changed
        && only.sum().visible == lines.len() as u64
    {
        return Some(Arc::clone(only));
    }
    Some(Arc::new(Leaf::new(lines)))
}

fn place<T>(item: &Arc<T>) -> usize {
    Arc::as_ptr(item).addr()
}
