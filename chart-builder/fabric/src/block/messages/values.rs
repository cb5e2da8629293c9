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

/// `orderer.ConsensusType`; state 0 is normal operation, 1 maintenance.
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

/// `orderer.KafkaBrokers`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct KafkaBrokers {
    #[prost(string, repeated, tag = "1")]
    pub(crate) brokers: Vec<String>,
}

/// `common.Consortium`: the name of the consortium that a channel is made from.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ConsortiumName {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
}

/// `common.Orderers`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Orderers {
    #[prost(message, repeated, tag = "1")]
    pub(crate) consenter_mapping: Vec<BftConsenterMessage>,
}

/// `common.Consenter`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct BftConsenterMessage {
    #[prost(uint32, tag = "1")]
    pub(crate) id: u32,
    #[prost(string, tag = "2")]
    pub(crate) host: String,
    #[prost(uint32, tag = "3")]
    pub(crate) port: u32,
    #[prost(string, tag = "4")]
    pub(crate) msp_id: String,
    #[prost(bytes = "vec", tag = "5")]
    pub(crate) identity: Vec<u8>,
    #[prost(bytes = "vec", tag = "6")]
    pub(crate) client_tls_cert: Vec<u8>,
    #[prost(bytes = "vec", tag = "7")]
    pub(crate) server_tls_cert: Vec<u8>,
}

/// `smartbft.Options`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct BftOptionsMessage {
    #[prost(uint64, tag = "1")]
    pub(crate) request_batch_max_count: u64,
    #[prost(uint64, tag = "2")]
    pub(crate) request_batch_max_bytes: u64,
    #[prost(string, tag = "3")]
    pub(crate) request_batch_max_interval: String,
    #[prost(uint64, tag = "4")]
    pub(crate) incoming_message_buffer_size: u64,
    #[prost(uint64, tag = "5")]
    pub(crate) request_pool_size: u64,
    #[prost(string, tag = "6")]
    pub(crate) request_forward_timeout: String,
    #[prost(string, tag = "7")]
    pub(crate) request_complain_timeout: String,
    #[prost(string, tag = "8")]
    pub(crate) request_auto_remove_timeout: String,
    #[prost(uint64, tag = "9")]
    pub(crate) request_max_bytes: u64,
    #[prost(string, tag = "10")]
    pub(crate) view_change_resend_interval: String,
    #[prost(string, tag = "11")]
    pub(crate) view_change_timeout: String,
    #[prost(string, tag = "12")]
    pub(crate) leader_heartbeat_timeout: String,
    #[prost(uint64, tag = "13")]
    pub(crate) leader_heartbeat_count: u64,
    #[prost(string, tag = "14")]
    pub(crate) collect_timeout: String,
    #[prost(bool, tag = "15")]
    pub(crate) sync_on_start: bool,
    #[prost(bool, tag = "16")]
    pub(crate) speed_up_view_change: bool,
    #[prost(int32, tag = "17")]
    pub(crate) leader_rotation: i32,
    #[prost(uint64, tag = "18")]
    pub(crate) decisions_per_leader: u64,
}
