//! The Kafka cluster that orders channels up to Fabric 2.5: brokers, and the ZooKeeper ensemble that they need.

use super::{Owner, Resources, Storage, names};

/// One cluster for all orderers of the network, in a namespace that belongs to no organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaCluster {
    /// Namespace of all of its objects, prefix included, for example `kafka`.
    pub namespace: String,
    /// `kafka0`, `kafka1`, …
    pub brokers: Vec<KafkaNode>,
    /// `zookeeper0`, `zookeeper1`, …
    pub zookeeper: Vec<KafkaNode>,
    /// Brokers that keep a copy of a channel's topic.
    pub replication_factor: u32,
    /// Copies that have to be in sync for a write to count.
    pub min_insync: u32,
    /// Bytes of the largest message, and so of the largest block.
    pub message_max_bytes: u32,
}

/// A broker or a ZooKeeper node: one `StatefulSet`, one Service, one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaNode {
    /// Name of `StatefulSet` and Service.
    pub name: String,
    /// Number within its kind; a broker's id.
    pub index: u32,
    /// Where its log lives.
    pub storage: Storage,
    /// Requests and limits.
    pub resources: Resources,
}

impl KafkaCluster {
    /// It serves the orderers of all organizations and belongs to none of them.
    pub const OWNER: Owner = Owner::Shared("kafka");

    /// `host:port` of every broker: what the configuration of a channel names, and where orderers look first.
    pub fn broker_addresses(&self) -> Vec<String> {
        let host = |node: &KafkaNode| names::host(&node.name, &self.namespace);
        self.brokers.iter().map(|node| format!("{}:{}", host(node), names::KAFKA_PORT)).collect()
    }

    /// Brokers and ZooKeeper nodes.
    pub fn nodes(&self) -> impl Iterator<Item = &KafkaNode> {
        self.brokers.iter().chain(&self.zookeeper)
    }
}
