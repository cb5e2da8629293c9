//! FT450: a built Kafka cluster whose nodes or volumes are taken away.

use std::collections::BTreeMap;

use super::frozen::changed;
use super::frozen_storage::{allowed, describe};
use super::kafka_sizes::path;
use super::{Case, Context, Finding, Findings, Rule};
use crate::diagnostic::Severity;
use crate::lock::LockedKafkaNode;
use crate::model::KafkaNode;

const BUILT: &[(&str, &str)] = &[
    ("type: etcdraft", "type: kafka\n  kafka: {brokers: 5}"),
    ("  raft: {tickInterval: 500ms, electionTick: 10, heartbeatTick: 1}\n", ""),
];

const fn after(edits: &'static [(&'static str, &'static str)]) -> Case {
    Case { built: Some(BUILT), edits }
}

pub(super) static RULE: Rule = Rule {
    code: "FT450",
    severity: Severity::Error,
    title: "a built Kafka cluster keeps its namespace, nodes and volumes",
    about: "The brokers' names stand in the channels' configurations, a broker that goes takes its copies of channels with \
            it, and every ZooKeeper node knows all of the ensemble: a majority of new, empty ones could forget what the \
            old ones agreed on. Brokers may be added and volumes may grow.",
    fires: &[
        after(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: 4}")]),
        after(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: 5, zookeeper: 5}")]),
        after(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: 5, namespace: streams}")]),
        after(&[("type: etcdraft", "type: kafka\n  kafka: {brokers: {count: 5, storage: 1Gi}}")]),
    ],
    near_misses: &[after(&[(
        "type: etcdraft",
        "type: kafka\n  kafka: {brokers: {count: 6, storage: 20Gi}}",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(locked), Some(cluster)) = (&context.lock.kafka, &context.network.kafka) else {
        return;
    };
    let at = path(context);
    if locked.namespace != cluster.namespace {
        let values = (locked.namespace.as_str(), cluster.namespace.as_str());
        let why = "it is part of every broker's name, and of what lies on the volumes there";
        findings.report(changed(at.key("namespace"), "the namespace of Kafka", values, why));
    }
    for (key, built, now) in [
        ("brokers", &locked.brokers, &cluster.brokers),
        ("zookeeper", &locked.zookeeper, &cluster.zookeeper),
    ] {
        let fits =
            if key == "brokers" { now.len() >= built.len() } else { now.len() == built.len() };
        if !fits {
            let path = at.key(key);
            let message =
                format!("{} {key} were built and now there are {}", built.len(), now.len());
            let (why, fix) = if key == "brokers" {
                ("a broker that goes takes its copies of channels with it", "at least")
            } else {
                ("every node of the ensemble knows all of them", "exactly")
            };
            let fix = format!("write {fix} {} {key}", built.len());
            findings.report(Finding::at(path, message, why, fix));
        }
        if let Some((name, frozen, now)) = replaced(built, now) {
            let fact = format!("storage of `{name}`");
            let why =
                "Kubernetes changes neither class nor source of a claim, and never shrinks one";
            let values = (describe(&frozen.storage), describe(&now.storage));
            let path = at.key(key).key("storage");
            findings.report(changed(path, &fact, (&values.0, &values.1), why));
        }
    }
}

/// The first node whose volume would have to be another one; all of a kind are alike.
fn replaced<'a>(
    built: &'a BTreeMap<String, LockedKafkaNode>,
    now: &'a [KafkaNode],
) -> Option<(&'a str, &'a LockedKafkaNode, &'a KafkaNode)> {
    let pairs = now.iter().filter_map(|node| Some((built.get(&node.name)?, node)));
    let mut replaced = pairs.filter(|(built, now)| !allowed(&built.storage, &now.storage));
    replaced.next().map(|(built, now)| (now.name.as_str(), built, now))
}
