//! From the text of a topology to the decided network, with every fault on the way.

use crate::diagnostic::Diagnostics;
use crate::lock::Lock;
use crate::model::Network;
use crate::resolve::resolve;
use crate::rules::{self, Context};
use crate::source::Source;
use crate::spec::tree::Tree;
use crate::spec::{self, Spec};

/// What a check found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The decided network; `None` when there is an error.
    pub network: Option<Network>,
    /// Every finding, located and sorted by position.
    pub diagnostics: Diagnostics,
    /// The document: locates what later steps find.
    pub tree: Tree,
}

/// Reads, resolves and judges a topology against what is frozen. Pure: no file, no clock.
pub fn check(source: &Source, lock: &Lock) -> Checked {
    check_adjusted(source, lock, &|_| {})
}

/// The same for a topology of which some words are replaced after reading: a preview has a name and version of its own.
pub fn check_adjusted(source: &Source, lock: &Lock, adjust: &dyn Fn(&mut Spec)) -> Checked {
    let mut diagnostics = Diagnostics::default();
    let mut parsed = spec::parse(source, &mut diagnostics);
    if let Some(spec) = &mut parsed.spec {
        adjust(spec);
    }
    let network = parsed.spec.as_ref().map(|spec| {
        let network = resolve(spec, lock);
        let context = Context { spec, network: &network, lock, faults: &parsed.faults };
        rules::check(&context, &mut diagnostics);
        network
    });
    diagnostics.locate(&parsed.tree, source);
    Checked {
        network: network.filter(|_| !diagnostics.has_errors()),
        diagnostics,
        tree: parsed.tree,
    }
}

#[cfg(test)]
pub(crate) mod built;
#[cfg(test)]
mod tests;
