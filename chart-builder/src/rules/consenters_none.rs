//! FT309: nobody orders.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::resolve::ordering::group;

pub(super) static RULE: Rule = Rule {
    code: "FT309",
    severity: Severity::Error,
    title: "a channel has a consenter",
    about: "Without a consenter no block is ever cut. Consenters are all orderers of all organizations unless `ordering` \
            names some.",
    fires: &[
        case(&[(
            "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
            "consenters: []",
        )]),
        case(&[
            ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
            ("orderers: 3", "orderers: 0"),
        ]),
    ],
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
    for channel in context.channels().filter(|channel| channel.decided.consenters.is_empty()) {
        let said = channel.said.ordering.as_deref();
        let Some((_, group)) = group(&context.spec.ordering, said) else { continue };
        // Names that lead nowhere are reported by FT312.
        if group.consenters.as_ref().is_some_and(|names| !names.is_empty()) {
            continue;
        }
        let finding = Finding::at(
            channel.path.key("name"),
            format!("channel `{}` has no consenter", channel.decided.name),
            "nobody would cut its blocks",
            "give an organization `orderers: 3`",
        );
        findings.report(finding.rests_on(KeyPath::root().key("ordering")));
    }
}
