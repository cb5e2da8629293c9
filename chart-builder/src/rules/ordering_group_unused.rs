//! FT336: an ordering group that orders nothing.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::Ordering;

const GROUPS: &str =
    "ordering:\n  groups:\n    main: {type: etcdraft}\n    other: {type: etcdraft}\n";

pub(super) static RULE: Rule = Rule {
    code: "FT336",
    severity: Severity::Error,
    title: "every ordering group orders a channel",
    about: "A group without a channel is a typo in one of two places: its settings would do nothing.",
    fires: &[case(&[
        ("  - name: settlement\n", "  - name: settlement\n    ordering: main\n"),
        (
            "ordering:\n  type: etcdraft\n  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n  \
             batch: {timeout: 2s, maxMessages: 500, absoluteMaxBytes: 10MiB, preferredMaxBytes: 2MiB}\n  \
             raft: {tickInterval: 500ms, electionTick: 10, heartbeatTick: 1}\n",
            GROUPS,
        ),
    ])],
    near_misses: &[case(&[
        ("  - name: settlement\n", "  - name: settlement\n    ordering: main\n"),
        ("channels:\n", "channels:\n  - {name: second, ordering: other, members: [Org1]}\n"),
        (
            "ordering:\n  type: etcdraft\n  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n  \
             batch: {timeout: 2s, maxMessages: 500, absoluteMaxBytes: 10MiB, preferredMaxBytes: 2MiB}\n  \
             raft: {tickInterval: 500ms, electionTick: 10, heartbeatTick: 1}\n",
            GROUPS,
        ),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !matches!(context.spec.ordering, Ordering::Groups(_)) || !context.names_known("channels") {
        return;
    }
    for (path, _, group) in context.groups() {
        if context.network.channels.iter().any(|channel| channel.ordering == group.name) {
            continue;
        }
        findings.report(Finding::at(
            path,
            format!("no channel is ordered by group `{}`", group.name),
            "its settings would do nothing",
            format!("write `ordering: {}` at a channel, or remove the group", group.name),
        ));
    }
}
