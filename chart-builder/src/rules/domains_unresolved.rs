//! FT742: domains that nothing resolves.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Layout;

pub(super) static RULE: Rule = Rule {
    code: "FT742",
    severity: Severity::Error,
    title: "cluster DNS answers domains that there are, by somebody who may change it",
    about: "`domains.resolve: coredns-rewrite` gives nodes of organizations with a dotted `domain` a second name in cluster \
            DNS. The settings of cluster DNS lie in a namespace that the owner of one organization has no rights in.",
    fires: &[case(&[(
        "clusterDomain: cluster.local",
        "clusterDomain: cluster.local\ndomains: {resolve: coredns-rewrite}",
    )])],
    near_misses: &[case(&[
        (
            "clusterDomain: cluster.local",
            "clusterDomain: cluster.local\ndomains: {resolve: coredns-rewrite}",
        ),
        ("    mspId: Org1MSP\n", "    mspId: Org1MSP\n    domain: org1.example.com\n"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.network.rewrites_domains {
        return;
    }
    let path = KeyPath::root().key("domains").key("resolve");
    if context.network.rewritten_domains().next().is_none() {
        findings.report(
            Finding::at(
                path.clone(),
                "no organization has a domain with dots".to_owned(),
                "there is nothing that cluster DNS could answer",
                "write `domain: org1.example.com` at an organization, or `resolve: native`",
            )
            .rests_on(KeyPath::root().key("organizations")),
        );
    }
    if context.network.layout == Layout::PerOwner {
        findings.report(Finding::at(
            path,
            "the owner of a namespace cannot change cluster DNS".to_owned(),
            "its settings lie in `kube-system`",
            "let the cluster's owner install the chart `fabric-dns` with `facts.fixup.coredns`, and write `resolve: native`",
        ));
    }
}
