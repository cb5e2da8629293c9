//! FT311: a single consenter in production.

use super::context::raft_channels;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT311",
    severity: Severity::Warning,
    title: "production has three consenters",
    about: "With one consenter every restart stops the channel, and a lost volume ends it: blocks that only it had are gone. The profile `dev` says that this is fine.",
    fires: &[case(&[(
        "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
        "consenters: [Orderer/orderer0]",
    )])],
    near_misses: &[case(&[(
        "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
        "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.orderers_known() {
        return;
    }
    for channel in raft_channels(context) {
        let elsewhere = context.network.is_ordered_elsewhere(channel.decided);
        if channel.decided.consenters.len() != 1 || !context.production() || elsewhere {
            continue;
        }
        let finding = Finding::at(
            channel.path.key("name"),
            format!("channel `{}` has a single consenter", channel.decided.name),
            "every restart of it stops the channel, and its volume is the only copy",
            "use `orderers: 3`, or `profile: dev` for a throw-away network",
        );
        findings.report(finding.rests_on(KeyPath::root().key("ordering")));
    }
}
