//! FT211: a cluster domain that is no domain.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::grammar;

pub(super) static RULE: Rule = Rule {
    code: "FT211",
    severity: Severity::Error,
    title: "the cluster domain is a domain",
    about: "It stands in every TLS certificate as `<node>.<namespace>.svc.<domain>`. The kubelet's `--cluster-domain` \
            says what it is; nearly always `cluster.local`.",
    fires: &[case(&[("clusterDomain: cluster.local", "clusterDomain: .cluster.local")])],
    near_misses: &[case(&[("clusterDomain: cluster.local", "clusterDomain: west.example")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let domain = &context.network.cluster_domain;
    if !grammar::is_subdomain(domain) {
        findings.report(Finding::at(
            KeyPath::root().key("clusterDomain"),
            format!("`{domain}` is no domain"),
            "it is put behind host names in TLS certificates",
            "write it without dots at the ends, for example `cluster.local`",
        ));
    }
}
