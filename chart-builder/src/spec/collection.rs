//! What a person writes about a private data collection.

/// An item of `collections`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collection {
    /// `name`.
    pub name: Option<String>,
    /// `members`.
    pub members: Option<Vec<String>>,
    /// `policy`.
    pub policy: Option<String>,
    /// `requiredPeerCount`.
    pub required_peers: Option<u32>,
    /// `maxPeerCount`.
    pub maximum_peers: Option<u32>,
    /// `blockToLive`.
    pub block_to_live: Option<u64>,
    /// `memberOnlyRead`.
    pub member_only_read: Option<bool>,
    /// `memberOnlyWrite`.
    pub member_only_write: Option<bool>,
    /// `endorsement`.
    pub endorsement: Option<String>,
}
