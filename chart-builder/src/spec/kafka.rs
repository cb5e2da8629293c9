//! What a person writes about the Kafka cluster.

use super::NodeOptions;

/// `ordering.kafka`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kafka {
    /// `namespace`.
    pub namespace: Option<String>,
    /// `brokers`.
    pub brokers: Brokers,
    /// `zookeeper`.
    pub zookeeper: Zookeeper,
}

/// `brokers`; the short form fills `count`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brokers {
    /// `count`.
    pub count: Option<u32>,
    /// `replicationFactor`.
    pub replication_factor: Option<u32>,
    /// `minInsync`.
    pub min_insync: Option<u32>,
    /// `messageMaxBytes`.
    pub message_max_bytes: Option<String>,
    /// `storage` and `resources`.
    pub options: NodeOptions,
}

/// `zookeeper`; the short form fills `count`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zookeeper {
    /// `count`.
    pub count: Option<u32>,
    /// `storage` and `resources`.
    pub options: NodeOptions,
}
