//! Makes a table of topologies cover every pair of values, and keeps the topologies that are there.
//!
//! Greedy and deterministic: blanks of old rows (a new axis) take the value that covers most, then rows are added for
//! the pairs that are left. Nothing is ever reordered, so a new value leaves the existing topologies as they are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::axes::AXES;
use super::forbidden::forbidden;

/// A value by the indexes of its axis and of itself.
pub type Cell = (usize, usize);

/// Two values of different axes, the lower axis first.
pub type Pair = (Cell, Cell);

/// A topology: for each axis the index of a value, `None` while it is open.
pub type Choice = Vec<Option<usize>>;

/// How many beginnings of a topology are tried; the one that covers most is taken.
const BEGINNINGS: usize = 12;

/// Every forbidden pair, the lower axis first.
static EXCLUDED: LazyLock<BTreeSet<Pair>> = LazyLock::new(|| {
    let cell = |(axis, value): (&str, &str)| {
        let index = AXES.iter().position(|it| it.name == axis);
        let index = index.unwrap_or_else(|| panic!("there is no axis `{axis}`"));
        let value = AXES[index].values.iter().position(|it| it.name == value);
        (index, value.unwrap_or_else(|| panic!("`{axis}` has no such value as a forbidden pair")))
    };
    forbidden().iter().map(|it| ordered(cell(it.first), cell(it.second))).collect()
});

static WANTED: LazyLock<BTreeSet<Pair>> = LazyLock::new(|| {
    let cells: Vec<Cell> = AXES.iter().enumerate().flat_map(|(axis, _)| values(axis)).collect();
    let mut pairs = BTreeSet::new();
    for first in &cells {
        for second in cells.iter().filter(|second| first.0 < second.0) {
            if allowed(*first, *second) && completed(&with(&[*first, *second])).is_some() {
                pairs.insert((*first, *second));
            }
        }
    }
    pairs
});

fn ordered(first: Cell, second: Cell) -> Pair {
    if first < second { (first, second) } else { (second, first) }
}

fn values(axis: usize) -> impl Iterator<Item = Cell> {
    (0..AXES[axis].values.len()).map(move |value| (axis, value))
}

/// Whether no forbidden pair stands in the way of both values in one topology.
pub fn allowed(first: Cell, second: Cell) -> bool {
    !EXCLUDED.contains(&ordered(first, second))
}

/// Every pair that a topology can have.
pub fn wanted() -> &'static BTreeSet<Pair> {
    &WANTED
}

/// The pairs of one topology.
pub fn pairs(choice: &[Option<usize>]) -> BTreeSet<Pair> {
    let cells: Vec<Cell> = cells(choice).collect();
    let mut pairs = BTreeSet::new();
    for (index, first) in cells.iter().enumerate() {
        pairs.extend(cells[index + 1..].iter().map(|second| (*first, *second)));
    }
    pairs
}

/// Fills every blank, then adds topologies until nothing that can be covered is left.
pub fn extend(table: &mut Vec<Choice>) {
    let mut open = wanted().clone();
    for choice in table.iter() {
        remove_all(&mut open, choice);
    }
    for choice in table.iter_mut().filter(|choice| choice.contains(&None)) {
        *choice = filled(choice, &open).expect("a topology of the table can be completed");
        remove_all(&mut open, choice);
    }
    while !open.is_empty() {
        let step = (open.len() / BEGINNINGS).max(1);
        let beginnings: Vec<Pair> = open.iter().copied().step_by(step).collect();
        let candidates = beginnings.into_iter().map(|(first, second)| {
            filled(&with(&[first, second]), &open).expect("wanted pairs can be completed")
        });
        let covered = |choice: &Choice| pairs(choice).intersection(&open).count();
        let choice = candidates.min_by_key(|it| Reverse(covered(it))).expect("a pair is open");
        remove_all(&mut open, &choice);
        table.push(choice);
    }
}

/// Some completion of a choice, without any aim; `None` when forbidden pairs leave none.
pub fn completed(choice: &[Option<usize>]) -> Option<Choice> {
    filled(choice, &BTreeSet::new())
}

/// A choice that has these values and nothing else.
pub fn with(cells: &[Cell]) -> Choice {
    let mut choice = vec![None; AXES.len()];
    for (axis, value) in cells {
        choice[*axis] = Some(*value);
    }
    choice
}

fn cells(choice: &[Option<usize>]) -> impl Iterator<Item = Cell> + '_ {
    choice.iter().enumerate().filter_map(|(axis, value)| Some((axis, (*value)?)))
}

fn remove_all(open: &mut BTreeSet<Pair>, choice: &[Option<usize>]) {
    for pair in pairs(choice) {
        open.remove(&pair);
    }
}

fn filled(choice: &[Option<usize>], open: &BTreeSet<Pair>) -> Option<Choice> {
    let all: Domains = AXES.iter().map(|axis| (1 << axis.values.len()) - 1).collect();
    let domains = cells(choice).try_fold(all, |domains, cell| {
        (domains[cell.0] & 1 << cell.1 != 0).then(|| narrowed(&domains, cell))
    });
    fill(choice, &domains?, open)
}

/// For each axis the values that are left, a bit each.
type Domains = Vec<u32>;

/// For each cell, what it leaves of every axis.
static LEFT: LazyLock<BTreeMap<Cell, Domains>> = LazyLock::new(|| {
    let left = |cell: Cell| -> Domains {
        let of = |axis| {
            values(axis)
                .filter(|it| axis == cell.0 || allowed(cell, *it))
                .fold(0, |mask, (_, value)| mask | 1 << value)
        };
        (0..AXES.len()).map(of).collect()
    };
    let cells = (0..AXES.len()).flat_map(values);
    cells.map(|cell| (cell, left(cell))).collect()
});

fn narrowed(domains: &Domains, cell: Cell) -> Domains {
    domains.iter().zip(&LEFT[&cell]).map(|(domain, left)| domain & left).collect()
}

/// The axis with the value that covers most of `open` comes first; a dead end goes back.
fn fill(choice: &[Option<usize>], domains: &Domains, open: &BTreeSet<Pair>) -> Option<Choice> {
    if domains.contains(&0) {
        return None;
    }
    let mut options = Vec::new();
    for axis in (0..AXES.len()).filter(|axis| choice[*axis].is_none()) {
        let fitting = values(axis).filter(|(_, value)| domains[axis] & 1 << value != 0);
        let fitting = fitting.map(|cell| (Reverse(gain(choice, cell, open)), cell));
        let mut fitting: Vec<_> = fitting.collect();
        fitting.sort_unstable();
        options.push((fitting.first()?.0, fitting));
        // Without an aim any axis will do.
        if open.is_empty() {
            break;
        }
    }
    let Some((_, fitting)) = options.into_iter().min() else { return Some(choice.to_vec()) };
    fitting.into_iter().find_map(|(_, cell)| {
        let mut next = choice.to_vec();
        next[cell.0] = Some(cell.1);
        fill(&next, &narrowed(domains, cell), open)
    })
}

/// Pairs with what is decided count most; then pairs that axes which are still open can complete.
fn gain(choice: &[Option<usize>], cell: Cell, open: &BTreeSet<Pair>) -> usize {
    if open.is_empty() {
        return 0;
    }
    let now = cells(choice).filter(|it| open.contains(&ordered(*it, cell))).count();
    let others = (0..AXES.len()).filter(|axis| choice[*axis].is_none() && *axis != cell.0);
    let later = others.flat_map(values).filter(|it| open.contains(&ordered(*it, cell))).count();
    now * 1000 + later
}
