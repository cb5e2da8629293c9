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
    fires: &[
        case(&[(
            "clusterDomain: cluster.local",
            "clusterDomain: cluster.local\ndomains: {resolve: coredns-rewrite}",
        )]),
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {serviceCIDR: 10.96.0.0/16}\ndomains: {resolve: host-aliases, addresses: 10.96.0.64/26}",
        )]),
    ],
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
    let network = context.network;
    let aliased = network.host_aliases.is_some();
    if !network.rewrites_domains && !aliased {
        return;
    }
    let path = KeyPath::root().key("domains").key("resolve");
    if network.rewritten_domains().next().is_none() && network.aliased_hosts().next().is_none() {
        findings.report(
            Finding::at(
                path.clone(),
                "no organization has a domain with dots".to_owned(),
                "there is no name that cluster DNS or a pod would have to be told",
                "write `domain: org1.example.com` at an organization, or `resolve: native`",
            )
            .rests_on(KeyPath::root().key("organizations")),
        );
    }
    if network.layout == Layout::PerOwner && !aliased {
        findings.report(Finding::at(
            path,
            "the owner of a namespace cannot change cluster DNS".to_owned(),
            "its settings lie in `kube-system`",
            "let the cluster's owner install the chart `fabric-dns` with `facts.fixup.coredns`, and write `resolve: native`; \
             in a network that is not built yet `resolve: host-aliases` needs no rights",
        ));
    }
}
