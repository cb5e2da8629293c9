//! FT352: a Kafka cluster that nothing uses.

use super::context::groups;
use super::{Case, Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::ConsensusType;

pub(super) static RULE: Rule = Rule {
    code: "FT352",
    severity: Severity::Error,
    title: "a Kafka cluster has a group that uses it",
    about: "A `kafka` block without a group of type `kafka` would start seven servers that nobody asks. A cluster that was \
            built stays: channels may still be on it.",
    fires: &[case(&[("type: etcdraft", "type: etcdraft\n  kafka: {brokers: 4}")])],
    near_misses: &[
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: 4}")]),
        Case {
            built: Some(&[
                ("type: etcdraft", "type: kafka"),
                ("  raft: {tickInterval: 500ms, electionTick: 10, heartbeatTick: 1}\n", ""),
            ]),
            edits: &[("type: etcdraft", "type: kafka\n  kafka: {brokers: 5}")],
        },
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let used = groups(context).iter().any(|(_, it)| it.consensus == Some(ConsensusType::Kafka));
    if used || context.spec.kafka.is_none() || context.lock.kafka.is_some() {
        return;
    }
    let ordering = KeyPath::root().key("ordering");
    let finding = Finding::at(
        ordering.key("kafka"),
        "no group has the type `kafka`".to_owned(),
        "nothing would use the cluster",
        "write `type: kafka`, or remove the block",
    );
    findings.report(finding.rests_on(ordering));
}
