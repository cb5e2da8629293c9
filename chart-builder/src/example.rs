//! The article's network in code, for tests that need a decided network without a topology file.

use std::collections::BTreeMap;

use semver::Version;

use crate::model::{
    AnchorPeer, BatchLimits, Capabilities, Chaincode, ChaincodeMode, ChaincodeTest, Channel,
    Cluster, Component, Consensus, Consenter, Crypto, EndorsementPolicy, Exposure, Image, Images,
    KafkaCluster, KafkaNode, Layout, Logs, Member, NamespaceMode, Network, NetworkStorage,
    ONLY_GROUP, Orderer, OrderingGroup, Organization, Peer, Profile, PullPolicy, RaftOptions,
    Resources, Rollout, StateDatabase, Storage, Transport, names,
};

/// Two organizations with two peers each, one with three orderers, a channel and a chaincode.
pub(crate) fn article() -> Network {
    Network {
        name: "article".to_owned(),
        version: Version::new(1, 0, 0),
        fabric: Version::new(2, 5, 16),
        capabilities: capabilities(),
        layout: Layout::Umbrella,
        rollout: Rollout::AllAtOnce,
        namespaces: NamespaceMode::Plain,
        profile: Profile::Production,
        cluster_domain: "cluster.local".to_owned(),
        rewrites_domains: false,
        host_aliases: None,
        cluster: Cluster::default(),
        images: images(),
        transport: Transport::Tls,
        exposure: Exposure::default(),
        crypto: Crypto::default(),
        storage: NetworkStorage::default(),
        organizations: vec![
            peers_of("Org1", 2),
            peers_of("Org2", 2),
            Organization {
                name: "Orderer".to_owned(),
                msp_id: "OrdererMSP".to_owned(),
                chaincode_mode: ChaincodeMode::Services,
                namespace: "orderer".to_owned(),
                domain: "orderer".to_owned(),
                host_domain: "orderer".to_owned(),
                peers: Vec::new(),
                orderers: (0..3).map(orderer).collect(),
                ca: None,
                cli: false,
                external: None,
            },
        ],
        monitoring: None,
        kafka: None,
        ordering: vec![group(&channel("mychannel"))],
        channels: vec![channel("mychannel")],
        chaincodes: vec![chaincode()],
    }
}

/// An organization with so many peers.
pub(crate) fn peers_of(name: &str, count: u32) -> Organization {
    let namespace = name.to_lowercase();
    let peer = |index| Peer {
        name: names::peer(index),
        index,
        storage: claim(&names::peer(index)),
        resources: Resources::default(),
        gossip_bootstrap: format!("peer0.{namespace}:7051"),
        state_database: StateDatabase::LevelDb,
    };
    Organization {
        name: name.to_owned(),
        msp_id: format!("{name}MSP"),
        chaincode_mode: ChaincodeMode::Services,
        peers: (0..count).map(peer).collect(),
        orderers: Vec::new(),
        ca: None,
        cli: false,
        domain: namespace.clone(),
        host_domain: namespace.clone(),
        external: None,
        namespace,
    }
}

fn orderer(index: u32) -> Orderer {
    let name = names::orderer(index);
    Orderer {
        storage: claim(&name),
        logs: Logs::default(),
        name,
        index,
        resources: Resources::default(),
    }
}

fn claim(node: &str) -> Storage {
    Storage::Claim { claim: names::data_claim(node), class: None, size: "10Gi".to_owned() }
}

/// A channel of Org1 and Org2, ordered by Orderer.
pub(crate) fn channel(name: &str) -> Channel {
    let member = |organization: &str, namespace: &str| Member {
        organization: organization.to_owned(),
        peers: vec!["peer0".to_owned(), "peer1".to_owned()],
        anchors: vec![AnchorPeer {
            peer: "peer0".to_owned(),
            host: names::host("peer0", namespace),
            port: names::PEER_PORT,
        }],
    };
    let consenter = |index| Consenter {
        organization: "Orderer".to_owned(),
        orderer: names::orderer(index),
        host: names::host(&names::orderer(index), "orderer"),
        port: names::ORDERER_PORT,
        cluster_port: names::ORDERER_PORT,
    };
    Channel {
        name: name.to_owned(),
        members: vec![member("Org1", "org1"), member("Org2", "org2")],
        ordering: ONLY_GROUP.to_owned(),
        consenters: (0..3).map(consenter).collect(),
        batch: BatchLimits {
            timeout: "2s".to_owned(),
            max_messages: 500,
            absolute_max_bytes: 10 << 20,
            preferred_max_bytes: 2 << 20,
        },
        consensus: Consensus::Etcdraft(RaftOptions::default()),
        capabilities: capabilities(),
    }
}

/// The group that orders a channel.
fn group(channel: &Channel) -> OrderingGroup {
    OrderingGroup {
        name: channel.ordering.clone(),
        consensus: channel.consensus.clone(),
        orderers: channel.consenters.clone(),
        batch: channel.batch.clone(),
        capabilities: channel.capabilities.clone(),
        system_channel: None,
    }
}

fn chaincode() -> Chaincode {
    Chaincode {
        name: "canary".to_owned(),
        channel: "mychannel".to_owned(),
        version: "1.0".to_owned(),
        sequence: 1,
        endorsement: EndorsementPolicy::ChannelDefault,
        package: None,
        legacy: None,
        indexes: None,
        collections: Vec::new(),
        test: ChaincodeTest::default(),
        image: image("fabric-canary", "0.1.0"),
        resources: Resources::default(),
        replicas: 1,
        previous: None,
    }
}

fn capabilities() -> Capabilities {
    Capabilities {
        channel: "V2_0".to_owned(),
        orderer: "V2_0".to_owned(),
        application: "V2_5".to_owned(),
    }
}

fn images() -> Images {
    Images {
        components: BTreeMap::from([
            (Component::Peer, image("hyperledger/fabric-peer", "2.5.16")),
            (Component::Orderer, image("hyperledger/fabric-orderer", "2.5.16")),
            (Component::Tools, image("busybox", "1.37.0")),
            (Component::Glibc, image("debian", "12-slim")),
            (Component::Musl, image("alpine", "3.20")),
        ]),
        pull_policy: PullPolicy::IfNotPresent,
        pull_secrets: Vec::new(),
    }
}

fn image(repository: &str, tag: &str) -> Image {
    Image {
        registry: String::new(),
        repository: repository.to_owned(),
        tag: tag.to_owned(),
        digest: None,
    }
}

/// Four brokers and three ZooKeeper nodes.
pub(crate) fn kafka() -> KafkaCluster {
    let node = |name: String, index| KafkaNode {
        storage: claim(&name),
        name,
        index,
        resources: Resources::default(),
    };
    KafkaCluster {
        namespace: "kafka".to_owned(),
        brokers: (0..4).map(|index| node(names::broker(index), index)).collect(),
        zookeeper: (0..3).map(|index| node(names::zookeeper(index), index)).collect(),
        replication_factor: 3,
        min_insync: 2,
        message_max_bytes: 99 << 20,
    }
}
