//! The step between the decided network and its charts: public files are checked, what is new is frozen.
//!
//! A pure function of the model, the lock, `public/` and the curated charts' digests: no key, no clock, no randomness.
//! A genesis block is made once; from then on it is read, and a block that is missing or differs is an error, because
//! the running network was started from that one.

mod certificates;
mod codes;
mod configuration;
mod facts;
mod genesis;
mod grow;
mod package_file;
mod packages;
mod pins;
mod recorded;
mod shared_roots;
mod updates;

use std::collections::BTreeMap;

pub use codes::CODES;
pub use facts::channel_facts;
pub use updates::{PendingUpdate, pending_updates};

use crate::diagnostic::{Diagnostic, Diagnostics, KeyPath, Place, Severity};
use crate::directory::PublicFiles;
use crate::lock::{Lock, LockedChart};
use crate::material::Material;
use crate::model::Network;

/// What is frozen, and what it is frozen from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The decided network, which no rule refuses.
    pub network: &'a Network,
    /// What is frozen already.
    pub lock: &'a Lock,
    /// Everything below `public/`, and the sources that the topology names.
    pub public: &'a PublicFiles,
    /// The curated charts at hand that the network uses.
    pub charts: &'a BTreeMap<String, LockedChart>,
    /// Pins of curated charts may move on.
    pub update_charts: bool,
}

/// A frozen network: charts are made from this and the model alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// The lock after this build.
    pub lock: Lock,
    /// Certificates, blocks and packages.
    pub material: Material,
    /// Genesis blocks and updates that were made now, by path in the network directory: written before the lock.
    pub new_blocks: BTreeMap<String, Vec<u8>>,
}

/// Freezes what is new; every fault of certificates, blocks and pins in one list.
pub fn freeze(inputs: &Inputs<'_>) -> Result<Frozen, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let organizations = certificates::read(inputs, &mut diagnostics);
    shared_roots::check(inputs, &organizations, &mut diagnostics);
    let mut material = Material { organizations, ..Material::default() };
    material.packages = packages::packages(inputs, &mut diagnostics);
    let mut new_blocks = genesis::provide(inputs, &mut material, &mut diagnostics);
    new_blocks.extend(updates::provide(inputs, &mut material, &mut diagnostics));
    recorded::check(inputs, &mut diagnostics);
    let charts = pins::pin(inputs, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let lock = grow::grow(inputs, &material, charts);
    Ok(Frozen { lock, material, new_blocks })
}

/// The texts of a finding.
struct Words {
    message: String,
    why: String,
    fix: String,
}

fn finding(code: &'static str, path: KeyPath, words: Words) -> Diagnostic {
    Diagnostic {
        code,
        severity: Severity::Error,
        place: Place::value(path),
        related: None,
        message: words.message,
        why: words.why,
        fix: words.fix,
    }
}

#[cfg(test)]
mod tests;
