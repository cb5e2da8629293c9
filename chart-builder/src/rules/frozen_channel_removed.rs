//! FT405: a built channel that is gone.

use super::{Context, Finding, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT405",
    severity: Severity::Error,
    title: "a channel does not disappear",
    about: "Peers and orderers keep a channel's ledger when a release forgets it, and nobody would watch it any more. \
            Channels can be added; taking them away is not built yet.",
    fires: &[rebuilt(&[
        ("name: settlement", "name: clearing"),
        ("channel: settlement", "channel: clearing"),
    ])],
    near_misses: &[rebuilt(&[(
        "chaincodes:\n",
        "  - {name: second, members: [Org1]}\nchaincodes:\n",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.names_known("channels") {
        return;
    }
    for name in context.lock.channels.keys() {
        if context.network.channel(name).is_none() {
            findings.report(Finding::at(
                KeyPath::root().key("channels"),
                format!("channel `{name}` was built and is gone"),
                "its ledger stays on every member's volumes",
                format!("put `{name}` back; a renamed channel is another one"),
            ));
        }
    }
}
