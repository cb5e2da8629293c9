//! FT403: another namespace of a built organization.

use super::frozen::changed;
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT403",
    severity: Severity::Error,
    title: "a namespace never changes",
    about: "Hosts in channel configurations and certificates are `<node>.<namespace>` for ever; volumes cannot move between namespaces.",
    fires: &[rebuilt(&[("namespace: org1\n", "namespace: org-1\n")])],
    near_misses: &[rebuilt(&[("    namespace: org1\n", "")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let now = &organization.decided.namespace;
        let Some(locked) = context.lock.organizations.get(&organization.decided.name) else {
            continue;
        };
        if locked.namespace != *now {
            let key = if organization.said.namespace.is_some() { "namespace" } else { "name" };
            let fact = format!("the namespace of `{}`", organization.decided.name);
            findings.report(changed(
                organization.path.key(key),
                &fact,
                (&locked.namespace, now),
                "hosts in channel configurations and certificates end in it, and channel updates are not built yet",
            ));
        }
    }
}
