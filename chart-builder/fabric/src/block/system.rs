//! The channel of the orderers themselves, from which other channels are made: how every network began up to Fabric 2.2,
//! and how solo and Kafka begin up to 2.5.

use time::OffsetDateTime;

use super::configuration::{BatchLimits, Capabilities, Consensus, Consortium, OrdererOrganization};
use super::groups::{self, Ordering};
use super::tree::ConfigTree;
use super::{check, envelope};
use crate::Error;

/// Everything that the first block of a system channel says; orderers get it as their genesis file.
///
/// The addresses of orderers stand in the channel up to the capability `V1_4_3`, in the organizations from `V1_4_2` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemChannelGenesis {
    /// Name of the channel: `[a-z][a-z0-9.-]*`; no other channel may have it.
    pub channel: String,
    /// What every orderer has to be able to do; the one for the application is not used.
    pub capabilities: Capabilities,
    /// When a block is cut, here and in every new channel.
    pub batch: BatchLimits,
    /// How orderers agree, here and in every new channel.
    pub consensus: Consensus,
    /// Organizations that run orderers.
    pub orderers: Vec<OrdererOrganization>,
    /// Who may create channels.
    pub consortiums: Vec<Consortium>,
    /// Time of the block, in seconds; part of the bytes, so it comes from something that does not move.
    pub timestamp: OffsetDateTime,
}

impl SystemChannelGenesis {
    /// All faults of these inputs; empty if a block can be made.
    pub fn check(&self) -> Vec<super::GenesisFault> {
        check::of_system_channel(self)
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
        let consortiums = groups::consortiums(&self.consortiums);
        Ok(ConfigTree { sequence: 0, root: ordering.channel("Consortiums", consortiums) })
    }
}
