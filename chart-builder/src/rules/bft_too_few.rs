//! FT334: BFT with fewer than four orderers.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::Consensus;

pub(super) static RULE: Rule = Rule {
    code: "FT334",
    severity: Severity::Error,
    title: "BFT has four orderers at least",
    about: "One liar among fewer than four cannot be found out, so such a group survives none; Fabric accepts it without a \
            word.",
    fires: &[case(&[
        ("type: etcdraft", "type: bft"),
        ("version: 2.5.16", "version: 3.1.5"),
        ("channel: V2_0", "channel: V3_0"),
    ])],
    near_misses: &[case(&[
        ("type: etcdraft", "type: bft"),
        ("version: 2.5.16", "version: 3.1.5"),
        ("channel: V2_0", "channel: V3_0"),
        ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
        ("orderers: 3", "orderers: 4"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.orderers_known() {
        return;
    }
    for (path, _, group) in context.groups() {
        let count = group.orderers.len();
        // None at all is reported by FT309.
        if matches!(group.consensus, Consensus::Bft(_)) && (1..4).contains(&count) {
            findings.report(
                Finding::at(
                    path.key("type"),
                    format!("BFT with {count} orderers survives no faulty one"),
                    "3f + 1 orderers survive f of them; with fewer than 4, f is 0",
                    "use `orderers: 4`, or `type: etcdraft` with 3",
                )
                .rests_on(path),
            );
        }
    }
}
