//! FT406: another list of members of a built channel.

use super::frozen::{channel_changed, channels, list};
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT406",
    severity: Severity::Error,
    title: "a built channel keeps its members",
    about: "The genesis block holds the certificates of its members and is never made again. Letting an organization in \
            or out is an update that a majority signs, which is not built yet. Peers of a member can join at any time.",
    fires: &[
        rebuilt(&[
            ("  - {name: Orderer,", "  - {name: Org3, peers: 1}\n  - {name: Orderer,"),
            ("      - Org2\n", "      - Org2\n      - Org3\n"),
        ]),
        rebuilt(&[
            ("      - Org2\n", ""),
            ("AND('Org1MSP.peer','Org2MSP.peer')", "OR('Org1MSP.peer')"),
        ]),
    ],
    near_misses: &[rebuilt(&[(
        "peers: [peer0, peer1], anchors: [peer0]",
        "peers: all, anchors: [peer0]",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (channel, facts) in channels(context) {
        let frozen: Vec<_> = facts.members.iter().map(|it| it.organization.as_str()).collect();
        let now = channel.decided.members.iter().map(|it| it.organization.as_str());
        let now: Vec<_> = now.collect();
        let mut sorted = (frozen.clone(), now.clone());
        sorted.0.sort_unstable();
        sorted.1.sort_unstable();
        if sorted.0 == sorted.1 {
            continue;
        }
        let added = now.iter().position(|name| !frozen.contains(name));
        let members = channel.path.key("members");
        let path = added.map_or_else(|| members.clone(), |index| members.index(index));
        let values = (list(frozen), list(now));
        let finding = channel_changed(&channel, path, "the member list", (&values.0, &values.1));
        findings.report(finding.rests_on(members));
    }
}
