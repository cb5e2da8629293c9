//! FT622: the key of an organization's root in the cluster.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

/// The word that takes the risk.
const ACKNOWLEDGED: &str = "root-key-in-cluster";

pub(super) static RULE: Rule = Rule {
    code: "FT622",
    severity: Severity::Error,
    title: "the key of a root stays offline",
    about: "A Fabric CA that signs with the root itself has the root's key in a Secret: whoever reads it can be every member \
            and administrator of the organization, and nothing short of new channels takes that back. A throw-away network \
            may do it, if the topology says so in words; otherwise `identities` issues an intermediate, which can be replaced.",
    fires: &[
        case(&[("mspId: Org1MSP", "ca: {authority: root, acknowledge: [root-key-in-cluster]}")]),
        case(&[
            ("mspId: Org1MSP", "ca: {authority: root}"),
            ("profile: production", "profile: dev"),
        ]),
    ],
    near_misses: &[
        case(&[("mspId: Org1MSP", "ca: true")]),
        case(&[
            ("mspId: Org1MSP", "ca: {authority: root, acknowledge: [root-key-in-cluster]}"),
            ("profile: production", "profile: dev"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let (Some(said), Some(ca)) = (&organization.said.ca, &organization.decided.ca) else {
            continue;
        };
        if ca.is_intermediate() {
            continue;
        }
        let acknowledged = said.acknowledge.iter().any(|word| word == ACKNOWLEDGED);
        let (why, fix) = match (context.production(), acknowledged) {
            (true, _) => (
                "the profile `production` keeps the key of every root offline",
                "remove `authority`: an intermediate is issued for the server".to_owned(),
            ),
            (false, false) => (
                "whoever reads Secrets of the namespace can be every member of the organization, for ever",
                format!("add `acknowledge: [{ACKNOWLEDGED}]`, or remove `authority`"),
            ),
            (false, true) => continue,
        };
        findings.report(Finding::at(
            organization.path.key("ca").key("authority"),
            format!(
                "the Fabric CA of `{}` would hold the key of the root",
                organization.decided.name
            ),
            why,
            fix,
        ));
    }
}
