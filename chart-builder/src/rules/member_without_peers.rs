//! FT305: a member that brings no peer.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT305",
    severity: Severity::Error,
    title: "a member has a peer on the channel",
    about: "A member without a peer can neither approve nor endorse, and still counts in every majority: definitions of \
            chaincodes wait for it for ever.",
    fires: &[
        case(&[("      - Org2\n", "      - Org2\n      - Orderer\n")]),
        case(&[("peers: [peer0, peer1], anchors: [peer0]", "peers: []")]),
    ],
    near_misses: &[case(&[(
        "peers: [peer0, peer1], anchors: [peer0]",
        "peers: [peer2], anchors: [peer2]",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for member in context.channels().flat_map(|channel| context.members(&channel)) {
        let name = &member.decided.organization;
        let Some(organization) = context.organization(name) else { continue };
        // Unknown peers are reported by FT306.
        let names_some = member.said.peers.as_ref().is_some_and(|peers| !peers.is_empty());
        if !member.decided.peers.is_empty() || names_some || organization.decided.is_external() {
            continue;
        }
        let finding = Finding::at(
            member.path.clone(),
            format!("`{name}` has no peer on this channel"),
            "a member without a peer cannot approve a chaincode, and counts in every majority",
            format!("give `{name}` peers, or take it off the channel"),
        );
        findings.report(finding.rests_on(organization.path.key("peers")));
    }
}
