//! The peers of an organization: values of `fabric-org`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::yaml::{Map, Node};

use super::view::{View, claim, number};
use super::{LowerError, Part, owner, settings};
use crate::model::{Channel, EndorsementPolicy, Member, Organization, SystemChannel, names};

pub(super) fn part(view: &View<'_>, organization: &Organization) -> Result<Part, LowerError> {
    let facts = Map::new()
        .with("organization", &organization.name)
        .with("mspId", &organization.msp_id)
        .with("namespace", &organization.namespace)
        .with("trust", view.trust(&organization.name)?)
        .with("peers", peers(view, organization)?)
        .with("channels", channels(view, organization)?)
        .with("chaincodes", chaincodes(view, organization)?);
    let nodes = organization.peers.iter().map(|peer| (peer.name.as_str(), &peer.resources));
    Ok(Part {
        owner: owner(organization),
        chart: "fabric-org",
        alias: names::peers_alias(view.base_namespace(organization)),
        comment: format!("Peers of {}", organization.name),
        facts,
        settings: Map::new()
            .with_comment("peers", "Settings of single peers.", settings::nodes(nodes))
            .with_comment("rollout", settings::ROLLOUT, settings::rollout(view.network)),
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
            let facts = match view.network.system_channel_of(channel) {
                None => Map::new().with("genesis", &view.genesis(&channel.name)?.genesis_sha256),
                Some(system) => {
                    Map::new().with("creation", creation(view, (channel, system), member)?)
                }
            };
            channels.insert(channel.name.clone(), facts.with("rank", rank).with("peers", peers));
        }
    }
    Ok(channels)
}

/// How a channel is made from a system channel, and how a member names its anchor peers there.
fn creation(
    view: &View<'_>,
    (channel, system): (&Channel, &SystemChannel),
    member: &Member,
) -> Result<Map, LowerError> {
    let creation = view.creation(&channel.name)?;
    let marks: Vec<Node> = creation.marks.iter().map(|mark| Node::from(hex(mark))).collect();
    let mut facts = Map::new()
        .with("systemChannel", &system.name)
        .with("votes", channel.consensus.votes())
        .with_comment("transaction", "Unsigned; the first member sends it.", {
            STANDARD.encode(&creation.transaction)
        })
        .with_comment("marks", "What a right block 0 contains, in hexadecimal.", marks);
    if let Some(anchors) = creation.anchors.get(&member.organization) {
        facts.insert(
            "anchors",
            Map::new()
                .with("transaction", STANDARD.encode(&anchors.transaction))
                .with("mark", hex(&anchors.mark)),
        );
    }
    Ok(facts)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
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
