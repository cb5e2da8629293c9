//! FT501: chaincode as a service on a Fabric that cannot run it.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::{Lookup, ServiceBuilder, look_up};

pub(super) static RULE: Rule = Rule {
    code: "FT501",
    severity: Severity::Error,
    title: "chaincode as a service needs Fabric 2.0",
    about: "From 2.4.1 on the peer's image carries the builder `ccaas_builder`; from 2.0 on the charts bring one along. A peer \
            of Fabric 1 has no external builders: it starts chaincodes itself, in Docker.",
    fires: &[case(&[("version: 2.5.16", "version: 1.4.12")])],
    near_misses: &[
        case(&[("version: 2.5.16", "version: 2.0.0")]),
        case(&[("version: 2.5.16", "version: 2.4.0")]),
        case(&[("version: 2.5.16", "version: 2.4.1")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let said = context.spec.fabric_version.as_deref().unwrap_or_default();
    let Lookup::Known(line, version) = look_up(said) else { return };
    if line.service_builder(&version) != ServiceBuilder::None {
        return;
    }
    for chaincode in context.chaincodes().filter(|it| it.said.package.is_none()) {
        findings.report(
            Finding::at(
                chaincode.path.key("name"),
                format!("chaincode `{}` cannot run on Fabric {version}", chaincode.decided.name),
                "peers know external builders, and with them chaincodes as a service, from Fabric 2.0 on",
                "use Fabric 2.5 or later, or give it `runtime: docker` and a `package`",
            )
            .beside(KeyPath::root().key("fabric").key("version"), "this network's version"),
        );
    }
}
