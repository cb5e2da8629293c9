//! FT409: other block limits, Raft options or capabilities of a built channel.

use super::frozen::{channel_changed, channels};
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};
use crate::lock::ChannelFacts;
use crate::model::Channel;
use crate::spec::Ordering;

pub(super) static RULE: Rule = Rule {
    code: "FT409",
    severity: Severity::Error,
    title: "a built channel keeps its block limits, Raft options and capabilities",
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
            if frozen != now {
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
    batch: &'a crate::model::BatchLimits,
    raft: &'a crate::model::RaftOptions,
    capabilities: &'a crate::model::Capabilities,
}

fn as_borrowed(facts: &ChannelFacts) -> Settings<'_> {
    Settings { batch: &facts.batch, raft: &facts.raft, capabilities: &facts.capabilities }
}

fn as_facts(channel: &Channel) -> Settings<'_> {
    Settings { batch: &channel.batch, raft: &channel.raft, capabilities: &channel.capabilities }
}

/// Block, key and value of each setting, always in the same order.
fn settings(it: &Settings<'_>) -> Vec<(&'static str, &'static str, String)> {
    vec![
        ("batch", "timeout", it.batch.timeout.clone()),
        ("batch", "maxMessages", it.batch.max_messages.to_string()),
        ("batch", "absoluteMaxBytes", it.batch.absolute_max_bytes.to_string()),
        ("batch", "preferredMaxBytes", it.batch.preferred_max_bytes.to_string()),
        ("raft", "tickInterval", it.raft.tick_interval.clone()),
        ("raft", "electionTick", it.raft.election_tick.to_string()),
        ("raft", "heartbeatTick", it.raft.heartbeat_tick.to_string()),
        ("raft", "maxInflightBlocks", it.raft.max_inflight_blocks.to_string()),
        ("raft", "snapshotIntervalSize", it.raft.snapshot_interval_size.to_string()),
        ("capabilities", "channel", it.capabilities.channel.clone()),
        ("capabilities", "orderer", it.capabilities.orderer.clone()),
        ("capabilities", "application", it.capabilities.application.clone()),
    ]
}
