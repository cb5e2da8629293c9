//! FT317: a Fabric version whose official images do not run.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::{self, Lookup};

pub(super) static RULE: Rule = Rule {
    code: "FT317",
    severity: Severity::Error,
    title: "the official images of the Fabric version run",
    about: "A few releases of Fabric were published with images that do not start; the next patch repairs them.",
    fires: &[case(&[("version: 2.5.16", "version: 3.1.2")])],
    near_misses: &[case(&[("version: 2.5.16", "version: 3.1.3")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(said) = &context.spec.fabric_version else { return };
    let Lookup::Known(line, version) = fabric_line::look_up(said) else { return };
    if let Some(reason) = line.broken(&version) {
        findings.report(Finding::at(
            KeyPath::root().key("fabric").key("version"),
            format!("Fabric {version} does not run"),
            reason,
            format!("write `version: {}`", line.newest()),
        ));
    }
}
