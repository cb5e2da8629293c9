//! The public facts beside the model: certificates, blocks and package ids.
//!
//! Read from `public/` and the lock by [`crate::directory`]; never a private key. PEM texts are kept as they lie on disk,
//! because digests of these bytes stand in charts and are compared in clusters.

use std::collections::BTreeMap;

/// Everything public that a build needs, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Material {
    /// By organization name.
    pub organizations: BTreeMap<String, OrganizationMaterial>,
    /// Channels that begin with a block 0 of their own, by name.
    pub channels: BTreeMap<String, FrozenChannel>,
    /// System channels by name.
    pub system_channels: BTreeMap<String, FrozenChannel>,
    /// What makes the channels that are made from a system channel, by name.
    pub creations: BTreeMap<String, Creation>,
    /// What has changed the configurations of channels that begin with a block 0, by name and in order.
    pub updates: BTreeMap<String, Vec<ChannelUpdate>>,
    /// By chaincode name, then sequence: the current one and, while it is kept, the one before.
    pub packages: BTreeMap<String, BTreeMap<u64, ChaincodePackage>>,
}

/// Certificates of one organization, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationMaterial {
    /// Root of signing identities.
    pub ca: String,
    /// Root of TLS certificates.
    pub tls_ca: String,
    /// Root above the authority of the Fabric CA server; only where that has one of its own.
    pub enrollment_ca: Option<String>,
    /// Authority of the Fabric CA server below the root of enrolment; only where it has one of its own.
    pub intermediate_ca: Option<String>,
    /// TLS certificate of the Fabric CA server; only where the organization has one.
    pub ca_server_tls: Option<String>,
    /// The administrator's signing certificate.
    pub admin: String,
    /// No organizational unit says who is what: the administrator is known by this certificate.
    pub named_admin: bool,
    /// By node name.
    pub nodes: BTreeMap<String, NodeMaterial>,
}

/// Certificates of one node, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeMaterial {
    /// Signing certificate.
    pub sign: String,
    /// TLS certificate.
    pub tls: String,
    /// DNS names in the TLS certificate.
    pub tls_names: Vec<String>,
}

/// A channel's genesis block, frozen at the first build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenChannel {
    /// Block 0 as bytes, also `public/channels/<channel>/genesis.block`.
    pub genesis: Vec<u8>,
    /// Lower-case hex SHA-256 of these bytes.
    pub genesis_sha256: String,
}

/// How a channel is made from a system channel. Orderers make its block 0, so nobody knows that before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// The unsigned transaction, also `public/channels/<channel>/create.tx`.
    pub transaction: Vec<u8>,
    /// Lower-case hex SHA-256 of these bytes.
    pub sha256: String,
    /// Bytes that every right block 0 contains: what it was made by, and the roots of those who order.
    pub marks: Vec<Vec<u8>>,
    /// First updates of members with anchors, by name of the organization.
    pub anchors: BTreeMap<String, AnchorUpdate>,
}

/// The update by which a member names its anchor peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorUpdate {
    /// The unsigned transaction.
    pub transaction: Vec<u8>,
    /// Bytes that a block of the configuration contains when this is done.
    pub mark: Vec<u8>,
}

/// An update by which organizations join a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelUpdate {
    /// The first one is 1.
    pub number: u64,
    /// Names of the organizations that join.
    pub adds: Vec<String>,
    /// Names of those who were members before.
    pub members: Vec<String>,
    /// Lower-case hex SHA-256 of the unsigned transaction, `public/channels/<channel>/update-<number>.pb`.
    pub sha256: String,
    /// The same of the signatures, by name of the member.
    pub signatures: BTreeMap<String, String>,
    /// The transaction with these signatures, a majority of the members before.
    pub transaction: Vec<u8>,
    /// Bytes that a block of the configuration contains when this is done.
    pub mark: Vec<u8>,
}

/// A chaincode package, computed from its name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChaincodePackage {
    /// `<label>:<sha256>`.
    pub id: String,
    /// The label, `<chaincode>-<sequence>`.
    pub label: String,
    /// The package, gzip; empty for the sequence before of a chaincode with indexes, whose id alone is still needed.
    pub bytes: Vec<u8>,
    /// Lower-case hex SHA-256 over its indexes, if it has any.
    pub indexes_sha256: Option<String>,
}
