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
    /// By channel name.
    pub channels: BTreeMap<String, FrozenChannel>,
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
    /// Root of orderer administration clients; only where the organization has orderers.
    pub orderer_admin_ca: Option<String>,
    /// The administrator's signing certificate.
    pub admin: String,
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
}

/// A channel's genesis block, frozen at the first build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenChannel {
    /// Block 0 as bytes, also `public/channels/<channel>/genesis.block`.
    pub genesis: Vec<u8>,
    /// Lower-case hex SHA-256 of these bytes.
    pub genesis_sha256: String,
}

/// A chaincode package, computed from its name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChaincodePackage {
    /// `<label>:<sha256>`.
    pub id: String,
    /// The label, `<chaincode>-<sequence>`.
    pub label: String,
    /// The package, gzip.
    pub bytes: Vec<u8>,
}
