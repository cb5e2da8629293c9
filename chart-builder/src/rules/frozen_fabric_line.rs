//! FT413: another Fabric line of a built network.

use super::frozen::changed;
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT413",
    severity: Severity::Error,
    title: "a network stays on its Fabric line",
    about: "Within a line only images change. Moving to another line has steps of its own (databases, capabilities, \
            configuration files) that are not built yet, and there is no way back: an older program panics on a newer \
            ledger.",
    fires: &[rebuilt(&[("version: 2.5.16", "version: 3.1.5")])],
    near_misses: &[rebuilt(&[("version: 2.5.16", "version: 2.5.15")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(locked) = &context.lock.network else { return };
    let now = &context.network.fabric;
    let line = format!("{}.{}", now.major, now.minor);
    if locked.fabric_line != line {
        let path = KeyPath::root().key("fabric").key("version");
        let values = (locked.fabric_line.as_str(), line.as_str());
        let why = "moving a network between Fabric lines is not built yet";
        findings.report(changed(path, "the Fabric line", values, why));
    }
}
