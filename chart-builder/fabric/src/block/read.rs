//! Reading a configuration block: what a network has frozen, in the words of this crate.

use prost::Message;
use time::OffsetDateTime;

use super::configuration::{
    AnchorPeer, ApplicationOrganization, BatchLimits, Capabilities, Consensus, OrdererOrganization,
    RaftConsenter, RaftOptions,
};
use super::genesis::{CONFIGURATION, data_hash};
use super::messages as wire;
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
    /// Organizations that run orderers, by name.
    pub orderers: Vec<OrdererOrganization>,
    /// Organizations that run peers, by name.
    pub applications: Vec<ApplicationOrganization>,
}

impl Block {
    /// Reads a block that holds a configuration with etcdraft and checks its data hash.
    ///
    /// Refused: other bytes, blocks of transactions, a wrong hash, groups or values that are missing, other consensus types.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        let block: wire::Block = decode("block", bytes)?;
        let header = present("header", block.header)?;
        let data = present("data", block.data)?;
        if header.data_hash != data_hash(&data) {
            return Err(fault("header", "the data hash does not belong to the data"));
        }
        let [envelope] = data.data.as_slice() else {
            return Err(fault("data", "a configuration block holds exactly one envelope"));
        };
        let envelope: wire::Envelope = decode("envelope", envelope)?;
        let payload: wire::Payload = decode("payload", &envelope.payload)?;
        let payload_header = present("payload header", payload.header)?;
        let channel: wire::ChannelHeader =
            decode("channel header", &payload_header.channel_header)?;
        if channel.r#type != CONFIGURATION {
            return Err(fault("channel header", "the block holds no configuration"));
        }
        let timestamp = present("timestamp", channel.timestamp)?;
        let configuration: wire::ConfigEnvelope = decode("configuration", &payload.data)?;
        let configuration = present("configuration", configuration.config)?;
        Ok(Self {
            number: header.number,
            channel: channel.channel_id,
            timestamp: OffsetDateTime::from_unix_timestamp(timestamp.seconds)
                .map_err(|error| fault("timestamp", &error.to_string()))?,
            configuration: ChannelConfiguration::read(&configuration)?,
        })
    }
}

impl ChannelConfiguration {
    fn read(config: &wire::Config) -> Result<Self, Error> {
        let root = config
            .channel_group
            .as_ref()
            .ok_or_else(|| fault("configuration", "there is no group"))?;
        let channel = Group { path: "/Channel".to_owned(), group: root };
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
    group: &'a wire::ConfigGroup,
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
    let consensus: wire::ConsensusType = orderer.value("ConsensusType")?;
    if consensus.r#type != "etcdraft" {
        let reason = format!("the consensus type `{}` is not supported", consensus.r#type);
        return Err(fault(&format!("{}/ConsensusType", orderer.path), &reason));
    }
    let part = "etcdraft metadata";
    let metadata: wire::RaftMetadata = decode(part, &consensus.metadata)?;
    let options = present(part, metadata.options)?;
    Ok(Consensus::Etcdraft {
        consenters: metadata.consenters.into_iter().map(consenter).collect::<Result<_, _>>()?,
        options: RaftOptions {
            tick_interval: options.tick_interval,
            election_tick: options.election_tick,
            heartbeat_tick: options.heartbeat_tick,
            max_inflight_blocks: options.max_inflight_blocks,
            snapshot_interval_size: options.snapshot_interval_size,
        },
    })
}

fn consenter(consenter: wire::RaftConsenterMessage) -> Result<RaftConsenter, Error> {
    let part = format!("consenter `{}`", consenter.host);
    Ok(RaftConsenter {
        port: u16::try_from(consenter.port).map_err(|_| fault(&part, "the port is above 65535"))?,
        client_tls: text(&part, consenter.client_tls_cert)?,
        server_tls: text(&part, consenter.server_tls_cert)?,
        host: consenter.host,
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
    let message: wire::MspConfig = group.value("MSP")?;
    if message.r#type != 0 {
        return Err(fault(&part, "only MSPs of X.509 certificates are supported"));
    }
    let config: wire::FabricMspConfig = decode(&part, &message.config)?;
    let texts = |certificates: Vec<Vec<u8>>| {
        certificates.into_iter().map(|bytes| text(&part, bytes)).collect::<Result<_, _>>()
    };
    Ok(Msp {
        id: config.name,
        roots: texts(config.root_certs)?,
        tls_roots: texts(config.tls_root_certs)?,
    })
}

fn decode<M: Message + Default>(part: &str, bytes: &[u8]) -> Result<M, Error> {
    M::decode(bytes).map_err(|error| fault(part, &error.to_string()))
}

fn present<T>(part: &str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| fault(part, "it is missing"))
}

fn text(part: &str, bytes: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(bytes).map_err(|_| fault(part, "a certificate is not PEM text"))
}

fn fault(part: &str, reason: &str) -> Error {
    Error::Block { part: part.to_owned(), reason: reason.to_owned() }
}
