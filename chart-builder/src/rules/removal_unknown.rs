//! FT608: a removal that removes nothing.

use super::{Context, Finding, Findings, Rule, case, rebuilt};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT608",
    severity: Severity::Error,
    title: "a removal names a peer that was built",
    about: "`removals` takes peers out that an earlier release has built. An entry for a peer that never was would use up \
            its index for nothing; most often it is a typo.",
    fires: &[
        case(&[("removals: []", "removals: [{org: Org9, peer: peer0}]")]),
        rebuilt(&[("removals: []", "removals: [{org: Org1, peer: peer7}]")]),
    ],
    near_misses: &[rebuilt(&[
        ("removals: []", "removals: [{org: Org1, peer: peer2}]"),
        ("      overrides: {peer2: {storage: 60Gi}}\n", ""),
        ("count: 3", "count: 2"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let list = KeyPath::root().key("removals");
    for (index, removal) in context.spec.removals.iter().enumerate() {
        let (Some(organization), Some(peer)) = (&removal.organization, &removal.peer) else {
            continue;
        };
        let path = list.index(index);
        let locked = context.lock.organizations.get(organization);
        let (key, message) = match locked {
            None => ("org", format!("no organization `{organization}` was ever built")),
            Some(locked) if !locked.nodes.contains_key(peer) => {
                ("peer", format!("`{organization}` never had a peer `{peer}`"))
            }
            Some(_) => continue,
        };
        findings.report(Finding::at(
            path.key(key),
            message,
            "only what an earlier release has built can be removed",
            "remove the entry, or correct the name",
        ));
    }
}
