//! FT319: an organization without nodes.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT319",
    severity: Severity::Warning,
    title: "an organization has nodes",
    about: "An organization without peers and orderers gets certificates and a namespace, and nothing ever runs there.",
    fires: &[case(&[("  - {name: Orderer,", "  - {name: Org3}\n  - {name: Orderer,")])],
    near_misses: &[case(&[(
        "  - {name: Orderer,",
        "  - {name: Org3, peers: 1}\n  - {name: Orderer,",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let decided = organization.decided;
        if !decided.has_nodes() && !decided.is_external() {
            let finding = Finding::at(
                organization.path.key("name"),
                format!("`{}` has neither peers nor orderers", decided.name),
                "nothing runs in its namespace",
                "add `peers: 2`, or remove it",
            );
            findings.report(finding.rests_on(organization.path));
        }
    }
}
