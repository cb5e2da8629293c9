//! FT354: Kafka logs that are lost with their pods, or share a volume.

use super::kafka_sizes::path;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::{KafkaNode, Storage};

pub(super) static RULE: Rule = Rule {
    code: "FT354",
    severity: Severity::Error,
    title: "every broker and ZooKeeper node keeps its log on a volume of its own",
    about: "What orderers agreed on lies in Kafka's logs: an orderer that finds fewer messages than it has read stops, so a \
            cluster that lost its logs stops the network for good. The profile `dev` accepts emptyDir. A claim that \
            exists cannot be named, because all brokers would have the same.",
    fires: &[
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: {storage: emptyDir}}")]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {zookeeper: {storage: emptyDir}}")]),
        case(&[(
            "type: etcdraft",
            "type: kafka\n  kafka: {brokers: {storage: {existingClaim: logs}}}",
        )]),
    ],
    near_misses: &[
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: {storage: 20Gi}}")]),
        case(&[
            ("profile: production", "profile: dev"),
            ("type: etcdraft", "type: kafka\n  kafka: {brokers: {storage: emptyDir}}"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(cluster) = &context.network.kafka else { return };
    for (key, nodes) in [("brokers", &cluster.brokers), ("zookeeper", &cluster.zookeeper)] {
        // All nodes of a kind are alike.
        let Some(KafkaNode { storage, .. }) = nodes.first() else { continue };
        let (message, why, fix) = match storage {
            Storage::EmptyDir if context.production() => (
                "Kafka keeps nothing",
                "orderers stop when messages that they have read are gone",
                "use a claim, or `profile: dev`",
            ),
            Storage::ExistingClaim { .. } if nodes.len() > 1 => (
                "several nodes of Kafka have the same claim",
                "a volume belongs to one node",
                "write a size, and a `class` if the default one is not meant",
            ),
            _ => continue,
        };
        let at = path(context).key(key).key("storage");
        findings.report(Finding::at(at, message.to_owned(), why, fix));
    }
}
