//! FT531: a risk that nobody has acknowledged.

use super::context::chaincode_field;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::ChaincodeMode;
use crate::spec::chaincode_runtime::Acknowledgement;

pub(super) static RULE: Rule = Rule {
    code: "FT531",
    severity: Severity::Error,
    title: "risks of Docker are taken knowingly",
    about: "Whoever reaches the Docker socket of a node has all rights on it (`docker-socket`); an engine in a pod runs with \
            all rights (`privileged-pods`); telling the engines of nodes where names are changes files of the nodes and \
            restarts their engines (`node-changes`). None of that happens without a word in the topology.",
    fires: &[
        case(&[("clusterDomain: cluster.local", "chaincode: {mode: dind}")]),
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {runtime: docker}\nchaincode: {mode: docker-host}",
        )]),
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {runtime: docker, dns: 10.96.0.10}\nchaincode: {mode: docker-host, dns: daemon, acknowledge: [docker-socket]}",
        )]),
    ],
    near_misses: &[
        case(&[(
            "clusterDomain: cluster.local",
            "chaincode: {mode: dind, acknowledge: [privileged-pods]}",
        )]),
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {runtime: docker, dns: 10.96.0.10}\nchaincode: {mode: docker-host, dns: daemon, \
             acknowledge: [docker-socket, node-changes]}",
        )]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations().filter(|it| !it.decided.peers.is_empty()) {
        let mode = &organization.decided.chaincode_mode;
        let needed = [
            (matches!(mode, ChaincodeMode::DockerHost(_)), Acknowledgement::DockerSocket),
            (matches!(mode, ChaincodeMode::DockerInDocker), Acknowledgement::PrivilegedPods),
            (mode.changes_nodes(), Acknowledgement::NodeChanges),
        ];
        let network = &context.spec.chaincode_runtime.acknowledge;
        let own = &organization.said.chaincode_runtime.acknowledge;
        for (_, risk) in needed.iter().filter(|(needed, _)| *needed) {
            if network.contains(risk) || own.contains(risk) {
                continue;
            }
            let by_dns = *risk == Acknowledgement::NodeChanges;
            let path = if by_dns {
                chaincode_field(&organization, |said| said.dns.is_some(), "dns")
            } else {
                chaincode_field(&organization, |said| said.mode.is_some(), "mode")
            };
            let name = &organization.decided.name;
            findings.report(Finding::at(
                path,
                format!("nobody has acknowledged `{}` for organization `{name}`", risk.word()),
                about(*risk),
                format!("use another way, or write `acknowledge: [{}]` beside it", risk.word()),
            ));
        }
    }
}

fn about(risk: Acknowledgement) -> &'static str {
    match risk {
        Acknowledgement::DockerSocket => {
            "whoever reaches the socket of an engine has all rights on its node"
        }
        Acknowledgement::PrivilegedPods => "an engine in a pod has all rights on the node",
        Acknowledgement::NodeChanges => {
            "files of nodes are changed and their engines restarted, which ends containers without live-restore"
        }
    }
}
