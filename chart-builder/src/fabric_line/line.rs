//! What a file of a version line says.

use semver::Version;

use crate::model::Capabilities;

/// Consensus without agreement: one orderer, for tests only.
pub const SOLO: &str = "solo";
/// Consensus by a Kafka cluster.
pub const KAFKA: &str = "kafka";
/// Crash fault tolerant consensus of the orderers themselves.
pub const ETCDRAFT: &str = "etcdraft";
/// Byzantine fault tolerant consensus of the orderers themselves.
pub const BFT: &str = "bft";

/// Something that a line has from one of its patches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// What it is called.
    pub name: &'static str,
    /// First patch that has it.
    pub patch: u64,
}

/// Every patch of the line has it.
pub(super) const fn always(name: &'static str) -> Since {
    Since { name, patch: 0 }
}

/// The line has it from this patch on.
pub(super) const fn since(patch: u64, name: &'static str) -> Since {
    Since { name, patch }
}

/// How an orderer without ledgers gets its first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bootstrap {
    /// From the file `General.GenesisFile`: the first block of a system channel.
    GenesisFile,
    /// From the file `General.BootstrapFile`: the first block of a system channel.
    BootstrapFile,
    /// Only by joining channels.
    Participation,
}

/// How peers get to know chaincodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    /// One organization instantiates a chaincode for all.
    Legacy,
    /// Organizations approve definitions; channels with an application capability below `V2_0` do as before.
    Both,
    /// Organizations approve definitions.
    Definitions,
}

/// What an environment variable with an empty value does to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyVariable {
    /// The value of core.yaml stays.
    Ignored,
    /// The value of core.yaml is replaced by an empty one.
    Counts,
}

/// Who builds a chaincode as a service for the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceBuilder {
    /// Nobody: the peer has no external builders.
    None,
    /// Scripts that the charts bring along.
    Charts,
    /// Programs in the peer's image.
    Image,
}

/// Kind of the text that nodes are configured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Fabric 1.
    One,
    /// Fabric 2.
    Two,
    /// Fabric 3.
    Three,
}

/// What is true for all versions of a line, or from one of its patches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, read by its name in the file of a line"
)]
pub struct FabricLine {
    /// `major.minor`.
    pub name: &'static str,
    /// Major and minor number.
    pub number: (u64, u64),
    /// Newest patch that is known to work; what `fabric.version: <line>` stands for.
    pub newest_patch: u64,
    /// Patches whose official images do not run, with the reason.
    pub broken: &'static [(u64, &'static str)],
    /// Lines from which a network moves on to this one by new images and configuration files alone.
    pub follows: &'static [&'static str],
    /// Repository of the peer's image.
    pub peer_repository: &'static str,
    /// Repository of the orderer's image.
    pub orderer_repository: &'static str,
    /// What stands before the version in tags of official images.
    pub tag_prefix: &'static str,
    /// Capabilities that the channel group may have, newest first: the first one of a version is its default.
    pub channel_capabilities: &'static [Since],
    /// The same of the orderer group.
    pub orderer_capabilities: &'static [Since],
    /// The same of the application group.
    pub application_capabilities: &'static [Since],
    /// How its orderers can agree.
    pub consensus: &'static [Since],
    /// How an orderer gets its first ledger.
    pub bootstrap: Bootstrap,
    /// First patch whose orderers join channels without a system channel.
    pub participation: Option<u64>,
    /// First patch whose orderers listen for each other at a port of their own, with TLS where clients have none.
    pub cluster_listener: Option<u64>,
    /// How peers get to know chaincodes.
    pub lifecycle: Lifecycle,
    /// Key of core.yaml that names variables for an external builder; `None` without external builders.
    pub builder_environment: Option<&'static str>,
    /// First patch whose peer's image carries the builder of chaincodes as a service.
    pub service_builder: Option<u64>,
    /// First patch whose nodes know administrators by their organizational unit; before, their certificates are named.
    pub admin_unit: Option<u64>,
    /// Peers send events to clients on a port of their own, 7053.
    pub event_hub: bool,
    /// Nodes have an operations endpoint: health, version, metrics.
    pub operations: bool,
    /// First patch whose operations endpoint tells the version; asking for it shows that a node lives.
    pub version_endpoint: Option<u64>,
    /// Peers call themselves healthy only where they reach a Docker engine, whether they need one or not.
    pub health_needs_docker: bool,
    /// Its programs need Go's own resolver to find names of a cluster: `GODEBUG=netdns=go`.
    pub go_resolver: bool,
    /// What an empty variable does to a peer.
    pub empty_variable: EmptyVariable,
    /// Kind of core.yaml and orderer.yaml.
    pub generation: Generation,
    /// Sections of these files that not every line of the generation knows.
    pub sections: &'static [Since],
}

impl FabricLine {
    /// Newest version that is known to work.
    pub const fn newest(&self) -> Version {
        Version::new(self.number.0, self.number.1, self.newest_patch)
    }

    /// Tag of the official images of a version.
    pub fn tag(&self, version: &Version) -> String {
        format!("{}{version}", self.tag_prefix)
    }

    /// What new channels of a version get when the topology says nothing.
    pub fn default_capabilities(&self, version: &Version) -> Capabilities {
        let first = |names| known(names, version).next().map(str::to_owned).unwrap_or_default();
        Capabilities {
            channel: first(self.channel_capabilities),
            orderer: first(self.orderer_capabilities),
            application: first(self.application_capabilities),
        }
    }

    /// Why the official images of this version do not run, if they do not.
    pub fn broken(&self, version: &Version) -> Option<&'static str> {
        let found = self.broken.iter().find(|(patch, _)| *patch == version.patch);
        found.map(|(_, reason)| *reason)
    }

    /// How orderers of this version can agree.
    pub fn consensus(&self, version: &Version) -> impl Iterator<Item = &'static str> + use<> {
        known(self.consensus, version)
    }

    /// Channels with this consensus are made by a system channel.
    pub fn needs_system_channel(&self, version: &Version, consensus: &str) -> bool {
        let joins = self.participation.is_some_and(|patch| version.patch >= patch);
        !joins || [SOLO, KAFKA].contains(&consensus)
    }

    /// Consenters of this version can have TLS among themselves while clients have none.
    pub fn separates_consenters(&self, version: &Version) -> bool {
        self.cluster_listener.is_some_and(|patch| version.patch >= patch)
    }

    /// Who builds chaincodes as a service for peers of this version.
    pub fn service_builder(&self, version: &Version) -> ServiceBuilder {
        match (self.builder_environment, self.service_builder) {
            (None, _) => ServiceBuilder::None,
            (Some(_), Some(patch)) if version.patch >= patch => ServiceBuilder::Image,
            (Some(_), _) => ServiceBuilder::Charts,
        }
    }

    /// Nodes of this version know administrators by their organizational unit.
    pub fn knows_admin_unit(&self, version: &Version) -> bool {
        self.admin_unit.is_some_and(|patch| version.patch >= patch)
    }

    /// The operations endpoint of this version tells the version.
    pub fn tells_version(&self, version: &Version) -> bool {
        self.version_endpoint.is_some_and(|patch| version.patch >= patch)
    }

    /// Sections of configuration files that this version knows.
    pub fn sections(&self, version: &Version) -> impl Iterator<Item = &'static str> + use<> {
        known(self.sections, version)
    }
}

/// Those that are there at this version, in order.
pub fn known(
    all: &'static [Since],
    version: &Version,
) -> impl Iterator<Item = &'static str> + use<> {
    let patch = version.patch;
    all.iter().filter(move |it| patch >= it.patch).map(|it| it.name)
}
