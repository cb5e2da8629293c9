//! FT205: one namespace for two organizations.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT205",
    severity: Severity::Error,
    title: "a namespace belongs to one organization",
    about: "Every organization has a `peer0`: in one namespace their Services, claims and Secrets would be the same objects.",
    fires: &[case(&[("namespace: org2", "namespace: org1")])],
    near_misses: &[case(&[("namespace: org2", "namespace: org11")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut first: BTreeMap<String, KeyPath> = BTreeMap::new();
    for organization in context.organizations() {
        let namespace = &organization.decided.namespace;
        let key = if organization.said.namespace.is_some() { "namespace" } else { "name" };
        let path = organization.path.key(key);
        match first.get(&namespace.to_lowercase()) {
            None => {
                first.insert(namespace.to_lowercase(), path);
            }
            Some(other) => findings.report(
                Finding::at(
                    path,
                    format!("namespace `{namespace}` is taken"),
                    "it is compared without case, and belongs to one organization",
                    "write a `namespace:` of its own for one of the two",
                )
                .beside(other.clone(), "first used here"),
            ),
        }
    }
}
