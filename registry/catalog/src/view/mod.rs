//! Smaller indexes of the same repository, for clients that pay for every version they read.
//!
//! A view has the same three levels as the repository, mapped branch by branch and leaf by leaf.
//! So what both hold is shared, and when the repository has changed, what lies behind the same leaf
//! as before is taken from the view as it was: making it again costs little more than what changed.
//! The result is a function of the repository alone, so that replicas have the same validators,
//! whenever each of them has made it.

mod made;
mod selection;
mod spec;

pub use made::View;
pub use selection::Damaged;
pub use spec::{VIEW_KEYS, ViewFault, ViewKey, ViewSpec};

#[cfg(test)]
mod tests;
