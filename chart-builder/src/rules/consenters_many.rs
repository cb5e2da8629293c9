//! FT341: more consenters than help.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::Consensus;

pub(super) static RULE: Rule = Rule {
    code: "FT341",
    severity: Severity::Warning,
    title: "etcdraft has at most seven consenters",
    about: "Every block is sent to every consenter and waits for a majority of them: nine survive the loss of four, and \
            order more slowly than seven, which survive three.",
    fires: &[case(&[
        ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
        ("orderers: 3", "orderers: 9"),
    ])],
    near_misses: &[case(&[
        ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
        ("orderers: 3", "orderers: 7"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.orderers_known() {
        return;
    }
    for (path, _, group) in context.groups() {
        let count = group.orderers.len();
        if matches!(group.consensus, Consensus::Etcdraft(_)) && count > 7 {
            findings.report(Finding::at(
                path,
                format!("{count} consenters wait for each other"),
                "every block waits for a majority of them",
                "name five or seven in `consenters`",
            ));
        }
    }
}
