//! What genesis blocks say about hosts.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fabric_artifacts::block::{Block, Consensus};
use serde_json::Value;

use super::dials::endpoint;

/// An orderer that a channel lets vote.
pub(super) struct Consenter {
    pub(super) host: String,
    pub(super) port: u16,
    /// PEM of its TLS server certificate.
    pub(super) certificate: String,
}

/// Hosts and ports of a block: consenters, orderers of each organization, anchor peers.
pub(super) fn endpoints(bytes: &[u8]) -> BTreeSet<(String, u16)> {
    let Ok(block) = Block::read(bytes) else { return words(bytes) };
    let mut found: BTreeSet<(String, u16)> =
        of_block(&block).into_iter().map(|it| (it.host, it.port)).collect();
    let configuration = &block.configuration;
    let addresses = configuration.orderers.iter().flat_map(|it| &it.endpoints);
    for address in addresses.chain(&configuration.addresses) {
        let read = endpoint(address);
        found.insert(read.unwrap_or_else(|| panic!("`{address}` is no address of an orderer")));
    }
    if let Consensus::Kafka { brokers } = &configuration.consensus {
        found.extend(brokers.iter().filter_map(|it| endpoint(it)));
    }
    let anchors = configuration.applications.iter().flat_map(|it| &it.anchors);
    found.extend(anchors.map(|it| (it.host.clone(), it.port)));
    found
}

/// A block without members (a system channel): the words in it that are addresses.
fn words(bytes: &[u8]) -> BTreeSet<(String, u16)> {
    let within = |it: &u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b".-:".contains(it);
    let words = bytes.split(|it| !within(it)).filter_map(|it| std::str::from_utf8(it).ok());
    words.filter(|it| it.contains('.')).filter_map(endpoint).collect()
}

/// Consenters of every channel whose block stands in a `ConfigMap`.
pub(super) fn consenters(objects: &[Value]) -> Vec<Consenter> {
    let maps = objects.iter().filter_map(|object| object["binaryData"].as_object());
    let files = maps.flatten().filter(|(key, _)| key.strip_suffix(".block").is_some());
    let blocks = files.filter_map(|(_, value)| {
        let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).expect("base64");
        Block::read(&bytes).ok()
    });
    blocks.flat_map(|block| of_block(&block)).collect()
}

fn of_block(block: &Block) -> Vec<Consenter> {
    let of = |host: &String, port: u16, certificate: &String| Consenter {
        host: host.clone(),
        port,
        certificate: certificate.clone(),
    };
    match &block.configuration.consensus {
        Consensus::Etcdraft { consenters, .. } => {
            consenters.iter().map(|it| of(&it.host, it.port, &it.server_tls)).collect()
        }
        Consensus::Bft { consenters, .. } => {
            consenters.iter().map(|it| of(&it.host, it.port, &it.server_tls)).collect()
        }
        _ => Vec::new(),
    }
}
