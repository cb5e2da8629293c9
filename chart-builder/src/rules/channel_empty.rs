//! FT320: a channel without members.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT320",
    severity: Severity::Error,
    title: "a channel has members",
    about: "Nobody could join a channel without members, and no later update could add one: updates are signed by members.",
    fires: &[case(&[("chaincodes:\n", "  - {name: empty, members: []}\nchaincodes:\n")])],
    near_misses: &[case(&[("chaincodes:\n", "  - {name: small, members: [Org1]}\nchaincodes:\n")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for channel in context.channels().filter(|channel| channel.said.members.is_empty()) {
        findings.report(Finding::at(
            channel.path.key("members"),
            format!("channel `{}` has no members", channel.decided.name),
            "nobody could join it, and nobody could ever change it",
            "name organizations: `members: [Org1, Org2]`",
        ));
    }
}
