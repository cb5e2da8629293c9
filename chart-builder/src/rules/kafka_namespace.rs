//! FT353: a namespace that Kafka cannot have.

use super::kafka_sizes::path;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::names;
use crate::spec::grammar;

pub(super) static RULE: Rule = Rule {
    code: "FT353",
    severity: Severity::Error,
    title: "Kafka has a namespace of its own",
    about: "Brokers serve the orderers of all organizations and belong to none of them, so their namespace is neither an \
            organization's nor the network's. It is a DNS label of at most 63 characters, prefix included, and stands in \
            the name of every broker.",
    fires: &[
        case(&[("type: etcdraft", "type: kafka\n  kafka: {namespace: org2}")]),
        case(&[("type: etcdraft", "type: kafka"), ("namespace: org2,", "namespace: kafka,")]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {namespace: tradenet}")]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {namespace: Kafka.Example}")]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {namespace: kube-kafka}")]),
    ],
    near_misses: &[case(&[("type: etcdraft", "type: kafka\n  kafka: {namespace: streams}")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(cluster) = &context.network.kafka else { return };
    let said = context.spec.kafka.as_ref().and_then(|it| it.namespace.as_deref());
    let base = said.unwrap_or(names::KAFKA_NAMESPACE);
    let namespace = cluster.namespace.as_str();
    let organizations = || context.organizations();
    let same = organizations().find(|it| it.decided.namespace == namespace);
    // Its values stand under a key that an organization's peers could have as well, whatever the namespaces are.
    let why = if !grammar::is_label(base) || namespace.len() > grammar::LONGEST_LABEL {
        "namespaces are DNS labels: at most 63 lower-case letters, digits and dashes, prefix included"
    } else if namespace == "default" || namespace.starts_with("kube-") {
        "Kubernetes keeps `default` and `kube-…` for itself"
    } else if namespace == context.network.name {
        "it is the network's own, where no pod runs"
    } else if same.is_some() {
        "it is an organization's, and brokers serve the orderers of all"
    } else {
        return;
    };
    let at = path(context);
    let at = if said.is_some() { at.key("namespace") } else { at };
    let message = format!("`{namespace}` cannot be the namespace of Kafka");
    let fix = "write another `namespace:` below `ordering.kafka`, for example `kafka`";
    let mut finding = Finding::at(at, message, why, fix);
    if let Some(organization) = same {
        let key = if organization.said.namespace.is_some() { "namespace" } else { "name" };
        finding = finding.beside(organization.path.key(key), "this organization's namespace");
    }
    findings.report(finding);
}
