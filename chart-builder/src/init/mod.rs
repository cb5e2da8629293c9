//! `init`: the topology to start with, from nothing or from the files that earlier tools took.
//!
//! Known are cryptogen's configuration (the `cluster-config.yaml` of 2017), `configtx.yaml` beside it, and `values.yaml` of
//! the Helm chart of 2018, each as it is. What they say is read under the limits of a topology, faults name their place, and
//! the result is a network.yaml with comments that says nothing about the network which the files do not say, apart from
//! what stands in [`Choices`]. Left out: reading a running network.

mod configtx;
mod cryptogen;
mod loose;
mod node_ports;
mod reader;
mod values;
mod write;

use semver::Version;

use crate::diagnostic::Diagnostics;
use crate::source::Source;
use crate::spec::grammar;
use crate::spec::tree::{Node, Value};
use reader::Reader;

/// What the files do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// Name of the network where the files have none.
    pub name: String,
    /// Fabric's version; without one the newest line that still has the consensus of the files.
    pub fabric: Option<Version>,
}

/// A topology, and what a person should know about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The text of network.yaml.
    pub topology: String,
    /// What was decided on the way, one sentence each.
    pub notes: Vec<String>,
}

/// Files that no topology can be made of.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be taken", .source_file.name())]
pub struct InitError {
    /// The file with the first fault.
    pub source_file: Box<Source>,
    /// Everything that is wrong with it.
    pub diagnostics: Diagnostics,
}

/// How the orderers of the files agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Ordering {
    #[default]
    Solo,
    Kafka,
    Raft,
}

/// What the files say, whichever they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Inputs {
    /// Name of the network.
    name: Option<String>,
    ordering: Ordering,
    peers: Vec<Owner>,
    orderers: Vec<Owner>,
    batch: Batch,
    /// Name of the channel and domains of its members.
    members: Option<Vec<String>>,
    share: Option<Share>,
    /// The tool that took the file made node ports of it.
    has_node_ports: bool,
    notes: Vec<String>,
}

/// An organization in one role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Owner {
    name: String,
    /// Name of its directory in `crypto-config`.
    domain: String,
    namespace: String,
    msp_id: String,
    count: u64,
    /// Peers that other organizations look for first; empty: the first one.
    anchors: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Batch {
    timeout: Option<String>,
    max_messages: Option<String>,
    absolute_max_bytes: Option<String>,
    preferred_max_bytes: Option<String>,
}

/// An NFS server with the layout of 2018.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Share {
    server: String,
    base_path: String,
    /// What holds `crypto-config`.
    shared_path: String,
}

/// A commented topology to start with.
pub fn from_nothing(choices: &Choices) -> Started {
    Started { topology: write::start(choices), notes: Vec::new() }
}

/// A topology from cryptogen's configuration or the values of 2018, and from `configtx.yaml` where there is one.
pub fn from_files(
    first: &Source,
    configtx: Option<&Source>,
    choices: &Choices,
) -> Result<Started, InitError> {
    let mut found = Diagnostics::default();
    let document = loose::Document::parse(first, &mut found);
    let mut inputs = Inputs::default();
    if let Some(root) = document.root() {
        let reader = Reader::new(root);
        if is_values(root) {
            inputs = values::read(&reader, &mut found);
        } else {
            inputs = cryptogen::read(&reader, &mut found);
        }
    }
    refuse(first, &document, found)?;
    if let Some(source) = configtx {
        let mut found = Diagnostics::default();
        let document = loose::Document::parse(source, &mut found);
        configtx::read(&document, &mut inputs, &mut found);
        refuse(source, &document, found)?;
    }
    settle_names(&mut inputs);
    let (topology, more) = write::topology(&inputs, choices);
    inputs.notes.extend(more);
    Ok(Started { topology, notes: inputs.notes })
}

/// The values of 2018 begin their keys in lower case.
fn is_values(root: &Node) -> bool {
    match &root.value {
        Value::Map(entries) => entries
            .iter()
            .any(|entry| matches!(entry.key.as_str(), "peerOrgs" | "ordererOrgs" | "clusterName")),
        _ => false,
    }
}

fn refuse(
    source: &Source,
    document: &loose::Document,
    mut found: Diagnostics,
) -> Result<(), InitError> {
    if !found.has_errors() {
        return Ok(());
    }
    found.locate(document.tree(), source);
    Err(InitError { source_file: Box::new(source.clone()), diagnostics: found })
}

/// Namespaces are DNS labels, whatever the domains were.
fn settle_names(inputs: &mut Inputs) {
    let mut notes = Vec::new();
    for owner in inputs.peers.iter_mut().chain(&mut inputs.orderers) {
        if grammar::is_label(&owner.namespace) {
            continue;
        }
        let said = owner.namespace.clone();
        owner.namespace = grammar::label_of(&said).unwrap_or_else(|| owner.name.to_lowercase());
        notes.push(format!(
            "`{said}` is no DNS label, so the namespace of `{}` is `{}`: its nodes are dialled as `<node>.{}`, and \
             certificates of cryptogen for `{said}` do not cover that",
            owner.name, owner.namespace, owner.namespace
        ));
    }
    inputs.notes.extend(notes);
}

/// `Org1` of `org1`: how the generator of 2017 named organizations and MSPs.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
