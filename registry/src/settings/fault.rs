//! What is wrong with a configuration, where, and what to do; and where a value came from.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the configuration file; line and column count from 1.
    File {
        /// The file.
        path: PathBuf,
        /// Line of the value, or of the key that nobody knows.
        line: usize,
        /// Column.
        column: usize,
    },
    /// In a variable of the environment.
    Environment(String),
    /// In a flag of the command line.
    Flag(&'static str),
    /// Nowhere: nobody said anything.
    Default,
}

impl Display for Place {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => {
                write!(formatter, "{}:{line}:{column}", path.display())
            }
            Self::Environment(name) => write!(formatter, "environment variable `{name}`"),
            Self::Flag(flag) => write!(formatter, "flag `--{flag}`"),
            Self::Default => write!(formatter, "default"),
        }
    }
}

/// A value that cannot be, before anybody has said where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong, as a phrase.
    pub what: String,
    /// What to write instead.
    pub fix: String,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: fix.into() }
    }

    pub(super) fn at(self, place: Place) -> Fault {
        Fault { place, what: self.what, fix: self.fix }
    }
}

/// Something that keeps the configuration from being used, or a notice about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{place}: {what}: {fix}")]
pub struct Fault {
    /// Where it is.
    pub place: Place,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub fix: String,
}
