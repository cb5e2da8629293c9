//! FT414: a chaincode sequence that is not the next one.

use super::{Context, Finding, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT414",
    severity: Severity::Error,
    title: "a chaincode's sequence stays, or grows by 1",
    about: "Fabric commits a definition only with the sequence after the committed one \
            (`core/chaincode/lifecycle/lifecycle.go`), and never takes one back: an older behaviour is a new sequence.",
    fires: &[
        rebuilt(&[("sequence: 2", "sequence: 1")]),
        rebuilt(&[("sequence: 2", "sequence: 4")]),
        rebuilt(&[("    sequence: 2\n", "")]),
    ],
    near_misses: &[rebuilt(&[("sequence: 2", "sequence: 3")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let now = chaincode.decided.sequence;
        let Some(locked) = context.lock.chaincodes.get(&chaincode.decided.name) else { continue };
        let next = locked.sequence.saturating_add(1);
        if now == locked.sequence || now == next {
            continue;
        }
        findings.report(Finding::at(
            chaincode.path.key("sequence"),
            format!(
                "sequence of `{}` was built as `{}` and is now `{now}`",
                chaincode.decided.name, locked.sequence
            ),
            "Fabric commits only the sequence after the committed one, and never an older one",
            format!(
                "keep `sequence: {}`, or write `sequence: {next}` for a new definition",
                locked.sequence
            ),
        ));
    }
}
