//! FT530: a way to run chaincodes that the nodes or the Fabric version do not have.

use super::context::chaincode_field;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{ChaincodeMode, NodeRuntime};

pub(super) static RULE: Rule = Rule {
    code: "FT530",
    severity: Severity::Error,
    title: "nodes and Fabric have what runs the chaincodes",
    about: "A peer that starts chaincodes in the Docker engine of its node needs one there. Kubernetes itself has used none \
            since 1.24, so that nodes have one only where somebody has put it there (cri-dockerd): `cluster.runtime: docker` \
            says so. External builders, and with them `k8s-builder`, exist from Fabric 2.0 on.",
    fires: &[
        case(&[(
            "clusterDomain: cluster.local",
            "chaincode: {mode: docker-host, acknowledge: [docker-socket]}",
        )]),
        case(&[
            ("clusterDomain: cluster.local", "chaincode: {mode: k8s-builder}"),
            (
                "version: 2.5.16, capabilities: {channel: V2_0, orderer: V2_0, application: V2_5}",
                "version: 1.4.12",
            ),
        ]),
    ],
    near_misses: &[
        case(&[(
            "clusterDomain: cluster.local",
            "cluster: {runtime: docker}\nchaincode: {mode: docker-host, acknowledge: [docker-socket]}",
        )]),
        case(&[("clusterDomain: cluster.local", "chaincode: {mode: k8s-builder}")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let root = KeyPath::root();
    for organization in context.organizations().filter(|it| !it.decided.peers.is_empty()) {
        let path = chaincode_field(&organization, |said| said.mode.is_some(), "mode");
        let fabric = &context.network.fabric;
        match organization.decided.chaincode_mode {
            ChaincodeMode::DockerHost(_)
                if context.network.cluster.runtime != NodeRuntime::Docker =>
            {
                findings.report(Finding::at(
                    path,
                    "no node of this cluster is known to have a Docker engine".to_owned(),
                    "Kubernetes has run containers without Docker since 1.24; the peer's pod would wait for a socket",
                    "use `ccaas` or `dind`, or write `cluster: {runtime: docker}` if every node has an engine",
                ));
            }
            ChaincodeMode::KubernetesBuilder
                if context.network.line().builder_environment.is_none() =>
            {
                findings.report(
                    Finding::at(
                        path,
                        format!("Fabric {fabric} has no external builders"),
                        "peers know them from Fabric 2.0 on",
                        "use Fabric 2.5 or later, or `dind`",
                    )
                    .beside(root.key("fabric").key("version"), "this network's version"),
                );
            }
            _ => {}
        }
    }
}
