//! FT306: a peer of a member that does not exist.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT306",
    severity: Severity::Error,
    title: "a member's peers are peers of the organization",
    about: "Peers are called `peer0`, `peer1`, … up to the organization's count; a peer that was removed is not among \
            them, and its index is never used again.",
    fires: &[case(&[("peers: [peer0, peer1], anchors", "peers: [peer0, peer9], anchors")])],
    near_misses: &[case(&[("peers: [peer0, peer1], anchors", "peers: [peer0, peer2], anchors")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for member in context.channels().flat_map(|channel| context.members(&channel)) {
        let name = &member.decided.organization;
        let Some(organization) = context.organization(name) else { continue };
        let said = member.said.peers.iter().flatten().enumerate();
        for (index, peer) in said.filter(|(_, peer)| organization.decided.peer(peer).is_none()) {
            let known = organization.decided.peers.iter().map(|peer| peer.name.as_str());
            let finding = Finding::at(
                member.path.key("peers").index(index),
                format!("`{name}` has no peer `{peer}`"),
                "only peers of the organization join",
                format!(
                    "name some of {}, or write `peers: all`",
                    known.collect::<Vec<_>>().join(", ")
                ),
            );
            findings.report(finding.rests_on(organization.path.key("peers")));
        }
    }
}
