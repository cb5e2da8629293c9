//! The Kafka cluster: whether the network runs one, its nodes and its sizes.

use super::nodes::{Inherit, built_in};
use crate::lock::Lock;
use crate::model::{ConsensusType, KafkaCluster, KafkaNode, NamespaceMode, Network, names};
use crate::spec::{self, Group, NodeOptions, Nodes, Ordering, Spec, quantity};

/// Fabric's guide: with 4 brokers one may be lost.
pub const DEFAULT_BROKERS: u32 = 4;
/// An ensemble that survives the loss of one.
pub const DEFAULT_ZOOKEEPER: u32 = 3;
/// Fabric's guide: the smallest numbers that survive the loss of one broker, whatever the number of brokers.
pub const DEFAULT_REPLICATION_FACTOR: u32 = 3;
/// See [`DEFAULT_REPLICATION_FACTOR`].
pub const DEFAULT_MIN_INSYNC: u32 = 2;
/// The largest message that an orderer can send: 1 MiB below the limit of 100 MiB that is compiled into it.
pub const DEFAULT_MESSAGE_MAX_BYTES: u32 = 99 << 20;

/// The cluster of the network, if anything uses one.
pub(super) fn cluster(spec: &Spec, network: &Network, lock: &Lock) -> Option<KafkaCluster> {
    if !wanted(spec, lock) {
        return None;
    }
    let said = spec.kafka.clone().unwrap_or_default();
    let brokers = said.brokers;
    let base = said.namespace.as_deref().unwrap_or(names::KAFKA_NAMESPACE);
    let prefixed = network.namespaces == NamespaceMode::Prefixed;
    let bytes = brokers.message_max_bytes.as_deref().and_then(quantity::bytes);
    Some(KafkaCluster {
        namespace: names::namespace(&network.name, base, prefixed),
        replication_factor: brokers.replication_factor.unwrap_or(DEFAULT_REPLICATION_FACTOR),
        min_insync: brokers.min_insync.unwrap_or(DEFAULT_MIN_INSYNC),
        message_max_bytes: bytes.unwrap_or(DEFAULT_MESSAGE_MAX_BYTES),
        brokers: nodes(
            brokers.count.unwrap_or(DEFAULT_BROKERS),
            names::broker,
            &brokers.options,
            &built_in("100m", "512Mi", "1Gi"),
        ),
        zookeeper: nodes(
            said.zookeeper.count.unwrap_or(DEFAULT_ZOOKEEPER),
            names::zookeeper,
            &said.zookeeper.options,
            &built_in("50m", "128Mi", "512Mi"),
        ),
    })
}

/// A group has the type, a block is written, or a cluster runs already: it stays, because it holds what orderers agreed on.
pub fn wanted(spec: &Spec, lock: &Lock) -> bool {
    let group = |group: &Group| group.consensus == Some(ConsensusType::Kafka);
    let typed = match &spec.ordering {
        Ordering::Single(single) => group(single),
        Ordering::Groups(groups) => groups.values().any(group),
    };
    typed || spec.kafka.is_some() || lock.kafka.is_some()
}

fn nodes(
    count: u32,
    name: fn(u32) -> String,
    options: &NodeOptions,
    resources: &crate::model::Resources,
) -> Vec<KafkaNode> {
    let said = Nodes { options: options.clone(), ..Nodes::default() };
    let defaults = spec::NodeOptions::default();
    let inherit = Inherit { nodes: &said, defaults: &defaults, locked: None, directory: None };
    let node = |index| {
        let name = name(index);
        KafkaNode {
            index,
            storage: inherit.storage(&name),
            resources: inherit.resources(&name, resources.clone()),
            name,
        }
    };
    (0..count).map(node).collect()
}
