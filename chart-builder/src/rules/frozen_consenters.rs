//! FT408: other consenters of a built channel.

use super::frozen::{channel_changed, channels, list};
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT408",
    severity: Severity::Error,
    title: "a built channel keeps its consenters",
    about: "Hosts and certificates of consenters stand in the genesis block. Adding or removing one is an update of the \
            channel, one at a time, which is not built yet. An orderer that is no consenter can be added when \
            `ordering.consenters` names the old ones.",
    fires: &[
        rebuilt(&[
            ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
            ("orderers: 3", "orderers: 5"),
        ]),
        rebuilt(&[(
            "[Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]",
            "[Orderer/orderer0]",
        )]),
    ],
    near_misses: &[rebuilt(&[("orderers: 3", "orderers: 4")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.orderers_known() {
        return;
    }
    for (channel, facts) in channels(context) {
        let name = |organization: &str, orderer: &str| format!("{organization}/{orderer}");
        let frozen: Vec<_> =
            facts.consenters.iter().map(|it| name(&it.organization, &it.orderer)).collect();
        let now = channel.decided.consenters.iter();
        let now: Vec<_> = now.map(|it| name(&it.organization, &it.orderer)).collect();
        // Orderers of a system channel are reported by FT463.
        if frozen == now || context.network.system_channel_of(channel.decided).is_some() {
            continue;
        }
        let values =
            (list(frozen.iter().map(String::as_str)), list(now.iter().map(String::as_str)));
        let path = channel.path.key("name");
        let finding = channel_changed(&channel, path, "the consenter list", (&values.0, &values.1));
        findings.report(finding.rests_on(KeyPath::root().key("ordering")));
    }
}
