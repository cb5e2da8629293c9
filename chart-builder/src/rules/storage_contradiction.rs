//! FT602: storage that is two things at once.

use super::nodes::storages;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT602",
    severity: Severity::Error,
    title: "storage has one source",
    about: "Storage is a claim that the chart makes (`class`, `size`), a claim that exists (`existingClaim`), or nothing \
            (`emptyDir`); size and class of a claim that exists are its own.",
    fires: &[
        case(&[("storage: 60Gi", "storage: {existingClaim: ledger, size: 60Gi}")]),
        case(&[("storage: 60Gi", "storage: {existingClaim: ledger, emptyDir: true}")]),
    ],
    near_misses: &[case(&[("storage: 60Gi", "storage: {existingClaim: ledger}")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, said) in storages(context) {
        let sized = said.size.is_some() || said.class.is_some();
        let sources = [said.existing_claim.is_some(), said.empty_dir, sized];
        if sources.into_iter().filter(|source| *source).count() > 1 {
            findings.report(Finding::at(
                path,
                "storage has several sources".to_owned(),
                "a volume is a new claim, a claim that exists, or an emptyDir",
                "keep `class` and `size`, or `existingClaim`, or `emptyDir`",
            ));
        }
    }
}
