//! Genesis blocks with etcdraft, and reading configuration blocks.
//!
//! The content is what `configtxgen` makes from the same inputs, field for field; unlike its output, the bytes are a function
//! of the inputs: maps are sorted, the nonce is a hash of the configuration and the timestamp is an input.
//! Left out: configuration updates, BFT, Kafka and system channels.

mod check;
mod configuration;
mod duration;
mod fault;
mod genesis;
pub(crate) mod messages;
mod policies;
mod read;
#[cfg(test)]
mod tests;

pub use configuration::{
    AnchorPeer, ApplicationOrganization, BatchLimits, Capabilities, Consensus, OrdererOrganization,
    RaftConsenter, RaftOptions,
};
pub use fault::GenesisFault;
pub use genesis::ChannelGenesis;
pub use read::{Block, ChannelConfiguration};
