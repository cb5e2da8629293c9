//! FT741: a DNS server outside of the range of Services, or ranges that overlap.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT741",
    severity: Severity::Error,
    title: "the DNS server lies in the range of Services, and that is not the range of pods",
    about: "Cluster DNS is a Service, so its address lies in the range of Services. The article of 2017 asks for an address \
            in the range of the overlay network, which is the pods': a Docker engine with such a server finds no name. A \
            name server on the node (169.254.0.0/16) is no Service; name the Service behind it.",
    fires: &[
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {dns: 10.244.0.10, serviceCIDR: 10.96.0.0/16}",
        )]),
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {serviceCIDR: 10.0.0.0/8, podCIDR: 10.244.0.0/16}",
        )]),
    ],
    near_misses: &[
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {dns: 10.0.0.10, serviceCIDR: 10.0.0.0/16}",
        )]),
        case(&[("clusterDomain: cluster.local", "cluster: {dns: 10.244.0.10}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let cluster = &context.network.cluster;
    let path = KeyPath::root().key("cluster");
    let Some(services) = cluster.service_cidr else { return };
    if let Some(dns) = cluster.dns.filter(|dns| !services.contains(*dns)) {
        findings.report(
            Finding::at(
                path.key("dns"),
                format!("DNS server `{dns}` lies outside of the range of Services `{services}`"),
                "cluster DNS is a Service, and its address one of theirs",
                "write what this prints: kubectl --namespace kube-system get service kube-dns",
            )
            .beside(path.key("serviceCIDR"), "the range of Services"),
        );
    }
    if let Some(pods) = cluster.pod_cidr.filter(|pods| pods.overlaps(services)) {
        findings.report(
            Finding::at(
                path.key("podCIDR"),
                format!("the range of pods `{pods}` overlaps with that of Services `{services}`"),
                "no cluster can have both",
                "write the API server's --service-cluster-ip-range and the network plugin's range",
            )
            .beside(path.key("serviceCIDR"), "the range of Services"),
        );
    }
}
