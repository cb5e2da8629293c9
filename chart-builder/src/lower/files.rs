//! The files of a network's chart that are neither values nor schema.

use std::collections::BTreeMap;

use chart_format::summary::{self, NetworkSummary};

use super::LowerError;
use super::view::View;
use crate::model::{Chaincode, Channel, Organization};
use crate::render;

/// Templates that only call what `fabric-network` defines: a library renders nothing by itself.
const CALLS: &[(&str, &str)] = &[
    ("templates/guard.yaml", "{{- include \"fabric-network.guard\" . -}}\n"),
    ("templates/NOTES.txt", "{{- include \"fabric-network.notes\" . -}}\n"),
];

/// What `helm test` does, in releases with organizations: two releases cannot have the same pods.
const TESTS: (&str, &str) =
    ("templates/tests.yaml", "{{- include \"fabric-network.tests\" . -}}\n");

pub(super) fn templates(view: &View<'_>, compiled: &str) -> BTreeMap<String, String> {
    let tests = view.release.has_organizations().then_some(&TESTS);
    let calls = CALLS.iter().chain(tests);
    let mut files: BTreeMap<String, String> =
        calls.map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    files.insert("templates/_compiled.tpl".to_owned(), compiled.to_owned());
    files
}

pub(super) fn readme(view: &View<'_>) -> Result<String, LowerError> {
    Ok(render::readme(view.network, view.release)?)
}

/// `files/network.json`: the network as a registry shows and compares it, without the compiler.
pub(super) fn network_summary(view: &View<'_>) -> Result<String, LowerError> {
    let network = view.network;
    let summary = NetworkSummary {
        format: summary::FORMAT.to_owned(),
        network: network.name.clone(),
        version: network.version.to_string(),
        fabric: network.fabric.to_string(),
        organizations: network.organizations.iter().map(organization).collect(),
        channels: by_name(&network.channels, |it| &it.name, |it| channel(view, it))?,
        chaincodes: by_name(&network.chaincodes, |it| &it.name, |it| chaincode(view, it))?,
    };
    Ok(summary.to_json()?)
}

fn by_name<Item, Summary>(
    items: &[Item],
    name: impl Fn(&Item) -> &String,
    summary: impl Fn(&Item) -> Result<Summary, LowerError>,
) -> Result<BTreeMap<String, Summary>, LowerError> {
    items.iter().map(|item| Ok((name(item).clone(), summary(item)?))).collect()
}

fn organization(organization: &Organization) -> (String, summary::Organization) {
    let it = summary::Organization {
        namespace: organization.namespace.clone(),
        msp_id: organization.msp_id.clone(),
        peers: organization.peers.iter().map(|peer| peer.name.clone()).collect(),
        orderers: organization.orderers.iter().map(|orderer| orderer.name.clone()).collect(),
    };
    (organization.name.clone(), it)
}

fn channel(view: &View<'_>, channel: &Channel) -> Result<summary::Channel, LowerError> {
    Ok(summary::Channel {
        members: channel.members.iter().map(|member| member.organization.clone()).collect(),
        consenters: channel.consenters.iter().map(|consenter| consenter.host.clone()).collect(),
        consensus: Some(channel.consensus.word().to_owned()),
        genesis_sha256: match view.network.system_channel_of(channel) {
            None => Some(view.genesis(&channel.name)?.genesis_sha256.clone()),
            Some(_) => None,
        },
    })
}

fn chaincode(view: &View<'_>, chaincode: &Chaincode) -> Result<summary::Chaincode, LowerError> {
    Ok(summary::Chaincode {
        version: chaincode.version.clone(),
        sequence: chaincode.sequence,
        channels: vec![chaincode.channel.clone()],
        package_id: Some(view.package(&chaincode.name, chaincode.sequence)?.id.clone()),
    })
}
