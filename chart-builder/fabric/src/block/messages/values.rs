//! What stands in the values of the tree.

use prost::Message;

/// `common.HashingAlgorithm`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct HashingAlgorithm {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
}

/// `common.BlockDataHashingStructure`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub(crate) struct BlockDataHashingStructure {
    #[prost(uint32, tag = "1")]
    pub(crate) width: u32,
}

/// `common.OrdererAddresses`, also the value `Endpoints` of an orderer organization.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct OrdererAddresses {
    #[prost(string, repeated, tag = "1")]
    pub(crate) addresses: Vec<String>,
}

/// `common.Capabilities`: a map from names to empty messages.
///
/// Declared as the entries that a map is on the wire, because Go writes the empty value of an entry and the derive for maps
/// leaves it out: equal bytes spare a later update by Fabric's own tools a difference that is none.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Capabilities {
    #[prost(message, repeated, tag = "1")]
    pub(crate) entries: Vec<CapabilityEntry>,
}

/// One entry of `common.Capabilities`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct CapabilityEntry {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) capability: Option<Capability>,
}

/// `common.Capability`: its name says everything.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub(crate) struct Capability {}

/// `orderer.ConsensusType`; state 0 is normal operation.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ConsensusType {
    #[prost(string, tag = "1")]
    pub(crate) r#type: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) metadata: Vec<u8>,
    #[prost(int32, tag = "3")]
    pub(crate) state: i32,
}

/// `orderer.BatchSize`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub(crate) struct BatchSize {
    #[prost(uint32, tag = "1")]
    pub(crate) max_message_count: u32,
    #[prost(uint32, tag = "2")]
    pub(crate) absolute_max_bytes: u32,
    #[prost(uint32, tag = "3")]
    pub(crate) preferred_max_bytes: u32,
}

/// `orderer.BatchTimeout`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct BatchTimeout {
    #[prost(string, tag = "1")]
    pub(crate) timeout: String,
}

/// `etcdraft.ConfigMetadata`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct RaftMetadata {
    #[prost(message, repeated, tag = "1")]
    pub(crate) consenters: Vec<RaftConsenterMessage>,
    #[prost(message, optional, tag = "2")]
    pub(crate) options: Option<RaftOptionsMessage>,
}

/// `etcdraft.Consenter`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct RaftConsenterMessage {
    #[prost(string, tag = "1")]
    pub(crate) host: String,
    #[prost(uint32, tag = "2")]
    pub(crate) port: u32,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) client_tls_cert: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) server_tls_cert: Vec<u8>,
}

/// `etcdraft.Options`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct RaftOptionsMessage {
    #[prost(string, tag = "1")]
    pub(crate) tick_interval: String,
    #[prost(uint32, tag = "2")]
    pub(crate) election_tick: u32,
    #[prost(uint32, tag = "3")]
    pub(crate) heartbeat_tick: u32,
    #[prost(uint32, tag = "4")]
    pub(crate) max_inflight_blocks: u32,
    #[prost(uint32, tag = "5")]
    pub(crate) snapshot_interval_size: u32,
}

/// `protos.AnchorPeers`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct AnchorPeers {
    #[prost(message, repeated, tag = "1")]
    pub(crate) anchor_peers: Vec<AnchorPeerMessage>,
}

/// `protos.AnchorPeer`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct AnchorPeerMessage {
    #[prost(string, tag = "1")]
    pub(crate) host: String,
    #[prost(int32, tag = "2")]
    pub(crate) port: i32,
}
