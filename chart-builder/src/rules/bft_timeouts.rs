//! FT340: timeouts of BFT in the wrong order.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Consensus;
use crate::spec::quantity;

const BFT: &[(&str, &str)] = &[
    ("type: etcdraft", "type: bft"),
    ("version: 2.5.16", "version: 3.1.5"),
    ("channel: V2_0", "channel: V3_0"),
    ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
    ("orderers: 3", "orderers: 4"),
    (
        "  raft: {tickInterval: 500ms, electionTick: 10, heartbeatTick: 1}",
        "  bft: {requestForwardTimeout: 30s}",
    ),
];

pub(super) static RULE: Rule = Rule {
    code: "FT340",
    severity: Severity::Error,
    title: "timeouts of BFT follow on each other",
    about: "A request is forwarded, then complained about, then dropped: requestForwardTimeout <= requestComplainTimeout <= \
            requestAutoRemoveTimeout. A view change is asked for again before it has failed: viewChangeResendInterval <= \
            viewChangeTimeout. Orderers refuse a channel with other ones.",
    fires: &[case(BFT)],
    near_misses: &[case(&[
        ("type: etcdraft", "type: bft"),
        ("version: 2.5.16", "version: 3.1.5"),
        ("channel: V2_0", "channel: V3_0"),
        ("  consenters: [Orderer/orderer0, Orderer/orderer1, Orderer/orderer2]\n", ""),
        ("orderers: 3", "orderers: 4"),
        (
            "  raft: {tickInterval: 500ms, electionTick: 10, heartbeatTick: 1}",
            "  bft: {requestForwardTimeout: 20s}",
        ),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, _, group) in context.groups() {
        let Consensus::Bft(options) = &group.consensus else { continue };
        let forward = ("requestForwardTimeout", &options.request_forward_timeout);
        let complain = ("requestComplainTimeout", &options.request_complain_timeout);
        let remove = ("requestAutoRemoveTimeout", &options.request_auto_remove_timeout);
        let resend = ("viewChangeResendInterval", &options.view_change_resend_interval);
        let change = ("viewChangeTimeout", &options.view_change_timeout);
        for (shorter, longer) in [(forward, complain), (complain, remove), (resend, change)] {
            if quantity::nanoseconds(shorter.1) > quantity::nanoseconds(longer.1) {
                findings.report(too_late(&path, shorter, longer));
            }
        }
    }
}

fn too_late(path: &KeyPath, shorter: (&str, &String), longer: (&str, &String)) -> Finding {
    Finding::at(
        path.key("bft"),
        format!("`{}: {}` is above `{}: {}`", shorter.0, shorter.1, longer.0, longer.1),
        "orderers refuse a channel whose timeouts do not follow on each other",
        format!("write `{}` at most as long as `{}`", shorter.0, longer.0),
    )
    .rests_on(path.key("type"))
}
