//! FT307: an anchor peer that is not on the channel.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT307",
    severity: Severity::Error,
    title: "an anchor is a peer that joins",
    about: "Anchor peers are where other organizations first look for this one. Their hosts stand in the genesis block; \
            one that does not exist, or has not joined, leaves the organization alone.",
    fires: &[
        case(&[(
            "peers: [peer0, peer1], anchors: [peer0]",
            "peers: [peer0, peer1], anchors: [peer2]",
        )]),
        case(&[("anchors: [peer0]\n", "anchors: [peer7]\n")]),
    ],
    near_misses: &[case(&[(
        "peers: [peer0, peer1], anchors: [peer0]",
        "peers: [peer0, peer1], anchors: [peer1]",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let said = organization.said.peers.anchors.iter().flatten().enumerate();
        for (index, anchor) in said.filter(|(_, name)| organization.decided.peer(name).is_none()) {
            let path = organization.path.key("peers").key("anchors").index(index);
            let finding = anchor_finding(path, anchor, &organization.decided.name);
            findings.report(finding.rests_on(organization.path.key("peers").key("count")));
        }
    }
    for member in context.channels().flat_map(|channel| context.members(&channel)) {
        let joined = &member.decided.peers;
        let said = member.said.anchors.iter().flatten().enumerate();
        for (index, anchor) in said.filter(|(_, name)| !joined.contains(name)) {
            let Some(owner) = context.organization(&member.decided.organization) else { continue };
            let path = member.path.key("anchors").index(index);
            let finding = anchor_finding(path, anchor, &member.decided.organization);
            findings.report(
                finding.rests_on(member.path.key("peers")).rests_on(owner.path.key("peers")),
            );
        }
    }
}

fn anchor_finding(path: KeyPath, anchor: &str, organization: &str) -> Finding {
    Finding::at(
        path,
        format!("anchor `{anchor}` is no peer of `{organization}` that joins"),
        "other organizations look for this one at its anchors, for ever",
        "name a peer that joins, or leave `anchors` out",
    )
}
