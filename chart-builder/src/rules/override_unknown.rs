//! FT213: an override for a node that does not exist.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT213",
    severity: Severity::Error,
    title: "an override names a node",
    about: "An override for a node that does not exist changes nothing, and nobody notices.",
    fires: &[case(&[("overrides: {peer2:", "overrides: {peer3:")])],
    near_misses: &[case(&[("overrides: {peer2:", "overrides: {peer1:")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let decided = organization.decided;
        let peers: Vec<_> = decided.peers.iter().map(|peer| peer.name.as_str()).collect();
        let orderers: Vec<_> = decided.orderers.iter().map(|node| node.name.as_str()).collect();
        let kinds = [
            ("peers", &organization.said.peers, peers),
            ("orderers", &organization.said.orderers, orderers),
        ];
        for (key, said, known) in kinds {
            let list = organization.path.key(key);
            for name in said.overrides.keys().filter(|name| !known.contains(&name.as_str())) {
                let finding = Finding::at(
                    list.key("overrides").key(name),
                    format!("`{}` has no node `{name}`", decided.name),
                    "an override of a node that does not exist does nothing",
                    format!("name one of {}", known.join(", ")),
                );
                findings.report(finding.rests_on(list.key("count")));
            }
        }
    }
}
