//! FT331: BFT on a channel whose capability does not know it.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Consensus;

pub(super) static RULE: Rule = Rule {
    code: "FT331",
    severity: Severity::Error,
    title: "a channel with BFT has the channel capability V3_0",
    about: "Fabric's own tools refuse BFT below it: older orderers would read the channel and not know who may sign its \
            blocks. A channel with BFT gets V3_0 when the topology says nothing.",
    fires: &[case(&[("type: etcdraft", "type: bft"), ("version: 2.5.16", "version: 3.1.5")])],
    near_misses: &[case(&[
        ("type: etcdraft", "type: bft"),
        ("version: 2.5.16", "version: 3.1.5"),
        ("channel: V2_0", "channel: V3_0"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for channel in context.channels() {
        let level = channel.decided.capabilities.channel.as_str();
        if !matches!(channel.decided.consensus, Consensus::Bft(_)) || level == "V3_0" {
            continue;
        }
        let path = KeyPath::root().key("fabric").key("capabilities").key("channel");
        findings.report(
            Finding::at(
                path,
                format!(
                    "channel `{}` has BFT and the channel capability `{level}`",
                    channel.decided.name
                ),
                "BFT needs `V3_0`",
                "write `channel: V3_0`, or remove the line",
            )
            .rests_on(KeyPath::root().key("ordering")),
        );
    }
}
