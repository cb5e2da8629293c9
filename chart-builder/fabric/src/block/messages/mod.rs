//! The protobuf messages of a channel's configuration, declared by hand from Fabric's published definitions.
//!
//! Maps are ordered, so the bytes are a function of the content. Fields that a network made here never uses are declared
//! where a configuration made elsewhere may carry them, so that reading and writing it again keeps them.

mod block;
mod configuration;
mod msp;
mod values;

pub(crate) use block::{
    Block, BlockData, BlockHeader, BlockMetadata, ChannelHeader, Envelope, Header, LastConfig,
    Metadata, OrdererBlockMetadata, Payload, SignatureHeader, Timestamp,
};
pub(crate) use configuration::{
    Config, ConfigEnvelope, ConfigGroup, ConfigPolicy, ConfigSignature, ConfigUpdate,
    ConfigUpdateEnvelope, ConfigValue, GroupEntry, ImplicitMetaPolicy, MspPrincipal, MspRole,
    OutOf, Policy, PolicyEntry, SignaturePolicy, SignaturePolicyEnvelope, SignatureRule,
    ValueEntry,
};
pub(crate) use msp::{
    FabricCryptoConfig, FabricMspConfig, FabricNodeOus, FabricOuIdentifier, MspConfig,
    SerializedIdentity,
};
pub(crate) use values::{
    AnchorPeerMessage, AnchorPeers, BatchSize, BatchTimeout, BftConsenterMessage,
    BftOptionsMessage, BlockDataHashingStructure, Capabilities, Capability, CapabilityEntry,
    ConsensusType, ConsortiumName, HashingAlgorithm, KafkaBrokers, OrdererAddresses, Orderers,
    RaftConsenterMessage, RaftMetadata, RaftOptionsMessage,
};
