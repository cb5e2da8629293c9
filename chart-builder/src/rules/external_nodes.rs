//! FT721: an external organization with nodes that would be built here.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT721",
    severity: Severity::Error,
    title: "an external organization has no nodes here",
    about: "`external` says that somebody else runs the organization's nodes, with keys that are not here. One network cannot \
            have peers of an organization here and orderers of it elsewhere: make two organizations of it.",
    fires: &[
        case(&[(
            "  - {name: Orderer,",
            "  - {name: Auditor, peers: 1, external: {}}\n  - {name: Orderer,",
        )]),
        case(&[(
            "  - {name: Orderer,",
            "  - {name: Auditor, cli: true, external: {}}\n  - {name: Orderer,",
        )]),
    ],
    near_misses: &[case(&[(
        "  - {name: Orderer,",
        "  - {name: Auditor, external: {}}\n  - {name: Orderer,",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations().filter(|it| it.decided.is_external()) {
        let decided = organization.decided;
        let here = [
            ("peers", !decided.peers.is_empty()),
            ("orderers", !decided.orderers.is_empty()),
            ("ca", decided.ca.is_some()),
            ("cli", decided.cli),
        ];
        for (key, _) in here.into_iter().filter(|(_, here)| *here) {
            let finding = Finding::at(
                organization.path.key(key),
                format!("`{}` is external and has `{key}` here", decided.name),
                "somebody else runs its nodes and has its keys",
                format!("remove `{key}`, or `external`"),
            );
            findings.report(finding.beside(organization.path.key("external"), "external here"));
        }
    }
}
