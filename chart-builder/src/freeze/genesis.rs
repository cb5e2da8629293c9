//! Genesis blocks: made once from certificates and topology, read for ever after.

use std::collections::BTreeMap;

use chart_format::digest::Sha256;
use fabric_artifacts::block::{
    self, ApplicationOrganization, ChannelGenesis, Consensus, OrdererOrganization, RaftConsenter,
};
use fabric_artifacts::msp::Msp;
use fabric_artifacts::x509::Certificate;
use time::OffsetDateTime;

use super::{Inputs, Words, codes, finding};
use crate::diagnostic::{Diagnostics, KeyPath};
use crate::directory::paths;
use crate::lock::{ChannelFacts, LockedConsenter, LockedMember, LockedOrdererOrganization};
use crate::material::{FrozenChannel, Material};
use crate::model::{CONSENSUS, Channel, Network};

/// The policies that [`fabric_artifacts::block`] gives every channel, by path.
const POLICIES: &[(&str, &str)] = &[
    ("/Channel/Admins", "MAJORITY Admins"),
    ("/Channel/Application/Admins", "MAJORITY Admins"),
    ("/Channel/Application/Endorsement", "MAJORITY Endorsement"),
    ("/Channel/Application/LifecycleEndorsement", "MAJORITY Endorsement"),
    ("/Channel/Application/Readers", "ANY Readers"),
    ("/Channel/Application/Writers", "ANY Writers"),
    ("/Channel/Orderer/Admins", "MAJORITY Admins"),
    ("/Channel/Orderer/BlockValidation", "ANY Writers"),
    ("/Channel/Orderer/Readers", "ANY Readers"),
    ("/Channel/Orderer/Writers", "ANY Writers"),
    ("/Channel/Readers", "ANY Readers"),
    ("/Channel/Writers", "ANY Writers"),
];

/// Puts every channel's block into the material; returns the blocks that were made now, by path.
pub(super) fn provide(
    inputs: &Inputs<'_>,
    material: &mut Material,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Vec<u8>> {
    let mut new_blocks = BTreeMap::new();
    for (index, channel) in inputs.network.channels.iter().enumerate() {
        let path = KeyPath::root().key("channels").index(index);
        let file = paths::genesis_block(&channel.name);
        let provided = match inputs.lock.channels.get(&channel.name) {
            Some(locked) => check_frozen_consenters(inputs, (channel, &locked.made_from), material)
                .and_then(|()| frozen(inputs, &file, &locked.genesis_sha256)),
            None => first(inputs, (channel, &file), material),
        };
        match provided {
            Ok(None) => {}
            Ok(Some(genesis)) => {
                if !inputs.public.contains(&file) {
                    new_blocks.insert(file, genesis.clone());
                }
                let genesis_sha256 = Sha256::of(&genesis).to_string();
                material
                    .channels
                    .insert(channel.name.clone(), FrozenChannel { genesis, genesis_sha256 });
            }
            Err((code, words)) => diagnostics.push(finding(code, path, words)),
        }
    }
    new_blocks
}

type Fault = (&'static str, Words);

/// The block that running orderers were started from.
fn frozen(inputs: &Inputs<'_>, file: &str, sha256: &str) -> Result<Option<Vec<u8>>, Fault> {
    let why = "orderers and peers keep the first block for ever; another one is another channel"
        .to_owned();
    let fix = format!("restore `{file}` from version control");
    let Some(genesis) = inputs.public.bytes(file) else {
        let message =
            format!("`{file}` is not there, and network.lock freezes it with SHA-256 {sha256}");
        return Err((codes::MISSING_BLOCK, Words { message, why, fix }));
    };
    let own = Sha256::of(genesis).to_string();
    if own != sha256 {
        let message = format!("`{file}` has SHA-256 {own}, and network.lock freezes {sha256}");
        return Err((codes::CHANGED_BLOCK, Words { message, why, fix }));
    }
    Ok(Some(genesis.to_vec()))
}

/// The TLS certificates of consenters stand in the block.
fn check_frozen_consenters(
    inputs: &Inputs<'_>,
    (channel, facts): (&Channel, &ChannelFacts),
    material: &Material,
) -> Result<(), Fault> {
    for consenter in &facts.consenters {
        let file = paths::tls_certificate(&consenter.organization, &consenter.orderer);
        let complete = material.organizations.contains_key(&consenter.organization);
        let own = inputs.public.bytes(&file).map(|pem| Sha256::of(pem).to_string());
        let Some(own) = own.filter(|own| complete && *own != consenter.tls_sha256) else {
            continue;
        };
        return Err((
            codes::CHANGED_CERTIFICATE,
            Words {
                message: format!(
                    "`{file}` has SHA-256 {own}, and network.lock freezes {} for consenter {} of channel `{}`",
                    consenter.tls_sha256, consenter.id, channel.name
                ),
                why: "the channel's configuration holds this certificate; channel updates are not built yet"
                    .to_owned(),
                fix: format!("restore `{file}` from version control"),
            },
        ));
    }
    Ok(())
}

/// The first block of a new channel; nothing when certificates are missing, which is said already.
fn first(
    inputs: &Inputs<'_>,
    (channel, file): (&Channel, &str),
    material: &Material,
) -> Result<Option<Vec<u8>>, Fault> {
    let Some(inputs_of_block) = genesis_inputs(inputs.network, channel, material) else {
        return Ok(None);
    };
    let genesis = inputs_of_block.encode().map_err(|error| {
        let words = Words {
            message: error.to_string(),
            why: "an orderer would refuse the block".to_owned(),
            fix: format!("edit channel `{}` in network.yaml", channel.name),
        };
        (codes::GENESIS, words)
    })?;
    match inputs.public.bytes(file) {
        Some(present) if present != genesis => Err((
            codes::UNKNOWN_BLOCK,
            Words {
                message: format!(
                    "`{file}` is there, is not in network.lock, and is not the block that this topology makes"
                ),
                why: "it may be the block of a running channel whose lock was lost, and it is never overwritten"
                    .to_owned(),
                fix: format!(
                    "restore network.lock from version control, or remove `{file}` if no orderer was started from it"
                ),
            },
        )),
        Some(_) | None => Ok(Some(genesis)),
    }
}

/// Everything that the block is made from; nothing when a certificate is missing.
fn genesis_inputs(
    network: &Network,
    channel: &Channel,
    material: &Material,
) -> Option<ChannelGenesis> {
    let facts = channel_facts(network, channel, material)?;
    let mut orderers = Vec::new();
    for orderer in &facts.orderers {
        orderers.push(OrdererOrganization {
            name: orderer.organization.clone(),
            msp: msp(network, &orderer.organization, material)?,
            endpoints: orderer.endpoints.clone(),
        });
    }
    let mut applications = Vec::new();
    for member in &channel.members {
        let anchors = member.anchors.iter();
        applications.push(ApplicationOrganization {
            name: member.organization.clone(),
            msp: msp(network, &member.organization, material)?,
            anchors: anchors
                .map(|anchor| block::AnchorPeer { host: anchor.host.clone(), port: anchor.port })
                .collect(),
        });
    }
    let mut consenters = Vec::new();
    for consenter in &channel.consenters {
        let organization = material.organizations.get(&consenter.organization)?;
        let tls = &organization.nodes.get(&consenter.orderer)?.tls;
        consenters.push(RaftConsenter {
            host: consenter.host.clone(),
            port: consenter.port,
            client_tls: tls.clone(),
            server_tls: tls.clone(),
        });
    }
    let organizations = facts
        .orderers
        .iter()
        .map(|it| &it.organization)
        .chain(facts.members.iter().map(|it| &it.organization));
    Some(ChannelGenesis {
        channel: channel.name.clone(),
        capabilities: block::Capabilities {
            channel: channel.capabilities.channel.clone(),
            orderer: channel.capabilities.orderer.clone(),
            application: channel.capabilities.application.clone(),
        },
        batch: block::BatchLimits {
            timeout: channel.batch.timeout.clone(),
            max_messages: channel.batch.max_messages,
            absolute_max_bytes: channel.batch.absolute_max_bytes,
            preferred_max_bytes: channel.batch.preferred_max_bytes,
        },
        consensus: Consensus::Etcdraft { consenters, options: raft(channel) },
        timestamp: timestamp(organizations, material)?,
        orderers,
        applications,
    })
}

fn raft(channel: &Channel) -> block::RaftOptions {
    block::RaftOptions {
        tick_interval: channel.raft.tick_interval.clone(),
        election_tick: channel.raft.election_tick,
        heartbeat_tick: channel.raft.heartbeat_tick,
        max_inflight_blocks: channel.raft.max_inflight_blocks,
        snapshot_interval_size: channel.raft.snapshot_interval_size,
    }
}

fn msp(network: &Network, organization: &str, material: &Material) -> Option<Msp> {
    let own = material.organizations.get(organization)?;
    Some(Msp {
        id: network.organization(organization)?.msp_id.clone(),
        roots: vec![own.ca.clone()],
        tls_roots: vec![own.tls_ca.clone()],
        ..Msp::default()
    })
}

/// The latest begin of validity among the roots: the same for everybody who holds the same certificates.
fn timestamp<'a>(
    organizations: impl Iterator<Item = &'a String>,
    material: &Material,
) -> Option<OffsetDateTime> {
    let mut latest = None;
    for organization in organizations {
        let own = material.organizations.get(organization)?;
        for root in [&own.ca, &own.tls_ca] {
            latest = latest.max(Some(Certificate::from_pem(root).ok()?.not_before()));
        }
    }
    latest
}

/// What a channel's configuration is made from, as the lock keeps it; nothing when a consenter has no certificate.
pub fn channel_facts(
    network: &Network,
    channel: &Channel,
    material: &Material,
) -> Option<ChannelFacts> {
    let mut consenters = Vec::new();
    for (id, consenter) in (1..).zip(&channel.consenters) {
        let organization = material.organizations.get(&consenter.organization)?;
        let tls = &organization.nodes.get(&consenter.orderer)?.tls;
        consenters.push(LockedConsenter {
            id,
            organization: consenter.organization.clone(),
            orderer: consenter.orderer.clone(),
            host: consenter.host.clone(),
            port: consenter.port,
            tls_sha256: Sha256::of(tls.as_bytes()).to_string(),
        });
    }
    let members = channel.members.iter().map(|member| LockedMember {
        organization: member.organization.clone(),
        anchors: member
            .anchors
            .iter()
            .map(|anchor| format!("{}:{}", anchor.host, anchor.port))
            .collect(),
    });
    let policies = POLICIES.iter().map(|(path, rule)| ((*path).to_owned(), (*rule).to_owned()));
    Some(ChannelFacts {
        members: members.collect(),
        orderers: orderers(network, channel),
        consensus: CONSENSUS.to_owned(),
        consenters,
        batch: channel.batch.clone(),
        raft: channel.raft.clone(),
        capabilities: channel.capabilities.clone(),
        policies: policies.collect(),
    })
}

/// Organizations with consenters, in the order of the topology, and where clients reach these orderers.
pub(super) fn orderers(network: &Network, channel: &Channel) -> Vec<LockedOrdererOrganization> {
    let mut orderers = Vec::new();
    for organization in &network.organizations {
        let own = channel.consenters.iter().filter(|it| it.organization == organization.name);
        let endpoints: Vec<String> =
            own.map(|consenter| format!("{}:{}", consenter.host, consenter.port)).collect();
        if !endpoints.is_empty() {
            let organization = organization.name.clone();
            orderers.push(LockedOrdererOrganization { organization, endpoints });
        }
    }
    orderers
}
