//! FT534: a Docker engine that the peer does not understand.

use semver::Version;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Component;

/// First versions whose peers talk to Docker 29.
const FIRST_WITH_NEW_CLIENT: [Version; 2] = [Version::new(2, 5, 15), Version::new(3, 1, 4)];
/// First engine that refuses the old client.
const FIRST_NEW_ENGINE: u32 = 29;
/// Last engine that the new client refuses: it speaks versions 1.44 to 1.52 of the interface.
const LAST_OLD_ENGINE: u32 = 24;

pub(super) static RULE: Rule = Rule {
    code: "FT534",
    severity: Severity::Error,
    title: "the engine beside a peer understands it",
    about: "Docker 29 refuses the interface that peers speak up to Fabric 2.5.14 and 3.1.3; 2.5.15 and 3.1.4 have another \
            client, which refuses Docker 24 and older. For the engines of nodes and of other machines the same holds, and nothing \
            in a topology says what they are.",
    fires: &[
        case(&[
            (
                "clusterDomain: cluster.local",
                "chaincode: {mode: dind, acknowledge: [privileged-pods]}",
            ),
            ("version: 2.5.16", "version: 2.5.14"),
            ("tools: busybox:1.36.1", "dind: docker:29-dind"),
        ]),
        case(&[
            (
                "clusterDomain: cluster.local",
                "chaincode: {mode: dind, acknowledge: [privileged-pods]}",
            ),
            ("tools: busybox:1.36.1", "dind: docker:24-dind"),
        ]),
    ],
    near_misses: &[
        case(&[
            (
                "clusterDomain: cluster.local",
                "chaincode: {mode: dind, acknowledge: [privileged-pods]}",
            ),
            ("tools: busybox:1.36.1", "dind: docker:29-dind"),
        ]),
        case(&[
            (
                "clusterDomain: cluster.local",
                "chaincode: {mode: dind, acknowledge: [privileged-pods]}",
            ),
            ("version: 2.5.16", "version: 2.5.14"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let fabric = &context.network.fabric;
    let Some(image) = context.network.images.components.get(&Component::Dind) else { return };
    let major = image.tag.split(['.', '-']).next().and_then(|text| text.parse::<u32>().ok());
    let new_client =
        FIRST_WITH_NEW_CLIENT.iter().any(|first| fabric.major == first.major && fabric >= first);
    let Some(major) = major else { return };
    let (why, fix) = match new_client {
        true if major <= LAST_OLD_ENGINE => (
            "the client of peers from 2.5.15 and 3.1.4 on refuses engines before 25",
            "use `docker:28-dind`",
        ),
        false if major >= FIRST_NEW_ENGINE => (
            "engines from 29 on refuse the client of peers before 2.5.15 and 3.1.4",
            "use `docker:28-dind`, or Fabric 2.5.15, 3.1.4 or later",
        ),
        _ => return,
    };
    let root = KeyPath::root();
    findings.report(
        Finding::at(
            root.key("images").key("dind"),
            format!("peers of Fabric {fabric} cannot talk to Docker `{}`", image.tag),
            why,
            fix,
        )
        .beside(root.key("fabric").key("version"), "this network's version"),
    );
}
