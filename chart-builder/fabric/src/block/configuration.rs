//! What a channel's configuration says, in the words of this crate.
//!
//! The same types are what a genesis block is made from and what a configuration block is read into.

use crate::msp::Msp;

/// Capability names for the three groups of a channel configuration; an empty name leaves the value out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// `/Channel`, for example `V2_0`.
    pub channel: String,
    /// `/Channel/Orderer`.
    pub orderer: String,
    /// `/Channel/Application`, for example `V2_5`.
    pub application: String,
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
    /// Bytes at which a block is cut; at most `absolute_max_bytes`.
    pub preferred_max_bytes: u32,
}

/// How orderers agree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Consensus {
    /// Crash fault tolerant: etcdraft.
    Etcdraft {
        /// The orderers that vote, in the order that gives them their raft ids.
        consenters: Vec<RaftConsenter>,
        /// Timing and limits.
        options: RaftOptions,
    },
}

/// An orderer that votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaftConsenter {
    /// Host that the other orderers dial.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS certificate that it dials with, PEM.
    pub client_tls: String,
    /// TLS certificate that it serves with, PEM.
    pub server_tls: String,
}

/// Timing and limits of etcdraft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaftOptions {
    /// Go duration, for example `500ms`.
    pub tick_interval: String,
    /// Ticks without a leader until an election.
    pub election_tick: u32,
    /// Ticks between heartbeats; below `election_tick`.
    pub heartbeat_tick: u32,
    /// Blocks in flight.
    pub max_inflight_blocks: u32,
    /// Bytes of log after which a snapshot is taken.
    pub snapshot_interval_size: u32,
}

impl Default for RaftOptions {
    /// `configtxgen`'s defaults.
    fn default() -> Self {
        Self {
            tick_interval: "500ms".to_owned(),
            election_tick: 10,
            heartbeat_tick: 1,
            max_inflight_blocks: 5,
            snapshot_interval_size: 16 * 1024 * 1024,
        }
    }
}

/// An organization that runs orderers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrdererOrganization {
    /// Name of its group.
    pub name: String,
    /// Its MSP.
    pub msp: Msp,
    /// `host:port` of its orderers, for clients and peers.
    pub endpoints: Vec<String>,
}

/// An organization that runs peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationOrganization {
    /// Name of its group.
    pub name: String,
    /// Its MSP.
    pub msp: Msp,
    /// First contacts of other organizations' peers.
    pub anchors: Vec<AnchorPeer>,
}

/// A peer that other organizations find first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnchorPeer {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}
