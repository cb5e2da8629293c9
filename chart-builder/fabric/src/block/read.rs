//! Reading a configuration block: what a network has frozen, in the words of this crate.

use prost::Message;
use time::OffsetDateTime;

use super::capability::Level;
use super::configuration::{
    AnchorPeer, ApplicationOrganization, BatchLimits, Capabilities, Consensus, OrdererOrganization,
};
use super::envelope::{decode, fault, open, present};
use super::tree::{self, ConfigTree, refuse_loss};
use super::{consensus, messages as wire};
use crate::Error;
use crate::msp::Msp;

/// A configuration block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its number; 0 is the genesis block.
    pub number: u64,
    /// Name of the channel.
    pub channel: String,
    /// When it says it was made.
    pub timestamp: OffsetDateTime,
    /// What the channel is from this block on.
    pub configuration: ChannelConfiguration,
}

/// A channel's configuration, policies apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelConfiguration {
    /// Rises by one with every update; 0 in a genesis block.
    pub sequence: u64,
    /// What every member has to be able to do.
    pub capabilities: Capabilities,
    /// When a block is cut.
    pub batch: BatchLimits,
    /// How orderers agree.
    pub consensus: Consensus,
    /// `host:port` of all orderers, where the channel names them: up to the capability `V1_4_3`.
    pub addresses: Vec<String>,
    /// Organizations that run orderers, by name.
    pub orderers: Vec<OrdererOrganization>,
    /// Organizations that run peers, by name.
    pub applications: Vec<ApplicationOrganization>,
}

impl Block {
    /// Reads a block that holds the configuration of a channel with members, and checks its data hash.
    ///
    /// Refused: other bytes, blocks of transactions, a wrong hash, groups or values that are missing, system channels.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let opened = open(bytes)?;
        let configuration: wire::ConfigEnvelope = decode("configuration", &opened.configuration)?;
        let configuration = present("configuration", configuration.config)?;
        Ok(Self {
            number: opened.number,
            channel: opened.channel,
            timestamp: opened.timestamp,
            configuration: ConfigTree::from_wire(configuration)?.configuration()?,
        })
    }
}

impl ConfigTree {
    /// Reads the configuration out of a block of any channel and checks the block's data hash.
    ///
    /// Refused: other bytes, blocks of transactions, a wrong hash, and fields that writing would lose.
    pub fn of_block(bytes: &[u8]) -> Result<Self, Error> {
        let opened = open(bytes)?;
        let part = "configuration";
        let configuration: wire::ConfigEnvelope = decode(part, &opened.configuration)?;
        refuse_loss(part, configuration.encoded_len(), opened.configuration.len())?;
        Self::from_wire(present(part, configuration.config)?)
    }

    pub(super) fn level(&self) -> Result<Level, Error> {
        let channel = Group { path: "/Channel".to_owned(), group: &self.root };
        Ok(Level::of(&channel.capability()?))
    }

    /// The configuration in the words of this crate; refuses a system channel, which has no members.
    pub fn configuration(&self) -> Result<ChannelConfiguration, Error> {
        ChannelConfiguration::read(self)
    }
}

impl ChannelConfiguration {
    fn read(config: &ConfigTree) -> Result<Self, Error> {
        let channel = Group { path: "/Channel".to_owned(), group: &config.root };
        let addresses: wire::OrdererAddresses = channel.optional_value("OrdererAddresses")?;
        let orderer = channel.group("Orderer")?;
        let application = channel.group("Application")?;
        let size: wire::BatchSize = orderer.value("BatchSize")?;
        let timeout: wire::BatchTimeout = orderer.value("BatchTimeout")?;
        Ok(Self {
            sequence: config.sequence,
            capabilities: Capabilities {
                channel: channel.capability()?,
                orderer: orderer.capability()?,
                application: application.capability()?,
            },
            batch: BatchLimits {
                timeout: timeout.timeout,
                max_messages: size.max_message_count,
                absolute_max_bytes: size.absolute_max_bytes,
                preferred_max_bytes: size.preferred_max_bytes,
            },
            consensus: consensus(&orderer)?,
            addresses: addresses.addresses,
            orderers: orderer
                .groups()
                .map(|(name, group)| orderer_organization(name, &group))
                .collect::<Result<_, _>>()?,
            applications: application
                .groups()
                .map(|(name, group)| application_organization(name, &group))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// A group of the configuration with its path, for errors.
struct Group<'a> {
    path: String,
    group: &'a tree::Group,
}

impl<'a> Group<'a> {
    fn group(&self, name: &str) -> Result<Group<'a>, Error> {
        let path = format!("{}/{name}", self.path);
        match self.group.groups.get(name) {
            Some(group) => Ok(Group { path, group }),
            None => Err(fault(&path, "the group is missing")),
        }
    }

    fn groups(&self) -> impl Iterator<Item = (&'a str, Group<'a>)> {
        self.group.groups.iter().map(|(name, group)| {
            (name.as_str(), Group { path: format!("{}/{name}", self.path), group })
        })
    }

    fn value<M: Message + Default>(&self, name: &str) -> Result<M, Error> {
        let path = format!("{}/{name}", self.path);
        match self.group.values.get(name) {
            Some(value) => decode(&path, value.value.as_slice()),
            None => Err(fault(&path, "the value is missing")),
        }
    }

    fn optional_value<M: Message + Default>(&self, name: &str) -> Result<M, Error> {
        if self.group.values.contains_key(name) { self.value(name) } else { Ok(M::default()) }
    }

    /// The highest of the capabilities, which is the one that counts.
    fn capability(&self) -> Result<String, Error> {
        let capabilities: wire::Capabilities = self.optional_value("Capabilities")?;
        Ok(capabilities.entries.into_iter().map(|entry| entry.name).max().unwrap_or_default())
    }
}

fn consensus(orderer: &Group<'_>) -> Result<Consensus, Error> {
    let path = format!("{}/{}", orderer.path, consensus::CONSENSUS_TYPE);
    if !orderer.group.values.contains_key(consensus::CONSENSUS_TYPE) {
        return Err(fault(&path, "the value is missing"));
    }
    consensus::read(&path, |key| {
        orderer.group.values.get(key).map_or(&[], |value| value.value.as_slice())
    })
}

fn orderer_organization(name: &str, group: &Group<'_>) -> Result<OrdererOrganization, Error> {
    let endpoints: wire::OrdererAddresses = group.optional_value("Endpoints")?;
    Ok(OrdererOrganization {
        name: name.to_owned(),
        msp: msp(group)?,
        endpoints: endpoints.addresses,
    })
}

fn application_organization(
    name: &str,
    group: &Group<'_>,
) -> Result<ApplicationOrganization, Error> {
    let anchors: wire::AnchorPeers = group.optional_value("AnchorPeers")?;
    let anchors = anchors
        .anchor_peers
        .into_iter()
        .map(|anchor| {
            let port = u16::try_from(anchor.port)
                .map_err(|_| fault(&group.path, "the port of an anchor peer is no port"))?;
            Ok(AnchorPeer { host: anchor.host, port })
        })
        .collect::<Result<_, Error>>()?;
    Ok(ApplicationOrganization { name: name.to_owned(), msp: msp(group)?, anchors })
}

fn msp(group: &Group<'_>) -> Result<Msp, Error> {
    let part = format!("{}/MSP", group.path);
    Msp::read(&group.value("MSP")?, |reason| fault(&part, reason))
}

pub(super) fn text(part: &str, bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|_| fault(part, "a certificate is not PEM text"))
}
