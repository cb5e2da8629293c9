//! FT463: other settings of a built system channel.

use super::frozen::{NO_CHANNEL_UPDATES, changed};
use super::{Case, Context, Findings, Rule};
use crate::diagnostic::Severity;
use crate::lock::ChannelFacts;
use crate::model::{Consensus, OrderingGroup};

const BUILT: &[(&str, &str)] =
    &[("version: 2.5.16", "version: 2.2.15"), ("application: V2_5", "application: V2_0")];

pub(super) static RULE: Rule = Rule {
    code: "FT463",
    severity: Severity::Error,
    title: "a built system channel keeps its orderers and settings",
    about: "They stand in its configuration and go into every channel that is made from it. With Kafka and solo orderers \
            may come and go only together with the addresses that peers know, which stand there, too.",
    fires: &[
        Case {
            built: Some(BUILT),
            edits: &[
                ("version: 2.5.16", "version: 2.2.15"),
                ("application: V2_5", "application: V2_0"),
                ("timeout: 2s", "timeout: 1s"),
            ],
        },
        Case {
            built: Some(BUILT),
            edits: &[
                ("version: 2.5.16", "version: 2.2.15"),
                ("application: V2_5", "application: V2_0"),
                ("electionTick: 10", "electionTick: 20"),
            ],
        },
    ],
    near_misses: &[Case {
        built: Some(BUILT),
        edits: &[
            ("version: 2.5.16", "version: 2.2.15"),
            ("application: V2_5", "application: V2_0"),
            (", preferredMaxBytes: 2MiB", ""),
        ],
    }],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, _, group) in context.groups() {
        let Some(system) = &group.system_channel else { continue };
        let Some(locked) = context.lock.system_channels.get(&system.name) else { continue };
        let frozen = of_lock(&locked.made_from);
        for ((fact, frozen), (_, now)) in frozen.into_iter().zip(of_group(group)) {
            if frozen != now {
                let fact = format!("{fact} of the system channel `{}`", system.name);
                let why = format!("its configuration holds it, and {NO_CHANNEL_UPDATES}");
                findings.report(changed(path.clone(), &fact, (&frozen, &now), &why));
            }
        }
    }
}

type Facts = [(&'static str, String); 4];

fn of_lock(facts: &ChannelFacts) -> Facts {
    let orderers = facts.consenters.iter();
    let orderers = orderers.map(|it| format!("{}/{}", it.organization, it.orderer));
    [
        ("the list of orderers", orderers.collect::<Vec<_>>().join(", ")),
        ("the consensus", consensus(&facts.consensus)),
        ("`batch`", batch(&facts.batch)),
        (
            "`capabilities`",
            format!("{}, {}", facts.capabilities.channel, facts.capabilities.orderer),
        ),
    ]
}

fn of_group(group: &OrderingGroup) -> Facts {
    let orderers = group.orderers.iter();
    let orderers = orderers.map(|it| format!("{}/{}", it.organization, it.orderer));
    [
        ("the list of orderers", orderers.collect::<Vec<_>>().join(", ")),
        ("the consensus", consensus(&group.consensus)),
        ("`batch`", batch(&group.batch)),
        (
            "`capabilities`",
            format!("{}, {}", group.capabilities.channel, group.capabilities.orderer),
        ),
    ]
}

fn consensus(consensus: &Consensus) -> String {
    match consensus {
        Consensus::Etcdraft(it) => format!(
            "etcdraft with tickInterval {}, electionTick {}, heartbeatTick {}, maxInflightBlocks {}, snapshotIntervalSize {}",
            it.tick_interval,
            it.election_tick,
            it.heartbeat_tick,
            it.max_inflight_blocks,
            it.snapshot_interval_size
        ),
        Consensus::Kafka { brokers } => format!("kafka with {}", brokers.join(", ")),
        other => other.word().to_owned(),
    }
}

fn batch(batch: &crate::model::BatchLimits) -> String {
    format!(
        "{}, {} messages, {} and {} bytes",
        batch.timeout, batch.max_messages, batch.preferred_max_bytes, batch.absolute_max_bytes
    )
}
