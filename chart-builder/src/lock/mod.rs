//! Everything about a network that must never change by itself: `network.lock`.
//!
//! The builder writes it, people read it in reviews and commit it. Frozen facts only grow: a build adds what is new and
//! changes nothing that is there, except where a fact is meant to move on (a chaincode's sequence, a volume's size, a
//! pin that `--update-charts` renews). This module holds the facts and their file; [`crate::freeze`] decides what is
//! added, [`crate::rules`] refuse a topology that contradicts them.

mod collections;
mod consensus;
mod diff;
mod kafka;
mod read;
mod shape;
mod write;

use std::collections::BTreeMap;
use std::net::IpAddr;

pub use diff::diff;
pub use kafka::{LockedKafka, LockedKafkaNode};
pub use read::{LockError, read};
pub use write::write;

use crate::model::{
    BatchLimits, Capabilities, Collection, Consensus, Image, Layout, Logs, NamespaceMode,
    PreviousChaincode, Storage, Transport, names,
};

/// What is frozen. The default freezes nothing: a network that was never built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    /// The network itself; `None` before the first build.
    pub network: Option<LockedNetwork>,
    /// By name of the organization.
    pub organizations: BTreeMap<String, LockedOrganization>,
    /// Fixed addresses by host, those of removed nodes too: none is given twice.
    pub addresses: BTreeMap<String, IpAddr>,
    /// The Kafka cluster; `None` for a network that never had one.
    pub kafka: Option<LockedKafka>,
    /// Channels of the orderers themselves, by name.
    pub system_channels: BTreeMap<String, LockedChannel>,
    /// By name of the channel.
    pub channels: BTreeMap<String, LockedChannel>,
    /// By name of the chaincode.
    pub chaincodes: BTreeMap<String, LockedChaincode>,
    /// Curated charts by name.
    pub charts: BTreeMap<String, LockedChart>,
}

/// Facts about the network as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedNetwork {
    /// Name of the network and its chart.
    pub name: String,
    /// How it is cut into releases.
    pub layout: Layout,
    /// How its namespaces are named.
    pub namespaces: NamespaceMode,
    /// Cluster domain in every TLS certificate.
    pub cluster_domain: String,
    /// Name of the umbrella's release, and its namespace.
    pub release: String,
    /// What nodes and clients speak.
    pub transport: Transport,
    /// Fabric's version line, for example `2.5`.
    pub fabric_line: String,
}

/// Facts about an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedOrganization {
    /// MSP id.
    pub msp_id: String,
    /// Namespace of all of its objects, prefix included.
    pub namespace: String,
    /// Name of the Helm release that holds its objects.
    pub release: String,
    /// It has, or had, peers.
    pub has_peers: bool,
    /// It has, or had, orderers.
    pub has_orderers: bool,
    /// Lower-case hex SHA-256 of `cacerts/ca.pem`.
    pub ca_sha256: String,
    /// Lower-case hex SHA-256 of `tlscacerts/tlsca.pem`.
    pub tls_ca_sha256: String,
    /// Lower-case hex SHA-256 of `intermediatecerts/ca.pem`; only with a Fabric CA server that has an authority of its own.
    pub intermediate_ca_sha256: Option<String>,
    /// Volume of the Fabric CA server, if there is or was one.
    pub ca_storage: Option<Storage>,
    /// Every node that ever was, by name: an index is never used twice.
    pub nodes: BTreeMap<String, LockedNode>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// A peer.
    Peer,
    /// An orderer.
    Orderer,
}

/// Facts about a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedNode {
    /// Peer or orderer.
    pub kind: NodeKind,
    /// Index within its organization and kind; never used again.
    pub index: u32,
    /// `<node>.<namespace>`.
    pub host: String,
    /// Claim, class and size; the size may grow.
    pub storage: Storage,
    /// `host:port` where a peer first looks for peers of its organization; `None` for orderers.
    pub gossip_bootstrap: Option<String>,
    /// Volume of a peer's `CouchDB`; `None` for orderers and where the state database is inside of the peer.
    pub couchdb: Option<Storage>,
    /// Volumes of an orderer's logs; they may grow.
    pub logs: Logs,
    /// The topology removed it. Its name and index stay taken.
    pub removed: bool,
}

/// A channel whose first configuration exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedChannel {
    /// The file that it begins with.
    pub origin: Origin,
    /// Sequence of the channel's configuration; 0 is the genesis block.
    pub sequence: u64,
    /// What has changed that configuration since, one after the other.
    pub updates: Vec<LockedUpdate>,
    /// What the configuration with all of them is made from.
    pub made_from: ChannelFacts,
}

/// An update of a channel's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedUpdate {
    /// Names of the organizations that join.
    pub adds: Vec<String>,
    /// Lower-case hex SHA-256 of `public/channels/<channel>/update-<number>.pb`.
    pub sha256: String,
    /// The same of the members' signatures that are packed with it, by name of the organization.
    pub signatures: BTreeMap<String, String>,
}

/// What a channel begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A block 0 that was made by a build.
    Genesis {
        /// Lower-case hex SHA-256 of `public/channels/<channel>/genesis.block`.
        sha256: String,
    },
    /// A transaction to a system channel, whose orderers make block 0 of it.
    Creation {
        /// Name of the system channel.
        system_channel: String,
        /// Lower-case hex SHA-256 of `public/channels/<channel>/create.tx`.
        sha256: String,
    },
}

/// What a channel's configuration was made from: enough to say which edit would change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelFacts {
    /// Application organizations in order.
    pub members: Vec<LockedMember>,
    /// Organizations that order, in the order of the topology.
    pub orderers: Vec<LockedOrdererOrganization>,
    /// How its orderers agree.
    pub consensus: Consensus,
    /// Its orderers.
    pub consenters: Vec<LockedConsenter>,
    /// How blocks are cut.
    pub batch: BatchLimits,
    /// Capability names.
    pub capabilities: Capabilities,
    /// Policies by path, for example `/Channel/Application/Endorsement` is `MAJORITY Endorsement`.
    pub policies: BTreeMap<String, String>,
}

/// An application organization of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedMember {
    /// Name of the organization; its roots are frozen there.
    pub organization: String,
    /// `host:port` of its anchor peers.
    pub anchors: Vec<String>,
}

/// An organization that orders on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedOrdererOrganization {
    /// Name of the organization; its roots are frozen there.
    pub organization: String,
    /// `host:port` where peers and clients reach its orderers.
    pub endpoints: Vec<String>,
}

/// An orderer of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedConsenter {
    /// Its number in the channel: raft ids start at 1 and are never reused.
    pub id: u64,
    /// Name of the organization.
    pub organization: String,
    /// Name of the orderer.
    pub orderer: String,
    /// `<node>.<namespace>`.
    pub host: String,
    /// Port of the orderer's gRPC listener.
    pub port: u16,
    /// Lower-case hex SHA-256 of its `tls.pem`, which stands in the configuration of etcdraft and BFT; `None` elsewhere.
    pub tls_sha256: Option<String>,
    /// The same of its `sign.pem`, which stands in the configuration of BFT; `None` elsewhere.
    pub sign_sha256: Option<String>,
}

/// The definition of a chaincode that was built last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedChaincode {
    /// Name of the channel.
    pub channel: String,
    /// Version text of the definition.
    pub version: String,
    /// Sequence of the definition; never lowered.
    pub sequence: u64,
    /// Signature policy as written, or `None` for the channel's own.
    pub endorsement: Option<String>,
    /// Label of the package.
    pub label: String,
    /// `<label>:<sha256>`.
    pub package_id: String,
    /// Lower-case hex SHA-256 over the indexes in the package, if it has any.
    pub indexes_sha256: Option<String>,
    /// Image of the server that was built last with this sequence.
    pub image: Image,
    /// Version of the network that brought this sequence: the one that keeps `previous` running.
    pub since: semver::Version,
    /// The sequence before, if there was one.
    pub previous: Option<LockedPrevious>,
    /// Private data collections, by name.
    pub collections: Vec<Collection>,
    /// Versions of the sequences before on a channel with the legacy lifecycle, oldest first.
    pub replaced: Vec<String>,
}

/// The sequence before a chaincode's current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedPrevious {
    /// Its sequence.
    pub sequence: u64,
    /// Label of its package.
    pub label: String,
    /// Id of its package.
    pub package_id: String,
    /// Lower-case hex SHA-256 over the indexes in its package, if it has any.
    pub indexes_sha256: Option<String>,
    /// Its image.
    pub image: Image,
}

/// A curated chart that the network's chart was built from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedChart {
    /// Its version.
    pub version: semver::Version,
    /// Lower-case hex SHA-256 over its files.
    pub sha256: String,
}

impl Origin {
    /// Digest of the file.
    pub fn sha256(&self) -> &str {
        match self {
            Self::Genesis { sha256 } | Self::Creation { sha256, .. } => sha256,
        }
    }
}

impl Lock {
    /// The same network cut into other releases: what `build --change-layout` goes on from.
    #[must_use]
    pub fn with_layout(&self, layout: Layout) -> Self {
        let mut lock = self.clone();
        if let Some(network) = &mut lock.network {
            network.layout = layout;
            for (name, organization) in &mut lock.organizations {
                organization.release = names::release_of(&network.name, layout, name);
            }
        }
        lock
    }
}

impl LockedOrganization {
    /// The highest index that a node of this kind ever had.
    pub fn highest_index(&self, kind: NodeKind) -> Option<u32> {
        self.nodes.values().filter(|node| node.kind == kind).map(|node| node.index).max()
    }
}

impl LockedChaincode {
    /// Versions that a definition of this `sequence` replaces.
    pub fn replaced_by(&self, sequence: u64) -> Vec<String> {
        let mut replaced = self.replaced.clone();
        if sequence > self.sequence {
            replaced.push(self.version.clone());
        }
        replaced
    }

    /// What keeps running of the sequence before, in a release of this `version` that wants `sequence`.
    ///
    /// A new sequence keeps the one in the lock; the release after lets it go. The same version built again gives the
    /// same answer, which is why the lock remembers in which version the sequence came.
    pub fn previous_for(
        &self,
        sequence: u64,
        version: &semver::Version,
    ) -> Option<PreviousChaincode> {
        if sequence > self.sequence {
            return Some(PreviousChaincode { sequence: self.sequence, image: self.image.clone() });
        }
        let previous = self.previous.as_ref().filter(|_| *version == self.since)?;
        Some(PreviousChaincode { sequence: previous.sequence, image: previous.image.clone() })
    }
}

#[cfg(test)]
mod tests;
