//! The orderers of an organization: values of `fabric-orderer`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::yaml::{Map, Node};

use super::view::{View, claim, data_claim, number};
use super::{LowerError, Part, aliases, identity_files, owner, policies, settings, storage};
use crate::model::{
    Channel, Consensus, CryptoTree, Log, Member, OrderingGroup, Organization, names,
};

pub(super) fn part(view: &View<'_>, organization: &Organization) -> Result<Part, LowerError> {
    let facts = Map::new()
        .with("organization", &organization.name)
        .with("mspId", &organization.msp_id)
        .with("namespace", &organization.namespace)
        .with("trust", view.trust(&organization.name)?)
        .with_comment(
            "share",
            "Where identities lie; empty: in Secrets.",
            storage::share(view, organization, CryptoTree::Orderers),
        )
        .with_comment(
            "exposure",
            "What is reached from outside of the cluster; empty: nothing.",
            super::exposure::of_orderers(view, organization),
        )
        .with("orderers", orderers(view, organization)?)
        .with("channels", channels(view, organization)?)
        .with("systemChannels", system_channels(view, organization)?)
        .with_comment(
            "policies",
            "Who has to reach whom, for `global.networkPolicy`.",
            policies::of(view, organization, policies::of_orderers(organization)),
        );
    let nodes = organization.orderers.iter().map(|it| (it.name.as_str(), &it.resources));
    let names = organization.orderers.iter().map(|orderer| orderer.name.clone()).collect();
    Ok(Part {
        owner: owner(organization),
        chart: "fabric-orderer",
        alias: names::orderers_alias(view.base_namespace(organization)),
        comment: format!("Orderers of {}", organization.name),
        facts,
        settings: super::exposure::settings(
            view.network,
            settings::of_nodes(
                ("orderers", "Settings of single orderers."),
                &settings::nodes(nodes),
            )
            .with_comment(
                "rollout",
                settings::ROLLOUT,
                settings::rollout(view.network),
            ),
        ),
        nodes: Some(("orderers", names)),
    })
}

fn orderers(view: &View<'_>, organization: &Organization) -> Result<Map, LowerError> {
    let mut orderers = Map::new();
    for orderer in &organization.orderers {
        let host = organization.host(&orderer.name);
        let mut facts = Map::new()
            .with("host", &host)
            .with("claim", data_claim(view.network, &organization.namespace, &orderer.storage))
            .with("identity", view.identity(&organization.name, &orderer.name)?);
        for log in Log::ALL {
            if let Some(storage) = orderer.logs.of(log) {
                facts.insert(log.key(), claim(storage));
            }
        }
        if view.network.storage.share.is_some() {
            let own = (organization, CryptoTree::Orderers);
            facts.insert("files", identity_files::lines(view, own, &orderer.name)?);
        }
        let facts = aliases::with_address(view.network, facts, &host);
        let dials = aliases::of_orderer(view.network, organization, &orderer.name);
        orderers.insert(orderer.name.clone(), aliases::with_dials(view.network, facts, dials));
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
        if own.is_empty() || view.network.system_channel_of(channel).is_some() {
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
                .with("quorum", number("quorum", channel.quorum())?)
                .with("anchors", texts(&anchors(view, channel)?))
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
fn anchors(view: &View<'_>, channel: &Channel) -> Result<Vec<String>, LowerError> {
    let port = names::PEER_OPERATIONS_PORT;
    let anchor = |member: &Member| {
        let organization = view.organization(&member.organization)?;
        let peer = member.anchors.first().map(|it| &it.peer).or(member.peers.first());
        // By the name of its Service: it is no host in a certificate, and cluster DNS knows it in every network.
        let host = names::host(peer.map_or("peer0", String::as_str), &organization.namespace);
        Ok(format!("{host}:{port}"))
    };
    View::active_members(channel).map(anchor).collect()
}

/// System channels that orderers of this organization start from.
fn system_channels(view: &View<'_>, organization: &Organization) -> Result<Map, LowerError> {
    let mut channels = Map::new();
    for group in &view.network.ordering {
        let Some(system) = &group.system_channel else { continue };
        let own = group.orderers.iter().filter(|it| it.organization == organization.name);
        let own: Vec<Node> = own.map(|it| Node::from(&it.orderer)).collect();
        if own.is_empty() {
            continue;
        }
        let frozen = view.system_genesis(&system.name)?;
        let mut facts = Map::new()
            .with("sha256", &frozen.genesis_sha256)
            .with("consensus", group.consensus.word())
            .with("orderers", own)
            .with_comment("consenters", "Who votes.", voters(group))
            .with("quorum", number("quorum", group.consensus.quorum(group.orderers.len()))?)
            .with_comment(
                "witnesses",
                "Who is asked whether a channel has moved on, before an empty volume is used.",
                witnesses(view, group)?,
            )
            .with_comment("genesis", "Block 0.", STANDARD.encode(&frozen.genesis));
        if let (Consensus::Kafka { .. }, Some(cluster)) = (&group.consensus, &view.network.kafka) {
            facts.insert("replicationFactor", i64::from(cluster.replication_factor));
        }
        channels.insert(system.name.clone(), facts);
    }
    Ok(channels)
}

/// Operations endpoints of orderers whose votes count: none with solo and Kafka.
fn voters(group: &OrderingGroup) -> Vec<Node> {
    let port = names::ORDERER_OPERATIONS_PORT;
    let voters = group.orderers.iter().filter(|_| group.consensus.votes());
    voters.map(|it| Node::from(format!("{}:{port}", it.host))).collect()
}

/// Who knows that the log of an orderer of this group is not the beginning: lines as `join.sh` reads them.
///
/// With etcdraft the other consenters know the height of the system channel, which grows with each channel that is made.
/// The only orderer of solo has anchor peers alone, from Fabric 1.4 on, where they tell heights. With Kafka a lost volume is harmless: an orderer reads everything again.
fn witnesses(view: &View<'_>, group: &OrderingGroup) -> Result<Vec<Node>, LowerError> {
    let mut lines = Vec::new();
    match (&group.consensus, &group.system_channel) {
        (Consensus::Etcdraft(_) | Consensus::Bft(_), Some(system)) => {
            lines.push(format!("watch {}", system.name));
            let port = names::ORDERER_OPERATIONS_PORT;
            let others = group.orderers.iter();
            lines.extend(others.map(|it| format!("consenter {} {}:{port}", system.name, it.host)));
        }
        (Consensus::Solo, _) if view.network.line().operations => {
            for channel in view.network.channels.iter().filter(|it| it.ordering == group.name) {
                lines.push(format!("watch {}", channel.name));
                let anchors = anchors(view, channel)?;
                lines.extend(anchors.iter().map(|it| format!("anchor {} {it}", channel.name)));
            }
        }
        (Consensus::Kafka { .. } | Consensus::Solo, _) | (_, None) => {}
    }
    Ok(texts(&lines))
}

fn texts(lines: &[String]) -> Vec<Node> {
    lines.iter().map(Node::from).collect()
}
