//! Changes of a configuration, each in one place of the tree and nothing else: what an update is computed from.
//!
//! Who may change a part stays as it was; new parts get the policies of a new channel. Nothing is checked here beyond the
//! tree's shape: orderers judge the result, and the inputs of a channel are checked where they come from.

use prost::Message as _;

use super::capability::Level;
use super::configuration::{ApplicationOrganization, BatchLimits, Consensus, OrdererOrganization};
use super::consensus::{self, BLOCK_VALIDATION, CONSENSUS_TYPE, KAFKA_BROKERS, ORDERERS};
use super::envelope::{decode, present};
use super::tree::{ConfigTree, Group};
use super::{groups, messages as wire, policies};
use crate::Error;

const APPLICATION: &str = "Application";
const ORDERER: &str = "Orderer";
/// `orderer.ConsensusType.State.STATE_NORMAL`.
pub(super) const NORMAL: i32 = 0;
/// `orderer.ConsensusType.State.STATE_MAINTENANCE`.
const MAINTENANCE: i32 = 1;
const ANCHOR_PEERS: &str = "AnchorPeers";

impl ConfigTree {
    /// Adds an organization that runs peers, or puts another definition in the place of the one of that name.
    pub fn put_application(&mut self, organization: &ApplicationOrganization) -> Result<(), Error> {
        let group = groups::application_organization(organization);
        self.group_mut(&[APPLICATION])?.groups.insert(organization.name.clone(), group);
        Ok(())
    }

    /// Adds an organization that runs orderers, or puts another definition in the place of the one of that name.
    ///
    /// Addresses that the channel names for all stay as they are.
    pub fn put_orderer(&mut self, organization: &OrdererOrganization) -> Result<(), Error> {
        let group = groups::orderer_organization(organization, self.level()?);
        self.group_mut(&[ORDERER])?.groups.insert(organization.name.clone(), group);
        Ok(())
    }

    /// Removes an organization from the group `Application`; whether it was there.
    pub fn remove_application(&mut self, name: &str) -> Result<bool, Error> {
        Ok(self.group_mut(&[APPLICATION])?.groups.remove(name).is_some())
    }

    /// Removes an organization from the group `Orderer`; whether it was there.
    pub fn remove_orderer(&mut self, name: &str) -> Result<bool, Error> {
        Ok(self.group_mut(&[ORDERER])?.groups.remove(name).is_some())
    }

    /// Sets the anchors of a member; without any the value is taken away.
    pub fn set_anchors(&mut self, organization: &ApplicationOrganization) -> Result<(), Error> {
        let group = self.group_mut(&[APPLICATION, &organization.name])?;
        if organization.anchors.is_empty() {
            group.values.remove(ANCHOR_PEERS);
        } else {
            let anchors = groups::anchor_peers(organization).encode_to_vec();
            set_value(group, ANCHOR_PEERS, anchors);
        }
        Ok(())
    }

    /// Sets the endpoints of an organization that runs orderers.
    pub fn set_endpoints(&mut self, organization: &OrdererOrganization) -> Result<(), Error> {
        let group = self.group_mut(&[ORDERER, &organization.name])?;
        set_value(group, "Endpoints", groups::endpoints(organization).encode_to_vec());
        Ok(())
    }

    /// Sets when a block is cut.
    pub fn set_batch(&mut self, batch: &BatchLimits) -> Result<(), Error> {
        let group = self.group_mut(&[ORDERER])?;
        set_value(group, "BatchSize", groups::batch_size(batch).encode_to_vec());
        set_value(group, "BatchTimeout", groups::batch_timeout(batch).encode_to_vec());
        Ok(())
    }

    /// Sets how orderers agree; with `BFT` the block validation policy follows the consenters. Maintenance mode stays.
    ///
    /// An orderer takes one consenter more or less per update, and a change of the type only in maintenance mode.
    pub fn set_consensus(&mut self, consensus: &Consensus) -> Result<(), Error> {
        let state = self.consensus_type()?.state;
        let encoded = consensus::encode(consensus, state);
        let group = self.group_mut(&[ORDERER])?;
        for key in [KAFKA_BROKERS, ORDERERS] {
            if !encoded.values.iter().any(|(own, _)| *own == key) {
                group.values.remove(key);
            }
        }
        for (key, value) in encoded.values {
            set_value(group, key, value);
        }
        if let Some(rule) = encoded.block_validation {
            let new = groups::policy(rule.clone());
            let policy = group.policies.entry(BLOCK_VALIDATION.to_owned()).or_insert(new);
            policy.rule = Some(rule);
        }
        Ok(())
    }

    /// Begins or ends maintenance mode, in which orderers take no transactions of applications, and another consensus.
    pub fn set_maintenance(&mut self, on: bool) -> Result<(), Error> {
        let mut consensus = self.consensus_type()?;
        consensus.state = if on { MAINTENANCE } else { NORMAL };
        set_value(self.group_mut(&[ORDERER])?, CONSENSUS_TYPE, consensus.encode_to_vec());
        Ok(())
    }

    /// Takes away the addresses that the channel names for all orderers, which `V3_0` refuses; whether there were any.
    ///
    /// Every organization with orderers has to name its endpoints by then.
    pub fn remove_addresses(&mut self) -> bool {
        self.root.values.remove("OrdererAddresses").is_some()
    }

    /// Adds the policies that definitions of chaincodes need from `V2_0` on, where they are not there yet.
    ///
    /// Organizations need their own policy `Endorsement`, which those made here have from the beginning.
    pub fn add_lifecycle_policies(&mut self) -> Result<(), Error> {
        let group = self.group_mut(&[APPLICATION])?;
        for (name, rule) in policies::of_applications(Level::V2_0) {
            group.policies.entry(name).or_insert_with(|| groups::policy(rule));
        }
        Ok(())
    }

    fn consensus_type(&self) -> Result<wire::ConsensusType, Error> {
        let value = self.group(&[ORDERER]).and_then(|group| group.values.get(CONSENSUS_TYPE));
        let part = "/Channel/Orderer/ConsensusType";
        decode(part, &present(part, value)?.value)
    }

    /// Sets the capability of a group: `[]` is the channel, `["Orderer"]`, `["Application"]`.
    pub fn set_capability(&mut self, path: &[&str], name: &str) -> Result<(), Error> {
        let value = groups::capabilities(name).encode_to_vec();
        set_value(self.group_mut(path)?, "Capabilities", value);
        Ok(())
    }
}

/// Replaces a value and keeps who may change it.
fn set_value(group: &mut Group, key: &str, bytes: Vec<u8>) {
    let new = groups::encoded_value(Vec::new());
    group.values.entry(key.to_owned()).or_insert(new).value = bytes;
}
