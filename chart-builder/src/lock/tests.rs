use std::collections::BTreeMap;

use super::*;
use crate::model::{Collection, RaftOptions};

fn image(tag: &str) -> Image {
    Image {
        registry: "registry.example.com".to_owned(),
        repository: "cc/asset".to_owned(),
        tag: tag.to_owned(),
        digest: None,
    }
}

fn node(kind: NodeKind, index: u32, storage: Storage) -> LockedNode {
    LockedNode {
        kind,
        index,
        host: format!("n{index}.org1"),
        storage,
        gossip_bootstrap: (kind == NodeKind::Peer).then(|| "peer0.org1:7051".to_owned()),
        couchdb: (kind == NodeKind::Peer).then_some(Storage::EmptyDir),
        logs: Logs {
            wal: (kind == NodeKind::Orderer).then_some(Storage::EmptyDir),
            snapshots: None,
        },
        removed: index == 1,
    }
}

fn facts() -> ChannelFacts {
    ChannelFacts {
        members: vec![LockedMember {
            organization: "Org1".to_owned(),
            anchors: vec!["peer0.org1:7051".to_owned()],
        }],
        orderers: vec![LockedOrdererOrganization {
            organization: "Org1".to_owned(),
            endpoints: vec!["orderer0.org1:7050".to_owned()],
        }],
        consensus: Consensus::Etcdraft(RaftOptions::default()),
        consenters: vec![LockedConsenter {
            id: 1,
            organization: "Org1".to_owned(),
            orderer: "orderer0".to_owned(),
            host: "orderer0.org1".to_owned(),
            port: 7050,
            tls_sha256: Some("a".repeat(64)),
            sign_sha256: None,
        }],
        batch: BatchLimits {
            timeout: "2s".to_owned(),
            max_messages: 500,
            absolute_max_bytes: 10_485_760,
            preferred_max_bytes: 2_097_152,
        },
        capabilities: Capabilities {
            channel: "V2_0".to_owned(),
            orderer: "V2_0".to_owned(),
            application: "V2_5".to_owned(),
        },
        policies: BTreeMap::from([(
            "/Channel/Application/Endorsement".to_owned(),
            "MAJORITY Endorsement".to_owned(),
        )]),
    }
}

fn chaincode() -> LockedChaincode {
    LockedChaincode {
        channel: "no".to_owned(),
        version: "1.0".to_owned(),
        sequence: 2,
        endorsement: Some("AND('Org1MSP.peer')".to_owned()),
        label: "asset-2".to_owned(),
        package_id: format!("asset-2:{}", "b".repeat(64)),
        indexes_sha256: Some("d".repeat(64)),
        image: image("2"),
        since: semver::Version::new(1, 1, 0),
        previous: Some(LockedPrevious {
            sequence: 1,
            label: "asset-1".to_owned(),
            package_id: format!("asset-1:{}", "c".repeat(64)),
            indexes_sha256: None,
            image: image("1"),
        }),
        collections: vec![Collection {
            name: "secret".to_owned(),
            policy: "OR('Org1MSP.member')".to_owned(),
            required_peers: 1,
            maximum_peers: 2,
            block_to_live: 100,
            member_only_read: true,
            member_only_write: false,
            endorsement: Some("OR('Org1MSP.peer')".to_owned()),
        }],
        replaced: vec!["0.9".to_owned()],
    }
}

fn kafka() -> LockedKafka {
    let node = LockedKafkaNode { storage: Storage::EmptyDir };
    LockedKafka {
        namespace: "kafka".to_owned(),
        brokers: BTreeMap::from([("kafka0".to_owned(), node.clone())]),
        zookeeper: BTreeMap::from([("zookeeper0".to_owned(), node)]),
    }
}

fn chart() -> LockedChart {
    LockedChart { version: semver::Version::new(0, 1, 0), sha256: "e".repeat(64) }
}

fn update() -> LockedUpdate {
    let signatures = BTreeMap::from([("Org1".to_owned(), "c".repeat(64))]);
    LockedUpdate { adds: vec!["Org3".to_owned()], sha256: "b".repeat(64), signatures }
}

fn network() -> LockedNetwork {
    LockedNetwork {
        name: "article".to_owned(),
        layout: Layout::Umbrella,
        namespaces: NamespaceMode::Plain,
        cluster_domain: "cluster.local".to_owned(),
        release: "article".to_owned(),
        transport: Transport::Plain,
        fabric_line: "2.5".to_owned(),
    }
}

/// Every kind of fact, and a channel whose name older YAML takes for a boolean.
fn everything() -> Lock {
    let claim = Storage::Claim {
        claim: "data-peer0".to_owned(),
        class: Some("disk".to_owned()),
        size: "10Gi".to_owned(),
    };
    let existing = Storage::ExistingClaim { claim: "mine".to_owned() };
    let nodes = BTreeMap::from([
        ("peer0".to_owned(), node(NodeKind::Peer, 0, claim)),
        ("peer1".to_owned(), node(NodeKind::Peer, 1, existing)),
        ("orderer0".to_owned(), node(NodeKind::Orderer, 0, Storage::EmptyDir)),
    ]);
    let organization = LockedOrganization {
        msp_id: "Org1MSP".to_owned(),
        namespace: "org1".to_owned(),
        release: "article".to_owned(),
        has_peers: true,
        has_orderers: true,
        ca_sha256: "1".repeat(64),
        tls_ca_sha256: "2".repeat(64),
        intermediate_ca_sha256: Some("e".repeat(64)),
        ca_storage: Some(Storage::EmptyDir),
        nodes,
    };
    let channel = LockedChannel {
        origin: Origin::Genesis { sha256: "d".repeat(64) },
        sequence: 1,
        updates: vec![update()],
        made_from: facts(),
    };
    let with = |consensus| ChannelFacts { consensus, ..facts() };
    let system = LockedChannel {
        made_from: with(Consensus::Kafka { brokers: vec!["kafka0.kafka:9092".to_owned()] }),
        ..channel.clone()
    };
    let made = LockedChannel {
        origin: Origin::Creation {
            system_channel: "system-channel".to_owned(),
            sha256: "f".repeat(64),
        },
        sequence: 0,
        updates: Vec::new(),
        made_from: with(Consensus::Bft(Box::default())),
    };
    Lock {
        network: Some(network()),
        organizations: BTreeMap::from([("Org1".to_owned(), organization)]),
        addresses: BTreeMap::from([
            ("peer0.org1.example.com".to_owned(), "10.96.0.65".parse().unwrap()),
            ("peer1.org1.example.com".to_owned(), "fd00::1".parse().unwrap()),
        ]),
        kafka: Some(kafka()),
        system_channels: BTreeMap::from([("system-channel".to_owned(), system)]),
        channels: BTreeMap::from([("made".to_owned(), made), ("no".to_owned(), channel)]),
        chaincodes: BTreeMap::from([("asset".to_owned(), chaincode())]),
        charts: BTreeMap::from([("fabric-org".to_owned(), chart())]),
    }
}

/// Earlier versions issued an authority that no orderer has ever asked for.
#[test]
fn a_frozen_authority_of_administration_clients_is_read_and_not_kept() {
    let now = write(&everything());
    let frozen = format!("ordererAdminCaSha256: \"{}\"\n", "3".repeat(64));
    let tls = format!("tlsCaSha256: \"{}\"\n", "2".repeat(64));
    let earlier = now.replace(&tls, &format!("{tls}    {frozen}"));
    assert_ne!(earlier, now);
    assert_eq!(write(&read(&earlier).unwrap()), now);
}

#[test]
fn what_is_written_is_read_back() {
    let lock = everything();
    let text = write(&lock);
    assert!(text.starts_with("# Written by chart-builder; commit it."), "{text}");
    assert_eq!(read(&text).unwrap(), lock);
    assert_eq!(write(&read(&text).unwrap()), text);
}

#[test]
fn nothing_frozen_is_no_text() {
    assert_eq!(write(&Lock::default()), "");
}

#[test]
fn an_unknown_key_is_an_error_at_its_place() {
    let text = write(&everything()).replace("  fabricLine:", "  fabricLines:");
    let line = text.lines().position(|line| line.contains("fabricLines")).unwrap() as u64 + 1;
    let error = read(&text).unwrap_err();
    assert_eq!((error.line, error.column), (line, 3), "{error}");
    assert!(error.message.contains("fabricLines"), "{error}");
}

#[test]
fn a_digest_of_another_shape_is_an_error_at_its_place() {
    let text = write(&everything()).replace(&"d".repeat(64), &"D".repeat(64));
    let line = text.lines().position(|line| line.contains("DDDD")).unwrap() as u64 + 1;
    let error = read(&text).unwrap_err();
    assert_eq!(error.line, line, "{error}");
    assert!(error.message.contains("64 lower-case hex digits"), "{error}");
}

#[test]
fn another_version_of_the_format_is_refused() {
    let error = read(&write(&everything()).replace("fabric-lock/v1", "fabric-lock/v2"));
    assert!(error.unwrap_err().message.contains("another version of chart-builder"));
}

#[test]
fn an_index_that_was_removed_stays_taken() {
    let lock = everything();
    assert_eq!(lock.organizations["Org1"].highest_index(NodeKind::Peer), Some(1));
    assert_eq!(lock.organizations["Org1"].highest_index(NodeKind::Orderer), Some(0));
}

#[test]
fn the_sequence_before_runs_for_one_release() {
    let chaincode = chaincode();
    let brought_it = semver::Version::new(1, 1, 0);
    let after = semver::Version::new(1, 2, 0);
    let sequence = |previous: Option<PreviousChaincode>| previous.map(|it| it.sequence);
    assert_eq!(sequence(chaincode.previous_for(2, &brought_it)), Some(1), "built again");
    assert_eq!(sequence(chaincode.previous_for(2, &after)), None, "the release after");
    assert_eq!(sequence(chaincode.previous_for(3, &after)), Some(2), "a new sequence");
}
