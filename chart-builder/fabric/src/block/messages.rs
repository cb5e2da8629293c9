//! The protobuf messages of a channel's configuration, declared by hand from Fabric's published definitions.
//!
//! Maps are ordered, so the bytes are a function of the content. Fields that a network made here never uses are declared
//! where a configuration made elsewhere may carry them, so that reading and writing it again keeps them.

#![expect(clippy::too_many_arguments, reason = "the derive for a oneof writes such a function")]

use std::collections::BTreeMap;

use prost::{Message, Oneof};

/// `common.Block`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Block {
    #[prost(message, optional, tag = "1")]
    pub(crate) header: Option<BlockHeader>,
    #[prost(message, optional, tag = "2")]
    pub(crate) data: Option<BlockData>,
    #[prost(message, optional, tag = "3")]
    pub(crate) metadata: Option<BlockMetadata>,
}

/// `common.BlockHeader`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct BlockHeader {
    #[prost(uint64, tag = "1")]
    pub(crate) number: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) previous_hash: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    pub(crate) data_hash: Vec<u8>,
}

/// `common.BlockData`: encoded envelopes.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct BlockData {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(crate) data: Vec<Vec<u8>>,
}

/// `common.BlockMetadata`: five entries by position.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct BlockMetadata {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(crate) metadata: Vec<Vec<u8>>,
}

/// `common.Metadata` without signatures.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Metadata {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) value: Vec<u8>,
}

/// `common.OrdererBlockMetadata`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct OrdererBlockMetadata {
    #[prost(message, optional, tag = "1")]
    pub(crate) last_config: Option<LastConfig>,
}

/// `common.LastConfig`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub(crate) struct LastConfig {
    #[prost(uint64, tag = "1")]
    pub(crate) index: u64,
}

/// `common.Envelope`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Envelope {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) payload: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) signature: Vec<u8>,
}

/// `common.Payload`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Payload {
    #[prost(message, optional, tag = "1")]
    pub(crate) header: Option<Header>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) data: Vec<u8>,
}

/// `common.Header`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Header {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) channel_header: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) signature_header: Vec<u8>,
}

/// `common.ChannelHeader`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ChannelHeader {
    #[prost(int32, tag = "1")]
    pub(crate) r#type: i32,
    #[prost(int32, tag = "2")]
    pub(crate) version: i32,
    #[prost(message, optional, tag = "3")]
    pub(crate) timestamp: Option<Timestamp>,
    #[prost(string, tag = "4")]
    pub(crate) channel_id: String,
    #[prost(string, tag = "5")]
    pub(crate) tx_id: String,
    #[prost(uint64, tag = "6")]
    pub(crate) epoch: u64,
}

/// `google.protobuf.Timestamp`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub(crate) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(crate) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(crate) nanos: i32,
}

/// `common.SignatureHeader`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct SignatureHeader {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) creator: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) nonce: Vec<u8>,
}

/// `common.ConfigEnvelope`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ConfigEnvelope {
    #[prost(message, optional, tag = "1")]
    pub(crate) config: Option<Config>,
    #[prost(message, optional, tag = "2")]
    pub(crate) last_update: Option<Envelope>,
}

/// `common.Config`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Config {
    #[prost(uint64, tag = "1")]
    pub(crate) sequence: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) channel_group: Option<ConfigGroup>,
}

/// `common.ConfigGroup`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ConfigGroup {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(btree_map = "string, message", tag = "2")]
    pub(crate) groups: BTreeMap<String, ConfigGroup>,
    #[prost(btree_map = "string, message", tag = "3")]
    pub(crate) values: BTreeMap<String, ConfigValue>,
    #[prost(btree_map = "string, message", tag = "4")]
    pub(crate) policies: BTreeMap<String, ConfigPolicy>,
    #[prost(string, tag = "5")]
    pub(crate) mod_policy: String,
}

/// `common.ConfigValue`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ConfigValue {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(crate) mod_policy: String,
}

/// `common.ConfigPolicy`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ConfigPolicy {
    #[prost(uint64, tag = "1")]
    pub(crate) version: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) policy: Option<Policy>,
    #[prost(string, tag = "3")]
    pub(crate) mod_policy: String,
}

/// `common.Policy`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Policy {
    #[prost(int32, tag = "1")]
    pub(crate) r#type: i32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
}

/// `common.ImplicitMetaPolicy`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ImplicitMetaPolicy {
    #[prost(string, tag = "1")]
    pub(crate) sub_policy: String,
    #[prost(int32, tag = "2")]
    pub(crate) rule: i32,
}

/// `common.SignaturePolicyEnvelope`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SignaturePolicyEnvelope {
    #[prost(int32, tag = "1")]
    pub(crate) version: i32,
    #[prost(message, optional, tag = "2")]
    pub(crate) rule: Option<SignaturePolicy>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) identities: Vec<MspPrincipal>,
}

/// `common.SignaturePolicy`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SignaturePolicy {
    #[prost(oneof = "SignatureRule", tags = "1, 2")]
    pub(crate) rule: Option<SignatureRule>,
}

/// The two kinds of `common.SignaturePolicy`.
#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum SignatureRule {
    #[prost(int32, tag = "1")]
    SignedBy(i32),
    #[prost(message, tag = "2")]
    OutOf(OutOf),
}

/// `common.SignaturePolicy.NOutOf`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct OutOf {
    #[prost(int32, tag = "1")]
    pub(crate) n: i32,
    #[prost(message, repeated, tag = "2")]
    pub(crate) rules: Vec<SignaturePolicy>,
}

/// `common.MSPPrincipal`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct MspPrincipal {
    #[prost(int32, tag = "1")]
    pub(crate) principal_classification: i32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) principal: Vec<u8>,
}

/// `common.MSPRole`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct MspRole {
    #[prost(string, tag = "1")]
    pub(crate) msp_identifier: String,
    #[prost(int32, tag = "2")]
    pub(crate) role: i32,
}

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

/// `msp.MSPConfig`; type 0 is Fabric's own kind.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct MspConfig {
    #[prost(int32, tag = "1")]
    pub(crate) r#type: i32,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) config: Vec<u8>,
}

/// `msp.FabricMSPConfig`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct FabricMspConfig {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) root_certs: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub(crate) intermediate_certs: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "4")]
    pub(crate) admins: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "5")]
    pub(crate) revocation_list: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "7")]
    pub(crate) organizational_unit_identifiers: Vec<FabricOuIdentifier>,
    #[prost(message, optional, tag = "8")]
    pub(crate) crypto_config: Option<FabricCryptoConfig>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub(crate) tls_root_certs: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "10")]
    pub(crate) tls_intermediate_certs: Vec<Vec<u8>>,
    #[prost(message, optional, tag = "11")]
    pub(crate) fabric_node_ous: Option<FabricNodeOus>,
}

/// `msp.FabricCryptoConfig`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct FabricCryptoConfig {
    #[prost(string, tag = "1")]
    pub(crate) signature_hash_family: String,
    #[prost(string, tag = "2")]
    pub(crate) identity_identifier_hash_function: String,
}

/// `msp.FabricOUIdentifier`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct FabricOuIdentifier {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) certificate: Vec<u8>,
    #[prost(string, tag = "2")]
    pub(crate) organizational_unit_identifier: String,
}

/// `msp.FabricNodeOUs`.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct FabricNodeOus {
    #[prost(bool, tag = "1")]
    pub(crate) enable: bool,
    #[prost(message, optional, tag = "2")]
    pub(crate) client_ou_identifier: Option<FabricOuIdentifier>,
    #[prost(message, optional, tag = "3")]
    pub(crate) peer_ou_identifier: Option<FabricOuIdentifier>,
    #[prost(message, optional, tag = "4")]
    pub(crate) admin_ou_identifier: Option<FabricOuIdentifier>,
    #[prost(message, optional, tag = "5")]
    pub(crate) orderer_ou_identifier: Option<FabricOuIdentifier>,
}

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
