//! `configtx.yaml` beside cryptogen's configuration: MSP ids, anchor peers, how blocks are cut, who is on the channel.

use super::loose::{Document, MERGE};
use super::reader::Reader;
use super::{Inputs, Ordering};
use crate::diagnostic::Diagnostics;
use crate::spec::tree::{Node, Value};

/// Adds what the file says to what is known; organizations are told apart by the domain in `MSPDir`.
pub(super) fn read(document: &Document, inputs: &mut Inputs, found: &mut Diagnostics) {
    let Some(root) = document.root().map(Reader::new) else { return };
    for item in root.key("Organizations").items(found) {
        organization(&item, inputs, found);
    }
    let orderer = root.key("Orderer");
    if orderer.is_there() {
        ordering(&orderer, inputs, found);
    }
    inputs.members = channel_members(document, &root);
}

fn organization(item: &Reader<'_>, inputs: &mut Inputs, found: &mut Diagnostics) {
    let id = item.required("ID", found);
    let directory = item.required("MSPDir", found);
    let domain = domain_of(&directory);
    let owners = inputs.peers.iter_mut().chain(&mut inputs.orderers);
    let mut own: Vec<_> = owners.filter(|owner| owner.domain == domain).collect();
    if own.is_empty() {
        item.key("MSPDir").refuse(
            [
                &format!("`{directory}` is of no organization of the other file"),
                "MSP ids are matched by the domain in this path",
                "use the domain of cryptogen's configuration in both files",
            ],
            found,
        );
    }
    for owner in &mut own {
        owner.msp_id.clone_from(&id);
    }
    for anchor in item.key("AnchorPeers").items(found) {
        let host = anchor.required("Host", found);
        let peer = host.split('.').next().unwrap_or_default().to_owned();
        for owner in &mut own {
            owner.anchors.push(peer.clone());
        }
    }
}

/// `org1` of `crypto-config/peerOrganizations/org1/msp`.
fn domain_of(directory: &str) -> &str {
    let mut parts = directory.trim_end_matches('/').rsplit('/');
    match (parts.next(), parts.next()) {
        (Some("msp"), Some(domain)) | (Some(domain), _) => domain,
        (None, _) => "",
    }
}

fn ordering(orderer: &Reader<'_>, inputs: &mut Inputs, found: &mut Diagnostics) {
    match orderer.text("OrdererType", found).as_deref() {
        None | Some("solo") => inputs.ordering = Ordering::Solo,
        Some("kafka") => inputs.ordering = Ordering::Kafka,
        Some("etcdraft") => inputs.ordering = Ordering::Raft,
        Some(other) => orderer.key("OrdererType").refuse(
            [
                &format!("`{other}` is no consensus that is known"),
                "there are `solo`, `kafka` and `etcdraft` in such files",
                "write one of them",
            ],
            found,
        ),
    }
    let size = orderer.key("BatchSize");
    inputs.batch.timeout = orderer.text("BatchTimeout", found);
    inputs.batch.max_messages = size.text("MaxMessageCount", found);
    inputs.batch.absolute_max_bytes = size.text("AbsoluteMaxBytes", found);
    inputs.batch.preferred_max_bytes = size.text("PreferredMaxBytes", found);
}

/// Domains of the organizations of the first profile that makes a channel.
fn channel_members(document: &Document, root: &Reader<'_>) -> Option<Vec<String>> {
    for (_, profile) in root.key("Profiles").entries() {
        let application = profile.key("Application");
        let Some(node) = application.node().and_then(|node| document.follow(node)) else {
            continue;
        };
        let Some(organizations) = field(document, node, "Organizations") else { continue };
        let Value::List(items) = &organizations.value else { continue };
        let domain = |item: &Node| {
            let item = document.follow(item)?;
            match &field(document, item, "MSPDir")?.value {
                Value::Scalar { text, .. } => Some(domain_of(text).to_owned()),
                _ => None,
            }
        };
        return Some(items.iter().filter_map(domain).collect());
    }
    None
}

/// A field of a mapping, its own before what is merged into it.
fn field<'a>(document: &'a Document, node: &'a Node, key: &str) -> Option<&'a Node> {
    let Value::Map(entries) = &node.value else { return None };
    let find = |key: &str| entries.iter().find(|entry| entry.key == key).map(|it| &it.node);
    if let Some(own) = find(key) {
        return document.follow(own);
    }
    let merged = document.follow(find(MERGE)?)?;
    let Value::Map(entries) = &merged.value else { return None };
    let node = &entries.iter().find(|entry| entry.key == key)?.node;
    document.follow(node)
}
