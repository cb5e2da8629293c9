//! The outer messages: block, envelope, headers.

use prost::Message;

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
