//! FT321: a Fabric whose channels are made by a system channel.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::{ETCDRAFT, Lookup, look_up};

pub(super) static RULE: Rule = Rule {
    code: "FT321",
    severity: Severity::Error,
    title: "orderers of the Fabric version join channels by themselves",
    about: "Below Fabric 2.3 orderers begin with the first block of a system channel, and channels are made by transactions \
            on it. The charts do not do that yet.",
    fires: &[
        case(&[("version: 2.5.16", "version: 2.2.15")]),
        case(&[("version: 2.5.16", "version: 1.4.12")]),
    ],
    near_misses: &[case(&[("version: 2.5.16", "version: 2.3.0")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let said = context.spec.fabric_version.as_deref().unwrap_or_default();
    let Lookup::Known(line, version) = look_up(said) else { return };
    if line.needs_system_channel(&version, ETCDRAFT) {
        findings.report(Finding::at(
            KeyPath::root().key("fabric").key("version"),
            format!("Fabric {version} needs a system channel, which is not built yet"),
            "its orderers do not join channels by themselves",
            "use Fabric 2.5 or later",
        ));
    }
}
