//! FT602: storage that is two things at once.

use super::nodes::storages;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT602",
    severity: Severity::Error,
    title: "storage has one source",
    about: "Storage is a claim that the chart makes (`class`, `size`), a claim that exists (`existingClaim`), or nothing \
            (`emptyDir`), or a directory that exists (`nfs`, `hostPath`, `local`), which has a size and no class: with one \
            a provisioner or another volume could take its place. Size and class of a claim that exists are its own.",
    fires: &[
        case(&[("storage: 60Gi", "storage: {existingClaim: ledger, size: 60Gi}")]),
        case(&[("storage: 60Gi", "storage: {existingClaim: ledger, emptyDir: true}")]),
        case(&[(
            "storage: 60Gi",
            "storage: {class: fast, nfs: {server: files, path: /export/ledger}}",
        )]),
    ],
    near_misses: &[
        case(&[(
            "storage: 60Gi",
            "storage: {size: 60Gi, nfs: {server: files, path: /export/ledger}}",
        )]),
        case(&[("storage: 60Gi", "storage: {existingClaim: ledger}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, said) in storages(context) {
        let directories = [&said.nfs, &said.host_path, &said.local];
        let directories = directories.into_iter().filter(|it| it.is_some()).count();
        let made = said.class.is_some() || (said.size.is_some() && directories == 0);
        let mut sources = vec![said.existing_claim.is_some(), said.empty_dir, made];
        sources.extend(std::iter::repeat_n(true, directories));
        if sources.into_iter().filter(|source| *source).count() > 1 {
            findings.report(Finding::at(
                path,
                "storage has several sources".to_owned(),
                "a volume is a new claim, a claim that exists, a directory, or an emptyDir; a directory has no class, so \
                 that no other volume and no provisioner takes its place",
                "keep `class` and `size`, or `existingClaim`, or one of `nfs`, `hostPath` and `local`, or `emptyDir`",
            ));
        }
    }
}
