//! The example topologies: networks along declared axes, every allowed pair of values in at least one of them.
//!
//! `tests/topologies/table.tsv` has one line for each; the proofs of `tests/suite/topologies` build and judge them all.
//! Left out: what only a running network shows, which is the cluster suite's.

pub mod axes;
pub mod cover;
mod coverage;
mod engine;
mod files;
pub mod forbidden;
mod legacy;
mod successor;
mod text;
mod version;

use axes::{AXES, Words};
use cover::Choice;

pub use coverage::coverage;
pub use files::files;
pub use successor::{Successor, successor};
pub use text::{document, reversed, topology, written};

use crate::workspace;

/// How places begin that are settings of an install.
const INSTALL: &str = "@install.";

/// Where the table lies.
pub const TABLE: &str = "tests/topologies/table.tsv";

/// One example topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Name of the network.
    pub name: String,
    /// For each axis the index of its value.
    choice: Vec<usize>,
}

impl Row {
    /// A topology of its own, outside of the table.
    pub fn of(name: &str, choice: &Choice) -> Option<Self> {
        Some(Self { name: name.to_owned(), choice: choice.iter().copied().collect::<Option<_>>()? })
    }

    /// The value of an axis.
    pub fn value(&self, axis: &str) -> &'static str {
        let index = AXES.iter().position(|it| it.name == axis);
        let index = index.unwrap_or_else(|| panic!("there is no axis `{axis}`"));
        AXES[index].values[self.choice[index]].name
    }

    /// Whether an axis has a value.
    pub fn is(&self, axis: &str, value: &str) -> bool {
        self.value(axis) == value
    }

    /// The value of an axis whose values are numbers.
    pub fn number(&self, axis: &str) -> u64 {
        self.value(axis)
            .parse()
            .unwrap_or_else(|_| panic!("`{axis}` has values that are no numbers"))
    }

    /// The indexes of its values.
    pub fn choice(&self) -> Choice {
        self.choice.iter().copied().map(Some).collect()
    }

    /// Settings of its install, as `--set` takes them.
    pub fn settings(&self) -> Vec<String> {
        let settings = self.words().filter_map(|(place, value)| {
            Some(format!("{}={}", place.strip_prefix(INSTALL)?, value.trim_matches('"')))
        });
        settings.collect()
    }

    /// What its values say in a topology, and in an install.
    fn words(&self) -> impl Iterator<Item = Words> + '_ {
        self.choice
            .iter()
            .enumerate()
            .flat_map(|(axis, value)| AXES[axis].values[*value].words)
            .copied()
    }
}

/// Every topology: the committed table, completed for values that have come since.
pub fn rows() -> Vec<Row> {
    let rows = extended().into_iter();
    rows.map(|(name, choice)| Row::of(&name, &choice).expect("an extended table has no blanks"))
        .collect()
}

/// Names and choices of a table. A column or a word that no axis knows is left open.
fn read_table(text: &str) -> Vec<(String, Choice)> {
    let mut lines = text.lines();
    let heads: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    lines
        .map(|line| {
            let words: Vec<&str> = line.split('\t').collect();
            let choice = AXES.iter().map(|axis| {
                let word = words.get(heads.iter().position(|head| *head == axis.name)?)?;
                axis.values.iter().position(|value| value.name == *word)
            });
            (words[0].to_owned(), choice.collect())
        })
        .collect()
}

/// A table as text.
pub fn write_table(rows: &[(String, Choice)]) -> String {
    let heads = AXES.iter().map(|axis| axis.name);
    let mut text = std::iter::once("name").chain(heads).collect::<Vec<_>>().join("\t") + "\n";
    for (name, choice) in rows {
        let words = AXES.iter().zip(choice).map(|(axis, value)| match value {
            Some(index) => axis.values[*index].name,
            None => "",
        });
        text += &std::iter::once(name.as_str()).chain(words).collect::<Vec<_>>().join("\t");
        text.push('\n');
    }
    text
}

/// The table of today's axes: what is committed, completed and extended until every allowed pair is there.
pub fn extended() -> Vec<(String, Choice)> {
    let rows = read_table(&std::fs::read_to_string(workspace::path(TABLE)).unwrap_or_default());
    let mut choices: Vec<Choice> = rows.iter().map(|(_, choice)| choice.clone()).collect();
    cover::extend(&mut choices);
    let taken = rows.iter().filter_map(|(name, _)| name.strip_prefix('n')?.parse::<u32>().ok());
    let next = taken.max().unwrap_or(0) + 1;
    let names = rows.iter().map(|(name, _)| name.clone());
    let fresh = (next..).map(|number| format!("n{number:03}"));
    names.chain(fresh).zip(choices).collect()
}
