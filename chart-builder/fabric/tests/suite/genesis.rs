//! Genesis blocks without any program of Fabric: reproducible, read back, and refused with every fault.

use std::collections::BTreeSet;

use fabric_artifacts::Error;
use fabric_artifacts::block::{Block, ChannelGenesis, Consensus, GenesisFault, RaftConsenter};
use fabric_artifacts::x509::Leaf;
use sha2::{Digest as _, Sha256};

use crate::fixture::{BEGIN, Organization, Seeded, article, genesis, issuance};

/// Frozen bytes: a network computes its block once, but two builds before the first commit have to agree everywhere.
#[test]
fn bytes_never_change() {
    let block = genesis(&article(3)).encode().unwrap();
    let digest =
        Sha256::digest(&block).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    assert_eq!(
        (block.len(), digest.concat().as_str()),
        (22_217, "d05c89e2c9dcfa273e8483ed77bdc16739331ddf6341017c6432d5cafde085da")
    );
}

#[test]
fn equal_inputs_give_equal_bytes() {
    assert_eq!(genesis(&article(1)).encode().unwrap(), genesis(&article(1)).encode().unwrap());
}

#[test]
fn reads_back_what_was_written() {
    let organizations = [
        Organization::new("Org1", 2, 2),
        Organization::new("Org2", 1, 0),
        Organization::new("Orderers", 0, 1),
    ];
    let mut genesis = genesis(&organizations);
    let block = Block::read(&genesis.encode().unwrap()).unwrap();
    assert_eq!((block.number, block.channel.as_str()), (0, "mychannel"));
    assert_eq!(block.timestamp, BEGIN);
    let read = block.configuration;
    assert_eq!(read.sequence, 0);
    assert_eq!(read.capabilities, genesis.capabilities);
    assert_eq!(read.batch, genesis.batch);
    assert_eq!(read.consensus, genesis.consensus);
    // Groups are kept by name.
    genesis.orderers.sort_by(|left, right| left.name.cmp(&right.name));
    assert_eq!(read.orderers, genesis.orderers);
    assert_eq!(read.applications, genesis.applications);
}

#[test]
fn order_of_organizations_changes_nothing() {
    let mut organizations = article(3);
    let first = genesis(&organizations).encode().unwrap();
    organizations.reverse();
    assert_eq!(genesis(&organizations).encode().unwrap(), first);
}

/// configtxgen leaves the value out, and a value without peers would be another configuration.
#[test]
fn organizations_without_anchors_have_no_value_for_them() {
    let says_anchors = |genesis: &ChannelGenesis| {
        let bytes = genesis.encode().unwrap();
        bytes.windows(11).any(|window| window == b"AnchorPeers")
    };
    let mut genesis = genesis(&[Organization::new("Org1", 1, 1)]);
    assert!(says_anchors(&genesis));
    genesis.applications[0].anchors.clear();
    assert!(!says_anchors(&genesis));
}

#[test]
fn reading_refuses_a_changed_block() {
    let bytes = genesis(&article(1)).encode().unwrap();
    for position in [200, bytes.len() / 2, bytes.len() - 100] {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        let error = Block::read(&changed).unwrap_err().to_string();
        assert!(error.contains("the block cannot be read"), "{error}");
    }
    for end in [0, 1, 100, bytes.len() - 30] {
        assert!(Block::read(&bytes[..end]).is_err(), "{end} bytes");
    }
}

#[test]
fn reading_never_panics_on_damaged_blocks() {
    let bytes = genesis(&article(1)).encode().unwrap();
    for position in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[position] = changed[position].wrapping_add(0x55);
        // Either refused, or a part that is not hashed; never a panic.
        let _ = Block::read(&changed);
    }
}

#[test]
fn reports_every_fault_in_one_run() {
    let mut genesis = genesis(&article(1));
    genesis.channel = "My_Channel".to_owned();
    genesis.batch.timeout = "two seconds".to_owned();
    genesis.batch.preferred_max_bytes = genesis.batch.absolute_max_bytes + 1;
    genesis.applications[0].name = "Org_1".to_owned();
    genesis.applications[1].msp.id = genesis.applications[0].msp.id.clone();
    genesis.applications[1].msp.tls_roots.clear();
    genesis.applications[1].anchors[0].port = 0;
    genesis.orderers[0].endpoints = vec!["orderer0".to_owned()];
    let Consensus::Etcdraft { consenters, options } = &mut genesis.consensus else {
        unreachable!()
    };
    options.election_tick = 1;
    consenters.push(consenters[0].clone());
    let Err(Error::Genesis { channel, faults }) = genesis.encode() else {
        panic!("faults expected")
    };
    assert_eq!(channel, "My_Channel");
    let text: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        text,
        [
            "the channel's name has to match `[a-z][a-z0-9.-]*` with at most 249 characters",
            "batch timeout: `two seconds` is no duration above zero, for example `2s` or `500ms`",
            "batch limits: the preferred size is above the absolute one",
            "organization `Org_1`: the name has to match `[a-zA-Z0-9.-]+` with at most 249 characters",
            "organizations `Org_1` and `Org2` have the same MSP id `Org1MSP`",
            "organization `Org2`: it has no TLS root",
            "organization `Orderers`: `orderer0` is not `host:port`",
            "organization `Org2`: `peer0.org2:0` is not `host:port`",
            "raft options: the election tick has to be above the heartbeat tick",
            "consenter `orderer0.orderers:7050`: it is named twice",
            "consenter `orderer0.orderers:7050`: it has the same TLS key as `orderer0.orderers:7050`",
        ]
    );
}

#[test]
fn refuses_an_empty_channel() {
    let mut genesis = genesis(&article(1));
    genesis.orderers.clear();
    genesis.applications.clear();
    let Consensus::Etcdraft { consenters, .. } = &mut genesis.consensus else { unreachable!() };
    consenters.clear();
    assert_eq!(
        genesis.check(),
        [
            GenesisFault::NoOrganization { group: "Orderer" },
            GenesisFault::NoOrganization { group: "Application" },
            GenesisFault::NoConsenter,
        ]
    );
}

#[test]
fn refuses_one_msp_with_two_contents() {
    let mut genesis = genesis(&[Organization::new("Org1", 1, 1)]);
    let other = Organization::new("Org2", 1, 0).msp();
    genesis.applications[0].msp.roots = other.roots;
    assert_eq!(genesis.check(), [GenesisFault::DifferentMsp { id: "Org1MSP".to_owned() }]);
}

#[test]
fn refuses_roots_that_are_no_authorities() {
    let organizations = article(1);
    let mut genesis = genesis(&organizations);
    genesis.applications[0].msp.roots = vec![organizations[0].admin.certificate.pem().to_owned()];
    genesis.applications[1].msp.roots = vec!["no certificate".to_owned()];
    let text: Vec<String> = genesis.check().iter().map(ToString::to_string).collect();
    assert_eq!(
        text,
        [
            "organization `Org1`: a signing root: certificate `Admin@org1` is no certificate authority: its basic constraints do not say CA:TRUE",
            "organization `Org2`: a signing root: expected one PEM block `CERTIFICATE`: the text does not begin with one",
        ]
    );
}

#[test]
fn refuses_consenters_that_other_orderers_would_not_trust() {
    let organizations = article(1);
    let cases = [
        (organizations[0].peers[0].tls.certificate.pem().to_owned(), "no TLS root of an orderer"),
        (client_only(&organizations[2]), "authenticate servers and clients"),
        ("nonsense".to_owned(), "expected one PEM block"),
    ];
    for (certificate, reason) in cases {
        let mut genesis = genesis(&organizations);
        *first_consenter(&mut genesis) = RaftConsenter {
            client_tls: certificate.clone(),
            server_tls: certificate,
            ..first_consenter(&mut genesis).clone()
        };
        let faults = genesis.check();
        let [fault] = faults.as_slice() else { panic!("one fault expected: {faults:?}") };
        assert!(fault.to_string().contains(reason), "{fault}");
    }
}

#[test]
fn names_of_channels_follow_fabrics_rule() {
    for (name, valid) in [
        ("a", true),
        ("my.channel-1", true),
        ("", false),
        ("1a", false),
        ("-a", false),
        ("aB", false),
        ("a_b", false),
        (&"a".repeat(249), true),
        (&"a".repeat(250), false),
    ] {
        let mut genesis = genesis(&article(1));
        genesis.channel = name.to_owned();
        let faults: BTreeSet<String> = genesis.check().iter().map(ToString::to_string).collect();
        assert_eq!(faults.is_empty(), valid, "{name}: {faults:?}");
    }
}

fn first_consenter(genesis: &mut ChannelGenesis) -> &mut RaftConsenter {
    let Consensus::Etcdraft { consenters, .. } = &mut genesis.consensus else { unreachable!() };
    &mut consenters[0]
}

fn client_only(organization: &Organization) -> String {
    let mut random = Seeded::new("client");
    let leaf = Leaf::Client { common_name: "client".to_owned() };
    let issued = organization.tls_ca.issue(&leaf, &mut issuance(&mut random)).unwrap();
    issued.certificate.pem().to_owned()
}
