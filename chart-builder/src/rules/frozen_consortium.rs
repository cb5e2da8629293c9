//! FT462: a member that the system channel does not know.

use super::{Case, Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

const BUILT: &[(&str, &str)] =
    &[("version: 2.5.16", "version: 2.2.15"), ("application: V2_5", "application: V2_0")];

pub(super) static RULE: Rule = Rule {
    code: "FT462",
    severity: Severity::Error,
    title: "members of a channel are in the consortium of its system channel",
    about: "A channel that is made from a system channel takes its members from the consortium there, and that is frozen \
            with the system channel: every organization that had peers, here or elsewhere, when it was built first.",
    fires: &[Case {
        built: Some(BUILT),
        edits: &[
            ("version: 2.5.16", "version: 2.2.15"),
            ("application: V2_5", "application: V2_0"),
            ("organizations:\n", "organizations:\n  - {name: Late, peers: 1}\n"),
            ("channels:\n", "channels:\n  - {name: second, members: [Late]}\n"),
        ],
    }],
    near_misses: &[
        case(&[
            ("version: 2.5.16", "version: 2.2.15"),
            ("application: V2_5", "application: V2_0"),
            ("  - {name: Orderer,", "  - {name: Auditor, external: {}}\n  - {name: Orderer,"),
            ("members:\n", "members:\n      - Auditor\n"),
        ]),
        Case {
            built: Some(BUILT),
            edits: &[
                ("version: 2.5.16", "version: 2.2.15"),
                ("application: V2_5", "application: V2_0"),
                ("organizations:\n", "organizations:\n  - {name: Late, peers: 1}\n"),
                ("channels:\n", "channels:\n  - {name: second, members: [Org1]}\n"),
            ],
        },
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for channel in context.channels() {
        let Some(system) = context.network.system_channel_of(channel.decided) else { continue };
        for member in context.members(&channel) {
            let name = &member.decided.organization;
            let known = context.organization(name).is_some();
            if !known || system.members.contains(name) {
                continue;
            }
            let finding = Finding::at(
                member.field("org"),
                format!("`{name}` is not in the consortium of `{}`", system.name),
                "it holds who had peers, here or elsewhere, when it was built first, and updates of a system channel are not built yet",
                "leave it out, or order the channel by a new group",
            );
            findings.report(finding.rests_on(KeyPath::root().key("ordering")));
        }
    }
}
