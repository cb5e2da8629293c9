//! FT744: host aliases beside fixed addresses that somebody else gives.

use super::context::chaincode_field;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{ChaincodeMode, DnsStrategy};

pub(super) static RULE: Rule = Rule {
    code: "FT744",
    severity: Severity::Error,
    title: "a Service has one fixed address",
    about: "Host aliases give Services of peers fixed addresses, and so does the DNS strategy `extra-hosts`. Chaincodes in \
            Docker do not see what a pod is told, and need not: they dial their peer by its address or by the name of its \
            Service, which cluster DNS knows.",
    fires: &[case(&[
        ("    mspId: Org1MSP\n", "    mspId: Org1MSP\n    domain: org1.example.com\n"),
        (
            "clusterDomain: cluster.local",
            "cluster: {runtime: docker, serviceCIDR: 10.96.0.0/16}\ndomains: {resolve: host-aliases, addresses: \
             10.96.0.64/26}\nchaincode: {mode: docker-host, acknowledge: [docker-socket]}",
        ),
        (
            "    mspId: Org1MSP\n",
            "    mspId: Org1MSP\n    chaincode: {dns: extra-hosts, clusterIPs: {peer0: 10.96.1.1, peer1: 10.96.1.2}}\n",
        ),
    ])],
    near_misses: &[case(&[
        ("    mspId: Org1MSP\n", "    mspId: Org1MSP\n    domain: org1.example.com\n"),
        (
            "clusterDomain: cluster.local",
            "cluster: {runtime: docker, serviceCIDR: 10.96.0.0/16}\ndomains: {resolve: host-aliases, addresses: \
             10.96.0.64/26}\nchaincode: {mode: docker-host, acknowledge: [docker-socket]}",
        ),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations().filter(|it| it.decided.has_aliases()) {
        let ChaincodeMode::DockerHost(DnsStrategy::ExtraHosts(_)) =
            &organization.decided.chaincode_mode
        else {
            continue;
        };
        let path = chaincode_field(&organization, |said| said.dns.is_some(), "dns");
        findings.report(
            Finding::at(
                path,
                "Services of these peers have addresses from `domains.addresses` already"
                    .to_owned(),
                "a Service has one address",
                "write `dns: pod-ip`: chaincodes get the address of the pod, and need no name",
            )
            .beside(KeyPath::root().key("domains").key("resolve"), "host aliases give addresses"),
        );
    }
}
