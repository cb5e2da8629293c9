//! What surrounds a configuration: blocks, envelopes, headers, and their hashes.

use prost::Message;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::messages as wire;
use super::tree::ConfigTree;
use crate::{Error, hex};

/// `common.HeaderType.CONFIG`.
const CONFIGURATION: i32 = 1;
/// `common.HeaderType.CONFIG_UPDATE`.
const CONFIGURATION_UPDATE: i32 = 2;
/// Version of the channel header in a genesis block.
const GENESIS_HEADER_VERSION: i32 = 1;
/// Version of the channel header in an update.
const UPDATE_HEADER_VERSION: i32 = 0;
/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;
/// Entries of a block's metadata; the first holds signatures.
const METADATA_ENTRIES: usize = 5;

/// What a configuration block holds, hash checked.
pub(super) struct Opened {
    pub(super) number: u64,
    pub(super) channel: String,
    pub(super) timestamp: OffsetDateTime,
    /// The encoded `common.ConfigEnvelope`.
    pub(super) configuration: Vec<u8>,
}

/// Block 0 around this configuration; the nonce is a hash of it.
pub(super) fn genesis_block(
    channel: &str,
    timestamp: OffsetDateTime,
    tree: &ConfigTree,
) -> Vec<u8> {
    let configuration = wire::ConfigEnvelope { config: Some(tree.to_wire()), last_update: None };
    let configuration = configuration.encode_to_vec();
    let nonce = Sha256::digest(&configuration).iter().copied().take(NONCE_BYTES).collect();
    let signature_header = wire::SignatureHeader { creator: Vec::new(), nonce };
    let channel_header = wire::ChannelHeader {
        tx_id: transaction_id(&signature_header),
        ..channel_header(CONFIGURATION, GENESIS_HEADER_VERSION, (channel, timestamp))
    };
    let data = wire::BlockData {
        data: vec![envelope(&channel_header, &signature_header, configuration).encode_to_vec()],
    };
    let block = wire::Block {
        header: Some(wire::BlockHeader {
            number: 0,
            previous_hash: Vec::new(),
            data_hash: data_hash(&data),
        }),
        data: Some(data),
        metadata: Some(metadata()),
    };
    block.encode_to_vec()
}

/// An unsigned `CONFIG_UPDATE` transaction, as `configtxgen` writes it: no creator, no nonce, no transaction id.
pub(super) fn update_transaction(
    channel: &str,
    timestamp: OffsetDateTime,
    update: &wire::ConfigUpdate,
) -> Vec<u8> {
    let header = channel_header(CONFIGURATION_UPDATE, UPDATE_HEADER_VERSION, (channel, timestamp));
    let config_update = update.encode_to_vec();
    let update = wire::ConfigUpdateEnvelope { config_update, signatures: Vec::new() };
    let signature_header = wire::SignatureHeader::default();
    envelope(&header, &signature_header, update.encode_to_vec()).encode_to_vec()
}

/// Opens a block that holds a configuration and checks its data hash.
pub(super) fn open(bytes: &[u8]) -> Result<Opened, Error> {
    let block: wire::Block = decode("block", bytes)?;
    let header = present("header", block.header)?;
    let data = present("data", block.data)?;
    if header.data_hash != data_hash(&data) {
        return Err(fault("header", "the data hash does not belong to the data"));
    }
    let [envelope] = data.data.as_slice() else {
        return Err(fault("data", "a configuration block holds exactly one envelope"));
    };
    let envelope: wire::Envelope = decode("envelope", envelope)?;
    let payload: wire::Payload = decode("payload", &envelope.payload)?;
    let payload_header = present("payload header", payload.header)?;
    let channel: wire::ChannelHeader = decode("channel header", &payload_header.channel_header)?;
    if channel.r#type != CONFIGURATION {
        return Err(fault("channel header", "the block holds no configuration"));
    }
    let timestamp = present("timestamp", channel.timestamp)?;
    Ok(Opened {
        number: header.number,
        channel: channel.channel_id,
        timestamp: OffsetDateTime::from_unix_timestamp(timestamp.seconds)
            .map_err(|error| fault("timestamp", &error.to_string()))?,
        configuration: payload.data,
    })
}

/// Decodes a message; the part names it in an error.
pub(super) fn decode<M: Message + Default>(part: &str, bytes: &[u8]) -> Result<M, Error> {
    M::decode(bytes).map_err(|error| fault(part, &error.to_string()))
}

pub(super) fn present<T>(part: &str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| fault(part, "it is missing"))
}

pub(super) fn fault(part: &str, reason: &str) -> Error {
    Error::Block { part: part.to_owned(), reason: reason.to_owned() }
}

fn channel_header(
    kind: i32,
    version: i32,
    (channel, timestamp): (&str, OffsetDateTime),
) -> wire::ChannelHeader {
    wire::ChannelHeader {
        r#type: kind,
        version,
        timestamp: Some(wire::Timestamp { seconds: timestamp.unix_timestamp(), nanos: 0 }),
        channel_id: channel.to_owned(),
        tx_id: String::new(),
        epoch: 0,
    }
}

fn envelope(
    channel_header: &wire::ChannelHeader,
    signature_header: &wire::SignatureHeader,
    data: Vec<u8>,
) -> wire::Envelope {
    let header = wire::Header {
        channel_header: channel_header.encode_to_vec(),
        signature_header: signature_header.encode_to_vec(),
    };
    let payload = wire::Payload { header: Some(header), data };
    wire::Envelope { payload: payload.encode_to_vec(), signature: Vec::new() }
}

/// SHA-256 over the concatenated entries, which an orderer computes again.
fn data_hash(data: &wire::BlockData) -> Vec<u8> {
    let mut hash = Sha256::new();
    for entry in &data.data {
        hash.update(entry);
    }
    hash.finalize().to_vec()
}

fn transaction_id(header: &wire::SignatureHeader) -> String {
    let mut hash = Sha256::new();
    hash.update(&header.nonce);
    hash.update(&header.creator);
    hex::lower(&hash.finalize())
}

fn metadata() -> wire::BlockMetadata {
    let last = wire::OrdererBlockMetadata { last_config: Some(wire::LastConfig { index: 0 }) };
    let mut metadata = vec![wire::Metadata { value: last.encode_to_vec() }.encode_to_vec()];
    metadata.resize(METADATA_ENTRIES, Vec::new());
    wire::BlockMetadata { metadata }
}
