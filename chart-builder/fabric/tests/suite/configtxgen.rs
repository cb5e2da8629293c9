//! Our genesis block beside configtxgen's from the same inputs, both decoded by configtxlator.

use std::fs;
use std::path::Path;

use fabric_artifacts::block::{Block, ChannelGenesis, Consensus};
use fabric_artifacts::policy::SignaturePolicy;

use crate::fixture::{Organization, article, genesis, intermediate};
use crate::oracle::{Generator, IGNORED_IN_BLOCKS, decode, remove};
use crate::profile::profile;
use crate::programs::fabric;

#[test]
fn one_orderer_and_two_organizations_give_the_same_block() {
    compare(&genesis(&article(1)));
}

#[test]
fn three_orderers_and_two_organizations_give_the_same_block() {
    compare(&genesis(&article(3)));
}

#[test]
fn one_organization_with_both_roles_gives_the_same_block() {
    compare(&genesis(&[Organization::new("Org1", 1, 1)]));
}

#[test]
fn three_organizations_one_with_both_roles_give_the_same_block() {
    compare(&genesis(&[
        Organization::new("Org1", 1, 2),
        Organization::new("Org2", 1, 0),
        Organization::new("Org3", 2, 0),
        Organization::new("Orderers", 0, 1),
    ]));
}

#[test]
fn other_numbers_and_no_anchor_give_the_same_block() {
    let mut genesis = genesis(&article(3));
    genesis.channel = "second.channel-2".to_owned();
    genesis.batch.timeout = "500ms".to_owned();
    genesis.batch.max_messages = 7;
    genesis.batch.absolute_max_bytes = 103_809_024;
    genesis.batch.preferred_max_bytes = 524_288;
    genesis.capabilities.application = "V2_0".to_owned();
    genesis.applications[0].anchors.clear();
    let Consensus::Etcdraft { options, .. } = &mut genesis.consensus else { unreachable!() };
    options.tick_interval = "100ms".to_owned();
    options.election_tick = 20;
    options.heartbeat_tick = 2;
    options.max_inflight_blocks = 9;
    options.snapshot_interval_size = 20 * 1024 * 1024;
    compare(&genesis);
}

#[test]
fn intermediate_authorities_give_the_same_block() {
    let organizations = article(1);
    let mut genesis = genesis(&organizations);
    let (authority, issued) = intermediate(&organizations[0]);
    let msp = &mut genesis.applications[0].msp;
    msp.intermediates = vec![authority.certificate().pem().to_owned()];
    msp.admins = vec![issued.certificate.pem().to_owned()];
    compare(&genesis);
    let read = Block::read(&genesis.encode().unwrap()).unwrap().configuration;
    assert_eq!(read.applications, genesis.applications);
    // One of another organization proves nothing.
    genesis.applications[1].msp.intermediates = genesis.applications[0].msp.intermediates.clone();
    let words: Vec<String> = genesis.check().iter().map(ToString::to_string).collect();
    let expected = "organization `Org2`: an intermediate signing authority: none of its authorities has issued `ca.below`";
    assert_eq!(words, [expected]);
}

/// Reading is checked with blocks that we did not write.
#[test]
fn reads_the_blocks_of_configtxgen() {
    let genesis = genesis(&article(3));
    let ours = Block::read(&genesis.encode().unwrap()).unwrap();
    for (version, program) in fabric("configtxgen") {
        let theirs = Block::read(&their_block(&genesis, version, &program)).unwrap();
        assert_eq!(theirs.channel, ours.channel, "{version}");
        assert_eq!(theirs.configuration, ours.configuration, "{version}");
    }
}

#[test]
fn policies_are_encoded_the_same() {
    let policies = [
        "OR('A.member')",
        "AND('A.peer','B.peer')",
        "OutOf(2, 'A.admin', \"B.client\", 'C.orderer')",
        "AND('A.member', OR('B.member', AND('C-1.x.peer','D.peer')), 'E.member', OR('F.member'))",
        "Or(And('A.peer','A.peer'),outof(1,'B.peer'),OUTOF(1, 'A.member'))",
    ];
    for (version, program) in fabric("configtxgen") {
        let translator = program.with_file_name("configtxlator");
        for policy in policies {
            let directory = tempfile::tempdir().unwrap();
            let genesis = genesis(&article(1));
            let profile = profile(&genesis, directory.path());
            let needle = "OR('Org1MSP.peer')";
            assert!(profile.contains(needle), "{profile}");
            let profile = profile.replace(needle, &policy.replace('"', "\\\""));
            let generator = Generator { version, program: &program, directory: directory.path() };
            let block = generator.generate(&profile, &genesis.channel, &["-outputBlock"]);
            let block = decode("common.Block", &block, &translator);
            let pointer = "/data/data/0/payload/data/config/channel_group/groups/Application/groups/Org1/policies/Endorsement/policy/value";
            let ours = SignaturePolicy::parse(policy).unwrap().encode();
            let ours = decode("common.SignaturePolicyEnvelope", &ours, &translator);
            assert_eq!(block.pointer(pointer), Some(&ours), "{version}: {policy}");
        }
    }
}

/// The goldens stand for configtxgen where it is missing. `UPDATE_GOLDENS=1` writes them anew.
#[test]
fn goldens_are_what_configtxgen_makes() {
    for (version, program) in fabric("configtxgen") {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("tests/golden/configtxgen-{version}.block"));
        let inputs = genesis(&[
            Organization::new("Org1", 1, 1),
            Organization::new("Org2", 2, 0),
            Organization::new("Orderers", 0, 2),
        ]);
        let fresh = their_block(&inputs, version, &program);
        if std::env::var_os("UPDATE_GOLDENS").is_some_and(|value| value == "1") {
            fs::write(&golden, &fresh).unwrap();
        }
        let translator = program.with_file_name("configtxlator");
        let mut golden = decode("common.Block", &fs::read(golden).unwrap(), &translator);
        let mut fresh = decode("common.Block", &fresh, &translator);
        for pointer in IGNORED_IN_BLOCKS {
            remove(&mut golden, pointer);
            remove(&mut fresh, pointer);
        }
        assert!(golden == fresh, "{version}: the golden is not what configtxgen makes");
    }
}

fn compare(genesis: &ChannelGenesis) {
    let ours = genesis.encode().unwrap();
    for (version, program) in fabric("configtxgen") {
        let directory = tempfile::tempdir().unwrap();
        let generator = Generator { version, program: &program, directory: directory.path() };
        let profile = profile(genesis, directory.path());
        let theirs = generator.generate(&profile, &genesis.channel, &["-outputBlock"]);
        generator.compare_blocks(&ours, &theirs);
    }
}

fn their_block(genesis: &ChannelGenesis, version: &str, program: &Path) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let profile = profile(genesis, directory.path());
    Generator { version, program, directory: directory.path() }.generate(
        &profile,
        &genesis.channel,
        &["-outputBlock"],
    )
}
