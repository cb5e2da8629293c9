//! FT315: durations and sizes of `ordering` that cannot be read.

use super::context::groups;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::quantity;

pub(super) static RULE: Rule = Rule {
    code: "FT315",
    severity: Severity::Error,
    title: "durations and sizes of `ordering` can be read",
    about: "Durations are Go's (`2s`, `500ms`, `1m30s`) and not zero; sizes are bytes with `KiB`, `MiB` or `GiB`.",
    fires: &[
        case(&[("timeout: 2s", "timeout: 2")]),
        case(&[("timeout: 2s", "timeout: 0s")]),
        case(&[("tickInterval: 500ms", "tickInterval: half a second")]),
        case(&[("absoluteMaxBytes: 10MiB", "absoluteMaxBytes: 10 megabytes")]),
    ],
    near_misses: &[case(&[
        ("timeout: 2s", "timeout: 1m30s"),
        ("absoluteMaxBytes: 10MiB", "absoluteMaxBytes: 10485760"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, group) in groups(context) {
        let (batch, raft) = (path.key("batch"), path.key("raft"));
        let bft = |key: &str| path.key("bft").key(key);
        let durations = [
            (batch.key("timeout"), &group.batch.timeout),
            (raft.key("tickInterval"), &group.raft.tick_interval),
            (bft("requestBatchMaxInterval"), &group.bft.request_batch_max_interval),
            (bft("requestForwardTimeout"), &group.bft.request_forward_timeout),
            (bft("requestComplainTimeout"), &group.bft.request_complain_timeout),
            (bft("requestAutoRemoveTimeout"), &group.bft.request_auto_remove_timeout),
            (bft("viewChangeResendInterval"), &group.bft.view_change_resend_interval),
            (bft("viewChangeTimeout"), &group.bft.view_change_timeout),
            (bft("leaderHeartbeatTimeout"), &group.bft.leader_heartbeat_timeout),
            (bft("collectTimeout"), &group.bft.collect_timeout),
        ];
        for (path, said) in durations {
            let Some(said) = said else { continue };
            if quantity::nanoseconds(said).is_none_or(|length| length == 0) {
                findings.report(Finding::at(
                    path,
                    format!("`{said}` is no duration"),
                    "Fabric reads Go durations above zero",
                    "write for example `2s` or `500ms`",
                ));
            }
        }
        let sizes = [
            (batch.key("absoluteMaxBytes"), &group.batch.absolute_max_bytes),
            (batch.key("preferredMaxBytes"), &group.batch.preferred_max_bytes),
            (raft.key("snapshotIntervalSize"), &group.raft.snapshot_interval_size),
        ];
        for (path, said) in sizes {
            let Some(said) = said else { continue };
            if quantity::bytes(said).is_none() {
                findings.report(Finding::at(
                    path,
                    format!("`{said}` is no size"),
                    "sizes are bytes with KiB, MiB or GiB, below 4 GiB",
                    "write for example `10MiB`",
                ));
            }
        }
    }
}
