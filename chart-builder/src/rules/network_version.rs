//! FT212: a version that Helm refuses.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::resolve;

pub(super) static RULE: Rule = Rule {
    code: "FT212",
    severity: Severity::Error,
    title: "the network's version is SemVer 2",
    about: "It is the version of the network's chart. Helm sorts and compares charts by SemVer 2 and refuses others.",
    fires: &[case(&[("version: 1.0.0}", "version: 1.0}")])],
    near_misses: &[case(&[("version: 1.0.0}", "version: 1.0.0-rc.1}")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(version) = &context.spec.version else { return };
    if resolve::version(Some(version)).is_none() {
        findings.report(Finding::at(
            KeyPath::root().key("metadata").key("version"),
            format!("`{version}` is no SemVer version"),
            "Helm wants three numbers: major, minor and patch",
            "write for example `version: 1.0.0`",
        ));
    }
}
