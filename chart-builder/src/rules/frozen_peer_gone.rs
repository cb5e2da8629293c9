//! FT410: a built peer that is gone without a word.

use super::{Context, Finding, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};
use crate::lock::NodeKind;

pub(super) static RULE: Rule = Rule {
    code: "FT410",
    severity: Severity::Error,
    title: "a peer is removed by `removals:`",
    about: "A smaller count would take away the highest peer, by a typo as well as on purpose, and a larger one would \
            bring back its name with another identity over its old volume. `removals:` says which peer goes; its index \
            is never used again.",
    fires: &[rebuilt(&[
        ("count: 3", "count: 2"),
        ("      overrides: {peer2: {storage: 60Gi}}\n", ""),
    ])],
    near_misses: &[rebuilt(&[
        ("count: 3", "count: 2"),
        ("      overrides: {peer2: {storage: 60Gi}}\n", ""),
        ("removals: []", "removals: [{org: Org1, peer: peer2}]"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let decided = organization.decided;
        let Some(locked) = context.lock.organizations.get(&decided.name) else { continue };
        for (name, node) in &locked.nodes {
            let gone = node.kind == NodeKind::Peer && !node.removed && decided.peer(name).is_none();
            let named = context.spec.removals.iter().any(|removal| {
                removal.organization.as_deref() == Some(&decided.name)
                    && removal.peer.as_deref() == Some(name)
            });
            if !gone || named {
                continue;
            }
            let peers = organization.path.key("peers");
            let finding = Finding::at(
                peers.key("count"),
                format!("`{name}` of `{}` was built and is gone", decided.name),
                "a peer goes by name, not by a smaller count: its identity and its volume are its own",
                format!(
                    "raise the count, or write `removals: [{{org: {}, peer: {name}}}]`",
                    decided.name
                ),
            );
            findings.report(finding.rests_on(peers).rests_on(KeyPath::root().key("removals")));
        }
    }
}
