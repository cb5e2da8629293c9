//! FT624: services of an organization that has no peers.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT624",
    severity: Severity::Error,
    title: "a Fabric CA and a CLI stand beside peers",
    about: "Both are part of the chart that brings up an organization's peers. The certificates of an organization that only \
            orders come from `chart-builder identities`, and its orderers need no commands.",
    fires: &[
        case(&[("orderers: 3", "orderers: 3, ca: true")]),
        case(&[("orderers: 3", "orderers: 3, cli: true")]),
    ],
    near_misses: &[case(&[
        ("orderers: 3", "orderers: 3, ca: false, cli: false"),
        ("namespace: org2, peers: 2", "namespace: org2, peers: 2, ca: true, cli: true"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let decided = organization.decided;
        let services = [("ca", decided.ca.is_some()), ("cli", decided.cli)];
        for (key, _) in services.into_iter().filter(|(_, there)| *there) {
            if decided.peers.is_empty() {
                let finding = Finding::at(
                    organization.path.key(key),
                    format!(
                        "`{}` has no peers, and so no chart that could hold `{key}`",
                        decided.name
                    ),
                    "an organization that only orders gets its certificates from `chart-builder identities`",
                    format!("remove `{key}`, or give `{}` a peer", decided.name),
                );
                findings.report(finding.rests_on(organization.path.key("peers")));
            }
        }
    }
}
