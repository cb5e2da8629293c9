//! FT409: other block limits, options of the consensus or capabilities of a built channel.

use super::frozen::{channel_changed, channels, list};
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};
use crate::lock::ChannelFacts;
use crate::model::{BatchLimits, BftOptions, Capabilities, Channel, Consensus, RaftOptions};
use crate::spec::Ordering;

pub(super) static RULE: Rule = Rule {
    code: "FT409",
    severity: Severity::Error,
    title: "a built channel keeps its block limits, consensus options and capabilities",
    about: "They stand in the genesis block; changing them is an update of the channel, which is not built yet. What the \
            topology does not say stays as it was built, also when a later builder has other defaults.",
    fires: &[
        rebuilt(&[("timeout: 2s", "timeout: 1s")]),
        rebuilt(&[("preferredMaxBytes: 2MiB", "preferredMaxBytes: 1MiB")]),
        rebuilt(&[("electionTick: 10", "electionTick: 20")]),
        rebuilt(&[("application: V2_5", "application: V2_0")]),
    ],
    near_misses: &[
        rebuilt(&[(", preferredMaxBytes: 2MiB", "")]),
        rebuilt(&[(", capabilities: {channel: V2_0, orderer: V2_0, application: V2_5}", "")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (channel, facts) in channels(context) {
        // Another type is reported by FT460.
        if facts.consensus.kind() != channel.decided.consensus.kind() {
            continue;
        }
        let system = context.network.system_channel_of(channel.decided);
        let group = match &context.spec.ordering {
            Ordering::Single(_) => KeyPath::root().key("ordering"),
            Ordering::Groups(groups) => {
                let only = groups.keys().next().map(String::as_str).unwrap_or_default();
                let name = channel.said.ordering.as_deref().unwrap_or(only);
                KeyPath::root().key("ordering").key("groups").key(name)
            }
        };
        let now = settings(&as_facts(channel.decided));
        for ((block, key, frozen), (_, _, now)) in
            settings(&as_borrowed(facts)).into_iter().zip(now)
        {
            // The rest is that of the system channel, and reported by FT463.
            let own = key == "application" || system.is_none();
            if own && frozen != now {
                let base = match block {
                    "capabilities" => KeyPath::root().key("fabric"),
                    _ => group.clone(),
                };
                let path = base.key(block).key(key);
                let fact = format!("`{block}.{key}`");
                findings.report(channel_changed(&channel, path, &fact, (&frozen, &now)));
            }
        }
    }
}

/// The settings of a channel, from the lock or from the model.
struct Settings<'a> {
    batch: &'a BatchLimits,
    consensus: &'a Consensus,
    capabilities: &'a Capabilities,
}

fn as_borrowed(facts: &ChannelFacts) -> Settings<'_> {
    Settings { batch: &facts.batch, consensus: &facts.consensus, capabilities: &facts.capabilities }
}

fn as_facts(channel: &Channel) -> Settings<'_> {
    Settings {
        batch: &channel.batch,
        consensus: &channel.consensus,
        capabilities: &channel.capabilities,
    }
}

type Setting = (&'static str, &'static str, String);

/// Block, key and value of each setting, always in the same order where the type of consensus is the same.
fn settings(it: &Settings<'_>) -> Vec<Setting> {
    let mut settings = vec![
        ("batch", "timeout", it.batch.timeout.clone()),
        ("batch", "maxMessages", it.batch.max_messages.to_string()),
        ("batch", "absoluteMaxBytes", it.batch.absolute_max_bytes.to_string()),
        ("batch", "preferredMaxBytes", it.batch.preferred_max_bytes.to_string()),
        ("capabilities", "channel", it.capabilities.channel.clone()),
        ("capabilities", "orderer", it.capabilities.orderer.clone()),
        ("capabilities", "application", it.capabilities.application.clone()),
    ];
    match it.consensus {
        Consensus::Etcdraft(options) => settings.extend(raft(options)),
        Consensus::Bft(options) => settings.extend(bft(options)),
        Consensus::Kafka { brokers } => {
            settings.push(("kafka", "brokers", list(brokers.iter().map(String::as_str))));
        }
        Consensus::Solo => {}
    }
    settings
}

fn raft(it: &RaftOptions) -> Vec<Setting> {
    vec![
        ("raft", "tickInterval", it.tick_interval.clone()),
        ("raft", "electionTick", it.election_tick.to_string()),
        ("raft", "heartbeatTick", it.heartbeat_tick.to_string()),
        ("raft", "maxInflightBlocks", it.max_inflight_blocks.to_string()),
        ("raft", "snapshotIntervalSize", it.snapshot_interval_size.to_string()),
    ]
}

fn bft(it: &BftOptions) -> Vec<Setting> {
    vec![
        ("bft", "requestBatchMaxInterval", it.request_batch_max_interval.clone()),
        ("bft", "incomingMessageBufferSize", it.incoming_message_buffer_size.to_string()),
        ("bft", "requestPoolSize", it.request_pool_size.to_string()),
        ("bft", "requestForwardTimeout", it.request_forward_timeout.clone()),
        ("bft", "requestComplainTimeout", it.request_complain_timeout.clone()),
        ("bft", "requestAutoRemoveTimeout", it.request_auto_remove_timeout.clone()),
        ("bft", "viewChangeResendInterval", it.view_change_resend_interval.clone()),
        ("bft", "viewChangeTimeout", it.view_change_timeout.clone()),
        ("bft", "leaderHeartbeatTimeout", it.leader_heartbeat_timeout.clone()),
        ("bft", "leaderHeartbeatCount", it.leader_heartbeat_count.to_string()),
        ("bft", "collectTimeout", it.collect_timeout.clone()),
    ]
}
