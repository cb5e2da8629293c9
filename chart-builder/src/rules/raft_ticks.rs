//! FT314: a heartbeat that comes too late.

use super::context::groups;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::RaftOptions;

pub(super) static RULE: Rule = Rule {
    code: "FT314",
    severity: Severity::Error,
    title: "electionTick > heartbeatTick",
    about: "A follower that hears nothing for `electionTick` ticks starts an election; heartbeats come every \
            `heartbeatTick` ticks. Fabric refuses a configuration in which they come too late.",
    fires: &[case(&[(
        "electionTick: 10, heartbeatTick: 1",
        "electionTick: 10, heartbeatTick: 10",
    )])],
    near_misses: &[case(&[(
        "electionTick: 10, heartbeatTick: 1",
        "electionTick: 10, heartbeatTick: 9",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, group) in groups(context) {
        let default = RaftOptions::default();
        let election = group.raft.election_tick.unwrap_or(default.election_tick);
        let heartbeat = group.raft.heartbeat_tick.unwrap_or(default.heartbeat_tick);
        if election > heartbeat {
            continue;
        }
        let path = path.key("raft");
        let key =
            if group.raft.heartbeat_tick.is_some() { "heartbeatTick" } else { "electionTick" };
        findings.report(
            Finding::at(
                path.key(key),
                format!("a heartbeat every {heartbeat} ticks, an election after {election}"),
                "Fabric wants electionTick above heartbeatTick",
                "write `electionTick: 10` and `heartbeatTick: 1`",
            )
            .rests_on(path.key("electionTick")),
        );
    }
}
