//! Facts that every part of the network reads: `global.fabric`.

use chart_format::yaml::{Map, Node};

use super::view::{View, number};
use super::{LowerError, line};
use crate::model::{Channel, Network, Owner};
use crate::render::{self, OrdererStart};

pub(super) fn facts(view: &View<'_>) -> Result<Map, LowerError> {
    let network = view.network;
    let facts = Map::new()
        .with("network", &network.name)
        .with("clusterDomain", &network.cluster_domain)
        .with("version", network.fabric.to_string())
        .with_comment("line", "What is true for this version.", line::facts(network))
        .with_comment("release", "Which release this chart is for.", release(view)?)
        .with_comment(
            "organizations",
            "By MSP id; tlsCa is what their peers and orderers are recognized by.",
            organizations(view)?,
        )
        .with("channels", channels(view)?)
        .with("chaincodes", chaincodes(view)?)
        .with_comment(
            "outside",
            "How clients outside of the cluster reach nodes; empty: not at all.",
            super::exposure::outside(view)?,
        )
        .with_comment("coreYaml", "Configuration of every peer.", render::core_yaml(network)?);
    let facts = if network.transport.is_plain() {
        facts.with_comment("plain", "Nobody but consenters among themselves has TLS.", true)
    } else {
        facts
    };
    let facts = match &network.host_aliases {
        Some(aliases) => facts.with_comment(
            "addresses",
            "Of hosts that cluster DNS does not know: pods are told those that they dial.",
            aliases
                .addresses
                .iter()
                .map(|(host, it)| (host.clone(), Node::from(it.to_string())))
                .collect::<Map>(),
        ),
        None => facts,
    };
    orderer_configurations(network, facts)
}

/// orderer.yaml for orderers that join channels, and for those that start from a system channel, as far as there are any.
fn orderer_configurations(network: &Network, mut facts: Map) -> Result<Map, LowerError> {
    let (mut joining, mut starting) = (false, false);
    for organization in &network.organizations {
        for orderer in &organization.orderers {
            let host = organization.host(&orderer.name);
            let systems = network.ordering.iter().filter(|group| group.system_channel.is_some());
            let has = systems.flat_map(|group| &group.orderers).any(|it| it.host == host);
            (joining, starting) = (joining || !has, starting || has);
        }
    }
    if joining || !starting {
        let text = render::orderer_yaml(network, OrdererStart::Participation)?;
        facts = facts.with_comment("ordererYaml", "Configuration of every orderer.", text);
    }
    if starting {
        let text = render::orderer_yaml(network, OrdererStart::SystemChannel)?;
        let comment = "Configuration of every orderer that starts from a system channel.";
        facts = facts.with_comment("systemOrdererYaml", comment, text);
    }
    Ok(facts)
}

/// The release that the chart is for; with an MSP id it holds the objects of this organization alone.
fn release(view: &View<'_>) -> Result<Map, LowerError> {
    let release = view.release;
    let facts = Map::new()
        .with("layout", view.network.layout.word())
        .with_comment("alone", "Others have a part in what the release is for.", is_alone(view))
        .with("name", &release.name)
        .with("namespace", &release.namespace);
    Ok(match &release.owner {
        Owner::Network | Owner::Shared(_) => facts,
        Owner::Organization(name) => facts.with("mspId", &view.organization(name)?.msp_id),
    })
}

/// The release cannot bring the network up alone: it is ready when its own part is done.
fn is_alone(view: &View<'_>) -> bool {
    view.release.owner != Owner::Network || view.network.has_external()
}

fn organizations(view: &View<'_>) -> Result<Map, LowerError> {
    let mut organizations = Map::new();
    for organization in &view.network.organizations {
        let certificates = view.certificates(&organization.name)?;
        let mut facts = Map::new()
            .with("name", &organization.name)
            .with("peers", !organization.peers.is_empty())
            .with("tlsCa", &certificates.tls_ca);
        if !organization.is_external() {
            facts.insert("namespace", &organization.namespace);
        }
        if organization.has_aliases() {
            facts.insert("domain", &organization.host_domain);
        }
        if let Some(intermediate) = &certificates.intermediate_ca {
            facts.insert("intermediateCa", intermediate);
        }
        if certificates.named_admin {
            facts.insert("namedAdmin", true);
        }
        organizations.insert(organization.msp_id.clone(), facts);
    }
    Ok(organizations)
}

fn channels(view: &View<'_>) -> Result<Map, LowerError> {
    let mut channels = Map::new();
    let network = view.network;
    for channel in &network.channels {
        let facts = Map::new()
            .with_comment(
                "members",
                "Those who approve and endorse definitions; the first one commits.",
                members(view, channel)?,
            )
            .with("orderers", orderers(view, channel)?)
            .with("peers", peers(view, channel)?);
        let elsewhere = elsewhere(view, channel)?;
        let facts = if elsewhere.is_empty() {
            facts
        } else {
            facts.with_comment("elsewhere", "Peers of members that are not here.", elsewhere)
        };
        let facts = match network.system_channel_of(channel) {
            Some(system) => facts.with("systemChannel", &system.name),
            None => facts,
        };
        channels.insert(channel.name.clone(), facts);
    }
    Ok(channels)
}

fn members(view: &View<'_>, channel: &Channel) -> Result<Vec<Map>, LowerError> {
    let member = |member| {
        let (host, port) = view.endpoint(member)?;
        let organization = view.organization(&member.organization)?;
        Ok(endpoint(&organization.msp_id, &host, port))
    };
    let own: Vec<_> = View::active_members(channel).collect();
    let others = channel.members.iter().filter(|it| it.peers.is_empty() && !it.anchors.is_empty());
    // With a majority of our own, nobody waits for the approval of those whom we do not run.
    let majority = own.len() * 2 > channel.members.len();
    let others = others.filter(|_| !majority);
    own.iter().copied().chain(others).map(member).collect()
}

fn orderers(view: &View<'_>, channel: &Channel) -> Result<Vec<Map>, LowerError> {
    let orderer = |consenter: &crate::model::Consenter| {
        let organization = view.organization(&consenter.organization)?;
        let endpoint = endpoint(&organization.msp_id, &consenter.host, consenter.port);
        Ok(if organization.is_external() { endpoint.with("external", true) } else { endpoint })
    };
    channel.consenters.iter().map(orderer).collect()
}

fn endpoint(msp_id: &str, host: &str, port: u16) -> Map {
    Map::new().with("mspId", msp_id).with("host", host).with("port", i64::from(port))
}

fn peers(view: &View<'_>, channel: &Channel) -> Result<Vec<Node>, LowerError> {
    let mut hosts = Vec::new();
    for member in &channel.members {
        let organization = view.organization(&member.organization)?;
        hosts.extend(member.peers.iter().map(|peer| organization.host(peer).into()));
    }
    Ok(hosts)
}

/// Anchor peers of members whose nodes somebody else runs.
fn elsewhere(view: &View<'_>, channel: &Channel) -> Result<Vec<Map>, LowerError> {
    let mut endpoints = Vec::new();
    for member in &channel.members {
        let organization = view.organization(&member.organization)?;
        if organization.is_external() {
            let anchors = member.anchors.iter();
            endpoints.extend(anchors.map(|it| endpoint(&organization.msp_id, &it.host, it.port)));
        }
    }
    Ok(endpoints)
}

fn chaincodes(view: &View<'_>) -> Result<Map, LowerError> {
    let mut chaincodes = Map::new();
    for chaincode in &view.network.chaincodes {
        let mut facts = Map::new()
            .with("channel", &chaincode.channel)
            .with("version", &chaincode.version)
            .with("sequence", number("sequence", chaincode.sequence)?);
        if chaincode.legacy.is_some() {
            facts.insert("legacy", true);
        }
        chaincodes.insert(chaincode.name.clone(), facts);
    }
    Ok(chaincodes)
}
