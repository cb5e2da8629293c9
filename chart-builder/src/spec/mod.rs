//! What a person writes: the topology file and every structural fault in it.
//!
//! The types below are the user's words: an absent field is `None`, and so is one that cannot be used ([`Faults`] tells).
//! Lists keep length and order, so that an index is also a key path; [`crate::resolve`] decides what absent fields are.

pub mod chaincode_runtime;
pub mod cluster;
pub mod codes;
pub mod collection;
mod decode;
mod decode_storage;
mod faults;
mod fields;
pub mod grammar;
mod kafka;
pub mod monitoring;
mod outside;
pub mod quantity;
pub mod schema;
mod services;
pub mod storage;
mod structure;
pub mod tree;

use std::collections::BTreeMap;

pub use chart_format::nearest::nearest;
pub use faults::Faults;
pub use fields::TOPOLOGY;
pub use kafka::{Brokers, Kafka, Zookeeper};
pub use outside::{Exposure, External};
pub use services::{Ca, ChaincodeTest, CouchDb};
pub use storage::{Crypto, NetworkStorage, Storage};

use crate::diagnostic::Diagnostics;
use crate::model::{
    Component, ConsensusType, Layout, NamespaceMode, Profile, PullPolicy, Rollout,
    StateDatabaseKind,
};
use crate::source::Source;
use tree::{Limits, Tree};

/// A topology file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The document with its positions.
    pub tree: Tree,
    /// The user's words; `None` if the file is no topology at all.
    pub spec: Option<Spec>,
    /// What in it cannot be used.
    pub faults: Faults,
}

/// The whole topology.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spec {
    /// `metadata.name`.
    pub name: Option<String>,
    /// `metadata.version`.
    pub version: Option<String>,
    /// `release`.
    pub release: Release,
    /// `fabric.version`.
    pub fabric_version: Option<String>,
    /// `fabric.capabilities`.
    pub capabilities: Capabilities,
    /// `clusterDomain`.
    pub cluster_domain: Option<String>,
    /// `chaincode`.
    pub chaincode_runtime: chaincode_runtime::ChaincodeRuntime,
    /// `domains.resolve` is `coredns-rewrite`.
    pub rewrites_domains: bool,
    /// `domains`, as far as it is about host aliases.
    pub aliases: cluster::Aliases,
    /// `cluster`.
    pub cluster: cluster::Cluster,
    /// `images`.
    pub images: Images,
    /// `defaults.peer`.
    pub peer_defaults: NodeOptions,
    /// `defaults.orderer`.
    pub orderer_defaults: NodeOptions,
    /// `crypto`.
    pub crypto: Crypto,
    /// `storage`.
    pub storage: NetworkStorage,
    /// `tls.enabled` is `false`.
    pub plain: bool,
    /// `exposure`.
    pub exposure: Exposure,
    /// `organizations`.
    pub organizations: Vec<Organization>,
    /// `ordering`.
    pub ordering: Ordering,
    /// `monitoring`.
    pub monitoring: Option<monitoring::Monitoring>,
    /// `ordering.kafka`.
    pub kafka: Option<Kafka>,
    /// `channels`.
    pub channels: Vec<Channel>,
    /// `chaincodes`.
    pub chaincodes: Vec<Chaincode>,
    /// `removals`.
    pub removals: Vec<Removal>,
}

/// `release`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Release {
    /// `layout`.
    pub layout: Option<Layout>,
    /// `namespaces`.
    pub namespaces: Option<NamespaceMode>,
    /// `profile`.
    pub profile: Option<Profile>,
    /// `rollout`.
    pub rollout: Option<Rollout>,
}

/// `fabric.capabilities`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// `channel`.
    pub channel: Option<String>,
    /// `orderer`.
    pub orderer: Option<String>,
    /// `application`.
    pub application: Option<String>,
}

/// `images`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Images {
    /// `registry`.
    pub registry: Option<String>,
    /// `pullPolicy`.
    pub pull_policy: Option<PullPolicy>,
    /// `pullSecrets`.
    pub pull_secrets: Vec<String>,
    /// Images by what they are for, as far as they are named.
    pub components: BTreeMap<Component, Image>,
}

/// An image, short or long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// `repository:tag@digest` in one word.
    Reference(String),
    /// Field by field.
    Fields {
        /// `repository`.
        repository: Option<String>,
        /// `tag`.
        tag: Option<String>,
        /// `digest`.
        digest: Option<String>,
    },
}

/// Storage and resources, wherever they may be written, and what only peers have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeOptions {
    /// `storage`.
    pub storage: Option<Storage>,
    /// `resources`.
    pub resources: Resources,
    /// `stateDB`; only peers.
    pub state_database: Option<StateDatabaseKind>,
    /// `couchdb`; only peers.
    pub couchdb: Option<CouchDb>,
    /// `wal`; only orderers.
    pub wal: Option<Storage>,
    /// `snapshots`; only orderers.
    pub snapshots: Option<Storage>,
}

/// `resources`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resources {
    /// `requests.cpu`.
    pub request_cpu: Option<String>,
    /// `requests.memory`.
    pub request_memory: Option<String>,
    /// `limits.cpu`.
    pub limit_cpu: Option<String>,
    /// `limits.memory`.
    pub limit_memory: Option<String>,
}

/// An item of `organizations`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Organization {
    /// `name`.
    pub name: Option<String>,
    /// `mspId`.
    pub msp_id: Option<String>,
    /// `namespace`.
    pub namespace: Option<String>,
    /// `domain`.
    pub domain: Option<String>,
    /// `chaincode`.
    pub chaincode_runtime: chaincode_runtime::ChaincodeRuntime,
    /// `peers`.
    pub peers: Nodes,
    /// `orderers`.
    pub orderers: Nodes,
    /// `ca`; the short form fills `enabled`.
    pub ca: Option<Ca>,
    /// `cli`.
    pub cli: Option<bool>,
    /// `external`.
    pub external: Option<External>,
}

/// `peers` or `orderers` of an organization; the short form fills `count`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Nodes {
    /// `count`.
    pub count: Option<u32>,
    /// `anchors`; only peers.
    pub anchors: Option<Vec<String>>,
    /// `storage` and `resources`.
    pub options: NodeOptions,
    /// `overrides` by node name.
    pub overrides: BTreeMap<String, NodeOptions>,
}

/// `ordering`: a block, or named groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ordering {
    /// One group for all channels.
    Single(Box<Group>),
    /// By name.
    Groups(BTreeMap<String, Group>),
}

impl Default for Ordering {
    fn default() -> Self {
        Self::Single(Box::default())
    }
}

/// A group of orderers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// `type`.
    pub consensus: Option<ConsensusType>,
    /// `systemChannel`.
    pub system_channel: Option<String>,
    /// `consenters`, as `<organization>/<orderer>`.
    pub consenters: Option<Vec<String>>,
    /// `batch`.
    pub batch: Batch,
    /// `raft`.
    pub raft: Raft,
    /// `bft`.
    pub bft: Bft,
}

/// `batch`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// `timeout`.
    pub timeout: Option<String>,
    /// `maxMessages`.
    pub max_messages: Option<u32>,
    /// `absoluteMaxBytes`.
    pub absolute_max_bytes: Option<String>,
    /// `preferredMaxBytes`.
    pub preferred_max_bytes: Option<String>,
}

/// `raft`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Raft {
    /// `tickInterval`.
    pub tick_interval: Option<String>,
    /// `electionTick`.
    pub election_tick: Option<u32>,
    /// `heartbeatTick`.
    pub heartbeat_tick: Option<u32>,
    /// `maxInflightBlocks`.
    pub max_inflight_blocks: Option<u32>,
    /// `snapshotIntervalSize`.
    pub snapshot_interval_size: Option<String>,
}

/// `bft`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bft {
    /// `requestBatchMaxInterval`.
    pub request_batch_max_interval: Option<String>,
    /// `incomingMessageBufferSize`.
    pub incoming_message_buffer_size: Option<u64>,
    /// `requestPoolSize`.
    pub request_pool_size: Option<u64>,
    /// `requestForwardTimeout`.
    pub request_forward_timeout: Option<String>,
    /// `requestComplainTimeout`.
    pub request_complain_timeout: Option<String>,
    /// `requestAutoRemoveTimeout`.
    pub request_auto_remove_timeout: Option<String>,
    /// `viewChangeResendInterval`.
    pub view_change_resend_interval: Option<String>,
    /// `viewChangeTimeout`.
    pub view_change_timeout: Option<String>,
    /// `leaderHeartbeatTimeout`.
    pub leader_heartbeat_timeout: Option<String>,
    /// `leaderHeartbeatCount`.
    pub leader_heartbeat_count: Option<u64>,
    /// `collectTimeout`.
    pub collect_timeout: Option<String>,
}

/// An item of `channels`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Channel {
    /// `name`.
    pub name: Option<String>,
    /// `ordering`.
    pub ordering: Option<String>,
    /// `members`.
    pub members: Vec<Member>,
}

/// An item of `members`; the short form fills `organization`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Member {
    /// `org`.
    pub organization: Option<String>,
    /// `peers` as a list; `None` is `all`.
    pub peers: Option<Vec<String>>,
    /// `anchors`.
    pub anchors: Option<Vec<String>>,
    /// It was written in the short form: a place below it is the item itself.
    pub short: bool,
}

/// An item of `chaincodes`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chaincode {
    /// `name`.
    pub name: Option<String>,
    /// `channel`.
    pub channel: Option<String>,
    /// `version`.
    pub version: Option<String>,
    /// `sequence`.
    pub sequence: Option<u64>,
    /// `image`.
    pub image: Option<Image>,
    /// `endorsement`.
    pub endorsement: Option<String>,
    /// `runtime`.
    pub runtime: Option<chaincode_runtime::Runtime>,
    /// `package`.
    pub package: Option<String>,
    /// `init`.
    pub init: Option<String>,
    /// `indexes`.
    pub indexes: Option<String>,
    /// `collections`.
    pub collections: Vec<collection::Collection>,
    /// `test`.
    pub test: Option<ChaincodeTest>,
    /// `replicas`.
    pub replicas: Option<u32>,
    /// `resources`.
    pub resources: Resources,
}

/// An item of `removals`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removal {
    /// `org`.
    pub organization: Option<String>,
    /// `peer`.
    pub peer: Option<String>,
}

/// Reads a topology and pushes every structural fault that it has.
pub fn parse(source: &Source, found: &mut Diagnostics) -> Parsed {
    let tree = Tree::parse(source, Limits::default(), found);
    if tree.root().is_none() && found.is_empty() {
        structure::empty(found);
    }
    let mut faults = Faults::of(found);
    let spec = tree.root().map(|root| {
        structure::examine(root, &TOPOLOGY, found, &mut faults);
        decode::topology(root, &faults)
    });
    Parsed { tree, spec, faults }
}

#[cfg(test)]
mod tests;
