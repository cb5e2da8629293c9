//! Organizations: from counts to nodes, from inheritance to storage and resources.

use std::collections::BTreeSet;

use super::chaincode_runtime::chaincode_mode;
use super::{services, storage};
use crate::lock::{Lock, LockedOrganization};
use crate::model::{
    Directory, Endpoint, External, Log, Logs, NamespaceMode, Network, Orderer, Organization, Peer,
    Quantities, Resources, StateDatabase, StateDatabaseKind, Storage, names,
};
use crate::spec::{self, NodeOptions, Nodes, Spec};

/// Size of a claim when nobody says one.
pub(super) const DEFAULT_SIZE: &str = "10Gi";

/// Every organization in the order of the spec.
pub(super) fn organizations(spec: &Spec, network: &Network, lock: &Lock) -> Vec<Organization> {
    spec.organizations.iter().map(|said| organization(said, spec, network, lock)).collect()
}

fn organization(
    said: &spec::Organization,
    spec: &Spec,
    network: &Network,
    lock: &Lock,
) -> Organization {
    let name = said.name.clone().unwrap_or_default();
    let locked = lock.organizations.get(&name);
    let prefixed = network.namespaces == NamespaceMode::Prefixed;
    let base_namespace = said.namespace.clone().unwrap_or_else(|| name.to_lowercase());
    let namespace = names::namespace(&network.name, &base_namespace, prefixed);
    let base_directory = network.storage.base.as_ref();
    let directory =
        base_directory.map(|base| base.below(&format!("{}/{base_namespace}", network.name)));
    let removed = removed(spec, &name, locked);
    let peers = living(&said.peers, names::peer, &removed);
    let orderers = living(&said.orderers, names::orderer, &removed);
    let first_peer = peers.first().copied().unwrap_or(0);
    let inherit = Inherit {
        nodes: &said.peers,
        defaults: &spec.peer_defaults,
        locked,
        directory: directory.clone(),
    };
    let domain = said.domain.clone().unwrap_or_else(|| base_namespace.clone());
    let aliased = spec.aliases.asked && said.external.is_none() && domain.contains('.');
    let host_domain = if aliased { domain.clone() } else { namespace.clone() };
    let first = names::peer(first_peer);
    let peers = peers.into_iter().map(|index| inherit.peer(index, &first, &host_domain)).collect();
    let inherit =
        Inherit { nodes: &said.orderers, defaults: &spec.orderer_defaults, locked, directory };
    let orderers = orderers.into_iter().map(|index| inherit.orderer(index)).collect();
    let msp_id = said.msp_id.clone().unwrap_or_else(|| format!("{name}MSP"));
    let ca = services::certificate_authority(said.ca.as_ref(), locked);
    let cli = said.cli.unwrap_or(false);
    let chaincode_mode = chaincode_mode(&spec.chaincode_runtime, &said.chaincode_runtime);
    let external = said.external.as_ref().map(external);
    Organization {
        name,
        msp_id,
        namespace,
        domain,
        host_domain,
        chaincode_mode,
        peers,
        orderers,
        ca,
        cli,
        external,
    }
}

/// Endpoints that cannot be read are reported by a rule.
fn external(said: &spec::External) -> External {
    let endpoints = |said: &[String]| said.iter().filter_map(|it| Endpoint::parse(it)).collect();
    External { anchors: endpoints(&said.anchors), orderers: endpoints(&said.orderers) }
}

/// Names that stand for a node that is gone: those of `removals` and those that the lock remembers.
fn removed(spec: &Spec, name: &str, locked: Option<&LockedOrganization>) -> BTreeSet<String> {
    let said = spec.removals.iter().filter(|removal| removal.organization.as_deref() == Some(name));
    let said = said.filter_map(|removal| removal.peer.clone());
    let remembered = locked.iter().flat_map(|locked| &locked.nodes);
    let remembered = remembered.filter(|(_, node)| node.removed).map(|(name, _)| name.clone());
    said.chain(remembered).collect()
}

/// The lowest `count` indexes that no node has used up.
fn living(nodes: &Nodes, name: fn(u32) -> String, removed: &BTreeSet<String>) -> Vec<u32> {
    let count = usize::try_from(nodes.count.unwrap_or(0)).unwrap_or(usize::MAX);
    (0..u32::MAX).filter(|index| !removed.contains(&name(*index))).take(count).collect()
}

/// Where a peer first looks for peers of its organization: what is frozen, while that peer lives.
fn bootstrap(
    peer: &str,
    first: &str,
    host_domain: &str,
    locked: Option<&LockedOrganization>,
) -> String {
    let locked_node = |name: &str| locked.and_then(|locked| locked.nodes.get(name));
    let frozen = locked_node(peer).and_then(|node| node.gossip_bootstrap.clone());
    let host = |name: &str| format!("{}:{}", names::host(name, host_domain), names::PEER_PORT);
    let gone = locked.iter().flat_map(|locked| &locked.nodes).filter(|(_, node)| node.removed);
    let gone: BTreeSet<_> = gone.map(|(name, _)| host(name)).collect();
    frozen.filter(|frozen| !gone.contains(frozen)).unwrap_or_else(|| host(first))
}

/// Node, organization, defaults: the first one that says something counts.
pub(super) struct Inherit<'a> {
    pub(super) nodes: &'a Nodes,
    pub(super) defaults: &'a NodeOptions,
    pub(super) locked: Option<&'a LockedOrganization>,
    /// What holds the directories of its nodes, where the network says so.
    pub(super) directory: Option<Directory>,
}

impl<'a> Inherit<'a> {
    fn options(&self, node: &str) -> impl Iterator<Item = &'a NodeOptions> + use<'a> {
        let nearest = self.nodes.overrides.get(node);
        nearest.into_iter().chain([&self.nodes.options, self.defaults])
    }

    /// The peer of this index; `first` is where it looks for others.
    fn peer(&self, index: u32, first: &str, host_domain: &str) -> Peer {
        let name = names::peer(index);
        Peer {
            index,
            storage: self.storage(&name),
            resources: self.resources(&name, peer_resources()),
            state_database: self.state_database(&name),
            gossip_bootstrap: bootstrap(&name, first, host_domain, self.locked),
            name,
        }
    }

    fn orderer(&self, index: u32) -> Orderer {
        let name = names::orderer(index);
        let storage = self.storage(&name);
        let resources = self.resources(&name, orderer_resources());
        let logs =
            Logs { wal: self.log(&name, Log::Wal), snapshots: self.log(&name, Log::Snapshots) };
        Orderer { name, index, storage, logs, resources }
    }

    /// The volume of a log, if it has one of its own.
    fn log(&self, orderer: &str, log: Log) -> Option<Storage> {
        let own = |options: &'a NodeOptions| match log {
            Log::Wal => options.wal.as_ref(),
            Log::Snapshots => options.snapshots.as_ref(),
        };
        let said: Vec<_> = self.options(orderer).filter_map(own).collect();
        let frozen = self.locked.and_then(|locked| locked.nodes.get(orderer));
        let claim = match frozen.and_then(|node| node.logs.of(log)) {
            Some(Storage::Claim { claim, .. }) => claim.clone(),
            _ => names::log_claim(log, orderer),
        };
        (!said.is_empty()).then(|| volume(&said, claim, DEFAULT_SIZE))
    }

    fn state_database(&self, peer: &str) -> StateDatabase {
        let kind = self.options(peer).find_map(|options| options.state_database);
        if kind != Some(StateDatabaseKind::CouchDb) {
            return StateDatabase::LevelDb;
        }
        let said: Vec<_> =
            self.options(peer).filter_map(|options| options.couchdb.as_ref()).collect();
        let storage: Vec<_> = said.iter().filter_map(|couchdb| couchdb.storage.as_ref()).collect();
        let frozen = self.locked.and_then(|locked| locked.nodes.get(peer));
        let claim = match frozen.and_then(|node| node.couchdb.as_ref()) {
            Some(Storage::Claim { claim, .. }) => claim.clone(),
            _ => names::couchdb_claim(peer),
        };
        let resources: Vec<_> = said.iter().map(|couchdb| &couchdb.resources).collect();
        StateDatabase::CouchDb {
            storage: volume(&storage, claim, DEFAULT_SIZE),
            resources: inherit(&resources, couchdb_resources()),
        }
    }

    pub(super) fn storage(&self, node: &str) -> Storage {
        let said: Vec<_> =
            self.options(node).filter_map(|options| options.storage.as_ref()).collect();
        let frozen = self.locked.and_then(|locked| locked.nodes.get(node));
        let own = self.directory.as_ref().map(|directory| directory.below(node));
        storage::of_node(node, &said, frozen, own)
    }

    pub(super) fn resources(&self, node: &str, built_in: Resources) -> Resources {
        let said: Vec<_> = self.options(node).map(|options| &options.resources).collect();
        inherit(&said, built_in)
    }
}

/// A volume from what was said about it, the nearest first; name and size are those of a claim that the chart makes.
pub(super) fn volume(said: &[&spec::Storage], claim: String, default_size: &str) -> Storage {
    if let Some(nearest) = said.first() {
        if nearest.empty_dir {
            return Storage::EmptyDir;
        }
        if let Some(claim) = &nearest.existing_claim {
            return Storage::ExistingClaim { claim: claim.clone() };
        }
    }
    let size = said.iter().find_map(|storage| storage.size.clone());
    Storage::Claim {
        claim,
        class: said.iter().find_map(|storage| storage.class.clone()),
        size: size.unwrap_or_else(|| default_size.to_owned()),
    }
}

/// Leaf by leaf: the first of `said` that has it, else what is built in.
pub(super) fn inherit(said: &[&spec::Resources], built_in: Resources) -> Resources {
    let leaf = |get: fn(&spec::Resources) -> &Option<String>, built_in: Option<String>| {
        said.iter().find_map(|resources| get(resources).clone()).or(built_in)
    };
    Resources {
        requests: Quantities {
            cpu: leaf(|said| &said.request_cpu, built_in.requests.cpu),
            memory: leaf(|said| &said.request_memory, built_in.requests.memory),
        },
        limits: Quantities {
            cpu: leaf(|said| &said.limit_cpu, built_in.limits.cpu),
            memory: leaf(|said| &said.limit_memory, built_in.limits.memory),
        },
    }
}

fn peer_resources() -> Resources {
    built_in("100m", "256Mi", "1Gi")
}

fn couchdb_resources() -> Resources {
    built_in("100m", "256Mi", "1Gi")
}

fn orderer_resources() -> Resources {
    built_in("100m", "128Mi", "512Mi")
}

/// No limit of processor time: throttling a consenter costs elections.
pub(super) fn built_in(cpu: &str, memory: &str, limit: &str) -> Resources {
    Resources {
        requests: Quantities { cpu: Some(cpu.to_owned()), memory: Some(memory.to_owned()) },
        limits: Quantities { cpu: None, memory: Some(limit.to_owned()) },
    }
}
