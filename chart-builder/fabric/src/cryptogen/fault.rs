//! What is wrong with a tree that was made elsewhere.

/// One fault, with the file or directory that has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {reason}")]
pub struct TreeFault {
    /// Relative to the root of the tree.
    pub path: String,
    /// What is wrong, and the rule.
    pub reason: String,
}
