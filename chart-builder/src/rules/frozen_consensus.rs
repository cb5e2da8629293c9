//! FT460: another consensus of a built channel.

use super::frozen::{channel_changed, channels};
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT460",
    severity: Severity::Error,
    title: "a built channel keeps its consensus",
    about: "Fabric refuses an update that changes the type outside of a migration (\"attempted to change consensus type\"), \
            and channel updates are not built yet. Another channel can have another consensus: give it a group of its own.",
    fires: &[rebuilt(&[("type: etcdraft", "type: kafka")])],
    near_misses: &[rebuilt(&[("  type: etcdraft\n", "")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (channel, facts) in channels(context) {
        let (frozen, now) = (facts.consensus.word(), channel.decided.consensus.word());
        if frozen != now {
            let path = channel.path.key("name");
            let finding = channel_changed(&channel, path, "the consensus", (frozen, now));
            findings.report(finding.rests_on(crate::diagnostic::KeyPath::root().key("ordering")));
        }
    }
}
