//! FT203: one organization for two organizations.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT203",
    severity: Severity::Error,
    title: "an organization is there once",
    about: "Names of organizations are compared without case: they become groups of channel configurations, directories and namespaces, and at least one of those does not tell `Org1` from `org1`.",
    fires: &[case(&[("name: Org2", "name: org1")])],
    near_misses: &[case(&[("name: Org2", "name: Org11")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut first: BTreeMap<String, KeyPath> = BTreeMap::new();
    for organization in context.organizations() {
        let name = &organization.decided.name;
        let path = organization.path.key("name");
        match first.get(&name.to_lowercase()) {
            None => {
                first.insert(name.to_lowercase(), path);
            }
            Some(other) => findings.report(
                Finding::at(
                    path,
                    format!("organization `{name}` is taken"),
                    "it is compared without case, and belongs to one organization",
                    "rename or remove one of the two",
                )
                .beside(other.clone(), "first used here"),
            ),
        }
    }
}
