//! FT538: a builder whose programs the peer's image cannot run.

use semver::Version;

use super::context::chaincode_field;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{ChaincodeMode, Component};

/// First version whose image of peers has glibc.
const FIRST_WITH_GLIBC: Version = Version::new(2, 5, 0);

pub(super) static RULE: Rule = Rule {
    code: "FT538",
    severity: Severity::Warning,
    title: "the programs of the Kubernetes builder run in the image of the peer",
    about: "They are copied into the peer's pod and run by the peer. The public image of the builder has programs that are linked \
            with glibc; official images of peers have it from 2.5 on, and are Alpine's with musl before.",
    fires: &[case(&[
        ("clusterDomain: cluster.local", "chaincode: {mode: k8s-builder}"),
        (
            "version: 2.5.16, capabilities: {channel: V2_0, orderer: V2_0, application: V2_5}",
            "version: 2.2.15",
        ),
    ])],
    near_misses: &[
        case(&[("clusterDomain: cluster.local", "chaincode: {mode: k8s-builder}")]),
        case(&[
            ("clusterDomain: cluster.local", "chaincode: {mode: k8s-builder}"),
            ("tools: busybox:1.36.1", "k8sBuilder: builder:1.0"),
            (
                "version: 2.5.16, capabilities: {channel: V2_0, orderer: V2_0, application: V2_5}",
                "version: 2.2.15",
            ),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (fabric, images) = (&context.network.fabric, &context.spec.images.components);
    // Before external builders another rule refuses the mode.
    if *fabric >= FIRST_WITH_GLIBC
        || context.network.line().builder_environment.is_none()
        || images.contains_key(&Component::K8sBuilder)
        || images.contains_key(&Component::Peer)
    {
        return;
    }
    let mut with_peers = context.organizations().filter(|it| !it.decided.peers.is_empty());
    let builds =
        with_peers.find(|it| it.decided.chaincode_mode == ChaincodeMode::KubernetesBuilder);
    let Some(organization) = builds else { return };
    let root = KeyPath::root();
    findings.report(
        Finding::at(
            chaincode_field(&organization, |said| said.mode.is_some(), "mode"),
            format!("peers of Fabric {fabric} cannot run the programs of the builder's public image"),
            "these are linked with glibc, and the official image of that peer has musl",
            "use Fabric 2.5 or later, or name an image with statically linked programs: `images: {k8sBuilder: …}`",
        )
        .beside(root.key("fabric").key("version"), "this network's version"),
    );
}
