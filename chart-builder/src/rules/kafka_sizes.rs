//! FT350: a Kafka cluster that does not survive the loss of one broker.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT350",
    severity: Severity::Error,
    title: "1 < minInsync < replicationFactor < brokers, and an odd ensemble",
    about: "Fabric's guide for Kafka: with fewer copies than brokers a lost broker blocks no new channel, with fewer \
            copies in sync than copies it blocks no transaction, and with at least two in sync none is lost. That makes \
            four brokers the least. ZooKeeper decides by majority: 3, 5 or 7 nodes.",
    fires: &[
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: 3}")]),
        case(&[(
            "type: etcdraft",
            "type: kafka\n  kafka: {brokers: {count: 4, replicationFactor: 4}}",
        )]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: {minInsync: 1}}")]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: {minInsync: 3}}")]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {zookeeper: 4}")]),
        case(&[("type: etcdraft", "type: kafka\n  kafka: {zookeeper: 9}")]),
    ],
    near_misses: &[case(&[(
        "type: etcdraft",
        "type: kafka\n  kafka: {brokers: {count: 5, replicationFactor: 4, minInsync: 3}, zookeeper: 7}",
    )])],
    check,
};

/// Where the cluster is written: its block, or what there is above it.
pub(super) fn path(context: &Context<'_>) -> KeyPath {
    let ordering = KeyPath::root().key("ordering");
    if context.spec.kafka.is_some() { ordering.key("kafka") } else { ordering }
}

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(cluster) = &context.network.kafka else { return };
    let (brokers, zookeeper) = (path(context).key("brokers"), path(context).key("zookeeper"));
    let (count, copies, in_sync) =
        (cluster.brokers.len(), cluster.replication_factor, cluster.min_insync);
    let mut report = |path: KeyPath, message: String, why: &str, fix: &str| {
        findings.report(Finding::at(path, message, why, fix));
    };
    if count < 4 {
        let message = format!("{count} brokers do not survive the loss of one");
        let why = "three copies of every channel, and one broker more so that new channels can be made while one is down";
        report(brokers.clone(), message, why, "write at least `brokers: 4`");
    } else if usize::try_from(copies).is_ok_and(|copies| copies >= count) {
        let message = format!("{copies} copies of a channel need all of {count} brokers");
        let why = "with one broker down no channel could be made any more";
        report(brokers.clone(), message, why, "write a `replicationFactor` below `count`");
    }
    if in_sync < 2 {
        let why = "a transaction that one broker has is lost with that broker";
        let message = format!("`minInsync` is {in_sync}");
        report(brokers.clone(), message, why, "write `minInsync: 2`");
    } else if in_sync >= copies {
        let message = format!("`minInsync` is {in_sync}, and there are {copies} copies");
        let why = "with one broker down no transaction would be taken any more";
        report(brokers, message, why, "write a `minInsync` below `replicationFactor`");
    }
    if !matches!(cluster.zookeeper.len(), 3 | 5 | 7) {
        let message = format!("{} ZooKeeper nodes", cluster.zookeeper.len());
        let why = "one node survives no loss, an even number survives no more than the odd one below it, and more than \
                   7 only take longer to agree";
        report(zookeeper, message, why, "write `zookeeper: 3`, 5 or 7");
    }
}
