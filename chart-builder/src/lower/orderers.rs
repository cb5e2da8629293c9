//! The orderers of an organization: values of `fabric-orderer`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::yaml::{Map, Node};

use super::view::{View, claim};
use super::{LowerError, Part, settings};
use crate::model::{Channel, Organization, names};

pub(super) fn part(view: &View<'_>, organization: &Organization) -> Result<Part, LowerError> {
    let certificates = view.certificates(&organization.name)?;
    let admin_ca = certificates
        .orderer_admin_ca
        .as_ref()
        .ok_or_else(|| LowerError::NoOrdererAdminCa { organization: organization.name.clone() })?;
    let trust = Map::new()
        .with("ca", &certificates.ca)
        .with("tlsCa", &certificates.tls_ca)
        .with("adminCa", admin_ca);
    let facts = Map::new()
        .with("organization", &organization.name)
        .with("mspId", &organization.msp_id)
        .with("namespace", &organization.namespace)
        .with("trust", trust)
        .with("orderers", orderers(view, organization)?)
        .with("channels", channels(view, organization)?);
    let nodes = organization.orderers.iter().map(|it| (it.name.as_str(), &it.resources));
    let names = organization.orderers.iter().map(|orderer| orderer.name.clone()).collect();
    Ok(Part {
        chart: "fabric-orderer",
        alias: names::orderers_alias(view.base_namespace(organization)),
        comment: format!("Orderers of {}", organization.name),
        facts,
        settings: Map::new().with_comment(
            "orderers",
            "Settings of single orderers.",
            settings::nodes(nodes),
        ),
        nodes: Some(("orderers", names)),
    })
}

fn orderers(view: &View<'_>, organization: &Organization) -> Result<Map, LowerError> {
    let mut orderers = Map::new();
    for orderer in &organization.orderers {
        orderers.insert(
            orderer.name.clone(),
            Map::new()
                .with("host", names::host(&orderer.name, &organization.namespace))
                .with("claim", claim(&orderer.storage))
                .with("identity", view.identity(&organization.name, &orderer.name)?),
        );
    }
    Ok(orderers)
}

fn channels(view: &View<'_>, organization: &Organization) -> Result<Map, LowerError> {
    let mut channels = Map::new();
    for channel in &view.network.channels {
        let own: Vec<Node> = channel
            .consenters
            .iter()
            .filter(|consenter| consenter.organization == organization.name)
            .map(|consenter| Node::from(&consenter.orderer))
            .collect();
        if own.is_empty() {
            continue;
        }
        let frozen = view.genesis(&channel.name)?;
        channels.insert(
            channel.name.clone(),
            Map::new()
                .with("sha256", &frozen.genesis_sha256)
                .with("orderers", own)
                .with_comment(
                    "consenters",
                    "Who is asked whether the channel has moved on, before an empty volume is used.",
                    consenters(channel),
                )
                .with("anchors", anchors(view, channel)?)
                .with_comment("genesis", "Block 0.", STANDARD.encode(&frozen.genesis)),
        );
    }
    Ok(channels)
}

/// Operations endpoints of all consenters: frozen with the channel, so that no orderer restarts for another one.
fn consenters(channel: &Channel) -> Vec<Node> {
    let port = names::ORDERER_OPERATIONS_PORT;
    channel.consenters.iter().map(|it| Node::from(format!("{}:{port}", it.host))).collect()
}

/// Operations endpoint of one peer of each member, its anchor if it has one: frozen with the channel as far as can be.
fn anchors(view: &View<'_>, channel: &Channel) -> Result<Vec<Node>, LowerError> {
    let port = names::PEER_OPERATIONS_PORT;
    let anchor = |member| {
        let (host, _) = view.endpoint(member)?;
        Ok(Node::from(format!("{host}:{port}")))
    };
    View::active_members(channel).map(anchor).collect()
}
