//! FT318: a capability that the Fabric version does not have.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::{self, Lookup};

pub(super) static RULE: Rule = Rule {
    code: "FT318",
    severity: Severity::Error,
    title: "the Fabric version has the capabilities",
    about: "A node that meets a capability it does not know stops for good, with a text about orderer addresses that \
            leads nowhere. There is no channel capability V2_5 and no orderer capability above V2_0.",
    fires: &[
        case(&[("channel: V2_0", "channel: V3_0")]),
        case(&[("orderer: V2_0", "orderer: V2_5")]),
        case(&[("application: V2_5", "application: V3_0")]),
        case(&[("channel: V2_0", "channel: V1_4_3"), ("version: 2.5.16", "version: 3.1.5")]),
        case(&[("channel: V2_0", "channel: V1_4_3"), ("version: 2.5.16", "version: 1.4.2")]),
        case(&[("orderer: V2_0", "orderer: V2_0"), ("version: 2.5.16", "version: 1.4.1")]),
    ],
    near_misses: &[
        case(&[("channel: V2_0", "channel: V3_0"), ("version: 2.5.16", "version: 3.1.5")]),
        case(&[("application: V2_5", "application: V2_0")]),
        case(&[
            (
                "channel: V2_0, orderer: V2_0, application: V2_5",
                "channel: V1_4_3, orderer: V1_4_2, application: V1_4_2",
            ),
            ("version: 2.5.16", "version: 1.4.3"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let version = context.spec.fabric_version.as_deref().unwrap_or_default();
    let Lookup::Known(line, version) = fabric_line::look_up(version) else { return };
    let said = &context.spec.capabilities;
    let fabric = KeyPath::root().key("fabric");
    let groups = [
        ("channel", &said.channel, line.channel_capabilities),
        ("orderer", &said.orderer, line.orderer_capabilities),
        ("application", &said.application, line.application_capabilities),
    ];
    for (group, said, known) in groups {
        let known: Vec<_> = fabric_line::known(known, &version).collect();
        let Some(said) = said.as_deref().filter(|said| !known.contains(said)) else { continue };
        let fix = match known.as_slice() {
            [] => format!("leave the {group} capability out"),
            known => format!("use {}", known.join(" or ")),
        };
        findings.report(
            Finding::at(
                fabric.key("capabilities").key(group),
                format!("Fabric {version} has no {group} capability `{said}`"),
                "nodes that do not know a capability of their channel stop",
                fix,
            )
            .beside(fabric.key("version"), "the version"),
        );
    }
}
