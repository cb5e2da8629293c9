//! Reading what `configtxgen` wrote and writing it again gives the same block, policies included.
//!
//! The blocks in `tests/golden` were made by `configtxgen` of the version in their name, see `tests/suite/configtxgen.rs`.

use prost::Message as _;

use super::{Block, ChannelGenesis, ConfigTree, messages as wire};

const GOLDENS: [(&str, &[u8]); 2] = [
    ("2.5.16", include_bytes!("../../tests/golden/configtxgen-2.5.16.block")),
    ("3.1.5", include_bytes!("../../tests/golden/configtxgen-3.1.5.block")),
];

#[test]
fn rewriting_a_block_of_configtxgen_changes_only_nonce_time_and_hashes() {
    for (version, golden) in GOLDENS {
        let read = Block::read(golden).unwrap();
        let configuration = read.configuration;
        let genesis = ChannelGenesis {
            channel: read.channel,
            capabilities: configuration.capabilities,
            batch: configuration.batch,
            consensus: configuration.consensus,
            orderers: configuration.orderers,
            applications: configuration.applications,
            timestamp: read.timestamp,
        };
        let ours = genesis.encode().unwrap();
        assert_eq!(ours.len(), golden.len(), "{version}");
        assert_eq!(Content::of(&ours), Content::of(golden), "{version}");
    }
}

/// A block without nonce, transaction id, time and data hash.
#[derive(Debug, PartialEq)]
struct Content {
    number: u64,
    metadata: Option<wire::BlockMetadata>,
    channel_header: wire::ChannelHeader,
    creator: Vec<u8>,
    signature: Vec<u8>,
    configuration: ConfigTree,
}

impl Content {
    fn of(bytes: &[u8]) -> Self {
        let block = wire::Block::decode(bytes).unwrap();
        let data = block.data.unwrap();
        let envelope = wire::Envelope::decode(data.data[0].as_slice()).unwrap();
        let payload = wire::Payload::decode(envelope.payload.as_slice()).unwrap();
        let header = payload.header.unwrap();
        let mut channel_header =
            wire::ChannelHeader::decode(header.channel_header.as_slice()).unwrap();
        channel_header.timestamp = None;
        channel_header.tx_id.clear();
        let signature_header =
            wire::SignatureHeader::decode(header.signature_header.as_slice()).unwrap();
        Self {
            number: block.header.unwrap().number,
            metadata: block.metadata,
            channel_header,
            creator: signature_header.creator,
            signature: envelope.signature,
            configuration: ConfigTree::of_block(bytes).unwrap(),
        }
    }
}
