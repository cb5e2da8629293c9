//! FT207: a name that is too long once prefixes and suffixes are on.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::grammar::LONGEST_LABEL;

/// Helm refuses longer release names, because 63 leave room for what charts append.
pub(super) const LONGEST_RELEASE: usize = 53;

pub(super) static RULE: Rule = Rule {
    code: "FT207",
    severity: Severity::Error,
    title: "names fit into Kubernetes' limits after prefixes",
    about: "Kubernetes admits 63 characters for a namespace and Helm 53 for a release. With `namespaces: prefixed` the \
            network's name stands before every namespace, so a name that looks short may be too long.",
    fires: &[
        case(&[(
            "name: tradenet",
            "name: a-network-with-a-name-that-is-longer-than-helm-can-store-it",
        )]),
        case(&[
            ("namespaces: plain", "namespaces: prefixed"),
            ("name: tradenet", "name: a-network-with-a-name-that-just-fits-into-a-release"),
            ("namespace: org1\n", "namespace: org1-example\n"),
        ]),
    ],
    near_misses: &[case(&[(
        "name: tradenet",
        "name: a-network-with-a-name-that-just-fits-into-a-release",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let network = &context.network.name;
    let name = KeyPath::root().key("metadata").key("name");
    if network.len() > LONGEST_RELEASE {
        findings.report(Finding::at(
            name.clone(),
            format!("the network's name has {} characters", network.len()),
            "it is the name of a Helm release, which has at most 53",
            format!("shorten it by {}", network.len() - LONGEST_RELEASE),
        ));
    }
    for organization in context.organizations() {
        let namespace = &organization.decided.namespace;
        if namespace.len() <= LONGEST_LABEL {
            continue;
        }
        let key = if organization.said.namespace.is_some() { "namespace" } else { "name" };
        let finding = Finding::at(
            organization.path.key(key),
            format!("namespace `{namespace}` has {} characters", namespace.len()),
            "Kubernetes admits 63, prefix included",
            format!("shorten it by {}", namespace.len() - LONGEST_LABEL),
        );
        findings.report(finding.rests_on(name.clone()));
    }
}
