//! FT851: labels and namespaces of monitoring that Kubernetes refuses.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::spec::grammar;

pub(super) static RULE: Rule = Rule {
    code: "FT851",
    severity: Severity::Error,
    title: "labels of monitoring are labels of Kubernetes",
    about: "A label's value has at most 63 letters, digits and `-_.`, with a letter or digit at both ends; a namespace is a \
            DNS label. Kubernetes would refuse the objects, and the release with them.",
    fires: &[
        case(&[("removals: []", "monitoring: {labels: {release: prometheus stack}}")]),
        case(&[("removals: []", "monitoring: {prometheus: Monitoring}")]),
    ],
    near_misses: &[case(&[(
        "removals: []",
        "monitoring: {labels: {release: kube-prometheus_stack.1}, prometheus: monitoring}",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(said) = &context.spec.monitoring else { return };
    let path = KeyPath::root().key("monitoring");
    for (name, value) in said.labels.iter().filter(|(_, value)| !is_value(value)) {
        findings.report(Finding::at(
            path.key("labels").key(name),
            format!("`{value}` is no value of a label"),
            "Kubernetes admits 63 letters, digits and `-_.`, with a letter or digit at both ends",
            "write the label that your Prometheus selects by",
        ));
    }
    if let Some(namespace) = said.prometheus.as_deref().filter(|it| !grammar::is_label(it)) {
        findings.report(Finding::at(
            path.key("prometheus"),
            format!("`{namespace}` is no name for a namespace"),
            "namespaces are DNS labels: lower-case letters, digits and dashes",
            "write the namespace that your Prometheus runs in",
        ));
    }
}

fn is_value(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let at_ends = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63
        && text.chars().all(inside)
        && text.starts_with(at_ends)
        && text.ends_with(at_ends)
}
