//! How channels are ordered: groups of orderers, their consensus, and the system channel where a group needs one.

use super::{BatchLimits, Capabilities, Consenter};

/// Name of the only group of a topology that names none.
pub const ONLY_GROUP: &str = "ordering";

/// Orderers that order together, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderingGroup {
    /// Its name in the topology, or [`ONLY_GROUP`].
    pub name: String,
    /// How its orderers agree.
    pub consensus: Consensus,
    /// Its orderers in the order of the topology.
    pub orderers: Vec<Consenter>,
    /// How blocks of its channels are cut.
    pub batch: BatchLimits,
    /// What its system channel demands; a channel has its own.
    pub capabilities: Capabilities,
    /// The channel that its orderers start from; `None` where they join each channel by its own block 0.
    pub system_channel: Option<SystemChannel>,
}

/// The channel of the orderers themselves, from which other channels are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemChannel {
    /// `[a-z][a-z0-9.-]*`; no other channel has it.
    pub name: String,
    /// Organizations that may be on channels made from it: its only consortium, frozen with it.
    pub members: Vec<String>,
}

/// How orderers agree on the next block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consensus {
    /// Raft: survives the loss of fewer than half.
    Etcdraft(RaftOptions),
    /// `SmartBFT`: survives fewer than a third of liars.
    Bft(Box<BftOptions>),
    /// One orderer.
    Solo,
    /// Apache Kafka orders, orderers cut blocks.
    Kafka {
        /// `host:port` of every broker, as it stands in the configuration.
        brokers: Vec<String>,
    },
}

/// A consensus without its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsensusType {
    /// Raft.
    Etcdraft,
    /// `SmartBFT`.
    Bft,
    /// One orderer.
    Solo,
    /// Apache Kafka.
    Kafka,
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

/// Timing and limits of BFT; blocks are cut by [`BatchLimits`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BftOptions {
    /// Go duration: longest wait of a leader for more requests.
    pub request_batch_max_interval: String,
    /// Messages of other orderers that wait.
    pub incoming_message_buffer_size: u64,
    /// Requests that wait.
    pub request_pool_size: u64,
    /// Go duration after which a request is forwarded to the leader.
    pub request_forward_timeout: String,
    /// Go duration after which the leader is complained about.
    pub request_complain_timeout: String,
    /// Go duration after which a request is dropped.
    pub request_auto_remove_timeout: String,
    /// Go duration until a view change is asked for again.
    pub view_change_resend_interval: String,
    /// Go duration after which a view change has failed.
    pub view_change_timeout: String,
    /// Go duration of silence after which the leader is complained about.
    pub leader_heartbeat_timeout: String,
    /// Heartbeats in that time.
    pub leader_heartbeat_count: u64,
    /// Go duration in which states of other orderers are collected.
    pub collect_timeout: String,
}

impl Consensus {
    /// Its type.
    pub fn kind(&self) -> ConsensusType {
        match self {
            Self::Etcdraft(_) => ConsensusType::Etcdraft,
            Self::Bft(_) => ConsensusType::Bft,
            Self::Solo => ConsensusType::Solo,
            Self::Kafka { .. } => ConsensusType::Kafka,
        }
    }

    /// The word of the topology: `etcdraft`, `bft`, `solo` or `kafka`.
    pub fn word(&self) -> &'static str {
        self.kind().word()
    }

    /// How many of so many orderers it needs to order.
    pub fn quorum(&self, all: usize) -> u64 {
        let quorum = match self {
            Self::Bft(_) => (all + all.saturating_sub(1) / 3 + 1).div_ceil(2),
            Self::Etcdraft(_) => all / 2 + 1,
            Self::Solo | Self::Kafka { .. } => 1,
        };
        u64::try_from(quorum).unwrap_or(u64::MAX)
    }

    /// Whether the orderers themselves vote, so that a lost volume costs a vote.
    pub fn votes(&self) -> bool {
        matches!(self, Self::Etcdraft(_) | Self::Bft(_))
    }
}

impl ConsensusType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Etcdraft, Self::Bft, Self::Solo, Self::Kafka];

    /// The word of the topology: `etcdraft`, `bft`, `solo` or `kafka`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Etcdraft => "etcdraft",
            Self::Bft => "bft",
            Self::Solo => "solo",
            Self::Kafka => "kafka",
        }
    }

    /// The type of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Default for RaftOptions {
    /// Those of Fabric's own tools, but for elections: with its 10 ticks a lost leader costs 5 to 10 seconds, and clients
    /// have given up by then.
    fn default() -> Self {
        Self {
            tick_interval: "500ms".to_owned(),
            election_tick: 7,
            heartbeat_tick: 1,
            max_inflight_blocks: 5,
            snapshot_interval_size: 16 << 20,
        }
    }
}

impl Default for BftOptions {
    /// Those of Fabric's own tools.
    fn default() -> Self {
        Self {
            request_batch_max_interval: "50ms".to_owned(),
            incoming_message_buffer_size: 200,
            request_pool_size: 400,
            request_forward_timeout: "2s".to_owned(),
            request_complain_timeout: "20s".to_owned(),
            request_auto_remove_timeout: "3m0s".to_owned(),
            view_change_resend_interval: "5s".to_owned(),
            view_change_timeout: "20s".to_owned(),
            leader_heartbeat_timeout: "1m0s".to_owned(),
            leader_heartbeat_count: 10,
            collect_timeout: "1s".to_owned(),
        }
    }
}
