//! FT501: chaincode as a service on a Fabric that cannot run it.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::{FIRST_WITH_CCAAS, Lookup, look_up};

pub(super) static RULE: Rule = Rule {
    code: "FT501",
    severity: Severity::Error,
    title: "chaincode as a service needs Fabric 2.4.1",
    about: "The peer's image carries the builder `ccaas_builder` from 2.4.1 on (not 2.4.0). An older peer accepts the \
            package and fails when the chaincode is first called.",
    fires: &[
        case(&[("version: 2.5.16", "version: 2.4.0")]),
        case(&[("version: 2.5.16", "version: 2.2.15")]),
    ],
    near_misses: &[case(&[("version: 2.5.16", "version: 2.4.1")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let said = context.spec.fabric_version.as_deref().unwrap_or_default();
    let (Lookup::Known(_, version) | Lookup::NotBuilt(version)) = look_up(said) else { return };
    if version >= FIRST_WITH_CCAAS {
        return;
    }
    for chaincode in context.chaincodes() {
        findings.report(
            Finding::at(
                chaincode.path.key("name"),
                format!("chaincode `{}` cannot run on Fabric {version}", chaincode.decided.name),
                "the peer's image carries the builder for chaincode as a service from 2.4.1 on",
                "use Fabric 2.5 or later",
            )
            .beside(KeyPath::root().key("fabric").key("version"), "this network's version"),
        );
    }
}
