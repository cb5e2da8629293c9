//! A channel's first block, as `configtxgen` makes it and reproducible.

use std::collections::BTreeMap;

use prost::Message;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::configuration::{
    ApplicationOrganization, BatchLimits, Capabilities, Consensus, OrdererOrganization,
    RaftConsenter, RaftOptions,
};
use super::{check, messages as wire, policies};
use crate::msp::Msp;
use crate::policy::PrincipalRole;
use crate::{Error, hex};

/// Who may change each part: the administrators of the group that it stands in.
const MODIFIED_BY: &str = "Admins";
/// `common.HeaderType.CONFIG`.
pub(super) const CONFIGURATION: i32 = 1;
/// Version of the channel header.
const HEADER_VERSION: i32 = 1;
/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;
/// `BlockDataHashingStructure`: one flat hash.
const FLAT_HASH: u32 = u32::MAX;
/// Entries of a block's metadata; the first holds signatures.
const METADATA_ENTRIES: usize = 5;

/// Everything that a genesis block says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelGenesis {
    /// Name of the channel: `[a-z][a-z0-9.-]*`.
    pub channel: String,
    /// What every member has to be able to do.
    pub capabilities: Capabilities,
    /// When a block is cut.
    pub batch: BatchLimits,
    /// How orderers agree.
    pub consensus: Consensus,
    /// Organizations that run orderers.
    pub orderers: Vec<OrdererOrganization>,
    /// Organizations that run peers; one may be among the orderers, too, with the same MSP.
    pub applications: Vec<ApplicationOrganization>,
    /// Time of the block, in seconds; part of the bytes, so it comes from something that does not move.
    pub timestamp: OffsetDateTime,
}

impl ChannelGenesis {
    /// All faults of these inputs; empty if a block can be made.
    pub fn check(&self) -> Vec<super::GenesisFault> {
        check::faults(self)
    }

    /// Block 0 as bytes: what `configtxgen -outputBlock` writes.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let faults = self.check();
        if !faults.is_empty() {
            return Err(Error::Genesis { channel: self.channel.clone(), faults });
        }
        let config = wire::Config { sequence: 0, channel_group: Some(self.channel_group()) };
        let configuration = wire::ConfigEnvelope { config: Some(config), last_update: None };
        Ok(self.block(&configuration.encode_to_vec()).encode_to_vec())
    }

    fn block(&self, configuration: &[u8]) -> wire::Block {
        let nonce = Sha256::digest(configuration).iter().copied().take(NONCE_BYTES).collect();
        let signature_header = wire::SignatureHeader { creator: Vec::new(), nonce };
        let channel_header = wire::ChannelHeader {
            r#type: CONFIGURATION,
            version: HEADER_VERSION,
            timestamp: Some(wire::Timestamp { seconds: self.timestamp.unix_timestamp(), nanos: 0 }),
            channel_id: self.channel.clone(),
            tx_id: transaction_id(&signature_header),
            epoch: 0,
        };
        let header = wire::Header {
            channel_header: channel_header.encode_to_vec(),
            signature_header: signature_header.encode_to_vec(),
        };
        let payload = wire::Payload { header: Some(header), data: configuration.to_vec() };
        let envelope = wire::Envelope { payload: payload.encode_to_vec(), signature: Vec::new() };
        let data = wire::BlockData { data: vec![envelope.encode_to_vec()] };
        wire::Block {
            header: Some(wire::BlockHeader {
                number: 0,
                previous_hash: Vec::new(),
                data_hash: data_hash(&data),
            }),
            data: Some(data),
            metadata: Some(metadata()),
        }
    }

    fn channel_group(&self) -> wire::ConfigGroup {
        let algorithm = wire::HashingAlgorithm { name: "SHA256".to_owned() };
        let structure = wire::BlockDataHashingStructure { width: FLAT_HASH };
        let mut values = BTreeMap::from([
            ("HashingAlgorithm".to_owned(), value(&algorithm)),
            ("BlockDataHashingStructure".to_owned(), value(&structure)),
        ]);
        add_capabilities(&mut values, &self.capabilities.channel);
        let groups = BTreeMap::from([
            ("Application".to_owned(), self.application_group()),
            ("Orderer".to_owned(), self.orderer_group()),
        ]);
        group(groups, values, policies::of_group())
    }

    fn orderer_group(&self) -> wire::ConfigGroup {
        let size = wire::BatchSize {
            max_message_count: self.batch.max_messages,
            absolute_max_bytes: self.batch.absolute_max_bytes,
            preferred_max_bytes: self.batch.preferred_max_bytes,
        };
        let timeout = wire::BatchTimeout { timeout: self.batch.timeout.clone() };
        let mut values = BTreeMap::from([
            ("BatchSize".to_owned(), value(&size)),
            ("BatchTimeout".to_owned(), value(&timeout)),
            // No limit: an empty message, but the key has to be there.
            ("ChannelRestrictions".to_owned(), encoded(Vec::new())),
            ("ConsensusType".to_owned(), value(&consensus_type(&self.consensus))),
        ]);
        add_capabilities(&mut values, &self.capabilities.orderer);
        let organizations = self
            .orderers
            .iter()
            .map(|organization| (organization.name.clone(), orderer_organization(organization)))
            .collect();
        group(organizations, values, policies::of_orderers())
    }

    fn application_group(&self) -> wire::ConfigGroup {
        let mut values = BTreeMap::new();
        add_capabilities(&mut values, &self.capabilities.application);
        let organizations = self
            .applications
            .iter()
            .map(|organization| (organization.name.clone(), application_organization(organization)))
            .collect();
        group(organizations, values, policies::of_applications())
    }
}

/// SHA-256 over the concatenated entries, which an orderer computes again.
pub(super) fn data_hash(data: &wire::BlockData) -> Vec<u8> {
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

fn orderer_organization(organization: &OrdererOrganization) -> wire::ConfigGroup {
    let endpoints = wire::OrdererAddresses { addresses: organization.endpoints.clone() };
    let values = BTreeMap::from([
        ("MSP".to_owned(), msp(&organization.msp)),
        ("Endpoints".to_owned(), value(&endpoints)),
    ]);
    let members = [PrincipalRole::Member];
    let policies = policies::of_organization(&organization.msp.id, &members, &members, None);
    group(BTreeMap::new(), values, policies)
}

fn application_organization(organization: &ApplicationOrganization) -> wire::ConfigGroup {
    let mut values = BTreeMap::from([("MSP".to_owned(), msp(&organization.msp))]);
    if !organization.anchors.is_empty() {
        let anchor_peers = organization
            .anchors
            .iter()
            .map(|anchor| wire::AnchorPeerMessage {
                host: anchor.host.clone(),
                port: i32::from(anchor.port),
            })
            .collect();
        values.insert("AnchorPeers".to_owned(), value(&wire::AnchorPeers { anchor_peers }));
    }
    let policies = policies::of_organization(
        &organization.msp.id,
        &[PrincipalRole::Admin, PrincipalRole::Peer, PrincipalRole::Client],
        &[PrincipalRole::Admin, PrincipalRole::Client],
        Some(PrincipalRole::Peer),
    );
    group(BTreeMap::new(), values, policies)
}

fn consensus_type(consensus: &Consensus) -> wire::ConsensusType {
    match consensus {
        Consensus::Etcdraft { consenters, options } => wire::ConsensusType {
            r#type: "etcdraft".to_owned(),
            metadata: raft_metadata(consenters, options).encode_to_vec(),
            state: 0,
        },
    }
}

fn raft_metadata(consenters: &[RaftConsenter], options: &RaftOptions) -> wire::RaftMetadata {
    let consenters = consenters
        .iter()
        .map(|consenter| wire::RaftConsenterMessage {
            host: consenter.host.clone(),
            port: u32::from(consenter.port),
            client_tls_cert: consenter.client_tls.clone().into_bytes(),
            server_tls_cert: consenter.server_tls.clone().into_bytes(),
        })
        .collect();
    let options = wire::RaftOptionsMessage {
        tick_interval: options.tick_interval.clone(),
        election_tick: options.election_tick,
        heartbeat_tick: options.heartbeat_tick,
        max_inflight_blocks: options.max_inflight_blocks,
        snapshot_interval_size: options.snapshot_interval_size,
    };
    wire::RaftMetadata { consenters, options: Some(options) }
}

fn add_capabilities(values: &mut BTreeMap<String, wire::ConfigValue>, name: &str) {
    if !name.is_empty() {
        let capability = Some(wire::Capability {});
        let entries = vec![wire::CapabilityEntry { name: name.to_owned(), capability }];
        values.insert("Capabilities".to_owned(), value(&wire::Capabilities { entries }));
    }
}

fn msp(msp: &Msp) -> wire::ConfigValue {
    encoded(msp.encode())
}

fn value(message: &impl Message) -> wire::ConfigValue {
    encoded(message.encode_to_vec())
}

fn encoded(value: Vec<u8>) -> wire::ConfigValue {
    wire::ConfigValue { version: 0, value, mod_policy: MODIFIED_BY.to_owned() }
}

fn group(
    groups: BTreeMap<String, wire::ConfigGroup>,
    values: BTreeMap<String, wire::ConfigValue>,
    policies: BTreeMap<String, wire::Policy>,
) -> wire::ConfigGroup {
    let policies = policies
        .into_iter()
        .map(|(name, policy)| {
            let mod_policy = MODIFIED_BY.to_owned();
            (name, wire::ConfigPolicy { version: 0, policy: Some(policy), mod_policy })
        })
        .collect();
    wire::ConfigGroup { version: 0, groups, values, policies, mod_policy: MODIFIED_BY.to_owned() }
}
