//! Reading `network.lock`: its shape on disk becomes the facts.

use std::collections::BTreeMap;

use super::shape::{
    Batch, CapabilityNames, Chaincode, Channel, Chart, Consenter, DirectoryClaim, DirectoryWord,
    Facts, File, ImageReference, KindWord, LayoutWord, Member, NamespaceWord, Network, Node,
    OrdererOrganization, Organization, Previous, StorageWord, Update,
};
use super::{
    ChannelFacts, Lock, LockedChaincode, LockedChannel, LockedChart, LockedConsenter, LockedMember,
    LockedNetwork, LockedNode, LockedOrdererOrganization, LockedOrganization, LockedPrevious,
    LockedUpdate, NodeKind,
};
use crate::model::{
    BatchLimits, Capabilities, Directory, Image, Layout, Logs, NamespaceMode, Place, Storage,
    Transport,
};

/// A lock that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct LockError {
    /// Line of the fault, from 1.
    pub line: u64,
    /// Column of the fault, from 1.
    pub column: u64,
    /// What is wrong, as a phrase.
    pub message: String,
}

/// Reads the text of a lock; the first fault ends it, because the builder wrote this file.
pub fn read(text: &str) -> Result<Lock, LockError> {
    serde_yaml::from_str::<File>(text).map(Lock::from).map_err(|error| {
        let (line, column) =
            error.location().map_or((1, 1), |place| (place.line(), place.column()));
        LockError { line, column, message: error.without_snippet().to_string() }
    })
}

fn values<From, To: std::convert::From<From>>(map: BTreeMap<String, From>) -> BTreeMap<String, To> {
    map.into_iter().map(|(name, value)| (name, value.into())).collect()
}

impl From<File> for Lock {
    fn from(file: File) -> Self {
        Self {
            network: Some(file.network.into()),
            organizations: values(file.organizations),
            addresses: file.addresses,
            kafka: file.kafka.map(Into::into),
            system_channels: values(file.system_channels),
            channels: values(file.channels),
            chaincodes: values(file.chaincodes),
            charts: values(file.charts),
        }
    }
}

impl From<Network> for LockedNetwork {
    fn from(network: Network) -> Self {
        Self {
            name: network.name,
            layout: match network.layout {
                LayoutWord::Umbrella => Layout::Umbrella,
                LayoutWord::PerOwner => Layout::PerOwner,
            },
            namespaces: match network.namespaces {
                NamespaceWord::Plain => NamespaceMode::Plain,
                NamespaceWord::Prefixed => NamespaceMode::Prefixed,
            },
            cluster_domain: network.cluster_domain,
            release: network.release,
            transport: if network.plain { Transport::Plain } else { Transport::Tls },
            fabric_line: network.fabric_line,
        }
    }
}

impl From<KindWord> for NodeKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Peer => Self::Peer,
            KindWord::Orderer => Self::Orderer,
        }
    }
}

impl From<Organization> for LockedOrganization {
    fn from(organization: Organization) -> Self {
        Self {
            has_peers: organization.roles.contains(&KindWord::Peer),
            has_orderers: organization.roles.contains(&KindWord::Orderer),
            msp_id: organization.msp_id,
            namespace: organization.namespace,
            release: organization.release,
            ca_sha256: organization.ca_sha256,
            tls_ca_sha256: organization.tls_ca_sha256,
            intermediate_ca_sha256: organization.intermediate_ca_sha256,
            ca_storage: organization.ca_storage.map(Into::into),
            nodes: values(organization.nodes),
        }
    }
}

impl From<StorageWord> for Storage {
    fn from(word: StorageWord) -> Self {
        match word {
            StorageWord::Claim(claim) => {
                Self::Claim { claim: claim.name, class: claim.class, size: claim.size }
            }
            StorageWord::Directory(claim) => claim.into(),
            StorageWord::ExistingClaim(claim) => Self::ExistingClaim { claim: claim.name },
            StorageWord::EmptyDir => Self::EmptyDir,
        }
    }
}

impl From<Node> for LockedNode {
    fn from(node: Node) -> Self {
        Self {
            kind: node.kind.into(),
            index: node.index,
            host: node.host,
            storage: node.storage.into(),
            gossip_bootstrap: node.gossip_bootstrap,
            couchdb: node.couchdb.map(Into::into),
            logs: Logs { wal: node.wal.map(Into::into), snapshots: node.snapshots.map(Into::into) },
            removed: node.removed,
        }
    }
}

impl From<DirectoryClaim> for Storage {
    fn from(claim: DirectoryClaim) -> Self {
        let node = claim.node.unwrap_or_default();
        let place = match claim.kind {
            DirectoryWord::Nfs => Place::Nfs { server: claim.server },
            DirectoryWord::HostPath => Place::HostPath { node },
            DirectoryWord::Local => Place::Local { node },
        };
        let directory = Directory { place, path: claim.path };
        Self::Directory { claim: claim.name, directory, size: claim.size }
    }
}

impl From<Channel> for LockedChannel {
    fn from(channel: Channel) -> Self {
        Self {
            origin: channel.origin,
            sequence: channel.sequence,
            updates: channel.updates.into_iter().map(Into::into).collect(),
            made_from: channel.made_from.into(),
        }
    }
}

impl From<Facts> for ChannelFacts {
    fn from(facts: Facts) -> Self {
        Self {
            members: facts.members.into_iter().map(Into::into).collect(),
            orderers: facts.orderers.into_iter().map(Into::into).collect(),
            consensus: facts.consensus,
            consenters: facts.consenters.into_iter().map(Into::into).collect(),
            batch: facts.batch.into(),
            capabilities: facts.capabilities.into(),
            policies: facts.policies,
        }
    }
}

/// A conversion that only renames a type, field by field.
macro_rules! same_fields {
    ($from:ident => $to:ident { $($field:ident),+ $(,)? }) => {
        impl From<$from> for $to {
            fn from(from: $from) -> Self {
                Self { $($field: from.$field.into()),+ }
            }
        }
    };
}

same_fields!(Member => LockedMember { organization, anchors });
same_fields!(Update => LockedUpdate { adds, sha256, signatures });
same_fields!(OrdererOrganization => LockedOrdererOrganization { organization, endpoints });
same_fields!(Consenter => LockedConsenter {
    id, organization, orderer, host, port, tls_sha256, sign_sha256,
});
same_fields!(Batch => BatchLimits { timeout, max_messages, absolute_max_bytes, preferred_max_bytes });
same_fields!(CapabilityNames => Capabilities { channel, orderer, application });
same_fields!(ImageReference => Image { registry, repository, tag, digest });
same_fields!(Previous => LockedPrevious { sequence, label, package_id, indexes_sha256, image });
same_fields!(Chart => LockedChart { version, sha256 });

impl From<Chaincode> for LockedChaincode {
    fn from(chaincode: Chaincode) -> Self {
        Self {
            channel: chaincode.channel,
            version: chaincode.version,
            sequence: chaincode.sequence,
            endorsement: chaincode.endorsement,
            label: chaincode.label,
            package_id: chaincode.package_id,
            indexes_sha256: chaincode.indexes_sha256,
            image: chaincode.image.into(),
            since: chaincode.since,
            previous: chaincode.previous.map(Into::into),
            collections: chaincode.collections.into_iter().map(Into::into).collect(),
            replaced: chaincode.replaced,
        }
    }
}
