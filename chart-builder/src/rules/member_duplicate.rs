//! FT304: an organization twice on one channel.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT304",
    severity: Severity::Error,
    title: "an organization is a member once",
    about: "Members are groups of the channel configuration; the second of the same name would replace the first.",
    fires: &[case(&[("      - Org2\n", "      - Org2\n      - Org2\n")])],
    near_misses: &[case(&[(
        "chaincodes:\n",
        "  - {name: second, members: [Org2]}\nchaincodes:\n",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for channel in context.channels() {
        let mut first = BTreeMap::new();
        for member in context.members(&channel) {
            let path = member.field("org");
            let name = &member.decided.organization;
            let Some(other) = first.insert(name, path.clone()) else { continue };
            findings.report(
                Finding::at(
                    path,
                    format!("`{name}` is already a member of `{}`", channel.decided.name),
                    "a member is one group of the channel's configuration",
                    "remove one of the two",
                )
                .beside(other, "first written here"),
            );
        }
    }
}
