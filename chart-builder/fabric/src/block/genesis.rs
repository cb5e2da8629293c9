//! A channel's first block, as `configtxgen` makes it and reproducible.

use time::OffsetDateTime;

use super::configuration::{
    ApplicationOrganization, BatchLimits, Capabilities, Consensus, OrdererOrganization,
};
use super::groups::{self, Ordering};
use super::tree::ConfigTree;
use super::{check, envelope};
use crate::Error;

/// Everything that a genesis block says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelGenesis {
    /// Name of the channel: `[a-z][a-z0-9.-]*`.
    pub channel: String,
    /// What every member has to be able to do.
    pub capabilities: Capabilities,
    /// When a block is cut.
    pub batch: BatchLimits,
    /// How orderers agree; solo and Kafka cannot start a channel of their own, see [`super::SystemChannelGenesis`].
    pub consensus: Consensus,
    /// Organizations that run orderers.
    pub orderers: Vec<OrdererOrganization>,
    /// Organizations that run peers; one may be among the orderers, too, with the same MSP.
    pub applications: Vec<ApplicationOrganization>,
    /// Time of the block, in seconds; part of the bytes, so it comes from something that does not move.
    pub timestamp: OffsetDateTime,
}

impl ChannelGenesis {
    /// All faults of these inputs; empty if a block can be made.
    pub fn check(&self) -> Vec<super::GenesisFault> {
        check::of_channel(self)
    }

    /// Block 0 as bytes: what `configtxgen -outputBlock` writes.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        Ok(envelope::genesis_block(&self.channel, self.timestamp, &self.tree()?))
    }

    /// The configuration in the block.
    pub fn tree(&self) -> Result<ConfigTree, Error> {
        let faults = self.check();
        if !faults.is_empty() {
            return Err(Error::Genesis { channel: self.channel.clone(), faults });
        }
        let ordering = Ordering {
            capabilities: &self.capabilities,
            batch: &self.batch,
            consensus: &self.consensus,
            orderers: &self.orderers,
        };
        let application = groups::application(&self.capabilities.application, &self.applications);
        Ok(ConfigTree { sequence: 0, root: ordering.channel("Application", application) })
    }
}
