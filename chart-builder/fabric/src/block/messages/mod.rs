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
    Config, ConfigEnvelope, ConfigGroup, ConfigPolicy, ConfigValue, ImplicitMetaPolicy,
    MspPrincipal, MspRole, OutOf, Policy, SignaturePolicy, SignaturePolicyEnvelope, SignatureRule,
};
pub(crate) use msp::{
    FabricCryptoConfig, FabricMspConfig, FabricNodeOus, FabricOuIdentifier, MspConfig,
};
pub(crate) use values::{
    AnchorPeerMessage, AnchorPeers, BatchSize, BatchTimeout, BlockDataHashingStructure,
    Capabilities, Capability, CapabilityEntry, ConsensusType, HashingAlgorithm, OrdererAddresses,
    RaftConsenterMessage, RaftMetadata, RaftOptionsMessage,
};
