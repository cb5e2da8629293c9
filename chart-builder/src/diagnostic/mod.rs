//! What the compiler says about a topology: code, place, message, reason and fix.
//!
//! A diagnostic names its place by key path (`organizations[2].namespace`); [`Diagnostics::locate`] finds the range in
//! the text at the end, so that neither the model nor a rule carries positions. How a report looks is decided in
//! [`report`] alone.

mod explain;
mod path;
pub mod report;

pub use explain::{Explanation, explanation, explanations};
pub use path::{KeyPath, Segment};

use std::ops::Range;

use crate::source::Source;
use crate::spec::tree::Tree;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is built.
    Error,
    /// The network is built; somebody should look at it.
    Warning,
}

impl Severity {
    /// The word that reports print.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Which part of a mapping entry is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The key: something is wrong with the word or below it.
    Key,
    /// The value: something is wrong with what was written.
    Value,
    /// These bytes, for places that no key path names: syntax errors and second keys.
    Bytes(Range<usize>),
}

/// A place in the topology file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Keys and indexes from the root.
    pub path: KeyPath,
    /// Key, value or bytes.
    pub target: Target,
    /// Bytes in the text; `None` until [`Diagnostics::locate`] has run.
    pub range: Option<Range<usize>>,
}

impl Place {
    /// The value at a path.
    pub fn value(path: KeyPath) -> Self {
        Self { path, target: Target::Value, range: None }
    }

    /// The key at a path.
    pub fn key(path: KeyPath) -> Self {
        Self { path, target: Target::Key, range: None }
    }

    /// Bytes that no key path names; the path says what they belong to.
    pub fn bytes(path: KeyPath, range: Range<usize>) -> Self {
        Self { path, target: Target::Bytes(range), range: None }
    }
}

/// Another place that a person has to look at, with what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there, as a phrase: `first written here`.
    pub label: String,
}

/// One finding. Texts are phrases: lower case at the start, no full stop at the end of `message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, for example `FT101`; `explain` knows it.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// A second place, if two contradict each other.
    pub related: Option<Related>,
    /// What is wrong, with the names in backticks.
    pub message: String,
    /// Why that is a fault: the limit, and whose limit it is.
    pub why: String,
    /// What to type instead.
    pub fix: String,
}

/// All findings of one run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.items.push(diagnostic);
    }

    /// Adds findings.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.items.extend(diagnostics);
    }

    /// The findings: by position once they are located.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.items.iter()
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Something forbids a build.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many findings of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.items.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// Finds the range of every place and sorts by it. What several rules or owners find at one place is said once.
    pub fn locate(&mut self, tree: &Tree, source: &Source) {
        for diagnostic in &mut self.items {
            let related = diagnostic.related.iter_mut().map(|related| &mut related.place);
            for place in std::iter::once(&mut diagnostic.place).chain(related) {
                place.range = Some(source.first_line(&tree.range(place)));
            }
        }
        self.items.sort_by_key(|diagnostic| {
            let start = diagnostic.place.range.as_ref().map_or(0, |range| range.start);
            (start, diagnostic.code, diagnostic.message.clone())
        });
        self.items.dedup();
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<Items: IntoIterator<Item = Diagnostic>>(items: Items) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
