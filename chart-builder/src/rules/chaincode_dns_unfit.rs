//! FT532: a DNS strategy that lacks what it needs, or that nothing uses.

use super::context::chaincode_field;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{ChaincodeMode, DnsStrategy, Layout};

pub(super) static RULE: Rule = Rule {
    code: "FT532",
    severity: Severity::Error,
    title: "a DNS strategy fits the engine and has what it needs",
    about: "Only chaincodes in the engine of a node have to be told where their peer is: in `dind` they share the pod's \
            network, and for `docker-remote` the topology says the addresses. `hostconfig` and `daemon` hand out \
            `cluster.dns`; `extra-hosts` needs a fixed address of every peer's Service; `daemon` needs rights on nodes, \
            which no owner of one namespace has.",
    fires: &[
        case(&[(
            "clusterDomain: cluster.local",
            "chaincode: {mode: dind, dns: pod-ip, acknowledge: [privileged-pods]}",
        )]),
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {runtime: docker}\nchaincode: {mode: docker-host, dns: hostconfig, acknowledge: [docker-socket]}",
        )]),
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {runtime: docker}\nchaincode: {mode: docker-host, dns: extra-hosts, acknowledge: [docker-socket]}",
        )]),
    ],
    near_misses: &[
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {runtime: docker, dns: 10.96.0.10}\nchaincode: {mode: docker-host, dns: hostconfig, \
             acknowledge: [docker-socket]}",
        )]),
        case(&[
            (
                "clusterDomain: cluster.local",
                "cluster: {runtime: docker}\nchaincode: {mode: docker-host, acknowledge: [docker-socket]}",
            ),
            (
                "{name: Org2, namespace: org2, peers: 2}",
                "{name: Org2, namespace: org2, peers: 2, chaincode: {dns: extra-hosts, clusterIPs: {peer0: 10.96.1.1, \
                 peer1: 10.96.1.2}}}",
            ),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let cluster = &context.network.cluster;
    for organization in context.organizations().filter(|it| !it.decided.peers.is_empty()) {
        let path = chaincode_field(&organization, |said| said.dns.is_some(), "dns");
        let own = organization.said.chaincode_runtime.dns;
        let dns = match &organization.decided.chaincode_mode {
            ChaincodeMode::DockerHost(dns) => dns,
            // What the network says is for those organizations that use it.
            mode if own.or(context.spec.chaincode_runtime.dns).is_some()
                && (own.is_some() || organization.said.chaincode_runtime.mode.is_none()) =>
            {
                findings.report(Finding::at(
                    path,
                    format!("chaincodes of mode `{}` need no DNS strategy", mode.word()),
                    "only a container in the engine of a node has to be told where its peer is",
                    "leave `dns` out, or use `docker-host`",
                ));
                continue;
            }
            _ => continue,
        };
        let fault = match dns {
            DnsStrategy::HostConfig | DnsStrategy::Daemon if cluster.dns.is_none() => Some((
                format!("DNS strategy `{}` has no server to hand out", dns.word()),
                "write `cluster: {dns: …}`: kubectl --namespace kube-system get service kube-dns",
            )),
            DnsStrategy::Daemon if context.network.layout == Layout::PerOwner => Some((
                "the owner of a namespace cannot change nodes".to_owned(),
                "let the cluster's owner install the chart `fabric-dns` with `facts.fixup.daemon`, and write `dns: off`",
            )),
            DnsStrategy::ExtraHosts(addresses) => {
                let peers = organization.decided.peers.iter().map(|peer| &peer.name);
                let missing: Vec<_> =
                    peers.filter(|peer| !addresses.contains_key(*peer)).cloned().collect();
                (!missing.is_empty()).then(|| {
                    (
                        format!(
                            "Services of `{}` of `{}` have no fixed address",
                            missing.join("`, `"),
                            organization.decided.name
                        ),
                        "name a free address of the range of Services for each: `clusterIPs: {peer0: 10.96.1.1}` at the organization",
                    )
                })
            }
            _ => None,
        };
        if let Some((message, fix)) = fault {
            findings.report(
                Finding::at(path, message, "containers would not find their peer", fix)
                    .rests_on(KeyPath::root().key("cluster")),
            );
        }
    }
}
