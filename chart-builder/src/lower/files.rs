//! The files of a network's chart that are neither values nor schema.

use std::collections::BTreeMap;

use chart_format::yaml::{Map, Node, go_json};

use super::LowerError;
use super::view::View;
use crate::model::{Network, names};
use crate::render;

/// Templates that only call what `fabric-network` defines: a library renders nothing by itself.
const CALLS: &[(&str, &str)] = &[
    ("templates/guard.yaml", "{{- include \"fabric-network.guard\" . -}}\n"),
    ("templates/tests.yaml", "{{- include \"fabric-network.tests\" . -}}\n"),
    ("templates/NOTES.txt", "{{- include \"fabric-network.notes\" . -}}\n"),
];

pub(super) fn templates(compiled: &str) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> =
        CALLS.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    files.insert("templates/_compiled.tpl".to_owned(), compiled.to_owned());
    files
}

pub(super) fn readme(view: &View<'_>) -> Result<String, LowerError> {
    Ok(render::readme(view.network)?)
}

/// `files/network.json`: the network as a registry shows and compares it, without the compiler.
pub(super) fn summary(view: &View<'_>) -> String {
    let mut text = go_json(&of_network(view.network).into());
    text.push('\n');
    text
}

fn of_network(network: &Network) -> Map {
    let organizations: Vec<Map> = network
        .organizations
        .iter()
        .map(|organization| {
            Map::new()
                .with("name", &organization.name)
                .with("mspId", &organization.msp_id)
                .with("namespace", &organization.namespace)
                .with("peers", texts(organization.peers.iter().map(|peer| &peer.name)))
                .with("orderers", texts(organization.orderers.iter().map(|it| &it.name)))
        })
        .collect();
    let channels: Vec<Map> = network
        .channels
        .iter()
        .map(|channel| {
            Map::new()
                .with("name", &channel.name)
                .with("members", texts(channel.members.iter().map(|it| &it.organization)))
                .with("consenters", texts(channel.consenters.iter().map(|it| &it.host)))
        })
        .collect();
    let chaincodes: Vec<Map> = network
        .chaincodes
        .iter()
        .map(|chaincode| {
            Map::new()
                .with("name", &chaincode.name)
                .with("channel", &chaincode.channel)
                .with("version", &chaincode.version)
                .with("server", names::chaincode_server(&chaincode.name, chaincode.sequence))
        })
        .collect();
    Map::new()
        .with("name", &network.name)
        .with("version", network.version.to_string())
        .with("fabric", network.fabric.to_string())
        .with("organizations", organizations)
        .with("channels", channels)
        .with("chaincodes", chaincodes)
}

fn texts<'a>(items: impl Iterator<Item = &'a String>) -> Vec<Node> {
    items.map(Node::from).collect()
}
