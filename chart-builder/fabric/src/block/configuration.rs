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
    /// Byzantine fault tolerant: `BFT`, from channel capability `V3_0` on.
    Bft {
        /// The orderers that vote, in the order of their mapping, which is also the order of the block validation policy.
        consenters: Vec<BftConsenter>,
        /// Timing and limits.
        options: Box<BftOptions>,
    },
    /// One orderer that agrees with itself; only on networks with a system channel.
    Solo,
    /// Crash fault tolerant through Kafka; only on networks with a system channel.
    Kafka {
        /// `host:port` of brokers that orderers ask first.
        brokers: Vec<String>,
    },
}

/// An orderer that votes in `BFT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BftConsenter {
    /// Its number, above zero; it keeps it for ever.
    pub id: u32,
    /// Host that the other orderers dial.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// MSP of its signing identity.
    pub msp_id: String,
    /// Certificate that it signs blocks with, PEM.
    pub identity: String,
    /// TLS certificate that it dials with, PEM.
    pub client_tls: String,
    /// TLS certificate that it serves with, PEM.
    pub server_tls: String,
}

/// Timing and limits of `BFT`: the options of Fabric's `SmartBFT`; durations are Go's, for example `20s`.
///
/// Orderers take the number and size of messages in a batch from [`BatchLimits`], whatever stands here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BftOptions {
    /// Messages in a batch.
    pub request_batch_max_count: u64,
    /// Bytes of a batch.
    pub request_batch_max_bytes: u64,
    /// Longest wait for a batch to fill.
    pub request_batch_max_interval: String,
    /// Messages of the protocol that wait to be handled.
    pub incoming_message_buffer_size: u64,
    /// Transactions that wait to be ordered.
    pub request_pool_size: u64,
    /// After this time a transaction is forwarded to the leader; at most `request_complain_timeout`.
    pub request_forward_timeout: String,
    /// After this time more the leader is complained about; at most `request_auto_remove_timeout`.
    pub request_complain_timeout: String,
    /// After this time more the transaction is dropped.
    pub request_auto_remove_timeout: String,
    /// Bytes of a transaction; 0 is the size of a batch.
    pub request_max_bytes: u64,
    /// Time between repeated messages of a view change; at most `view_change_timeout`.
    pub view_change_resend_interval: String,
    /// Time after which a view change has failed.
    pub view_change_timeout: String,
    /// Silence of the leader after which followers complain.
    pub leader_heartbeat_timeout: String,
    /// Heartbeats in that time.
    pub leader_heartbeat_count: u64,
    /// Time to collect states of other orderers.
    pub collect_timeout: String,
    /// Whether an orderer catches up as soon as it starts.
    pub sync_on_start: bool,
    /// Whether a view change begins with fewer complaints.
    pub speed_up_view_change: bool,
    /// Whether leaders take turns; orderers of 3.x refuse every update of a channel where it is on.
    pub leader_rotation: LeaderRotation,
    /// Blocks until the next leader where they take turns, otherwise 0.
    pub decisions_per_leader: u64,
}

/// Whether leaders take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeaderRotation {
    /// Not said, which is off.
    #[default]
    Unspecified,
    /// They do not.
    Off,
    /// They do.
    On,
}

impl Default for BftOptions {
    /// `configtxgen`'s defaults.
    fn default() -> Self {
        Self {
            request_batch_max_count: 100,
            request_batch_max_bytes: 10 * 1024 * 1024,
            request_batch_max_interval: "50ms".to_owned(),
            incoming_message_buffer_size: 200,
            request_pool_size: 400,
            request_forward_timeout: "2s".to_owned(),
            request_complain_timeout: "20s".to_owned(),
            request_auto_remove_timeout: "3m0s".to_owned(),
            request_max_bytes: 0,
            view_change_resend_interval: "5s".to_owned(),
            view_change_timeout: "20s".to_owned(),
            leader_heartbeat_timeout: "1m0s".to_owned(),
            leader_heartbeat_count: 10,
            collect_timeout: "1s".to_owned(),
            sync_on_start: false,
            speed_up_view_change: false,
            leader_rotation: LeaderRotation::Unspecified,
            decisions_per_leader: 0,
        }
    }
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

/// Organizations that may create channels together, in a system channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consortium {
    /// Its name, for example `SampleConsortium`.
    pub name: String,
    /// Its members; anchors are not part of a consortium and not written.
    pub members: Vec<ApplicationOrganization>,
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
