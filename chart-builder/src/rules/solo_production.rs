//! FT333: solo in production.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Consensus;

pub(super) static RULE: Rule = Rule {
    code: "FT333",
    severity: Severity::Error,
    title: "solo is for development",
    about: "The only orderer has the only copy of what it has ordered, and nobody can take its place; Fabric names solo \
            for tests only and has removed it in 3.0. The profile `dev` says that this is fine.",
    fires: &[case(&[
        ("type: etcdraft", "type: solo"),
        (
            "consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
            "consenters: [Orderer/orderer0]",
        ),
    ])],
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
    for (path, _, group) in context.groups() {
        if context.production() && group.consensus == Consensus::Solo {
            let finding = Finding::at(
                path.key("type"),
                "solo orders in production".to_owned(),
                "a lost volume of its orderer ends every channel",
                "use `type: etcdraft`, or `profile: dev` for a throw-away network",
            );
            findings.report(finding.beside(KeyPath::root().key("release"), "the profile"));
        }
    }
}
