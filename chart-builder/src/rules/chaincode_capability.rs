//! FT551: a chaincode as a service on a channel with the legacy lifecycle.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::ServiceBuilder;
use crate::spec::chaincode_runtime::Runtime;

pub(super) static RULE: Rule = Rule {
    code: "FT551",
    severity: Severity::Error,
    title: "channels of chaincodes as a service have the application capability V2_0",
    about: "Below V2_0 a channel has the legacy lifecycle: one organization instantiates a package that the peer itself builds and \
            starts. Packages of chaincode as a service are known only to the lifecycle with definitions.",
    fires: &[case(&[("application: V2_5", "application: V1_4_2")])],
    near_misses: &[
        case(&[("application: V2_5", "application: V2_0")]),
        case(&[
            ("application: V2_5", "application: V1_4_2"),
            ("    image: cc/asset:1.0\n", "    runtime: docker\n    package: packages/asset\n"),
            (
                "clusterDomain: cluster.local",
                "chaincode: {mode: dind, acknowledge: [privileged-pods]}",
            ),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (line, fabric) = (context.network.line(), &context.network.fabric);
    // Without external builders another rule says so.
    if line.service_builder(fabric) == ServiceBuilder::None {
        return;
    }
    let services = context.chaincodes().filter(|it| it.said.runtime != Some(Runtime::Docker));
    for chaincode in services {
        let channel = context.network.channel(&chaincode.decided.channel);
        let Some(channel) = channel else { continue };
        let capability = &channel.capabilities.application;
        if channel.has_definitions() {
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
                "write `application: V2_0`, leave the capabilities out for a new channel, or give it `runtime: docker` and a `package`",
            )
            .beside(capabilities, "capabilities of new channels"),
        );
    }
}
