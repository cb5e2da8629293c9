//! How orderers agree, as it stands in the group `Orderer`: written and read.
//!
//! `BFT` is spread over three places: options in the consensus type, consenters in `Orderers`, and a block validation policy
//! that names each of them, because orderers refuse every update in which the policy is another one.

use prost::Message;

use super::configuration::{
    BftConsenter, BftOptions, Consensus, LeaderRotation, RaftConsenter, RaftOptions,
};
use super::envelope::{decode, fault, present};
use super::messages as wire;
use super::policies::SIGNATURE;
use super::read::text;
use super::tree::PolicyRule;
use crate::Error;

/// `msp.MSPPrincipal.IDENTITY`: one certificate.
const IDENTITY: i32 = 2;

/// Key of the block validation policy.
pub(super) const BLOCK_VALIDATION: &str = "BlockValidation";
/// Key of the consenters of `BFT`.
pub(super) const ORDERERS: &str = "Orderers";
/// Key of Kafka's brokers.
pub(super) const KAFKA_BROKERS: &str = "KafkaBrokers";
/// Key of type and metadata.
pub(super) const CONSENSUS_TYPE: &str = "ConsensusType";

/// What a consensus adds to the group `Orderer`.
pub(super) struct Encoded {
    /// Values by key.
    pub(super) values: Vec<(&'static str, Vec<u8>)>,
    /// Takes the place of the block validation policy.
    pub(super) block_validation: Option<PolicyRule>,
}

/// Everything that this consensus writes; the state is whether the channel is in maintenance mode.
pub(super) fn encode(consensus: &Consensus, state: i32) -> Encoded {
    let mut values = Vec::new();
    let mut block_validation = None;
    let (kind, metadata) = match consensus {
        Consensus::Etcdraft { consenters, options } => {
            ("etcdraft", raft_metadata(consenters, options).encode_to_vec())
        }
        Consensus::Bft { consenters, options } => {
            let consenter_mapping = consenters.iter().map(bft_consenter).collect();
            values.push((ORDERERS, wire::Orderers { consenter_mapping }.encode_to_vec()));
            block_validation = Some(bft_block_validation(consenters));
            ("BFT", bft_options(options).encode_to_vec())
        }
        Consensus::Solo => ("solo", Vec::new()),
        Consensus::Kafka { brokers } => {
            let brokers = wire::KafkaBrokers { brokers: brokers.clone() };
            values.push((KAFKA_BROKERS, brokers.encode_to_vec()));
            ("kafka", Vec::new())
        }
    };
    let consensus = wire::ConsensusType { r#type: kind.to_owned(), metadata, state };
    values.push((CONSENSUS_TYPE, consensus.encode_to_vec()));
    Encoded { values, block_validation }
}

/// Reads a consensus; `value` gives the value of a key in the group `Orderer`, absent as empty.
pub(super) fn read<'a>(part: &str, value: impl Fn(&str) -> &'a [u8]) -> Result<Consensus, Error> {
    let consensus: wire::ConsensusType = decode(part, value(CONSENSUS_TYPE))?;
    match consensus.r#type.as_str() {
        "etcdraft" => read_raft(&consensus.metadata),
        "BFT" => read_bft(&consensus.metadata, value(ORDERERS)),
        "solo" => Ok(Consensus::Solo),
        "kafka" => {
            let brokers: wire::KafkaBrokers = decode(KAFKA_BROKERS, value(KAFKA_BROKERS))?;
            Ok(Consensus::Kafka { brokers: brokers.brokers })
        }
        other => Err(fault(part, &format!("the consensus type `{other}` is not supported"))),
    }
}

/// Signatures that a block needs where `consenters` vote and fewer than a third of them are faulty.
pub(super) fn bft_quorum(consenters: usize) -> usize {
    let faulty = consenters.saturating_sub(1) / 3;
    (consenters + faulty + 1).div_ceil(2)
}

fn raft_metadata(consenters: &[RaftConsenter], options: &RaftOptions) -> wire::RaftMetadata {
    let consenters = consenters
        .iter()
        .map(|consenter| wire::RaftConsenterMessage {
            host: consenter.host.clone(),
            port: u32::from(consenter.port),
            client_tls_cert: consenter.client_tls.clone().into_bytes(),
            server_tls_cert: consenter.server_tls.clone().into_bytes(),
        })
        .collect();
    let options = wire::RaftOptionsMessage {
        tick_interval: options.tick_interval.clone(),
        election_tick: options.election_tick,
        heartbeat_tick: options.heartbeat_tick,
        max_inflight_blocks: options.max_inflight_blocks,
        snapshot_interval_size: options.snapshot_interval_size,
    };
    wire::RaftMetadata { consenters, options: Some(options) }
}

fn bft_consenter(consenter: &BftConsenter) -> wire::BftConsenterMessage {
    wire::BftConsenterMessage {
        id: consenter.id,
        host: consenter.host.clone(),
        port: u32::from(consenter.port),
        msp_id: consenter.msp_id.clone(),
        identity: consenter.identity.clone().into_bytes(),
        client_tls_cert: consenter.client_tls.clone().into_bytes(),
        server_tls_cert: consenter.server_tls.clone().into_bytes(),
    }
}

fn bft_block_validation(consenters: &[BftConsenter]) -> PolicyRule {
    let identities = consenters.iter().map(|consenter| {
        let identity = wire::SerializedIdentity {
            mspid: consenter.msp_id.clone(),
            id_bytes: consenter.identity.clone().into_bytes(),
        };
        wire::MspPrincipal {
            principal_classification: IDENTITY,
            principal: identity.encode_to_vec(),
        }
    });
    // A mapping has a few consenters, far below the limit of the message's type.
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let rules = (0..consenters.len()).map(|number| wire::SignaturePolicy {
        rule: Some(wire::SignatureRule::SignedBy(count(number))),
    });
    let gate = wire::OutOf { n: count(bft_quorum(consenters.len())), rules: rules.collect() };
    let policy = wire::SignaturePolicyEnvelope {
        version: 0,
        rule: Some(wire::SignaturePolicy { rule: Some(wire::SignatureRule::OutOf(gate)) }),
        identities: identities.collect(),
    };
    PolicyRule { kind: SIGNATURE, value: policy.encode_to_vec() }
}

fn bft_options(options: &BftOptions) -> wire::BftOptionsMessage {
    wire::BftOptionsMessage {
        request_batch_max_count: options.request_batch_max_count,
        request_batch_max_bytes: options.request_batch_max_bytes,
        request_batch_max_interval: options.request_batch_max_interval.clone(),
        incoming_message_buffer_size: options.incoming_message_buffer_size,
        request_pool_size: options.request_pool_size,
        request_forward_timeout: options.request_forward_timeout.clone(),
        request_complain_timeout: options.request_complain_timeout.clone(),
        request_auto_remove_timeout: options.request_auto_remove_timeout.clone(),
        request_max_bytes: options.request_max_bytes,
        view_change_resend_interval: options.view_change_resend_interval.clone(),
        view_change_timeout: options.view_change_timeout.clone(),
        leader_heartbeat_timeout: options.leader_heartbeat_timeout.clone(),
        leader_heartbeat_count: options.leader_heartbeat_count,
        collect_timeout: options.collect_timeout.clone(),
        sync_on_start: options.sync_on_start,
        speed_up_view_change: options.speed_up_view_change,
        leader_rotation: match options.leader_rotation {
            LeaderRotation::Unspecified => 0,
            LeaderRotation::Off => 1,
            LeaderRotation::On => 2,
        },
        decisions_per_leader: options.decisions_per_leader,
    }
}

fn read_raft(metadata: &[u8]) -> Result<Consensus, Error> {
    let part = "etcdraft metadata";
    let metadata: wire::RaftMetadata = decode(part, metadata)?;
    let options = present(part, metadata.options)?;
    let consenter = |consenter: wire::RaftConsenterMessage| {
        let part = format!("consenter `{}`", consenter.host);
        Ok(RaftConsenter {
            port: port(&part, consenter.port)?,
            client_tls: text(&part, consenter.client_tls_cert)?,
            server_tls: text(&part, consenter.server_tls_cert)?,
            host: consenter.host,
        })
    };
    Ok(Consensus::Etcdraft {
        consenters: metadata.consenters.into_iter().map(consenter).collect::<Result<_, Error>>()?,
        options: RaftOptions {
            tick_interval: options.tick_interval,
            election_tick: options.election_tick,
            heartbeat_tick: options.heartbeat_tick,
            max_inflight_blocks: options.max_inflight_blocks,
            snapshot_interval_size: options.snapshot_interval_size,
        },
    })
}

fn read_bft(metadata: &[u8], orderers: &[u8]) -> Result<Consensus, Error> {
    let options: wire::BftOptionsMessage = decode("BFT options", metadata)?;
    let orderers: wire::Orderers = decode(ORDERERS, orderers)?;
    let consenter = |consenter: wire::BftConsenterMessage| {
        let part = format!("consenter `{}`", consenter.host);
        Ok(BftConsenter {
            id: consenter.id,
            port: port(&part, consenter.port)?,
            msp_id: consenter.msp_id,
            identity: text(&part, consenter.identity)?,
            client_tls: text(&part, consenter.client_tls_cert)?,
            server_tls: text(&part, consenter.server_tls_cert)?,
            host: consenter.host,
        })
    };
    Ok(Consensus::Bft {
        consenters: orderers
            .consenter_mapping
            .into_iter()
            .map(consenter)
            .collect::<Result<_, Error>>()?,
        options: Box::new(read_bft_options(options)?),
    })
}

fn read_bft_options(options: wire::BftOptionsMessage) -> Result<BftOptions, Error> {
    Ok(BftOptions {
        request_batch_max_count: options.request_batch_max_count,
        request_batch_max_bytes: options.request_batch_max_bytes,
        request_batch_max_interval: options.request_batch_max_interval,
        incoming_message_buffer_size: options.incoming_message_buffer_size,
        request_pool_size: options.request_pool_size,
        request_forward_timeout: options.request_forward_timeout,
        request_complain_timeout: options.request_complain_timeout,
        request_auto_remove_timeout: options.request_auto_remove_timeout,
        request_max_bytes: options.request_max_bytes,
        view_change_resend_interval: options.view_change_resend_interval,
        view_change_timeout: options.view_change_timeout,
        leader_heartbeat_timeout: options.leader_heartbeat_timeout,
        leader_heartbeat_count: options.leader_heartbeat_count,
        collect_timeout: options.collect_timeout,
        sync_on_start: options.sync_on_start,
        speed_up_view_change: options.speed_up_view_change,
        leader_rotation: match options.leader_rotation {
            0 => LeaderRotation::Unspecified,
            1 => LeaderRotation::Off,
            2 => LeaderRotation::On,
            _ => return Err(fault("BFT options", "the leader rotation is unknown")),
        },
        decisions_per_leader: options.decisions_per_leader,
    })
}

fn port(part: &str, number: u32) -> Result<u16, Error> {
    u16::try_from(number).map_err(|_| fault(part, "the port is above 65535"))
}
