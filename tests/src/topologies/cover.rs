//! Makes a table of topologies cover every pair of values, and keeps the topologies that are there.
//!
//! Greedy and deterministic: blanks of old rows (a new axis) take the value that covers most, then rows are added for
//! the pairs that are left. Nothing is ever reordered, so a new value leaves the existing topologies as they are.

use std::collections::BTreeSet;

use super::axes::{AXES, Axis, FORBIDDEN};

/// A value by the indexes of its axis and of itself.
pub type Cell = (usize, usize);

/// Two values of different axes, the lower axis first.
pub type Pair = (Cell, Cell);

/// A topology: for each axis the index of a value, `None` while it is open.
pub type Choice = Vec<Option<usize>>;

/// Whether no forbidden pair stands in the way of both values in one topology.
pub fn allowed(first: Cell, second: Cell) -> bool {
    let named = |(axis, value): Cell| (AXES[axis].name, AXES[axis].values[value].name);
    let (first, second) = (named(first), named(second));
    !FORBIDDEN.iter().any(|it| {
        (it.first, it.second) == (first, second) || (it.first, it.second) == (second, first)
    })
}

/// Every pair that a topology can have.
pub fn wanted() -> BTreeSet<Pair> {
    let values = |(axis, it): (usize, &Axis)| (0..it.values.len()).map(move |value| (axis, value));
    let cells: Vec<Cell> = AXES.iter().enumerate().flat_map(values).collect();
    let mut pairs = BTreeSet::new();
    for first in &cells {
        for second in cells.iter().filter(|second| first.0 < second.0) {
            if allowed(*first, *second) && completed(&with(&[*first, *second])).is_some() {
                pairs.insert((*first, *second));
            }
        }
    }
    pairs
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
    let mut open = wanted();
    for choice in table.iter() {
        remove_all(&mut open, choice);
    }
    for choice in table.iter_mut() {
        *choice = filled(choice, &open).expect("a topology of the table can be completed");
        remove_all(&mut open, choice);
    }
    while let Some((first, second)) = open.first().copied() {
        let choice = filled(&with(&[first, second]), &open).expect("wanted pairs can be completed");
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

/// The first open axis takes the value that covers most of `open`; a dead end goes back.
fn filled(choice: &[Option<usize>], open: &BTreeSet<Pair>) -> Option<Choice> {
    let Some(axis) = choice.iter().position(Option::is_none) else { return Some(choice.to_vec()) };
    let mut candidates: Vec<(usize, usize)> = (0..AXES[axis].values.len())
        .filter(|value| cells(choice).all(|cell| allowed(cell, (axis, *value))))
        .map(|value| (gain(choice, (axis, value), open), value))
        .collect();
    candidates.sort_by_key(|(gain, value)| (std::cmp::Reverse(*gain), *value));
    candidates.into_iter().find_map(|(_, value)| {
        let mut next = choice.to_vec();
        next[axis] = Some(value);
        filled(&next, open)
    })
}

/// Pairs with what is decided count most; then pairs that later axes can still complete.
fn gain(choice: &[Option<usize>], cell: Cell, open: &BTreeSet<Pair>) -> usize {
    let ordered = |other: Cell| if other < cell { (other, cell) } else { (cell, other) };
    let now = cells(choice).filter(|other| open.contains(&ordered(*other))).count();
    let later = open
        .iter()
        .filter(|(first, second)| {
            let other = if *first == cell { second } else { first };
            (*first == cell || *second == cell) && choice[other.0].is_none()
        })
        .count();
    now * 1000 + later
}
