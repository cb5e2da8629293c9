//! FT216: a network without TLS where that cannot be, or should not.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{Consensus, ExposureKind};

/// The words that switch TLS off, behind a line that every case has.
const DEV: (&str, &str) = ("profile: production", "profile: dev");
const OFF: (&str, &str) =
    ("clusterDomain: cluster.local", "clusterDomain: cluster.local\ntls: {enabled: false}");

pub(super) static RULE: Rule = Rule {
    code: "FT216",
    severity: Severity::Error,
    title: "without TLS there is no production, no BFT and no way in by name",
    about: "Without TLS everybody on the network reads and changes what nodes tell each other, which only the profile `dev` \
            accepts. Orderers of BFT fetch the blocks that they have missed from the port for clients, and always with \
            TLS: one that has missed a block would never catch up. Controllers and gateways that pass TLS through find \
            a node by the name in its TLS greeting.",
    fires: &[
        case(&[OFF]),
        case(&[
            DEV,
            OFF,
            ("metadata:", "exposure: {type: ingress, domain: example.com}\nmetadata:"),
        ]),
    ],
    near_misses: &[case(&[DEV, OFF])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.network.transport.is_plain() {
        return;
    }
    let path = KeyPath::root().key("tls").key("enabled");
    if context.production() {
        let finding = Finding::at(
            path.clone(),
            "a network in production has no TLS".to_owned(),
            "whoever reaches its pods reads and changes everything that they tell each other",
            "leave `tls` out, or say `profile: dev` for a throw-away network",
        );
        findings.report(finding.beside(KeyPath::root().key("release"), "the profile"));
    }
    for (group, _, decided) in context.groups() {
        if matches!(decided.consensus, Consensus::Bft(_)) {
            let finding = Finding::at(
                path.clone(),
                "orderers of BFT have no TLS".to_owned(),
                "they fetch missed blocks from the port for clients, and always with TLS",
                "leave `tls` out, or order with `type: etcdraft`",
            );
            findings.report(finding.beside(group.key("type"), "the consensus"));
        }
    }
    if matches!(context.network.exposure.kind, ExposureKind::Ingress | ExposureKind::Gateway) {
        let finding = Finding::at(
            path,
            "nodes without TLS are reached by name from outside".to_owned(),
            "an ingress controller or gateway finds a node by the name in its TLS greeting",
            "leave `tls` out, or use `exposure: {type: nodePort}`",
        );
        findings.report(finding.beside(KeyPath::root().key("exposure"), "the exposure"));
    }
}
