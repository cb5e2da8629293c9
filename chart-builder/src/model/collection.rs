//! Private data collections: what a definition says about them.

/// A collection of a chaincode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Name as the chaincode uses it.
    pub name: String,
    /// Signature policy of `OR` alone: whose peers have the data.
    pub policy: String,
    /// Other peers that have to have the data before a peer endorses.
    pub required_peers: u32,
    /// Other peers to which an endorsing peer sends it.
    pub maximum_peers: u32,
    /// Blocks after which peers forget it; 0: never.
    pub block_to_live: u64,
    /// Clients of others may not read.
    pub member_only_read: bool,
    /// Clients of others may not write.
    pub member_only_write: bool,
    /// Signature policy of what is written; `None`: the chaincode's.
    pub endorsement: Option<String>,
}
