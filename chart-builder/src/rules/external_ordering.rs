//! FT722: an ordering service that is partly elsewhere, or that peers here cannot join by block 0.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT722",
    severity: Severity::Error,
    title: "a channel is ordered here or elsewhere",
    about: "Consenters that are built here and consenters that somebody else runs would have to agree on one genesis block and on \
            who starts when; that is not built. A channel of a system channel is made by a transaction of its members and has no \
            block 0 that its orderers could hand out before: external ordering takes etcdraft or BFT and Fabric 2.3 or newer.",
    fires: &[case(&[
        (
            "  - {name: Orderer,",
            "  - {name: Elsewhere, external: {orderers: [\"orderer0.example.net:7050\"]}}\n  - {name: Orderer,",
        ),
        ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
    ])],
    near_misses: &[
        case(&[
            (
                "  - {name: Orderer,",
                "  - {name: Elsewhere, external: {orderers: [\"orderer0.example.net:7050\"]}}\n  - {name: Orderer,",
            ),
            ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
            ("orderers: 3", "orderers: 0"),
        ]),
        case(&[(
            "  - {name: Orderer,",
            "  - {name: Elsewhere, external: {orderers: [\"orderer0.example.net:7050\"]}}\n  - {name: Orderer,",
        )]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let network = context.network;
    let ordering = KeyPath::root().key("ordering");
    for channel in context.channels() {
        let decided = channel.decided;
        if !network.is_ordered_elsewhere(decided) {
            continue;
        }
        let here = decided
            .consenters
            .iter()
            .find(|it| network.organization(&it.organization).is_some_and(|it| !it.is_external()));
        let finding = if let Some(here) = here {
            Finding::at(
                channel.path.key("name"),
                format!("channel `{}` is ordered here and elsewhere", decided.name),
                "consenters with different owners of their keys are not built",
                format!(
                    "leave out the external `orderers`, or name in `ordering.consenters` only orderers like `{}/{}`",
                    here.organization, here.orderer
                ),
            )
        } else if network.system_channel_of(decided).is_some() {
            Finding::at(
                channel.path.key("name"),
                format!("channel `{}` would be made from a system channel elsewhere", decided.name),
                "peers here join a channel by its block 0, which is made only when members ask for it there",
                "use Fabric 2.3 or newer with `etcdraft` or `bft`, or build the orderers here",
            )
        } else {
            continue;
        };
        findings.report(finding.rests_on(ordering.clone()));
    }
}
