//! The decided network: what every later step reads.
//!
//! Nothing here is left open: an `Option` means "does not have one", never "not decided yet". The model carries no
//! positions of the file it came from (reports look them up by key path) and no key material; certificates and blocks
//! come beside it, as [`crate::material`]. Every vector is sorted by the order that the topology gives, and that order
//! reaches the charts only where it does not matter to running pods.

mod aliases;
mod chaincode_runtime;
mod channel;
mod cluster;
mod collection;
mod exposure;
mod external;
mod images;
mod kafka;
mod logs;
mod monitoring;
pub mod names;
mod node;
mod ordering;
mod release;
mod services;
mod state_database;
mod transport;
mod volume;

pub use aliases::HostAliases;
pub use chaincode_runtime::{ChaincodeMode, DnsStrategy, PodSecurity, RemoteEngine};
pub use channel::{
    AnchorPeer, BatchLimits, Chaincode, ChaincodeTest, Channel, Consenter, EndorsementPolicy,
    LegacyDefinition, Member, PreviousChaincode,
};
pub use cluster::{ApiServer, Cluster, NodeRuntime, Range, RangeError};
pub use collection::Collection;
pub use exposure::{
    Exposure, ExposureKind, GatewayListener, HIGHEST_ORDERER, HIGHEST_PEER, MOST_ORGANIZATIONS,
    OrganizationPorts, orderer_port,
};
pub use external::{Endpoint, External};
pub use images::{Component, Image, Images};
pub use kafka::{KafkaCluster, KafkaNode};
pub use logs::{Log, Logs};
pub use monitoring::Monitoring;
pub use node::{
    Capabilities, Orderer, Organization, Peer, PullPolicy, Quantities, Resources, Storage,
};
pub use ordering::{
    BftOptions, Consensus, ConsensusType, ONLY_GROUP, OrderingGroup, RaftOptions, SystemChannel,
};
pub use release::{Owner, Release};
pub use services::{CaDatabase, CertificateAuthority, IssuingAuthority};
pub use state_database::{StateDatabase, StateDatabaseKind};
pub use transport::Transport;
pub use volume::{Crypto, CryptoTree, Directory, NetworkStorage, Place, STORAGE_RELEASE, Share};

use crate::fabric_line::{self, FabricLine};

/// One Hyperledger Fabric network, fully decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Name of the chart and of the umbrella's release: a DNS-1123 label.
    pub name: String,
    /// Version of this release of the network: the version of its chart.
    pub version: semver::Version,
    /// The Fabric version of every node, for example 2.5.16.
    pub fabric: semver::Version,
    /// Capabilities that new channels get.
    pub capabilities: Capabilities,
    /// How the network is cut into releases.
    pub layout: Layout,
    /// Whether a release replaces nodes one after the other.
    pub rollout: Rollout,
    /// How namespaces are named.
    pub namespaces: NamespaceMode,
    /// Development or production: which findings are errors.
    pub profile: Profile,
    /// Cluster domain, for example `cluster.local`.
    pub cluster_domain: String,
    /// Cluster DNS answers `<node>.<domain>` for organizations whose domain has dots.
    pub rewrites_domains: bool,
    /// Pods are told the addresses of nodes of organizations whose domain has dots.
    pub host_aliases: Option<HostAliases>,
    /// What is known about the cluster.
    pub cluster: Cluster,
    /// Images of every component.
    pub images: Images,
    /// Where keys and certificates come from.
    pub crypto: Crypto,
    /// Directories that somebody made before the network.
    pub storage: NetworkStorage,
    /// What nodes and clients speak.
    pub transport: Transport,
    /// How nodes are reached from outside of the cluster.
    pub exposure: Exposure,
    /// Organizations in the order of the topology.
    pub organizations: Vec<Organization>,
    /// What Prometheus and Grafana are given, if anything.
    pub monitoring: Option<Monitoring>,
    /// The cluster that orders channels of type `kafka`, if the network runs one.
    pub kafka: Option<KafkaCluster>,
    /// Groups of orderers, by name.
    pub ordering: Vec<OrderingGroup>,
    /// Channels in the order of the topology.
    pub channels: Vec<Channel>,
    /// Chaincodes in the order of the topology.
    pub chaincodes: Vec<Chaincode>,
}

/// How a network is cut into Helm releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One release `<network>` in namespace `<network>`, a namespace for each organization.
    Umbrella,
    /// One release for each organization, in its own namespace.
    PerOwner,
}

impl Layout {
    /// The word of the topology and of the lock.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Umbrella => "umbrella",
            Self::PerOwner => "per-owner",
        }
    }

    /// The layout of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Umbrella, Self::PerOwner].into_iter().find(|layout| layout.word() == word)
    }
}

/// How a release replaces the pods of nodes that it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollout {
    /// Every changed node at the same time: shortest, and ordering stands still meanwhile.
    AllAtOnce,
    /// One node of an organization after the other, as long as every channel keeps its quorum.
    OneByOne,
}

/// How an organization's namespace is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamespaceMode {
    /// `org1`: the scheme of 2017, one network in a cluster.
    Plain,
    /// `<network>-org1`: several networks side by side.
    Prefixed,
}

/// How strict the compiler is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Throw-away networks: emptyDir and a single consenter are possible.
    Dev,
    /// Everything that loses data or availability is an error or a warning.
    Production,
}

impl Network {
    /// What is true for the network's Fabric version; the newest line stands for a version that no line is for.
    pub fn line(&self) -> &'static FabricLine {
        fabric_line::of(&self.fabric).unwrap_or_else(fabric_line::newest)
    }

    /// The organization of this name.
    pub fn organization(&self, name: &str) -> Option<&Organization> {
        self.organizations.iter().find(|organization| organization.name == name)
    }

    /// The ordering group of this name.
    pub fn group(&self, name: &str) -> Option<&OrderingGroup> {
        self.ordering.iter().find(|group| group.name == name)
    }

    /// The system channel that a channel is made from; nothing where it begins with a block 0 of its own.
    pub fn system_channel_of(&self, channel: &Channel) -> Option<&SystemChannel> {
        self.group(&channel.ordering)?.system_channel.as_ref()
    }

    /// Peers on a channel, each with its organization.
    pub fn peers_of<'a>(
        &'a self,
        channel: &'a Channel,
    ) -> impl Iterator<Item = (&'a Organization, &'a Peer)> {
        channel.members.iter().flat_map(|member| {
            let organization = self.organization(&member.organization);
            organization.into_iter().flat_map(|organization| {
                let joins = |peer: &&Peer| member.peers.contains(&peer.name);
                organization.peers.iter().filter(joins).map(move |peer| (organization, peer))
            })
        })
    }

    /// The channel of this name.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }
}
