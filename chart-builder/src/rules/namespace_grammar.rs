//! FT201: a namespace that Kubernetes refuses.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::grammar;

pub(super) static RULE: Rule = Rule {
    code: "FT201",
    severity: Severity::Error,
    title: "a namespace is a DNS label",
    about: "Namespaces become DNS names: `peer0` of namespace `org1` is reached as `peer0.org1`. Kubernetes admits \
            lower-case letters, digits and dashes, with a letter or digit at both ends (DNS-1123); no dots, no capitals.",
    fires: &[case(&[("namespace: org1\n", "namespace: Org1.Example\n")])],
    near_misses: &[case(&[("namespace: org1\n", "namespace: org1-example\n")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let said = organization.said.namespace.as_deref();
        let base = said.unwrap_or(&organization.decided.name).to_owned();
        let base = if said.is_some() { base } else { base.to_lowercase() };
        // Length is judged after prefixes, by FT207.
        if base.chars().count() > grammar::LONGEST_LABEL || grammar::is_label(&base) {
            continue;
        }
        let key = if said.is_some() { "namespace" } else { "name" };
        let fix = match grammar::label_of(&base) {
            Some(label) => format!("write `namespace: {label}`"),
            None => "add a `namespace:` of lower-case letters and digits".to_owned(),
        };
        findings.report(Finding::at(
            organization.path.key(key),
            format!("`{base}` is no name for a namespace"),
            "namespaces are DNS labels: lower-case letters, digits and dashes (DNS-1123)",
            fix,
        ));
    }
}
