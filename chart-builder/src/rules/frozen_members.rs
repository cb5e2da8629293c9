//! FT406: members of a built channel that leave, or join where that is not built.

use super::frozen::{channel_changed, channels, list};
use super::{Case, Context, Finding, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;
use crate::lock::Origin;

const OLDER: (&str, &str) = ("version: 2.5.16", "version: 2.2.15");
const OLDER_CAPABILITY: (&str, &str) = ("application: V2_5", "application: V2_0");
const ORG3: (&str, &str) =
    ("  - {name: Orderer,", "  - {name: Org3, peers: 1}\n  - {name: Orderer,");
const ORG3_JOINS: (&str, &str) = ("      - Org2\n", "      - Org2\n      - Org3\n");

pub(super) static RULE: Rule = Rule {
    code: "FT406",
    severity: Severity::Error,
    title: "a built channel keeps its members",
    about: "The configuration of a channel holds the certificates of its members, and its genesis block is never made again. \
            An organization joins by an update that a majority of the members signs (`chart-builder sign`); it goes on \
            from block 0, so it cannot be made where orderers make that block. Letting an organization out is not built \
            yet. Peers of a member can join at any time.",
    fires: &[
        rebuilt(&[
            ("      - Org2\n", ""),
            ("AND('Org1MSP.peer','Org2MSP.peer')", "OR('Org1MSP.peer')"),
        ]),
        Case {
            built: Some(&[OLDER, OLDER_CAPABILITY]),
            edits: &[OLDER, OLDER_CAPABILITY, ORG3, ORG3_JOINS],
        },
    ],
    near_misses: &[
        rebuilt(&[("peers: [peer0, peer1], anchors: [peer0]", "peers: all, anchors: [peer0]")]),
        rebuilt(&[ORG3, ORG3_JOINS]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (channel, facts) in channels(context) {
        let frozen: Vec<_> = facts.members.iter().map(|it| it.organization.as_str()).collect();
        let now = channel.decided.members.iter().map(|it| it.organization.as_str());
        let now: Vec<_> = now.collect();
        let members = channel.path.key("members");
        if frozen.iter().any(|name| !now.contains(name)) {
            let values = (list(frozen), list(now));
            let (fact, values) = ("the member list", (values.0.as_str(), values.1.as_str()));
            let finding = channel_changed(&channel, members.clone(), fact, values);
            findings.report(finding.rests_on(members));
            continue;
        }
        let name = &channel.decided.name;
        let origin = context.lock.channels.get(name).map(|locked| &locked.origin);
        let joins = now.iter().enumerate().find(|(_, it)| !frozen.contains(it));
        let (Some(Origin::Creation { .. }), Some((index, joining))) = (origin, joins) else {
            continue;
        };
        let finding = Finding::at(
            members.index(index),
            format!("`{joining}` joins channel `{name}`, which is built"),
            "its block 0 is made by orderers from a transaction, and an update that goes on from there is not built yet",
            "take it out again, or add a new channel with all of them",
        );
        findings.report(finding.rests_on(members));
    }
}
