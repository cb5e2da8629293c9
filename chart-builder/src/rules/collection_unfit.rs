//! FT555: private data collections that this Fabric does not know.

use semver::Version;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

/// First version that asks who reads.
const FIRST_WITH_READERS: Version = Version::new(1, 4, 0);

/// First version that asks who writes.
const FIRST_WITH_WRITERS: Version = Version::new(2, 0, 0);

/// A chaincode in Docker on a channel of Fabric 1.
const LEGACY: [(&str, &str); 2] = [
    ("    image: cc/asset:1.0\n", "    runtime: docker\n    package: packages/asset\n"),
    ("clusterDomain: cluster.local", "chaincode: {mode: dind, acknowledge: [privileged-pods]}"),
];

pub(super) static RULE: Rule = Rule {
    code: "FT555",
    severity: Severity::Error,
    title: "Fabric knows what is said of private data collections",
    about: "Collections need the application capability V1_2. `memberOnlyRead` came with Fabric 1.4, `memberOnlyWrite` with 2.0, and an \
            `endorsement` of a collection counts only with the application capability V2_0: earlier programs read over them without \
            a word, and the data would be less protected than the topology says.",
    fires: &[
        case(&[
            LEGACY[0],
            LEGACY[1],
            ("application: V2_5", "application: V1_1"),
            (
                "    sequence: 2\n",
                "    sequence: 2\n    collections: [{name: secret, members: [Org1]}]\n",
            ),
        ]),
        case(&[
            LEGACY[0],
            LEGACY[1],
            ("application: V2_5", "application: V1_4_2"),
            (
                "    sequence: 2\n",
                "    sequence: 2\n    collections: [{name: secret, members: [Org1], endorsement: OR('Org1MSP.peer')}]\n",
            ),
        ]),
    ],
    near_misses: &[
        case(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, members: [Org1], memberOnlyRead: true, memberOnlyWrite: true, \
             endorsement: OR('Org1MSP.peer')}]\n",
        )]),
        case(&[
            LEGACY[0],
            LEGACY[1],
            ("application: V2_5", "application: V1_4_2"),
            (
                "    sequence: 2\n",
                "    sequence: 2\n    collections: [{name: secret, members: [Org1], memberOnlyRead: true}]\n",
            ),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let fabric = &context.network.fabric;
    for chaincode in context.chaincodes() {
        let Some(channel) = context.network.channel(&chaincode.decided.channel) else { continue };
        let list = chaincode.path.key("collections");
        let capability = channel.capabilities.application.as_str();
        if matches!(capability, "" | "V1_1") && !chaincode.said.collections.is_empty() {
            findings.report(Finding::at(
                list.clone(),
                format!("channel `{}` has no private data collections", channel.name),
                "they came with the application capability V1_2, which a channel has for ever or not at all",
                "leave `collections` out, or make a channel with a later capability",
            ));
            continue;
        }
        for (index, said) in chaincode.said.collections.iter().enumerate() {
            let facts = [
                (
                    "memberOnlyRead",
                    said.member_only_read.is_some(),
                    *fabric >= FIRST_WITH_READERS,
                    "Fabric 1.4",
                ),
                (
                    "memberOnlyWrite",
                    said.member_only_write.is_some(),
                    *fabric >= FIRST_WITH_WRITERS,
                    "Fabric 2.0",
                ),
                (
                    "endorsement",
                    said.endorsement.is_some(),
                    channel.has_definitions(),
                    "the application capability V2_0",
                ),
            ];
            for (key, _, _, since) in
                facts.into_iter().filter(|(_, said, known, _)| *said && !known)
            {
                findings.report(Finding::at(
                    list.index(index).key(key),
                    format!("`{key}` of a collection came with {since}"),
                    "earlier peers read over it without a word",
                    format!("leave `{key}` out"),
                ));
            }
        }
    }
}
