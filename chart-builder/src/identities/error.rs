//! What keeps identities from being made.

use std::fmt;

use crate::directory::DirectoryError;

/// Why nothing was made, or not everything.
#[derive(Debug, thiserror::Error)]
pub enum IdentitiesError {
    /// What is there contradicts itself; nothing was written.
    #[error("the identities that are there cannot be used: {}", Faults(.0))]
    Faults(Vec<IdentityFault>),
    /// `--owner` names nobody.
    #[error("organization `{owner}` is not in the topology; it has {}", .known.join(", "))]
    UnknownOwner {
        /// What was asked for.
        owner: String,
        /// Names of the organizations of the topology.
        known: Vec<String>,
    },
    /// A tree of identities that no network has.
    #[error(
        "`{path}` has more files than any tree of cryptogen; name the directory `crypto-config` itself"
    )]
    TreeTooLarge {
        /// The tree.
        path: String,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A key or certificate cannot be made.
    #[error("cannot make `{path}`")]
    Artifact {
        /// The file that was to be made.
        path: String,
        /// Why.
        source: fabric_artifacts::Error,
    },
}

/// One contradiction among the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityFault {
    /// The file, relative to the network directory.
    pub file: String,
    /// What is wrong with it, as a phrase.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for IdentityFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`: {}; {}", self.file, self.message, self.fix)
    }
}

/// One fault in each line.
struct Faults<'a>(&'a [IdentityFault]);

impl fmt::Display for Faults<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|fault| write!(formatter, "\n  {fault}"))
    }
}
