//! The peers of an organization: values of `fabric-org`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::yaml::{Map, Node};

use super::view::{View, claim, data_claim, number, sha256};
use super::{LowerError, Part, aliases, identity_files, owner, policies, settings, storage};
use crate::model::{
    CaDatabase, Channel, CryptoTree, EndorsementPolicy, Member, Network, Organization, Peer,
    StateDatabase, SystemChannel, names,
};

pub(super) fn part(view: &View<'_>, organization: &Organization) -> Result<Part, LowerError> {
    let facts = Map::new()
        .with("organization", &organization.name)
        .with("mspId", &organization.msp_id)
        .with("namespace", &organization.namespace)
        .with("trust", view.trust(&organization.name)?)
        .with("ca", certificate_authority(view, organization)?)
        .with("cli", organization.cli)
        .with_comment(
            "exposure",
            "What is reached from outside of the cluster; empty: nothing.",
            super::exposure::of_peers(view, organization),
        )
        .with_comment(
            "share",
            "Where identities lie; empty: in Secrets.",
            storage::share(view, organization, CryptoTree::Peers),
        )
        .with("peers", peers(view, organization)?)
        .with("channels", channels(view, organization)?)
        .with("chaincodes", chaincodes(view, organization)?)
        .with("chaincodeRuntime", super::chaincode_runtime::facts(view, organization))
        .with_comment(
            "policies",
            "Who has to reach whom, for `global.networkPolicy`.",
            policies::of(view, organization, policies::OF_PEERS),
        );
    let dials = aliases::of_organization(view, organization)?;
    let facts = if dials.is_empty() { facts } else { facts.with("dials", dials) };
    Ok(Part {
        owner: owner(organization),
        chart: "fabric-org",
        alias: names::peers_alias(view.base_namespace(organization)),
        comment: format!("Peers of {}", organization.name),
        facts,
        settings: own_settings(view.network, organization),
        nodes: Some(("peers", organization.peers.iter().map(|peer| peer.name.clone()).collect())),
    })
}

fn own_settings(network: &Network, organization: &Organization) -> Map {
    let peers = organization.peers.iter().map(settings_of).collect();
    let mut own = settings::of_nodes(("peers", "Settings of single peers."), &peers);
    own.insert("rollout", settings::rollout(network));
    own.comment("rollout", settings::ROLLOUT);
    if let Some(ca) = &organization.ca {
        own.insert("ca", settings::node(&ca.resources));
        own.comment("ca", "Settings of the Fabric CA server.");
    }
    super::exposure::settings(network, own)
}

/// A peer's name, and what the topology says about its resources.
fn settings_of(peer: &Peer) -> (String, Map) {
    let mut own = settings::node(&peer.resources);
    if let StateDatabase::CouchDb { resources, .. } = &peer.state_database {
        let couchdb = settings::node(resources);
        if !couchdb.is_empty() {
            own.insert("couchdb", couchdb);
        }
    }
    (peer.name.clone(), own)
}

/// The Fabric CA server; empty where there is none.
fn certificate_authority(view: &View<'_>, organization: &Organization) -> Result<Map, LowerError> {
    let certificates = view.certificates(&organization.name)?;
    let (Some(ca), Some(tls)) = (&organization.ca, &certificates.ca_server_tls) else {
        return Ok(Map::new());
    };
    let database = match ca.database {
        CaDatabase::Sqlite => "sqlite",
        CaDatabase::Postgres => "postgres",
    };
    let sign = certificates.intermediate_ca.as_ref().unwrap_or(&certificates.ca);
    let host = organization.host(names::CA);
    let facts = Map::new()
        .with("host", &host)
        .with("database", database)
        .with("claim", claim(&ca.storage))
        .with("identity", Map::new().with("sign", sha256(sign)).with("tls", sha256(tls)));
    Ok(aliases::with_address(view.network, facts, &host))
}

fn peers(view: &View<'_>, organization: &Organization) -> Result<Map, LowerError> {
    let mut peers = Map::new();
    for peer in &organization.peers {
        let host = organization.host(&peer.name);
        let mut facts = Map::new()
            .with("host", &host)
            .with("gossipBootstrap", &peer.gossip_bootstrap)
            .with("claim", data_claim(view.network, &organization.namespace, &peer.storage))
            .with("identity", view.identity(&organization.name, &peer.name)?);
        if view.network.storage.share.is_some() {
            let own = (organization, CryptoTree::Peers);
            facts.insert("files", identity_files::lines(view, own, &peer.name)?);
        }
        if let Some(storage) = peer.state_database.storage() {
            facts.insert("couchdb", Map::new().with("claim", claim(storage)));
        }
        let facts = aliases::with_address(view.network, facts, &host);
        let dials = aliases::of_peer(view, organization, peer)?;
        peers.insert(peer.name.clone(), aliases::with_dials(view.network, facts, dials));
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
            let facts = facts.with("rank", rank).with("peers", peers);
            let facts = match updates(view, channel, member) {
                updates if updates.is_empty() => facts,
                updates => facts.with_comment(
                    "updates",
                    "What has changed its configuration since, signed; members before send it.",
                    updates,
                ),
            };
            channels.insert(channel.name.clone(), facts);
        }
    }
    Ok(channels)
}

/// The updates of a channel that the member was on before: the first of those members sends it, the others in turn.
fn updates(view: &View<'_>, channel: &Channel, member: &Member) -> Vec<Map> {
    let all = view.material.updates.get(&channel.name).map_or(&[][..], Vec::as_slice);
    let mut updates = Vec::new();
    for update in all {
        let senders = View::active_members(channel);
        let mut senders =
            senders.filter(|it| update.members.contains(&it.organization)).zip(0_i64..);
        let own = senders.find(|(it, _)| it.organization == member.organization);
        let (Some((_, rank)), Ok(number)) = (own, i64::try_from(update.number)) else { continue };
        updates.push(
            Map::new()
                .with("number", number)
                .with("rank", rank)
                .with("mark", hex(&update.mark))
                .with("transaction", STANDARD.encode(&update.transaction)),
        );
    }
    updates
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
        let mut facts = Map::new()
            .with("channel", &chaincode.channel)
            .with("version", &chaincode.version)
            .with("sequence", number("sequence", chaincode.sequence)?)
            .with("packageId", &package.id)
            .with("package", STANDARD.encode(&package.bytes))
            .with("policy", policy);
        if chaincode.package.is_some() {
            facts.insert("built", true);
        }
        if !chaincode.collections.is_empty() {
            facts.insert("collections", super::collections::definition(&chaincode.collections));
        }
        if let Some(legacy) = &chaincode.legacy {
            let replaced: Vec<Node> = legacy.replaced.iter().map(Node::from).collect();
            let own = Map::new().with("init", &legacy.init).with_comment(
                "replaced",
                "Versions that this one may replace on the channel.",
                replaced,
            );
            facts.insert("legacy", own);
        }
        chaincodes.insert(chaincode.name.clone(), facts);
    }
    Ok(chaincodes)
}
