//! FT335: a number of BFT orderers that buys nothing.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::Consensus;

pub(super) static RULE: Rule = Rule {
    code: "FT335",
    severity: Severity::Warning,
    title: "BFT has 3f + 1 orderers",
    about: "Four survive one faulty orderer, seven survive two. Five and six survive one as well, and every block needs \
            more signatures.",
    fires: &[case(&[
        ("type: etcdraft", "type: bft"),
        ("version: 2.5.16", "version: 3.1.5"),
        ("channel: V2_0", "channel: V3_0"),
        ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
        ("orderers: 3", "orderers: 5"),
    ])],
    near_misses: &[case(&[
        ("type: etcdraft", "type: bft"),
        ("version: 2.5.16", "version: 3.1.5"),
        ("channel: V2_0", "channel: V3_0"),
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
        if !matches!(group.consensus, Consensus::Bft(_)) || count < 4 || count % 3 == 1 {
            continue;
        }
        let enough = count - (count + 2) % 3;
        findings.report(
            Finding::at(
                path.key("type"),
                format!("{count} orderers with BFT survive as many faulty ones as {enough}"),
                "3f + 1 orderers survive f of them",
                format!("use {enough} or {} orderers", enough + 3),
            )
            .rests_on(path),
        );
    }
}
