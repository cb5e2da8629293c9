//! FT316: a Fabric version without charts.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::{self, Lookup};

pub(super) static RULE: Rule = Rule {
    code: "FT316",
    severity: Severity::Error,
    title: "the Fabric version is of a line that charts are built for",
    about: "Configuration files, images, capabilities and the way a channel is made differ between Fabric's lines; each \
            line has a file with what is true for it.",
    fires: &[
        case(&[("version: 2.5.16", "version: 0.6.1")]),
        case(&[("version: 2.5.16", "version: 3.2.0")]),
        case(&[("version: 2.5.16", "version: latest")]),
    ],
    near_misses: &[
        case(&[("version: 2.5.16", "version: 3.1.5")]),
        case(&[("version: 2.5.16", "version: 2.5")]),
        case(&[("version: 2.5.16", "version: 2.3.3")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(said) = &context.spec.fabric_version else { return };
    let message = match fabric_line::look_up(said) {
        Lookup::Known(..) => return,
        Lookup::NotBuilt(version) => format!("Fabric {version} is not built yet"),
        Lookup::Unreadable => format!("`{said}` is no version of Fabric"),
    };
    let newest = fabric_line::newest().newest();
    findings.report(Finding::at(
        KeyPath::root().key("fabric").key("version"),
        message,
        &format!("charts are there for Fabric {}", fabric_line::names()),
        format!("write for example `version: {newest}`"),
    ));
}
