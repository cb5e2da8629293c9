//! From the examined tree to the user's words. Silent: whatever does not fit has been reported by [`super::structure`].

mod chaincode_runtime;
mod cluster;
mod collection;
mod monitoring;

use std::collections::BTreeMap;
use std::str::FromStr;

use super::decode_storage::{self, storage};
use super::tree::{Node, Value};
use super::{
    Batch, Bft, Brokers, Ca, Capabilities, Chaincode, ChaincodeTest, Channel, CouchDb, Exposure,
    External, Faults, Group, Image, Images, Kafka, Member, NodeOptions, Nodes, Ordering,
    Organization, Raft, Release, Removal, Resources, Spec, Zookeeper,
};
use crate::diagnostic::KeyPath;
use crate::model::{
    CaDatabase, Component, ConsensusType, ExposureKind, GatewayListener, IssuingAuthority, Layout,
    NamespaceMode, Profile, PullPolicy, Rollout, StateDatabaseKind,
};

/// A value, if there is one that can be used, and its path.
#[derive(Clone)]
pub(super) struct At<'a> {
    node: Option<&'a Node>,
    path: KeyPath,
    faults: &'a Faults,
}

impl<'a> At<'a> {
    pub(super) fn key(&self, key: &str) -> Self {
        let path = self.path.key(key);
        let entry = match self.node.map(|node| &node.value) {
            Some(Value::Map(entries)) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        };
        let node = entry.map(|entry| &entry.node).filter(|_| self.faults.usable(&path));
        Self { node, path, faults: self.faults }
    }

    /// Something was written that can be used.
    pub(super) fn is_there(&self) -> bool {
        self.node.is_some()
    }

    pub(super) fn scalar(&self) -> Option<&'a str> {
        match &self.node?.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.key(key).scalar().map(str::to_owned)
    }

    fn number<N: FromStr>(&self, key: &str) -> Option<N> {
        self.key(key).scalar()?.parse().ok()
    }

    /// Every item, the faulty ones as what nothing was written for.
    fn items<T>(&self, read: impl Fn(&Self) -> T) -> Option<Vec<T>> {
        let Value::List(items) = &self.node?.value else { return None };
        let items = items.iter().enumerate().map(|(index, node)| {
            let path = self.path.index(index);
            let node = Some(node).filter(|_| self.faults.usable(&path));
            read(&Self { node, path, faults: self.faults })
        });
        Some(items.collect())
    }

    fn texts(&self, key: &str) -> Option<Vec<String>> {
        self.key(key).items(|item| item.scalar().unwrap_or_default().to_owned())
    }

    pub(super) fn named<T>(&self, read: impl Fn(&Self) -> T) -> BTreeMap<String, T> {
        let Some(Value::Map(entries)) = self.node.map(|node| &node.value) else {
            return BTreeMap::new();
        };
        entries.iter().map(|entry| (entry.key.clone(), read(&self.key(&entry.key)))).collect()
    }
}

/// The whole document.
pub(super) fn topology(root: &Node, faults: &Faults) -> Spec {
    let node = Some(root).filter(|_| faults.usable(&KeyPath::root()));
    let at = At { node, path: KeyPath::root(), faults };
    let capabilities = at.key("fabric").key("capabilities");
    Spec {
        name: at.key("metadata").text("name"),
        version: at.key("metadata").text("version"),
        release: release(&at.key("release")),
        fabric_version: at.key("fabric").text("version"),
        capabilities: Capabilities {
            channel: capabilities.text("channel"),
            orderer: capabilities.text("orderer"),
            application: capabilities.text("application"),
        },
        cluster_domain: at.text("clusterDomain"),
        chaincode_runtime: chaincode_runtime::chaincode_runtime(&at.key("chaincode")),
        rewrites_domains: at.key("domains").key("resolve").scalar() == Some("coredns-rewrite"),
        aliases: cluster::aliases(&at.key("domains")),
        cluster: cluster::cluster(&at.key("cluster")),
        images: images(&at.key("images")),
        peer_defaults: node_options(&at.key("defaults").key("peer")),
        orderer_defaults: node_options(&at.key("defaults").key("orderer")),
        crypto: decode_storage::crypto(&at.key("crypto")),
        storage: decode_storage::network(&at.key("storage")),
        plain: at.key("tls").key("enabled").scalar() == Some("false"),
        exposure: exposure(&at.key("exposure")),
        organizations: at.key("organizations").items(organization).unwrap_or_default(),
        ordering: ordering(&at.key("ordering")),
        monitoring: monitoring::monitoring(&at.key("monitoring")),
        kafka: kafka(&at.key("ordering").key("kafka")),
        channels: at.key("channels").items(channel).unwrap_or_default(),
        chaincodes: at.key("chaincodes").items(chaincode).unwrap_or_default(),
        removals: at.key("removals").items(removal).unwrap_or_default(),
    }
}

fn release(at: &At<'_>) -> Release {
    Release {
        layout: at.key("layout").scalar().and_then(Layout::of_word),
        namespaces: at.key("namespaces").scalar().and_then(|word| match word {
            "plain" => Some(NamespaceMode::Plain),
            "prefixed" => Some(NamespaceMode::Prefixed),
            _ => None,
        }),
        profile: at.key("profile").scalar().and_then(|word| match word {
            "dev" => Some(Profile::Dev),
            "production" => Some(Profile::Production),
            _ => None,
        }),
        rollout: at.key("rollout").scalar().and_then(|word| match word {
            "one-by-one" => Some(Rollout::OneByOne),
            "all-at-once" => Some(Rollout::AllAtOnce),
            _ => None,
        }),
    }
}

fn images(at: &At<'_>) -> Images {
    Images {
        registry: at.text("registry"),
        pull_policy: at.key("pullPolicy").scalar().and_then(|word| match word {
            "IfNotPresent" => Some(PullPolicy::IfNotPresent),
            "Always" => Some(PullPolicy::Always),
            "Never" => Some(PullPolicy::Never),
            _ => None,
        }),
        pull_secrets: at.texts("pullSecrets").unwrap_or_default(),
        components: Component::ALL
            .iter()
            .filter_map(|component| Some((*component, image(&at.key(component.key()))?)))
            .collect(),
    }
}

fn image(at: &At<'_>) -> Option<Image> {
    if let Some(reference) = at.scalar() {
        return Some(Image::Reference(reference.to_owned()));
    }
    at.node?;
    Some(Image::Fields {
        repository: at.text("repository"),
        tag: at.text("tag"),
        digest: at.text("digest"),
    })
}

fn node_options(at: &At<'_>) -> NodeOptions {
    NodeOptions {
        storage: storage(&at.key("storage")),
        resources: resources(&at.key("resources")),
        state_database: at.key("stateDB").scalar().and_then(StateDatabaseKind::of_word),
        couchdb: couchdb(&at.key("couchdb")),
        wal: storage(&at.key("wal")),
        snapshots: storage(&at.key("snapshots")),
    }
}

fn couchdb(at: &At<'_>) -> Option<CouchDb> {
    at.node?;
    Some(CouchDb {
        storage: storage(&at.key("storage")),
        resources: resources(&at.key("resources")),
    })
}

fn resources(at: &At<'_>) -> Resources {
    Resources {
        request_cpu: at.key("requests").text("cpu"),
        request_memory: at.key("requests").text("memory"),
        limit_cpu: at.key("limits").text("cpu"),
        limit_memory: at.key("limits").text("memory"),
    }
}

fn organization(at: &At<'_>) -> Organization {
    Organization {
        name: at.text("name"),
        msp_id: at.text("mspId"),
        namespace: at.text("namespace"),
        domain: at.text("domain"),
        chaincode_runtime: chaincode_runtime::chaincode_runtime(&at.key("chaincode")),
        peers: nodes(&at.key("peers")),
        orderers: nodes(&at.key("orderers")),
        ca: ca(&at.key("ca")),
        cli: switch(&at.key("cli")),
        external: external(&at.key("external")),
    }
}

fn exposure(at: &At<'_>) -> Exposure {
    let kind = at.key("type");
    Exposure {
        kind: kind.scalar().and_then(ExposureKind::of_word),
        domain: at.text("domain"),
        gateways: at.key("gateways").items(gateway).unwrap_or_default(),
    }
}

fn gateway(at: &At<'_>) -> GatewayListener {
    GatewayListener {
        name: at.text("name").unwrap_or_default(),
        namespace: at.text("namespace"),
        section: at.text("listener"),
    }
}

fn external(at: &At<'_>) -> Option<External> {
    at.node?;
    Some(External {
        anchors: at.texts("anchors").unwrap_or_default(),
        orderers: at.texts("orderers").unwrap_or_default(),
    })
}

fn switch(at: &At<'_>) -> Option<bool> {
    at.scalar().map(|word| word == "true")
}

fn ca(at: &At<'_>) -> Option<Ca> {
    at.node?;
    if at.scalar().is_some() {
        return Some(Ca { enabled: switch(at), ..Ca::default() });
    }
    Some(Ca {
        enabled: switch(&at.key("enabled")),
        database: at.key("db").scalar().and_then(|word| match word {
            "sqlite" => Some(CaDatabase::Sqlite),
            "postgres" => Some(CaDatabase::Postgres),
            _ => None,
        }),
        authority: at.key("authority").scalar().and_then(|word| match word {
            "intermediate" => Some(IssuingAuthority::Intermediate),
            "root" => Some(IssuingAuthority::Root),
            _ => None,
        }),
        acknowledge: at.texts("acknowledge").unwrap_or_default(),
        storage: storage(&at.key("storage")),
        resources: resources(&at.key("resources")),
    })
}

fn nodes(at: &At<'_>) -> Nodes {
    if let Some(count) = at.scalar() {
        return Nodes { count: count.parse().ok(), ..Nodes::default() };
    }
    Nodes {
        count: at.number("count"),
        anchors: at.texts("anchors"),
        options: node_options(at),
        overrides: at.key("overrides").named(node_options),
    }
}

fn ordering(at: &At<'_>) -> Ordering {
    let groups = at.key("groups");
    if groups.node.is_some() {
        Ordering::Groups(groups.named(group))
    } else {
        Ordering::Single(Box::new(group(at)))
    }
}

fn group(at: &At<'_>) -> Group {
    let (batch, raft, bft) = (at.key("batch"), at.key("raft"), at.key("bft"));
    Group {
        consensus: at.key("type").scalar().and_then(ConsensusType::of),
        system_channel: at.text("systemChannel"),
        consenters: at.texts("consenters"),
        batch: Batch {
            timeout: batch.text("timeout"),
            max_messages: batch.number("maxMessages"),
            absolute_max_bytes: batch.text("absoluteMaxBytes"),
            preferred_max_bytes: batch.text("preferredMaxBytes"),
        },
        raft: Raft {
            tick_interval: raft.text("tickInterval"),
            election_tick: raft.number("electionTick"),
            heartbeat_tick: raft.number("heartbeatTick"),
            max_inflight_blocks: raft.number("maxInflightBlocks"),
            snapshot_interval_size: raft.text("snapshotIntervalSize"),
        },
        bft: Bft {
            request_batch_max_interval: bft.text("requestBatchMaxInterval"),
            incoming_message_buffer_size: bft.number("incomingMessageBufferSize"),
            request_pool_size: bft.number("requestPoolSize"),
            request_forward_timeout: bft.text("requestForwardTimeout"),
            request_complain_timeout: bft.text("requestComplainTimeout"),
            request_auto_remove_timeout: bft.text("requestAutoRemoveTimeout"),
            view_change_resend_interval: bft.text("viewChangeResendInterval"),
            view_change_timeout: bft.text("viewChangeTimeout"),
            leader_heartbeat_timeout: bft.text("leaderHeartbeatTimeout"),
            leader_heartbeat_count: bft.number("leaderHeartbeatCount"),
            collect_timeout: bft.text("collectTimeout"),
        },
    }
}

fn kafka(at: &At<'_>) -> Option<Kafka> {
    at.node?;
    let (brokers, zookeeper) = (at.key("brokers"), at.key("zookeeper"));
    // The short form is the count alone; it has no fields.
    let count = |at: &At<'_>| at.scalar().map_or_else(|| at.number("count"), |it| it.parse().ok());
    Some(Kafka {
        namespace: at.text("namespace"),
        brokers: Brokers {
            count: count(&brokers),
            replication_factor: brokers.number("replicationFactor"),
            min_insync: brokers.number("minInsync"),
            message_max_bytes: brokers.text("messageMaxBytes"),
            options: node_options(&brokers),
        },
        zookeeper: Zookeeper { count: count(&zookeeper), options: node_options(&zookeeper) },
    })
}

fn channel(at: &At<'_>) -> Channel {
    Channel {
        name: at.text("name"),
        ordering: at.text("ordering"),
        members: at.key("members").items(member).unwrap_or_default(),
    }
}

fn member(at: &At<'_>) -> Member {
    if let Some(name) = at.scalar() {
        return Member { organization: Some(name.to_owned()), short: true, ..Member::default() };
    }
    Member {
        organization: at.text("org"),
        peers: at.texts("peers"),
        anchors: at.texts("anchors"),
        short: false,
    }
}

fn chaincode(at: &At<'_>) -> Chaincode {
    Chaincode {
        name: at.text("name"),
        channel: at.text("channel"),
        version: at.text("version"),
        sequence: at.number("sequence"),
        image: image(&at.key("image")),
        endorsement: at.text("endorsement"),
        runtime: at.key("runtime").scalar().and_then(chaincode_runtime::runtime),
        package: at.text("package"),
        init: at.text("init"),
        indexes: at.text("indexes"),
        collections: collection::collections(&at.key("collections")),
        test: chaincode_test(&at.key("test")),
        replicas: at.number("replicas"),
        resources: resources(&at.key("resources")),
    }
}

fn chaincode_test(at: &At<'_>) -> Option<ChaincodeTest> {
    at.node?;
    Some(ChaincodeTest {
        invoke: at.text("invoke"),
        query: at.text("query"),
        expect: at.text("expect"),
    })
}

fn removal(at: &At<'_>) -> Removal {
    Removal { organization: at.text("org"), peer: at.text("peer") }
}
