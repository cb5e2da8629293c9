//! Consensus in `network.lock`: a word, and the settings of that type under a key of its own.

use chart_format::yaml::{Map, Node};
use serde::Deserialize;

use crate::model::{BftOptions, Consensus, ConsensusType, RaftOptions};

/// Settings of etcdraft.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Raft {
    tick_interval: String,
    election_tick: u32,
    heartbeat_tick: u32,
    max_inflight_blocks: u32,
    snapshot_interval_size: u32,
}

/// Settings of BFT.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Bft {
    request_batch_max_interval: String,
    incoming_message_buffer_size: u64,
    request_pool_size: u64,
    request_forward_timeout: String,
    request_complain_timeout: String,
    request_auto_remove_timeout: String,
    view_change_resend_interval: String,
    view_change_timeout: String,
    leader_heartbeat_timeout: String,
    leader_heartbeat_count: u64,
    collect_timeout: String,
}

/// Settings of Kafka.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Kafka {
    brokers: Vec<String>,
}

/// What stands in the file about consensus.
pub(super) struct OnDisk {
    pub(super) word: String,
    pub(super) raft: Option<Raft>,
    pub(super) bft: Option<Bft>,
    pub(super) kafka: Option<Kafka>,
}

impl TryFrom<OnDisk> for Consensus {
    type Error = String;

    fn try_from(it: OnDisk) -> Result<Self, Self::Error> {
        let Some(kind) = ConsensusType::of(&it.word) else {
            return Err(format!("`{}` is no consensus that this program knows", it.word));
        };
        match (kind, it.raft, it.bft, it.kafka) {
            (ConsensusType::Etcdraft, Some(it), None, None) => Ok(Self::Etcdraft(it.into())),
            (ConsensusType::Bft, None, Some(it), None) => Ok(Self::Bft(Box::new(it.into()))),
            (ConsensusType::Kafka, None, None, Some(it)) => Ok(Self::Kafka { brokers: it.brokers }),
            (ConsensusType::Solo, None, None, None) => Ok(Self::Solo),
            _ => Err(format!(
                "`consensus: {}` has the settings of that type beside it and no other ones",
                it.word
            )),
        }
    }
}

impl From<Raft> for RaftOptions {
    fn from(it: Raft) -> Self {
        Self {
            tick_interval: it.tick_interval,
            election_tick: it.election_tick,
            heartbeat_tick: it.heartbeat_tick,
            max_inflight_blocks: it.max_inflight_blocks,
            snapshot_interval_size: it.snapshot_interval_size,
        }
    }
}

impl From<Bft> for BftOptions {
    fn from(it: Bft) -> Self {
        Self {
            request_batch_max_interval: it.request_batch_max_interval,
            incoming_message_buffer_size: it.incoming_message_buffer_size,
            request_pool_size: it.request_pool_size,
            request_forward_timeout: it.request_forward_timeout,
            request_complain_timeout: it.request_complain_timeout,
            request_auto_remove_timeout: it.request_auto_remove_timeout,
            view_change_resend_interval: it.view_change_resend_interval,
            view_change_timeout: it.view_change_timeout,
            leader_heartbeat_timeout: it.leader_heartbeat_timeout,
            leader_heartbeat_count: it.leader_heartbeat_count,
            collect_timeout: it.collect_timeout,
        }
    }
}

/// The key and the settings of a consensus; solo has none.
pub(super) fn settings(consensus: &Consensus) -> Option<(&'static str, Map)> {
    match consensus {
        Consensus::Etcdraft(options) => Some(("raft", raft(options))),
        Consensus::Bft(options) => Some(("bft", bft(options))),
        Consensus::Kafka { brokers } => {
            let brokers = brokers.iter().map(|broker| Node::from(broker.as_str())).collect();
            Some(("kafka", Map::new().with("brokers", Node::List(brokers))))
        }
        Consensus::Solo => None,
    }
}

fn raft(options: &RaftOptions) -> Map {
    Map::new()
        .with("tickInterval", options.tick_interval.as_str())
        .with("electionTick", i64::from(options.election_tick))
        .with("heartbeatTick", i64::from(options.heartbeat_tick))
        .with("maxInflightBlocks", i64::from(options.max_inflight_blocks))
        .with("snapshotIntervalSize", i64::from(options.snapshot_interval_size))
}

fn bft(options: &BftOptions) -> Map {
    let number = super::write::number;
    Map::new()
        .with("requestBatchMaxInterval", options.request_batch_max_interval.as_str())
        .with("incomingMessageBufferSize", number(options.incoming_message_buffer_size))
        .with("requestPoolSize", number(options.request_pool_size))
        .with("requestForwardTimeout", options.request_forward_timeout.as_str())
        .with("requestComplainTimeout", options.request_complain_timeout.as_str())
        .with("requestAutoRemoveTimeout", options.request_auto_remove_timeout.as_str())
        .with("viewChangeResendInterval", options.view_change_resend_interval.as_str())
        .with("viewChangeTimeout", options.view_change_timeout.as_str())
        .with("leaderHeartbeatTimeout", options.leader_heartbeat_timeout.as_str())
        .with("leaderHeartbeatCount", number(options.leader_heartbeat_count))
        .with("collectTimeout", options.collect_timeout.as_str())
}
