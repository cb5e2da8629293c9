//! FT551: a chaincode as a service on a channel with the legacy lifecycle.

use fabric_artifacts::block::has_definitions;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::ServiceBuilder;

pub(super) static RULE: Rule = Rule {
    code: "FT551",
    severity: Severity::Error,
    title: "channels of chaincodes as a service have the application capability V2_0",
    about: "Below V2_0 a channel has the legacy lifecycle: one organization instantiates a package that the peer itself builds and \
            starts. Packages of chaincode as a service are known only to the lifecycle with definitions.",
    fires: &[case(&[("application: V2_5", "application: V1_4_2")])],
    near_misses: &[case(&[("application: V2_5", "application: V2_0")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (line, fabric) = (context.network.line(), &context.network.fabric);
    // Without external builders another rule says so.
    if line.service_builder(fabric) == ServiceBuilder::None {
        return;
    }
    for chaincode in context.chaincodes() {
        let channel = context.network.channel(&chaincode.decided.channel);
        let Some(channel) = channel else { continue };
        let capability = &channel.capabilities.application;
        if has_definitions(capability) {
            continue;
        }
        let said = if capability.is_empty() { "none" } else { capability };
        let capabilities = KeyPath::root().key("fabric").key("capabilities");
        findings.report(
            Finding::at(
                chaincode.path.key("name"),
                format!(
                    "chaincode `{}` needs the application capability V2_0, and channel `{}` has {said}",
                    chaincode.decided.name, channel.name
                ),
                "peers find chaincodes as a service only by definitions, which begin with V2_0",
                "write `application: V2_0`, or leave the capabilities out for a new channel",
            )
            .beside(capabilities, "capabilities of new channels"),
        );
    }
}
