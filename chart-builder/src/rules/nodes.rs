//! Where the options of nodes are written. Serves the rules about storage and resources.

use super::context::{Context, Organization};
use crate::diagnostic::KeyPath;
use crate::model::{Log, Storage};
use crate::spec::{self, NodeOptions, Nodes, Resources};

/// The two kinds of nodes of an organization, as keys of the topology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `peers`.
    Peers,
    /// `orderers`.
    Orderers,
}

impl Kind {
    /// Both of them.
    pub(super) const ALL: [Self; 2] = [Self::Peers, Self::Orderers];

    /// Key below an organization.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Peers => "peers",
            Self::Orderers => "orderers",
        }
    }

    /// What the user wrote about these nodes.
    pub(super) const fn said<'a>(self, organization: &Organization<'a>) -> &'a Nodes {
        match self {
            Self::Peers => &organization.said.peers,
            Self::Orderers => &organization.said.orderers,
        }
    }

    /// Name and storage of each node.
    pub(super) fn storage<'a>(
        self,
        organization: &Organization<'a>,
    ) -> Vec<(&'a str, &'a Storage)> {
        let decided = organization.decided;
        match self {
            Self::Peers => {
                decided.peers.iter().map(|node| (node.name.as_str(), &node.storage)).collect()
            }
            Self::Orderers => {
                decided.orderers.iter().map(|node| (node.name.as_str(), &node.storage)).collect()
            }
        }
    }
}

/// Every place where options of nodes are written.
pub(super) fn written<'a>(context: &Context<'a>) -> Vec<(KeyPath, &'a NodeOptions)> {
    let defaults = KeyPath::root().key("defaults");
    let mut found = vec![
        (defaults.key("peer"), &context.spec.peer_defaults),
        (defaults.key("orderer"), &context.spec.orderer_defaults),
    ];
    if let Some(kafka) = &context.spec.kafka {
        let path = KeyPath::root().key("ordering").key("kafka");
        found.push((path.key("brokers"), &kafka.brokers.options));
        found.push((path.key("zookeeper"), &kafka.zookeeper.options));
    }
    for organization in context.organizations() {
        for kind in Kind::ALL {
            let path = organization.path.key(kind.key());
            let said = kind.said(&organization);
            let overrides = path.key("overrides");
            found.push((path, &said.options));
            found.extend(said.overrides.iter().map(|(name, said)| (overrides.key(name), said)));
        }
    }
    found
}

/// Every place where storage is written: nodes, their state databases, their logs, and Fabric CA servers.
pub(super) fn storages<'a>(context: &Context<'a>) -> Vec<(KeyPath, &'a spec::Storage)> {
    let places = written(context).into_iter().flat_map(|(path, said)| {
        let couchdb = said.couchdb.as_ref().and_then(|it| it.storage.as_ref());
        let couchdb = couchdb.map(|storage| (path.key("couchdb").key("storage"), storage));
        let own = |key: &str, said: &'a Option<spec::Storage>| {
            said.as_ref().map(|storage| (path.key(key), storage))
        };
        let logs = [own(Log::Wal.key(), &said.wal), own(Log::Snapshots.key(), &said.snapshots)];
        own("storage", &said.storage).into_iter().chain(couchdb).chain(logs.into_iter().flatten())
    });
    let servers = context.organizations().filter_map(|organization| {
        let storage = organization.said.ca.as_ref()?.storage.as_ref()?;
        Some((organization.path.key("ca").key("storage"), storage))
    });
    places.chain(servers).collect()
}

/// Every place where resources are written: nodes, their state databases, chaincodes and Fabric CA servers.
pub(super) fn resources<'a>(context: &Context<'a>) -> Vec<(KeyPath, &'a Resources)> {
    let nodes = written(context).into_iter().flat_map(|(path, said)| {
        let couchdb = said.couchdb.as_ref().map(|it| (path.key("couchdb"), &it.resources));
        std::iter::once((path, &said.resources)).chain(couchdb)
    });
    let chaincodes = context.chaincodes().map(|it| (it.path, &it.said.resources));
    let servers = context.organizations().filter_map(|organization| {
        Some((organization.path.key("ca"), &organization.said.ca.as_ref()?.resources))
    });
    nodes
        .chain(chaincodes)
        .chain(servers)
        .map(|(path, said)| (path.key("resources"), said))
        .collect()
}

/// Where the storage of a node is decided: its override, its organization, the defaults, or the organization's nodes.
pub(super) fn storage_path(
    context: &Context<'_>,
    organization: &Organization<'_>,
    kind: Kind,
    node: &str,
) -> KeyPath {
    let nodes = organization.path.key(kind.key());
    let said = kind.said(organization);
    let (key, defaults) = match kind {
        Kind::Peers => ("peer", &context.spec.peer_defaults),
        Kind::Orderers => ("orderer", &context.spec.orderer_defaults),
    };
    if said.overrides.get(node).is_some_and(|said| said.storage.is_some()) {
        nodes.key("overrides").key(node).key("storage")
    } else if said.options.storage.is_some() {
        nodes.key("storage")
    } else if defaults.storage.is_some() {
        KeyPath::root().key("defaults").key(key).key("storage")
    } else {
        nodes
    }
}
