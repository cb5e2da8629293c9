//! Channels that order with BFT: beside configtxgen of Fabric 3.x, read back, and refused with every fault.

use fabric_artifacts::block::{
    BftConsenter, BftOptions, Block, ChannelGenesis, Consensus, GenesisFault, LeaderRotation,
};

use crate::fixture::{Organization, genesis};
use crate::oracle::Generator;
use crate::profile::profile;
use crate::programs::fabric_of;

/// The versions of Fabric that order with BFT.
const WITH_BFT: [&str; 1] = ["3.1.5"];

#[test]
fn four_consenters_of_two_organizations_give_the_same_block() {
    compare(&bft(&organizations()));
}

#[test]
fn seven_consenters_and_other_options_give_the_same_block() {
    let mut genesis = bft(&[Organization::new("Org1", 1, 3), Organization::new("Orderers", 0, 4)]);
    *options(&mut genesis) = BftOptions {
        request_batch_max_count: 7,
        request_batch_max_bytes: 1 << 20,
        request_batch_max_interval: "200ms".to_owned(),
        incoming_message_buffer_size: 333,
        request_pool_size: 100_000,
        request_forward_timeout: "5s".to_owned(),
        request_complain_timeout: "21s".to_owned(),
        request_auto_remove_timeout: "4m0s".to_owned(),
        request_max_bytes: 1 << 19,
        view_change_resend_interval: "6s".to_owned(),
        view_change_timeout: "22s".to_owned(),
        leader_heartbeat_timeout: "2m0s".to_owned(),
        leader_heartbeat_count: 11,
        collect_timeout: "3s".to_owned(),
        sync_on_start: true,
        speed_up_view_change: true,
        leader_rotation: LeaderRotation::Off,
        decisions_per_leader: 0,
    };
    compare(&genesis);
}

/// Every number has its own rounding in the quorum of the block validation policy.
#[test]
fn every_number_of_consenters_gives_the_same_block() {
    for orderers in [1, 2, 3, 5, 6, 10] {
        compare(&bft(&[
            Organization::new("Org1", 1, 0),
            Organization::new("Orderers", 0, orderers),
        ]));
    }
}

#[test]
fn reads_back_what_was_written() {
    let mut genesis = bft(&organizations());
    options(&mut genesis).leader_rotation = LeaderRotation::Off;
    let read = Block::read(&genesis.encode().unwrap()).unwrap();
    assert_eq!(read.configuration.consensus, genesis.consensus);
    assert!(read.configuration.addresses.is_empty());
}

#[test]
fn needs_the_capability() {
    let mut genesis = bft(&organizations());
    genesis.capabilities.channel = "V2_0".to_owned();
    assert_eq!(words(&genesis), ["consensus: BFT needs the channel capability `V3_0`"]);
}

#[test]
fn refuses_consenters_that_others_would_not_know() {
    let organizations = organizations();
    let mut genesis = bft(&organizations);
    let peer = organizations[0].peers[0].sign.certificate.pem().to_owned();
    let consenters = consenters(&mut genesis);
    consenters[0].id = 0;
    consenters[1].id = 3;
    consenters[1].msp_id = "GhostMSP".to_owned();
    consenters[3].identity = consenters[2].identity.clone();
    consenters[3].msp_id = consenters[2].msp_id.clone();
    consenters[3].client_tls = peer;
    assert_eq!(
        words(&genesis),
        [
            "consenter `orderer0.org1:7050`: its id has to be above zero",
            "consenter `orderer1.org1:7050`: no orderer organization has the MSP `GhostMSP`",
            "consenter `orderer0.orderers:7050`: it has the same id 3 as `orderer1.org1:7050`",
            "consenter `orderer1.orderers:7050`: its client certificate: no TLS root of an orderer organization has issued it",
            "consenter `orderer1.orderers:7050`: it has the same signing key as `orderer0.orderers:7050`",
        ]
    );
}

#[test]
fn refuses_an_identity_of_another_organization() {
    let mut genesis = bft(&organizations());
    consenters(&mut genesis)[0].msp_id = "OrderersMSP".to_owned();
    assert_eq!(
        words(&genesis),
        [
            "consenter `orderer0.org1:7050`: its identity: no authority of the MSP `OrderersMSP` has issued it"
        ]
    );
}

#[test]
fn refuses_options_that_orderers_would_refuse() {
    type Change = fn(&mut BftOptions);
    let cases: [(Change, &str); 9] = [
        (|it| it.request_pool_size = 0, "BFT options: counts and sizes have to be above zero"),
        (
            |it| it.request_batch_max_count = it.request_batch_max_bytes + 1,
            "BFT options: a batch cannot have more messages than bytes",
        ),
        (
            |it| it.request_max_bytes = it.request_batch_max_bytes + 1,
            "BFT options: a request cannot be larger than a batch",
        ),
        (
            |it| it.request_forward_timeout = "20001ms".to_owned(),
            "BFT options: the forward timeout is above the complain timeout",
        ),
        (
            |it| it.request_complain_timeout = "3m1s".to_owned(),
            "BFT options: the complain timeout is above the auto-remove timeout",
        ),
        (
            |it| it.view_change_resend_interval = "0.4m".to_owned(),
            "BFT options: the view change resend interval is above the view change timeout",
        ),
        (
            |it| it.leader_rotation = LeaderRotation::On,
            "BFT options: leader rotation has to be off, because orderers refuse every update where it is on",
        ),
        (
            |it| it.decisions_per_leader = 3,
            "BFT options: leader rotation has to be off, because orderers refuse every update where it is on",
        ),
        (
            |it| it.collect_timeout = "soon".to_owned(),
            "BFT collect timeout: `soon` is no duration above zero, for example `2s` or `500ms`",
        ),
    ];
    for (change, expected) in cases {
        let mut genesis = bft(&organizations());
        change(options(&mut genesis));
        assert_eq!(words(&genesis), [expected]);
    }
    // As long as allowed.
    let mut genesis = bft(&organizations());
    options(&mut genesis).request_forward_timeout = "0.333333m".to_owned();
    assert_eq!(genesis.check(), []);
}

#[test]
fn refuses_a_channel_without_consenters() {
    let mut genesis = bft(&organizations());
    consenters(&mut genesis).clear();
    assert_eq!(genesis.check(), [GenesisFault::NoConsenter]);
}

fn organizations() -> Vec<Organization> {
    vec![
        Organization::new("Org1", 1, 2),
        Organization::new("Org2", 1, 0),
        Organization::new("Orderers", 0, 2),
    ]
}

/// The same channel with BFT; ids begin with 1.
pub(crate) fn bft(organizations: &[Organization]) -> ChannelGenesis {
    let mut genesis = genesis(organizations);
    genesis.capabilities.channel = "V3_0".to_owned();
    let nodes = organizations.iter().flat_map(|organization| {
        organization.orderers.iter().map(move |node| (organization, node))
    });
    let consenters = (1..).zip(nodes).map(|(id, (organization, node))| BftConsenter {
        id,
        host: node.host.clone(),
        port: 7050,
        msp_id: organization.msp().id,
        identity: node.sign.certificate.pem().to_owned(),
        client_tls: node.tls.certificate.pem().to_owned(),
        server_tls: node.tls.certificate.pem().to_owned(),
    });
    let consenters = consenters.collect();
    genesis.consensus = Consensus::Bft { consenters, options: Box::default() };
    genesis
}

fn compare(genesis: &ChannelGenesis) {
    let ours = genesis.encode().unwrap();
    for (version, program) in fabric_of("configtxgen", &WITH_BFT) {
        let directory = tempfile::tempdir().unwrap();
        let generator = Generator { version, program: &program, directory: directory.path() };
        let profile = profile(genesis, directory.path());
        let theirs = generator.generate(&profile, &genesis.channel, &["-outputBlock"]);
        generator.compare_blocks(&ours, &theirs);
        let theirs = Block::read(&theirs).unwrap();
        assert_eq!(theirs.configuration.consensus, genesis.consensus, "{version}");
    }
}

fn options(genesis: &mut ChannelGenesis) -> &mut BftOptions {
    let Consensus::Bft { options, .. } = &mut genesis.consensus else { unreachable!() };
    options
}

fn consenters(genesis: &mut ChannelGenesis) -> &mut Vec<BftConsenter> {
    let Consensus::Bft { consenters, .. } = &mut genesis.consensus else { unreachable!() };
    consenters
}

fn words(genesis: &ChannelGenesis) -> Vec<String> {
    genesis.check().iter().map(ToString::to_string).collect()
}
