//! FT740: an address or a range of the cluster that cannot be read.

use std::net::IpAddr;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{ApiServer, Range};

pub(super) static RULE: Rule = Rule {
    code: "FT740",
    severity: Severity::Error,
    title: "addresses and ranges of the cluster can be read",
    about: "`cluster.dns` and `cluster.nodeDNS` are addresses, because a Docker engine takes no names for servers; \
            `serviceCIDR` and `podCIDR` are ranges like `10.96.0.0/16`; `apiServer` is a range and a port.",
    fires: &[
        case(&[("clusterDomain: cluster.local", "cluster: {dns: kube-dns}")]),
        case(&[("clusterDomain: cluster.local", "cluster: {serviceCIDR: 10.96.0.0}")]),
        case(&[("clusterDomain: cluster.local", "cluster: {podCIDR: 10.244.0.0/33}")]),
        case(&[("clusterDomain: cluster.local", "cluster: {nodeDNS: [192.168.0.1, router]}")]),
        case(&[("clusterDomain: cluster.local", "cluster: {apiServer: 10.200.0.1}")]),
    ],
    near_misses: &[case(&[(
        "clusterDomain: cluster.local",
        "cluster: {dns: 10.96.0.10, serviceCIDR: 10.96.0.0/16, podCIDR: 10.244.0.0/16, nodeDNS: [192.168.0.1], \
         runtime: docker, apiServer: \"10.200.0.1/32:6443\"}",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let said = &context.spec.cluster;
    let cluster = KeyPath::root().key("cluster");
    let mut judge = |path: KeyPath, text: &str, readable: bool, what: &str, example: &str| {
        if !readable {
            findings.report(Finding::at(
                path,
                format!("`{text}` is no {what}"),
                "it is compared with what pods see, and handed to programs that take nothing else",
                format!("write it like `{example}`"),
            ));
        }
    };
    let addresses = said.dns.iter().map(|text| (cluster.key("dns"), text));
    let servers = said.node_dns.iter().enumerate();
    let servers = servers.map(|(index, text)| (cluster.key("nodeDNS").index(index), text));
    for (path, text) in addresses.chain(servers) {
        judge(path, text, text.parse::<IpAddr>().is_ok(), "address", "10.96.0.10");
    }
    for (key, text) in [("serviceCIDR", &said.service_cidr), ("podCIDR", &said.pod_cidr)] {
        let Some(text) = text else { continue };
        judge(cluster.key(key), text, text.parse::<Range>().is_ok(), "range", "10.96.0.0/16");
    }
    if let Some(text) = &said.api_server {
        let readable = text.parse::<ApiServer>().is_ok();
        judge(cluster.key("apiServer"), text, readable, "range with a port", "10.200.0.1/32:6443");
    }
}
