//! Genesis blocks, configurations and their updates.
//!
//! The content is what `configtxgen` makes from the same inputs, field for field; unlike its output, the bytes are a function
//! of the inputs: maps are sorted, the nonce is a hash of the configuration and the timestamp is an input.
//!
//! - [`ChannelGenesis`]: a channel that begins by itself, with etcdraft or BFT.
//! - [`SystemChannelGenesis`] and [`ChannelCreation`]: the system channel of Fabric up to 2.5, also with solo and Kafka, and
//!   channels made from it.
//! - [`Block`]: a configuration block in the words of this crate; [`ConfigTree`]: the same without any loss.
//! - [`ConfigUpdate`]: what leads from one configuration to the next; [`UpdateSignature`]: what an owner says to it.
//!
//! Left out: signatures over transactions, access control lists, and what differs between the orderers of a channel.

mod apply;
mod capability;
mod check;
mod configuration;
mod consensus;
mod creation;
mod duration;
mod edit;
mod envelope;
mod fault;
mod genesis;
mod groups;
pub(crate) mod messages;
mod policies;
mod read;
mod signature;
mod system;
#[cfg(test)]
mod tests;
mod tree;
mod update;

pub(crate) use capability::Level;
pub use capability::has_definitions;
pub use configuration::{
    AnchorPeer, ApplicationOrganization, BatchLimits, BftConsenter, BftOptions, Capabilities,
    Consensus, Consortium, LeaderRotation, OrdererOrganization, RaftConsenter, RaftOptions,
};
pub use creation::{ChannelCreation, anchors_mark, member_mark};
pub use fault::GenesisFault;
pub use genesis::ChannelGenesis;
pub use read::{Block, ChannelConfiguration};
pub use signature::{Signatory, UpdateSignature, update_of_transaction, with_signatures};
pub use system::SystemChannelGenesis;
pub use tree::{ConfigTree, Group, Policy, PolicyRule, Value};
pub use update::ConfigUpdate;
