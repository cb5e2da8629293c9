//! FT202: a namespace that belongs to Kubernetes.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT202",
    severity: Severity::Error,
    title: "a namespace belongs to its organization alone",
    about: "`default` and everything that begins with `kube-` belong to the cluster: a network that lived there would \
            share Secrets and network policies with it, and could not be removed.",
    fires: &[
        case(&[("namespace: org1\n", "namespace: default\n")]),
        case(&[("namespace: org1\n", "namespace: kube-org1\n")]),
    ],
    near_misses: &[
        case(&[("namespace: org1\n", "namespace: default-org1\n")]),
        case(&[
            ("namespace: org1\n", "namespace: default\n"),
            ("namespaces: plain", "namespaces: prefixed"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let namespace = &organization.decided.namespace;
        if namespace == "default" || namespace.starts_with("kube-") {
            let key = if organization.said.namespace.is_some() { "namespace" } else { "name" };
            findings.report(Finding::at(
                organization.path.key(key),
                format!("namespace `{namespace}` belongs to the cluster"),
                "Kubernetes keeps `default` and `kube-…` for itself",
                "give the organization a namespace of its own, for example `namespace: org1`",
            ));
        }
    }
}
