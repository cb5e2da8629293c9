//! FT332: more than one orderer with solo.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::Consensus;

pub(super) static RULE: Rule = Rule {
    code: "FT332",
    severity: Severity::Error,
    title: "solo has one orderer",
    about: "Orderers with solo know nothing of each other: two of them make two chains of the same name, and peers that \
            reach both stop with blocks that do not follow on each other.",
    fires: &[case(&[("type: etcdraft", "type: solo"), ("profile: production", "profile: dev")])],
    near_misses: &[case(&[
        ("type: etcdraft", "type: solo"),
        ("profile: production", "profile: dev"),
        (
            "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
            "consenters: [Orderer/orderer0]",
        ),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.orderers_known() {
        return;
    }
    for (path, _, group) in context.groups() {
        let count = group.orderers.len();
        if group.consensus == Consensus::Solo && count > 1 {
            findings.report(
                Finding::at(
                    path.key("type"),
                    format!("{count} orderers would be {count} separate chains with solo"),
                    "orderers with solo do not talk to each other",
                    "use `orderers: 1`, name one in `consenters`, or use `type: etcdraft`",
                )
                .rests_on(path),
            );
        }
    }
}
