//! What an import did, and every file that it left.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use serde::Serialize;

use super::Outcome;

/// A file that was not imported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Left {
    /// The file or directory.
    pub file: String,
    /// Why not.
    pub why: String,
    /// What to do.
    pub fix: String,
}

impl Left {
    pub(super) fn new(file: &Path, why: &str, fix: &str) -> Self {
        Self { file: file.display().to_string(), why: why.to_owned(), fix: fix.to_owned() }
    }
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Packages that were taken, by name and version.
    pub imported: Vec<String>,
    /// How many of them came with their provenance file.
    pub signed: u64,
    /// Packages that were there already.
    pub present: u64,
    /// Packages with a private key: not served, and to be looked at by a person.
    pub quarantined: Vec<Left>,
    /// Files that were not imported.
    pub left: Vec<Left>,
    /// Versions of which a bundle says that they were yanked, deprecated or promoted, or are no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Versions of which a bundle says something else than what somebody decided here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// `sha256:` digest of the bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl Report {
    pub(super) fn add(&mut self, outcome: Outcome) {
        self.imported.extend(outcome.imported);
        self.signed += u64::from(outcome.signed);
        self.present += u64::from(outcome.present);
        self.quarantined.extend(outcome.quarantined);
        self.left.extend(outcome.left);
    }

    pub(super) fn sort(&mut self) {
        self.imported.sort();
        self.quarantined.sort();
        self.left.sort();
    }

    /// Whether every package of the directory is in the registry now.
    pub fn is_complete(&self) -> bool {
        self.left.is_empty() && self.quarantined.is_empty()
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let lists = [("quarantined", &self.quarantined), ("left", &self.left)];
        for (word, list) in lists {
            for Left { file, why, fix } in list {
                writeln!(formatter, "{word}: `{file}`: {why}: {fix}")?;
            }
        }
        for version in &self.kept {
            writeln!(formatter, "kept: `{version}` is what somebody decided here")?;
        }
        if let Some(digest) = &self.digest {
            writeln!(
                formatter,
                "{digest}, {} versions follow what became of them",
                self.changed.len()
            )?;
        }
        writeln!(
            formatter,
            "{} imported ({} with provenance), {} there already, {} left, {} quarantined",
            self.imported.len(),
            self.signed,
            self.present,
            self.left.len(),
            self.quarantined.len()
        )
    }
}
