//! Organizations and their nodes.

use super::{CertificateAuthority, External, StateDatabase};

/// An owner of nodes: one MSP, one namespace. It may own peers and orderers at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Name as written, for example `Org1`; also its group in channel configurations.
    pub name: String,
    /// MSP id, for example `Org1MSP`.
    pub msp_id: String,
    /// Namespace of all of its objects, prefix included, for example `org1`.
    pub namespace: String,
    /// Name of its directory in a tree `crypto-config`, for example `org1` or `org1.example.com`.
    pub domain: String,
    /// What stands behind the names of its nodes in their hosts: its namespace, or its domain with host aliases.
    pub host_domain: String,
    /// How its peers run chaincodes.
    pub chaincode_mode: super::ChaincodeMode,
    /// Peers by index; a removed peer leaves a gap.
    pub peers: Vec<Peer>,
    /// Orderers by index.
    pub orderers: Vec<Orderer>,
    /// Its Fabric CA server, if it has one.
    pub ca: Option<CertificateAuthority>,
    /// It has a pod for commands that people type.
    pub cli: bool,
    /// Where its nodes are, if they are not built here: then it has none.
    pub external: Option<External>,
}

/// A peer: one `StatefulSet`, one Service, one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// `peer<index>`, the name of `StatefulSet` and Service.
    pub name: String,
    /// Never reused within an organization.
    pub index: u32,
    /// Where its ledger lives.
    pub storage: Storage,
    /// Requests and limits.
    pub resources: Resources,
    /// `host:port` of a peer of the same organization, frozen at the first build.
    pub gossip_bootstrap: String,
    /// Where the state of its channels lives; frozen.
    pub state_database: StateDatabase,
}

/// An orderer: one `StatefulSet`, one Service, one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orderer {
    /// `orderer<index>`, the name of `StatefulSet` and Service.
    pub name: String,
    /// Never reused within an organization.
    pub index: u32,
    /// Where its ledger lives, and its logs unless they have volumes of their own.
    pub storage: Storage,
    /// Volumes of its logs.
    pub logs: super::Logs,
    /// Requests and limits.
    pub resources: Resources,
}

/// Where a node keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// A claim that the chart makes and keeps; no class means the cluster's default.
    Claim {
        /// Name of the claim, frozen.
        claim: String,
        /// `StorageClass`, if the topology names one.
        class: Option<String>,
        /// Kubernetes quantity; may grow.
        size: String,
    },
    /// A directory that somebody else made, behind a volume and a claim that the charts make for it alone.
    Directory {
        /// Name of the claim, frozen.
        claim: String,
        /// The directory, frozen.
        directory: super::Directory,
        /// Kubernetes quantity; enforced by nobody, frozen.
        size: String,
    },
    /// A claim that somebody else made.
    ExistingClaim {
        /// Name of the claim in the organization's namespace.
        claim: String,
    },
    /// Lost with the pod: development only.
    EmptyDir,
}

/// Requests and limits of a container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resources {
    /// What the scheduler reserves.
    pub requests: Quantities,
    /// What the kernel enforces.
    pub limits: Quantities,
}

/// Kubernetes quantities as text, for example `500m` and `1Gi`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quantities {
    /// Processor time.
    pub cpu: Option<String>,
    /// Memory.
    pub memory: Option<String>,
}

/// When the kubelet pulls an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPolicy {
    /// Unless it is on the node.
    IfNotPresent,
    /// At every start.
    Always,
    /// Never: the image has to be on the node.
    Never,
}

/// Capability names for the three groups of a channel configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// `/Channel`, for example `V2_0`.
    pub channel: String,
    /// `/Channel/Orderer`.
    pub orderer: String,
    /// `/Channel/Application`, for example `V2_5`.
    pub application: String,
}

impl Peer {
    /// Its state database is a `CouchDB` in its pod.
    pub fn has_couchdb(&self) -> bool {
        self.state_database != StateDatabase::LevelDb
    }
}

impl Organization {
    /// The peer of this name.
    pub fn peer(&self, name: &str) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.name == name)
    }

    /// The orderer of this name.
    pub fn orderer(&self, name: &str) -> Option<&Orderer> {
        self.orderers.iter().find(|orderer| orderer.name == name)
    }
}
