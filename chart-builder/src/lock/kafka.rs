//! The Kafka cluster in `network.lock`: its facts, how they are spelled, and both ways between the two.

use std::collections::BTreeMap;

use chart_format::yaml::Map;
use serde::Deserialize;

use super::shape::StorageWord;
use super::write::storage_node;
use crate::model::{KafkaCluster, KafkaNode, Storage};

/// Facts about the Kafka cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedKafka {
    /// Namespace of all of its objects, prefix included.
    pub namespace: String,
    /// Every broker, by name; one that is there stays.
    pub brokers: BTreeMap<String, LockedKafkaNode>,
    /// Every ZooKeeper node, by name; none comes and none goes.
    pub zookeeper: BTreeMap<String, LockedKafkaNode>,
}

/// Facts about a broker or a ZooKeeper node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedKafkaNode {
    /// Claim, class and size; the size may grow.
    pub storage: Storage,
}

impl LockedKafka {
    /// What is frozen of a cluster that is built for the first time.
    pub fn of(cluster: &KafkaCluster) -> Self {
        Self {
            namespace: cluster.namespace.clone(),
            brokers: nodes(&cluster.brokers),
            zookeeper: nodes(&cluster.zookeeper),
        }
    }

    /// Nodes are added and volumes may have grown; everything else stays.
    pub fn grow(&mut self, cluster: &KafkaCluster) {
        self.brokers.extend(nodes(&cluster.brokers));
        self.zookeeper.extend(nodes(&cluster.zookeeper));
    }
}

fn nodes(nodes: &[KafkaNode]) -> BTreeMap<String, LockedKafkaNode> {
    let node = |node: &KafkaNode| LockedKafkaNode { storage: node.storage.clone() };
    nodes.iter().map(|it| (it.name.clone(), node(it))).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Shape {
    namespace: String,
    brokers: BTreeMap<String, NodeShape>,
    zookeeper: BTreeMap<String, NodeShape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NodeShape {
    storage: StorageWord,
}

impl From<Shape> for LockedKafka {
    fn from(shape: Shape) -> Self {
        let nodes = |nodes: BTreeMap<String, NodeShape>| {
            let node = |node: NodeShape| LockedKafkaNode { storage: node.storage.into() };
            nodes.into_iter().map(|(name, it)| (name, node(it))).collect()
        };
        Self {
            namespace: shape.namespace,
            brokers: nodes(shape.brokers),
            zookeeper: nodes(shape.zookeeper),
        }
    }
}

/// The cluster as it stands in the file.
pub(super) fn map(kafka: &LockedKafka) -> Map {
    let nodes = |nodes: &BTreeMap<String, LockedKafkaNode>| -> Map {
        let node = |node: &LockedKafkaNode| Map::new().with("storage", storage_node(&node.storage));
        nodes.iter().map(|(name, it)| (name.clone(), node(it))).collect()
    };
    Map::new()
        .with("namespace", kafka.namespace.as_str())
        .with("brokers", nodes(&kafka.brokers))
        .with("zookeeper", nodes(&kafka.zookeeper))
}
