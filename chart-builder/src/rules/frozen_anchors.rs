//! FT407: other anchor peers of a built channel.

use super::frozen::{channel_changed, channels, list};
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT407",
    severity: Severity::Error,
    title: "a built channel keeps its anchor peers",
    about: "Anchor peers stand in the genesis block. Changing them is an update of the channel, which is not built yet; \
            for the same reason an anchor peer cannot be removed.",
    fires: &[
        rebuilt(&[(
            "peers: [peer0, peer1], anchors: [peer0]",
            "peers: [peer0, peer1], anchors: [peer1]",
        )]),
        rebuilt(&[("removals: []", "removals: [{org: Org2, peer: peer0}]")]),
    ],
    near_misses: &[rebuilt(&[("      anchors: [peer0]\n", "      anchors: [peer1]\n")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (channel, facts) in channels(context) {
        for member in context.members(&channel) {
            let name = &member.decided.organization;
            let Some(locked) = facts.members.iter().find(|it| it.organization == *name) else {
                continue;
            };
            let anchors = member.decided.anchors.iter();
            let now: Vec<_> =
                anchors.map(|anchor| format!("{}:{}", anchor.host, anchor.port)).collect();
            // Another namespace is reported by FT403, once.
            let moved = context.lock.organizations.get(name).is_some_and(|locked| {
                context
                    .organization(name)
                    .is_some_and(|now| now.decided.namespace != locked.namespace)
            });
            if moved || now == locked.anchors {
                continue;
            }
            let said = member.said.anchors.is_some();
            let path = if said { member.path.key("anchors") } else { member.field("org") };
            let fact = format!("the anchor list of `{name}`");
            let values = (
                list(locked.anchors.iter().map(String::as_str)),
                list(now.iter().map(String::as_str)),
            );
            let finding = channel_changed(&channel, path, &fact, (&values.0, &values.1));
            let Some(owner) = context.organization(name) else { continue };
            findings
                .report(finding.rests_on(owner.path.key("peers")).rests_on(member.path.clone()));
        }
    }
}
