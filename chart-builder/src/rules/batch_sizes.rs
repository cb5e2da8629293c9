//! FT313: block sizes that contradict each other.

use super::context::groups;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::quantity;

/// gRPC messages between Fabric's nodes end at 100 MiB, and a block carries more than its transactions.
const MOST_BYTES: u32 = 99 << 20;

pub(super) static RULE: Rule = Rule {
    code: "FT313",
    severity: Severity::Error,
    title: "preferred block size ≤ absolute block size < 100 MiB",
    about: "Fabric refuses a channel configuration whose preferred size is above the absolute one, or that has a size of \
            0; blocks near gRPC's limit of 100 MiB could be cut and never delivered.",
    fires: &[
        case(&[("preferredMaxBytes: 2MiB", "preferredMaxBytes: 12MiB")]),
        case(&[("absoluteMaxBytes: 10MiB", "absoluteMaxBytes: 100MiB")]),
        case(&[("preferredMaxBytes: 2MiB", "preferredMaxBytes: 0")]),
    ],
    near_misses: &[case(&[("preferredMaxBytes: 2MiB", "preferredMaxBytes: 10MiB")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (path, group) in groups(context) {
        let path = path.key("batch");
        let bytes =
            |said: &Option<String>, default| said.as_deref().map_or(Some(default), quantity::bytes);
        let absolute = bytes(&group.batch.absolute_max_bytes, 10 << 20);
        let preferred = bytes(&group.batch.preferred_max_bytes, 2 << 20);
        // Sizes that cannot be read are reported by FT315.
        let (Some(absolute), Some(preferred)) = (absolute, preferred) else { continue };
        if absolute > MOST_BYTES {
            findings.report(Finding::at(
                path.key("absoluteMaxBytes"),
                format!("blocks of {absolute} bytes cannot be delivered"),
                "gRPC messages between Fabric's nodes end at 100 MiB",
                "write at most `99MiB`; `10MiB` is usual",
            ));
        }
        if preferred > absolute || preferred == 0 {
            let finding = Finding::at(
                path.key("preferredMaxBytes"),
                format!("the preferred size is {preferred} bytes, the absolute one {absolute}"),
                "Fabric wants 0 < preferred ≤ absolute",
                "lower the preferred size; `2MiB` is usual",
            );
            findings.report(finding.rests_on(path.key("absoluteMaxBytes")));
        }
    }
}
