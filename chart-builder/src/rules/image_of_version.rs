//! FT322: an official image of another Fabric version.

use super::context::images;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT322",
    severity: Severity::Error,
    title: "official images are of the network's Fabric version",
    about: "Configuration files, probes and ports follow `fabric.version`; an orderer stops at a key that it does not know. The \
            official images of Fabric 1.0 and 1.1 have tags with the architecture, `x86_64-1.0.6`, later ones the version alone.",
    fires: &[
        case(&[("  tools: busybox:1.36.1", "  peer: hyperledger/fabric-peer:2.4.9")]),
        case(&[("  tools: busybox:1.36.1", "  orderer: hyperledger/fabric-orderer:x86_64-2.5.16")]),
        case(&[
            ("  tools: busybox:1.36.1", "  peer: hyperledger/fabric-peer:1.0.6"),
            (
                "version: 2.5.16, capabilities: {channel: V2_0, orderer: V2_0, application: V2_5}",
                "version: 1.0.6",
            ),
        ]),
    ],
    near_misses: &[
        case(&[("  tools: busybox:1.36.1", "  peer: hyperledger/fabric-peer:2.5.16")]),
        case(&[("  tools: busybox:1.36.1", "  peer: example/fabric-peer:2.4.9")]),
        case(&[(
            "  tools: busybox:1.36.1",
            "  peer: hyperledger/fabric-peer@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        )]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (line, fabric) = (context.network.line(), &context.network.fabric);
    let official = line.tag(fabric);
    for (path, image) in images(context) {
        let known = [line.peer_repository, line.orderer_repository];
        if !known.contains(&image.repository.as_str())
            || image.digest.is_some()
            || image.tag == official
        {
            continue;
        }
        findings.report(
            Finding::at(
                path,
                format!(
                    "image `{}:{}` is not the official one of Fabric {fabric}",
                    image.repository, image.tag
                ),
                "configuration files and probes are those of `fabric.version`",
                format!(
                    "write the tag `{official}`, leave the image out, or change `fabric.version`"
                ),
            )
            .beside(KeyPath::root().key("fabric").key("version"), "this network's version"),
        );
    }
}
