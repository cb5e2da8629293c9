//! The peers of an organization: values of `fabric-org`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::yaml::{Map, Node};

use super::view::{View, claim, number};
use super::{LowerError, Part, settings};
use crate::model::{EndorsementPolicy, Organization, names};

pub(super) fn part(view: &View<'_>, organization: &Organization) -> Result<Part, LowerError> {
    let certificates = view.certificates(&organization.name)?;
    let facts = Map::new()
        .with("organization", &organization.name)
        .with("mspId", &organization.msp_id)
        .with("namespace", &organization.namespace)
        .with("trust", Map::new().with("ca", &certificates.ca).with("tlsCa", &certificates.tls_ca))
        .with("peers", peers(view, organization)?)
        .with("channels", channels(view, organization)?)
        .with("chaincodes", chaincodes(view, organization)?);
    let nodes = organization.peers.iter().map(|peer| (peer.name.as_str(), &peer.resources));
    Ok(Part {
        chart: "fabric-org",
        alias: names::peers_alias(view.base_namespace(organization)),
        comment: format!("Peers of {}", organization.name),
        facts,
        settings: Map::new().with_comment(
            "peers",
            "Settings of single peers.",
            settings::nodes(nodes),
        ),
        nodes: Some(("peers", organization.peers.iter().map(|peer| peer.name.clone()).collect())),
    })
}

fn peers(view: &View<'_>, organization: &Organization) -> Result<Map, LowerError> {
    let mut peers = Map::new();
    for peer in &organization.peers {
        peers.insert(
            peer.name.clone(),
            Map::new()
                .with("host", names::host(&peer.name, &organization.namespace))
                .with("gossipBootstrap", &peer.gossip_bootstrap)
                .with("claim", claim(&peer.storage))
                .with("identity", view.identity(&organization.name, &peer.name)?),
        );
    }
    Ok(peers)
}

fn channels(view: &View<'_>, organization: &Organization) -> Result<Map, LowerError> {
    let mut channels = Map::new();
    for channel in &view.network.channels {
        let own = View::active_members(channel)
            .zip(0_i64..)
            .find(|(member, _)| member.organization == organization.name);
        if let Some((member, rank)) = own {
            let peers: Vec<Node> = member.peers.iter().map(Node::from).collect();
            channels.insert(
                channel.name.clone(),
                Map::new()
                    .with("genesis", &view.genesis(&channel.name)?.genesis_sha256)
                    .with("rank", rank)
                    .with("peers", peers),
            );
        }
    }
    Ok(channels)
}

fn chaincodes(view: &View<'_>, organization: &Organization) -> Result<Map, LowerError> {
    let mut chaincodes = Map::new();
    for chaincode in view.chaincodes_of(&organization.name)? {
        let package = view.package(&chaincode.name, chaincode.sequence)?;
        let policy = match &chaincode.endorsement {
            EndorsementPolicy::ChannelDefault => "",
            EndorsementPolicy::Signature(policy) => policy,
        };
        chaincodes.insert(
            chaincode.name.clone(),
            Map::new()
                .with("channel", &chaincode.channel)
                .with("version", &chaincode.version)
                .with("sequence", number("sequence", chaincode.sequence)?)
                .with("packageId", &package.id)
                .with("package", STANDARD.encode(&package.bytes))
                .with("policy", policy),
        );
    }
    Ok(chaincodes)
}
