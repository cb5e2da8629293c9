//! FT743: addresses for host aliases that no Service can have.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Range;

pub(super) static RULE: Rule = Rule {
    code: "FT743",
    severity: Severity::Error,
    title: "host aliases have a part of the range of Services to themselves",
    about: "With `domains.resolve: host-aliases` every node with a dotted host has a Service with a fixed address out of \
            `domains.addresses`, because pods are told addresses before there are Services. So that part lies in \
            `cluster.serviceCIDR`, whose first addresses are the API server's and cluster DNS's own, and is large enough. \
            A node keeps its address for ever, so another range is for new nodes alone.",
    fires: &[
        case(&[
            ORG1,
            (
                "clusterDomain: cluster.local",
                "domains: {resolve: host-aliases, addresses: 10.96.0.64/26}",
            ),
        ]),
        case(&[
            ORG1,
            (
                "clusterDomain: cluster.local",
                "cluster: {serviceCIDR: 10.96.0.0/16}\ndomains: {resolve: host-aliases, addresses: 10.97.0.64/26}",
            ),
        ]),
        case(&[
            ORG1,
            (
                "clusterDomain: cluster.local",
                "cluster: {serviceCIDR: 10.96.0.0/16}\ndomains: {resolve: host-aliases, addresses: 10.96.0.0/26}",
            ),
        ]),
        case(&[
            ORG1,
            (
                "clusterDomain: cluster.local",
                "cluster: {serviceCIDR: 10.96.0.0/16}\ndomains: {resolve: host-aliases, addresses: 10.96.0.64/32}",
            ),
        ]),
        case(&[
            ORG1,
            (
                "clusterDomain: cluster.local",
                "cluster: {serviceCIDR: 10.96.0.0/16}\ndomains: {resolve: host-aliases, addresses: 10.96.0.64}",
            ),
        ]),
        case(&[("clusterDomain: cluster.local", "domains: {addresses: 10.96.0.64/26}")]),
    ],
    near_misses: &[case(&[
        ORG1,
        (
            "clusterDomain: cluster.local",
            "cluster: {serviceCIDR: 10.96.0.0/16, dns: 10.96.0.10}\ndomains: {resolve: host-aliases, addresses: \
             10.96.0.64/26}",
        ),
    ])],
    check,
};

/// Two peers with dotted hosts.
const ORG1: (&str, &str) =
    ("    mspId: Org1MSP\n", "    mspId: Org1MSP\n    domain: org1.example.com\n");

const FREE: &str = "write a part of `cluster.serviceCIDR` that no other Service has, for example its addresses 64 to 127: \
                    `addresses: 10.96.0.64/26`";

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let said = &context.spec.aliases;
    let path = KeyPath::root().key("domains").key("addresses");
    let Some(aliases) = &context.network.host_aliases else {
        if said.addresses.is_some() {
            findings.report(Finding::at(
                path,
                "nothing takes these addresses".to_owned(),
                "only host aliases need fixed addresses",
                "write `resolve: host-aliases`, or leave `addresses` out",
            ));
        }
        return;
    };
    let Some(range) = aliases.range else {
        let (path, message) = match &said.addresses {
            Some(text) => (path, format!("`{text}` is no range of addresses")),
            None => (
                KeyPath::root().key("domains").key("resolve"),
                "host aliases have no addresses to give".to_owned(),
            ),
        };
        findings.report(Finding::at(
            path,
            message,
            "Services of aliased nodes have fixed ones",
            FREE,
        ));
        return;
    };
    check_place(context, range, (path.clone(), findings));
    if !aliases.left_out.is_empty() {
        findings.report(
            Finding::at(
                path,
                format!("`{range}` has no address for `{}`", aliases.left_out.join("`, `")),
                "an address is never given twice, also not that of a node that is gone",
                "write a larger range, or a further one for the new nodes: those that have an address keep it",
            )
            .rests_on(KeyPath::root().key("organizations")),
        );
    }
}

fn check_place(
    context: &Context<'_>,
    range: Range,
    (path, findings): (KeyPath, &mut Findings<'_>),
) {
    let cluster = &context.network.cluster;
    let services_path = KeyPath::root().key("cluster").key("serviceCIDR");
    let Some(services) = cluster.service_cidr else {
        // One that cannot be read is reported by FT740.
        if context.spec.cluster.service_cidr.is_none() {
            findings.report(
                Finding::at(
                    path,
                    format!("nobody says that `{range}` is for Services"),
                    "a Service with an address outside of the cluster's range is refused in the middle of an install",
                    "write `cluster: {serviceCIDR: …}`, the API server's --service-cluster-ip-range",
                )
                .rests_on(KeyPath::root().key("cluster")),
            );
        }
        return;
    };
    if !services.covers(range) {
        findings.report(
            Finding::at(
                path,
                format!("`{range}` lies outside of the range of Services `{services}`"),
                "the API server refuses Services with such addresses",
                FREE,
            )
            .beside(services_path, "the range of Services"),
        );
        return;
    }
    // The first address of the range of Services is the API server's.
    let own = [services.address(0), services.address(1), cluster.dns];
    if let Some(taken) = own.into_iter().flatten().find(|it| range.contains(*it)) {
        findings.report(
            Finding::at(
                path,
                format!("`{range}` holds `{taken}`, which is the cluster's own"),
                "the API server's Service has the first address of the range, and cluster DNS one that was chosen",
                FREE,
            )
            .beside(services_path, "the range of Services"),
        );
    }
}
