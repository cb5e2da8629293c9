//! FT418: other hosts of nodes that have been built.

use super::frozen::changed;
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT418",
    severity: Severity::Error,
    title: "a built node keeps its host",
    about: "Hosts stand in channels and certificates, and the address of a Service never changes. So whether an \
            organization's nodes are `<node>.<namespace>`, or with host aliases `<node>.<domain>`, is decided when it is \
            built first. An organization that comes later decides for itself: with a dotted `domain` it has host aliases.",
    fires: &[rebuilt(&[
        ("    mspId: Org1MSP\n", "    mspId: Org1MSP\n    domain: org1.example.com\n"),
        (
            "clusterDomain: cluster.local",
            "clusterDomain: cluster.local\ncluster: {serviceCIDR: 10.96.0.0/16}\ndomains: {resolve: host-aliases, \
             addresses: 10.96.0.64/26}",
        ),
    ])],
    near_misses: &[rebuilt(&[
        ("    mspId: Org1MSP\n", "    mspId: Org1MSP\n    domain: org1.example.com\n"),
        (
            "clusterDomain: cluster.local",
            "clusterDomain: cluster.local\ndomains: {resolve: coredns-rewrite}",
        ),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let resolve = KeyPath::root().key("domains").key("resolve");
    for organization in context.organizations() {
        let name = &organization.decided.name;
        let Some(locked) = context.lock.organizations.get(name) else { continue };
        let Some((node, host)) = locked.nodes.iter().find_map(|(node, it)| {
            let moved = it.host != organization.decided.host(node);
            (moved && locked.namespace == organization.decided.namespace)
                .then_some((node, &it.host))
        }) else {
            continue;
        };
        let now = organization.decided.host(node);
        let path = if organization.said.domain.is_some() {
            organization.path.key("domain")
        } else {
            resolve.clone()
        };
        let why =
            "it stands in channels and certificates, and the address of a Service never changes";
        let finding =
            changed(path, &format!("the host of `{node}` of `{name}`"), (host, &now), why);
        findings.report(
            finding
                .with_fix(format!(
                    "write `domains.resolve` and `domain` of `{name}` as they were when it was built; dotted hosts are for a \
                     network or an organization that is built from now on; if network.lock was edited, restore it from \
                     version control"
                ))
                .rests_on(resolve.clone()),
        );
    }
}
