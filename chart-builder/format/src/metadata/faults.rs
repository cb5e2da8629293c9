//! What can be wrong with a Chart.yaml.

use std::fmt;

use crate::constraint::ConstraintError;
use crate::name::NameError;
use crate::version::MAX_VERSION_BYTES;
use crate::yaml::ReadError;

/// All faults of one Chart.yaml, in the order of Helm's fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MetadataError {
    /// At least one.
    pub faults: Vec<Fault>,
}

impl fmt::Display for MetadataError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            write!(formatter, "{fault}")?;
        }
        Ok(())
    }
}

/// One fault and where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {kind}")]
pub struct Fault {
    /// Path of the field, as in `dependencies[1].alias`; `Chart.yaml` for the whole file.
    pub field: String,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What can be wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The file is no YAML that we read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// A field that must be there is absent or empty.
    #[error("is missing")]
    Missing,
    /// Another type than the field has.
    #[error("is not {expected}")]
    WrongType {
        /// What it must be, with its article.
        expected: &'static str,
    },
    /// A chart's name that is no DNS-1123 label.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Nothing that Helm reads a version in, or too long for a tag.
    #[error(
        "`{0}` is no semantic version of at most {MAX_VERSION_BYTES} bytes: write `major.minor.patch`, as in `1.2.3` or `1.2.3-rc.1`"
    )]
    Version(String),
    /// A constraint that Helm cannot parse.
    #[error(transparent)]
    Constraint(#[from] ConstraintError),
    /// A word that is not one of a closed list.
    #[error("`{word}` is unknown: write {known}")]
    UnknownWord {
        /// The word.
        word: String,
        /// The known words.
        known: &'static str,
    },
    /// A field's name in other letter case, which Helm takes for the field as well.
    #[error("is read by Helm as `{known}`: write `{known}`")]
    LetterCase {
        /// The field.
        known: &'static str,
    },
    /// An alias with other characters than letters, digits, `_` and `-`.
    #[error("alias `{0}` may hold only letters, digits, `_` and `-`")]
    Alias(String),
    /// Two dependencies under one name.
    #[error("a second dependency is used as `{0}`: give one of them another `alias`")]
    DuplicateDependency(String),
    /// The annotation `<<`, which Helm writes without quotes and reads as a merge.
    #[error("cannot be the name of an annotation: Helm reads it as a merge")]
    MergeKey,
    /// A control character in an annotation, which Helm cannot write.
    #[error("holds the control character U+{0:04X}: remove it")]
    ControlCharacter(u32),
}
