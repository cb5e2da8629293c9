//! What nodes and clients speak with each other.

use super::names;

/// TLS or not, for the whole network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Every listener has TLS.
    #[default]
    Tls,
    /// None has, but the one on which consenters meet.
    Plain,
}

impl Transport {
    /// Nothing but consenters among themselves has TLS.
    pub fn is_plain(self) -> bool {
        self == Self::Plain
    }

    /// The word of topology and lock below `tls.enabled`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tls => "true",
            Self::Plain => "false",
        }
    }

    /// Where an orderer listens for other consenters, as it stands in channels: Raft knows them by their certificates, so
    /// without TLS for clients they have a listener of their own.
    pub const fn cluster_port(self) -> u16 {
        match self {
            Self::Tls => names::ORDERER_PORT,
            Self::Plain => names::ORDERER_CLUSTER_PORT,
        }
    }
}
