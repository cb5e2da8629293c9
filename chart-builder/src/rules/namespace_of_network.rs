//! FT206: an organization in the umbrella's own namespace.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Layout;

pub(super) static RULE: Rule = Rule {
    code: "FT206",
    severity: Severity::Error,
    title: "no organization lives in the network's own namespace",
    about: "The umbrella's release is stored in the namespace that has the network's name. No pod of Fabric runs there: \
            whoever may read an organization's Secrets should not be able to change the release of all.",
    fires: &[case(&[("namespace: org1\n", "namespace: tradenet\n")])],
    near_misses: &[
        case(&[("namespace: org1\n", "namespace: tradenet-org1\n")]),
        case(&[
            ("namespace: org1\n", "namespace: tradenet\n"),
            ("layout: umbrella", "layout: per-owner"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if context.network.layout == Layout::PerOwner {
        // There is no release of the whole network.
        return;
    }
    for organization in context.organizations() {
        if organization.decided.namespace != context.network.name {
            continue;
        }
        let key = if organization.said.namespace.is_some() { "namespace" } else { "name" };
        findings.report(
            Finding::at(
                organization.path.key(key),
                format!("namespace `{}` is the network's own", context.network.name),
                "the umbrella's release is stored there, and no pod runs in it",
                format!("write `namespace: {}-1`, or rename the network", context.network.name),
            )
            .beside(KeyPath::root().key("metadata").key("name"), "the network's name"),
        );
    }
}
