//! The coverage table: which values there are, which pairs are forbidden, and how often each pair is covered.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::axes::AXES;
use super::cover::{Pair, pairs, wanted};
use super::forbidden::forbidden;
use super::{TABLE, rows};

/// `tests/topologies/README.md`.
pub fn coverage() -> String {
    let rows = &rows();
    let mut counts: BTreeMap<Pair, usize> = wanted().iter().map(|pair| (*pair, 0)).collect();
    for row in rows {
        for pair in pairs(&row.choice()) {
            *counts.entry(pair).or_insert(0) += 1;
        }
    }
    let mut text = format!(
        "# Example topologies\n\n\
         This file is generated from the axes in `tests/src/topologies/axes.rs` and the table in `{TABLE}`.\n\
         {} topologies cover all {} pairs of values that a network can have; a test fails when one is not covered.\n\
         Every topology is built, rendered by both Helms and judged by `tests/suite/topologies`.\n\
         To add a value, add its line to the axes and run `cargo dev generate`.\n\
         With `TOPOLOGIES=n003,n017` the proofs look at those alone.\n\
         `digests.tsv` keeps what each of them is built to, and `core` the whole manifests of a few: \
         `UPDATE=1 cargo test -p suite --test suite goldens` writes both anew, to be reviewed as a diff.\n\n\
         ## Values\n\n\
         | Axis | Value | Topologies |\n|---|---|---|\n",
        rows.len(),
        counts.len()
    );
    for axis in AXES {
        for value in axis.values {
            let having = rows.iter().filter(|row| row.is(axis.name, value.name)).count();
            writeln!(text, "| {} | {} | {having} |", axis.name, value.name).expect("memory");
        }
    }
    text += "\n## Forbidden pairs\n\n| Value | And value | Diagnostic |\n|---|---|---|\n";
    for pair in forbidden() {
        let ((first, its), (second, other)) = (pair.first, pair.second);
        writeln!(text, "| {first} {its} | {second} {other} | {} |", pair.code).expect("memory");
    }
    text += "\n## Pairs\n\nFor each two axes: how many pairs there are, and in how many topologies the rarest one stands.\n\n\
             | Axis | And axis | Pairs | Rarest |\n|---|---|---|---|\n";
    let mut axes: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for ((first, second), count) in &counts {
        axes.entry((first.0, second.0)).or_default().push(*count);
    }
    for ((first, second), counts) in axes {
        let (first, second) = (AXES[first].name, AXES[second].name);
        let rarest = counts.iter().min().copied().unwrap_or(0);
        writeln!(text, "| {first} | {second} | {} | {rarest} |", counts.len()).expect("memory");
    }
    text
}
