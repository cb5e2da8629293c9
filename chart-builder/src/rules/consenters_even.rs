//! FT310: an even number of consenters.

use super::context::raft_channels;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT310",
    severity: Severity::Warning,
    title: "a channel has an odd number of consenters",
    about: "Raft needs a majority: four consenters survive the loss of one, as three do, and one more can fail. Two survive none.",
    fires: &[case(&[(
        "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
        "consenters: [Orderer/orderer0, Orderer/orderer1]",
    )])],
    near_misses: &[case(&[(
        "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
        "consenters: [Orderer/orderer0]",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.orderers_known() {
        return;
    }
    for channel in raft_channels(context) {
        let count = channel.decided.consenters.len();
        let elsewhere = context.network.is_ordered_elsewhere(channel.decided);
        if count == 0 || !count.is_multiple_of(2) || elsewhere {
            continue;
        }
        let finding = Finding::at(
            channel.path.key("name"),
            format!("channel `{}` has {count} consenters", channel.decided.name),
            "an even number survives no more losses than one less, and has one more to lose",
            format!("use {} or {}", count - 1, count + 1),
        );
        findings.report(finding.rests_on(KeyPath::root().key("ordering")));
    }
}
