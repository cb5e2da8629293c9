//! FT330: a consensus that the Fabric version does not have.

use super::context::groups;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::fabric_line::{Lookup, look_up};
use crate::model::ConsensusType;

pub(super) static RULE: Rule = Rule {
    code: "FT330",
    severity: Severity::Error,
    title: "the Fabric version has the consensus",
    about: "Solo and Kafka are in Fabric up to 2.5, etcdraft can be used from 1.4.1 on, BFT is there from 3.0 on.",
    fires: &[
        case(&[("type: etcdraft", "type: bft")]),
        case(&[("type: etcdraft", "type: kafka"), ("version: 2.5.16", "version: 3.1.5")]),
        case(&[("type: etcdraft", "type: solo"), ("version: 2.5.16", "version: 3.1.5")]),
        case(&[("version: 2.5.16", "version: 1.4.0")]),
    ],
    near_misses: &[
        case(&[("type: etcdraft", "type: bft"), ("version: 2.5.16", "version: 3.0.0")]),
        case(&[("type: etcdraft", "type: kafka")]),
        case(&[("version: 2.5.16", "version: 1.4.1")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let said = context.spec.fabric_version.as_deref().unwrap_or_default();
    let Lookup::Known(line, version) = look_up(said) else { return };
    let known: Vec<_> = line.consensus(&version).collect();
    let fabric = KeyPath::root().key("fabric").key("version");
    for (path, group) in groups(context) {
        let word = group.consensus.unwrap_or(ConsensusType::Etcdraft).word();
        if known.contains(&word) {
            continue;
        }
        // Where nothing is written there is no place but the version.
        let (path, other) = match group.consensus {
            Some(_) => (path.key("type"), fabric.clone()),
            None => (fabric.clone(), path),
        };
        let finding = Finding::at(
            path,
            format!("Fabric {version} has no consensus `{word}`"),
            "orderers that do not know the consensus of a channel do not start",
            format!("write `type: {}`, or use another Fabric version", known.join("` or `type: ")),
        );
        findings.report(match group.consensus {
            Some(_) => finding.beside(other, "the version"),
            None => finding.rests_on(other),
        });
    }
}
