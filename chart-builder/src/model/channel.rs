//! Channels, what orders them and the chaincodes on them.

use fabric_artifacts::block::has_definitions;

use super::{Capabilities, Collection, Consensus, Image, Resources};

/// A channel and everything that its genesis block says, certificates apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// `[a-z][a-z0-9.-]*`.
    pub name: String,
    /// Application organizations in the order of the topology; the first one commits definitions.
    pub members: Vec<Member>,
    /// Name of the group that orders it.
    pub ordering: String,
    /// Its orderers: with etcdraft and BFT those that vote, else all of its group.
    pub consenters: Vec<Consenter>,
    /// How blocks are cut.
    pub batch: BatchLimits,
    /// How its orderers agree.
    pub consensus: Consensus,
    /// Frozen with the channel.
    pub capabilities: Capabilities,
}

impl Channel {
    /// Chaincodes are defined by approvals and a commit; else they are instantiated and upgraded.
    pub fn has_definitions(&self) -> bool {
        has_definitions(&self.capabilities.application)
    }

    /// Orderers without which no block is cut: a majority; with BFT so many that any two such sets share an honest one.
    pub fn quorum(&self) -> u64 {
        self.consensus.quorum(self.consenters.len())
    }
}

/// An organization on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Name of the organization.
    pub organization: String,
    /// Names of its peers that join, in index order.
    pub peers: Vec<String>,
    /// Anchor peers: the first contact of other organizations.
    pub anchors: Vec<AnchorPeer>,
}

/// Host and port that stand in the channel configuration for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorPeer {
    /// Name of the peer.
    pub peer: String,
    /// `<node>.<namespace>`.
    pub host: String,
    /// 7051.
    pub port: u16,
}

/// An orderer of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consenter {
    /// Name of the organization.
    pub organization: String,
    /// Name of the orderer.
    pub orderer: String,
    /// `<node>.<namespace>`.
    pub host: String,
    /// 7050, for clients.
    pub port: u16,
    /// For other consenters, as it stands in channels; the same but without TLS.
    pub cluster_port: u16,
}

/// When a block is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLimits {
    /// Go duration, for example `2s`.
    pub timeout: String,
    /// Messages in a block.
    pub max_messages: u32,
    /// Bytes that no block exceeds.
    pub absolute_max_bytes: u32,
    /// Bytes at which a block is cut.
    pub preferred_max_bytes: u32,
}

/// A chaincode as a service on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chaincode {
    /// Name on the channel.
    pub name: String,
    /// Name of the channel.
    pub channel: String,
    /// Version text of the definition.
    pub version: String,
    /// Sequence of the definition that this release wants committed; starts at 1.
    pub sequence: u64,
    /// Who has to endorse.
    pub endorsement: EndorsementPolicy,
    /// Directory of its `CouchDB` indexes, relative to the network directory and without a trailing slash.
    pub indexes: Option<String>,
    /// Private data collections, by name.
    pub collections: Vec<Collection>,
    /// Package that peers build it from, relative to the network directory; `None` for a service.
    pub package: Option<String>,
    /// On a channel with the legacy lifecycle: how it is instantiated and upgraded.
    pub legacy: Option<LegacyDefinition>,
    /// Image of the server.
    pub image: Image,
    /// Requests and limits of the server.
    pub resources: Resources,
    /// Replicas of the server in each organization.
    pub replicas: u32,
    /// What `helm test` does with it.
    pub test: ChaincodeTest,
    /// Definition of the sequence before, whose server stays until the release after; from the lock.
    pub previous: Option<PreviousChaincode>,
}

/// What the legacy lifecycle needs beside version and policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyDefinition {
    /// Arguments as JSON.
    pub init: String,
    /// Versions of the sequences before, oldest first: what may be upgraded. Any other version is not ours to replace.
    pub replaced: Vec<String>,
}

/// A transaction and a query that shows that it has committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChaincodeTest {
    /// Arguments as JSON; `@VALUE@` stands for a new word.
    pub invoke: String,
    /// Arguments as JSON.
    pub query: String,
    /// The whole answer; `None`: it has the new word, if `invoke` has one.
    pub expect: Option<String>,
}

impl Default for ChaincodeTest {
    /// The functions of the canary.
    fn default() -> Self {
        Self {
            invoke: r#"{"Args":["put","helm-test","@VALUE@"]}"#.to_owned(),
            query: r#"{"Args":["get","helm-test"]}"#.to_owned(),
            expect: None,
        }
    }
}

/// What keeps running of the sequence before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousChaincode {
    /// Its sequence.
    pub sequence: u64,
    /// Its image.
    pub image: Image,
}

/// Who has to endorse a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndorsementPolicy {
    /// The channel's own policy `/Channel/Application/Endorsement`.
    ChannelDefault,
    /// A signature policy, for example `AND('Org1MSP.peer','Org2MSP.peer')`, parsed before.
    Signature(String),
}
