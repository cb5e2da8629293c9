//! System channels and the channels made from them: beside configtxgen of Fabric 1.4, 2.2 and 2.5, and refused with every
//! fault.

use fabric_artifacts::block::{
    Block, Capabilities, ChannelCreation, ChannelGenesis, ConfigTree, ConfigUpdate, Consensus,
    Consortium, GenesisFault, SystemChannelGenesis, anchors_mark,
};
use fabric_artifacts::msp::{Msp, OrganizationalUnits};

use crate::fixture::{BEGIN, Organization, article, client_admin, genesis};
use crate::oracle::Generator;
use crate::profile::{creation_profile, profile, system_profile};
use crate::programs::{WITH_SYSTEM_CHANNEL, fabric_of};

/// Capabilities of channel, orderer and application in the lines of Fabric, and how administrators are known there.
pub(crate) const LINES: [(&str, &str, &str, OrganizationalUnits); 6] = [
    ("", "", "", OrganizationalUnits::None),
    ("V1_1", "V1_1", "V1_1", OrganizationalUnits::None),
    ("V1_3", "V1_1", "V1_3", OrganizationalUnits::ClientAndPeer),
    ("V1_4_2", "V1_4_2", "V1_4_2", OrganizationalUnits::ClientAndPeer),
    ("V1_4_3", "V1_4_2", "V1_4_2", OrganizationalUnits::All),
    ("V2_0", "V2_0", "V2_0", OrganizationalUnits::All),
];

#[test]
fn solo_gives_the_same_block_in_every_line() {
    for line in LINES {
        let genesis = system(&genesis_of(line, 1), Consensus::Solo);
        compare(&genesis);
    }
}

#[test]
fn kafka_gives_the_same_block_in_every_line() {
    let brokers: Vec<String> = (0..4).map(|number| format!("kafka{number}.kafka:9092")).collect();
    for line in LINES {
        let consensus = Consensus::Kafka { brokers: brokers.clone() };
        compare(&system(&genesis_of(line, 2), consensus));
    }
}

#[test]
fn etcdraft_gives_the_same_block() {
    for line in &LINES[3..] {
        let genesis = genesis_of(*line, 3);
        let consensus = genesis.consensus.clone();
        compare(&system(&genesis, consensus));
    }
}

#[test]
fn several_consortiums_give_the_same_block() {
    let mut genesis = system(&genesis_of(LINES[5], 1), Consensus::Solo);
    let members = vec![genesis.consortiums[0].members[1].clone()];
    genesis.consortiums.push(Consortium { name: "Alone".to_owned(), members });
    compare(&genesis);
}

#[test]
fn channel_creation_gives_the_same_transaction_in_every_line() {
    for line in LINES {
        let genesis = genesis_of(line, 1);
        let creation = creation(&genesis);
        let ours = creation.update().unwrap().transaction(BEGIN);
        for (version, program) in fabric_of("configtxgen", &WITH_SYSTEM_CHANNEL) {
            let directory = tempfile::tempdir().unwrap();
            let generator = Generator { version, program: &program, directory: directory.path() };
            let profile = creation_profile(&creation, &genesis.applications, directory.path());
            let option = ["-outputCreateChannelTx"];
            let theirs = generator.generate(&profile, &creation.channel, &option);
            generator.compare_transactions(&ours, &theirs);
        }
    }
}

/// That of 1.0 has no policies in its profiles and takes its own, without the one for endorsements.
#[test]
fn networks_of_1_0_have_the_same_configuration_but_for_one_policy() {
    let genesis = genesis_of(LINES[0], 1);
    let system = system(&genesis, Consensus::Solo);
    for (version, program) in fabric_of("configtxgen", &["1.0.6"]) {
        let directory = tempfile::tempdir().unwrap();
        let generator = Generator { version, program: &program, directory: directory.path() };
        let profile = without_policies(&system_profile(&system, directory.path()));
        let theirs = generator.generate(&profile, &system.channel, &["-outputBlock"]);
        let mut ours = system.tree().unwrap();
        let consortiums = ours.root.groups.get_mut("Consortiums").unwrap();
        for member in consortiums.groups.get_mut("SampleConsortium").unwrap().groups.values_mut() {
            assert!(member.policies.remove("Endorsement").is_some());
        }
        assert_eq!(ConfigTree::of_block(&theirs).unwrap(), ours);
        let creation = creation(&genesis);
        let profile = creation_profile(&creation, &genesis.applications, directory.path());
        let profile = without_policies(&profile);
        let theirs = generator.generate(&profile, &creation.channel, &["-outputCreateChannelTx"]);
        // It names the consortium among what it has read, too; the update is the end of the transaction.
        let mut ours = creation.update().unwrap();
        let name = ours.write_set.values["Consortium"].clone();
        ours.read_set.values.insert("Consortium".to_owned(), name);
        let start = theirs.len() - ours.encode().len();
        assert_eq!(ConfigUpdate::decode(&theirs[start..]).unwrap(), ours, "{version}");
    }
}

/// The profile without policies, which 1.0 refuses.
fn without_policies(profile: &str) -> String {
    let mut kept = String::new();
    let mut inside = None;
    for line in profile.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if inside.is_some_and(|outer| indent > outer) {
            continue;
        }
        inside = (line.trim() == "Policies:").then_some(indent);
        if inside.is_none() {
            kept.push_str(line);
        }
    }
    kept
}

/// Members have no anchors when the channel is new; each sets its own with the first update.
#[test]
fn first_anchors_give_the_same_transaction() {
    let genesis = genesis_of(LINES[5], 1);
    let mut tree = genesis.tree().unwrap();
    tree.root.groups.get_mut("Application").unwrap().version = 1;
    let with_anchors = tree.clone();
    let mut member = genesis.applications[0].clone();
    member.anchors.clear();
    tree.set_anchors(&member).unwrap();
    let update = ConfigUpdate::between(&genesis.channel, &tree, &with_anchors).unwrap();
    assert_eq!(creation(&genesis).first_anchors(&genesis.applications[0]).unwrap(), update);
    let ours = update.transaction(BEGIN);
    // That of 1.4 does not name the policy `Endorsement` among what it has read.
    for (version, program) in fabric_of("configtxgen", &WITH_SYSTEM_CHANNEL[1..]) {
        let directory = tempfile::tempdir().unwrap();
        let generator = Generator { version, program: &program, directory: directory.path() };
        let profile = profile(&genesis, directory.path());
        let option = ["-asOrg", "Org1", "-outputAnchorPeersUpdate"];
        let theirs = generator.generate(&profile, &genesis.channel, &option);
        generator.compare_transactions(&ours, &theirs);
    }
}

/// What those look for in a block who cannot decode it: scripts.
#[test]
fn marks_stand_in_every_block_of_the_configuration() {
    let genesis = genesis_of(LINES[5], 1);
    let block = genesis.encode().unwrap();
    let contains = |mark: &[u8]| block.windows(mark.len()).any(|window| window == mark);
    assert!(genesis.orderers.iter().all(|orderer| contains(&orderer.msp.mark())));
    let mut member = genesis.applications[0].clone();
    assert!(contains(&anchors_mark(&member)));
    member.anchors[0].port += 1;
    assert!(!contains(&anchors_mark(&member)));
    let other = Msp { id: "OtherMSP".to_owned(), ..genesis.orderers[0].msp.clone() };
    assert!(!contains(&other.mark()));
    // Orderers put the creation as it is into block 0 of the channel.
    let update = creation(&genesis).update().unwrap();
    let transaction = update.transaction(BEGIN);
    let mark = update.encode();
    assert!(transaction.windows(mark.len()).any(|window| window == mark));
}

#[test]
fn keeps_the_configuration_without_loss() {
    for line in LINES {
        let genesis = system(&genesis_of(line, 1), Consensus::Solo);
        let tree = ConfigTree::of_block(&genesis.encode().unwrap()).unwrap();
        assert_eq!(tree, genesis.tree().unwrap());
        assert!(tree.group(&["Consortiums", "SampleConsortium", "Org1"]).is_some());
        // Members are in the channels that are made from it, not here.
        let error = Block::read(&genesis.encode().unwrap()).unwrap_err().to_string();
        assert!(error.contains("`/Channel/Application`") || error.contains("/Channel/Application"));
    }
}

/// A channel below `V2_0` is read with the addresses that it names for all.
#[test]
fn reads_admins_units_and_addresses_of_old_channels() {
    for line in &LINES[..4] {
        let genesis = genesis_of(*line, 2);
        let read = Block::read(&genesis.encode().unwrap()).unwrap().configuration;
        assert_eq!(read.applications, genesis.applications);
        let addresses = &genesis.orderers[0].endpoints;
        let (of_channel, of_organization) = match line.0 {
            "V1_4_2" => (addresses, addresses),
            _ => (addresses, &Vec::new()),
        };
        assert_eq!(&read.addresses, of_channel);
        assert_eq!(&read.orderers[0].endpoints, of_organization);
        assert_eq!(read.orderers[0].msp, genesis.orderers[0].msp);
    }
}

#[test]
fn refuses_administrators_that_the_capability_does_not_know() {
    let organization = Organization::new("Org1", 1, 0);
    let all = organization.msp();
    let with_admin = organization.msp_with_admin();
    let unit = |units| Msp { units, ..with_admin.clone() };
    let needs = "organization `Org1`: without the organizational unit `admin`, which counts from the channel capability `V1_4_3` on, it needs the certificate of an administrator";
    let cases = [
        ("V1_4_3", all.clone(), vec![]),
        ("V1_4_3", with_admin.clone(), vec![]),
        ("V2_0", Msp { admins: Vec::new(), ..with_admin.clone() }, vec![needs.to_owned()]),
        ("V1_4_2", all, vec![
            "organization `Org1`: below this channel capability Fabric knows only the organizational units `client` and `peer`".to_owned(),
            needs.to_owned(),
        ]),
        ("", unit(OrganizationalUnits::ClientAndPeer), vec![
            "organization `Org1`: below this channel capability Fabric knows no organizational units".to_owned(),
            "organization `Org1`: an administrator's certificate: `Admin@org1` needs the organizational unit `client`".to_owned(),
        ]),
        ("V1_1", unit(OrganizationalUnits::ClientAndPeer), vec![
            "organization `Org1`: an administrator's certificate: `Admin@org1` needs the organizational unit `client`".to_owned(),
        ]),
        ("V2_0", unit(OrganizationalUnits::All), vec![]),
        (
            "V2_0",
            Msp { admins: vec![organization.admin_tls.certificate.pem().to_owned()], ..with_admin.clone() },
            vec!["organization `Org1`: an administrator's certificate: none of its authorities has issued `Admin@org1`".to_owned()],
        ),
    ];
    for (capability, msp, expected) in cases {
        let orderer = if capability.is_empty() { "" } else { "V1_1" };
        let mut genesis = genesis_of((capability, orderer, orderer, OrganizationalUnits::None), 1);
        genesis.applications[0].msp = msp;
        let faults: Vec<String> = genesis.check().iter().map(ToString::to_string).collect();
        assert_eq!(faults, expected, "{capability}");
    }
}

#[test]
fn reports_every_fault_of_a_system_channel_in_one_run() {
    let genesis = genesis_of(LINES[5], 1);
    let brokers = vec!["kafka0".to_owned(), "kafka1:0".to_owned()];
    let mut system = system(&genesis, Consensus::Kafka { brokers });
    system.channel = "System".to_owned();
    system.capabilities = Capabilities {
        channel: "2.0".to_owned(),
        orderer: String::new(),
        application: String::new(),
    };
    system.consortiums.push(Consortium { name: "A B".to_owned(), members: Vec::new() });
    // Without capability nothing is known of the unit `admin`; see the other test.
    for orderer in &mut system.orderers {
        orderer.msp.units = OrganizationalUnits::None;
    }
    system.consortiums[0].members.clear();
    let faults: Vec<String> = system.check().iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "the channel's name has to match `[a-z][a-z0-9.-]*` with at most 249 characters",
            "capability `2.0` of the group `Channel` has to look like `V2_0` or `V1_4_2`",
            "the group `Orderer` needs a capability, because the channel or its application has one",
            "organization `Orderers`: without the organizational unit `admin`, which counts from the channel capability `V1_4_3` on, it needs the certificate of an administrator",
            "no organization is in the group `Consortiums`",
            "consortium `A B`: the name has to match `[a-zA-Z0-9.-]+` and stand there once",
            "no organization is in the group `Consortiums`",
            "Kafka broker `kafka0` is not `host:port`",
            "Kafka broker `kafka1:0` is not `host:port`",
        ]
    );
}

/// Fabric knows an MSP by its id alone.
#[test]
fn refuses_one_msp_id_with_two_contents_in_two_consortiums() {
    let mut system = system(&genesis_of(LINES[5], 1), Consensus::Solo);
    let mut member = system.consortiums[0].members[1].clone();
    let members = vec![member.clone()];
    system.consortiums.push(Consortium { name: "Same".to_owned(), members });
    assert_eq!(system.check(), []);
    member.msp.roots = system.consortiums[0].members[0].msp.roots.clone();
    system.consortiums[1].members = vec![member];
    assert_eq!(system.check(), [GenesisFault::DifferentMsp { id: "Org2MSP".to_owned() }]);
}

#[test]
fn refuses_consensus_where_it_cannot_be() {
    let mut genesis = genesis_of(LINES[5], 1);
    let mut system = system(&genesis, Consensus::Kafka { brokers: Vec::new() });
    assert_eq!(words(&system), ["consensus: Kafka needs the address of a broker"]);
    system.consensus = crate::bft::bft(&article(1)).consensus;
    assert_eq!(
        words(&system),
        [
            "consensus: from Fabric 3.0 on there is no system channel, and BFT has none",
            "consensus: BFT needs the channel capability `V3_0`",
        ]
    );
    genesis.consensus = Consensus::Solo;
    let faults: Vec<String> = genesis.check().iter().map(ToString::to_string).collect();
    let expected = "consensus: solo and Kafka need a system channel that the channel is made from";
    assert_eq!(faults, [expected]);
}

#[test]
fn refuses_to_create_a_channel_without_name_members_or_consortium() {
    let valid = creation(&genesis_of(LINES[5], 1));
    assert!(valid.update().is_ok());
    let cases = [
        ChannelCreation { channel: "My".to_owned(), ..valid.clone() },
        ChannelCreation { members: Vec::new(), ..valid.clone() },
        ChannelCreation { consortium: String::new(), ..valid },
    ];
    for creation in cases {
        assert!(creation.update().is_err(), "{creation:?}");
    }
}

/// The article's network in a line of Fabric.
pub(crate) fn genesis_of(
    (channel, orderer, application, units): (&str, &str, &str, OrganizationalUnits),
    orderers: usize,
) -> ChannelGenesis {
    let organizations = article(orderers);
    let mut genesis = genesis(&organizations);
    genesis.capabilities = Capabilities {
        channel: channel.to_owned(),
        orderer: orderer.to_owned(),
        application: application.to_owned(),
    };
    let msp = |name: &str| {
        let organization = organizations.iter().find(|each| each.name == name).unwrap();
        match units {
            OrganizationalUnits::All => organization.msp(),
            OrganizationalUnits::None => organization.msp_with_admin(),
            OrganizationalUnits::ClientAndPeer => {
                let admins = vec![client_admin(organization)];
                Msp { admins, units, ..organization.msp() }
            }
        }
    };
    for orderer in &mut genesis.orderers {
        orderer.msp = msp(&orderer.name);
    }
    for application in &mut genesis.applications {
        application.msp = msp(&application.name);
    }
    genesis
}

pub(crate) fn system(genesis: &ChannelGenesis, consensus: Consensus) -> SystemChannelGenesis {
    SystemChannelGenesis {
        channel: "syschannel".to_owned(),
        capabilities: genesis.capabilities.clone(),
        batch: genesis.batch.clone(),
        consensus,
        orderers: genesis.orderers.clone(),
        consortiums: vec![Consortium {
            name: "SampleConsortium".to_owned(),
            members: genesis.applications.clone(),
        }],
        timestamp: BEGIN,
    }
}

pub(crate) fn creation(genesis: &ChannelGenesis) -> ChannelCreation {
    ChannelCreation {
        channel: genesis.channel.clone(),
        consortium: "SampleConsortium".to_owned(),
        capability: genesis.capabilities.application.clone(),
        members: genesis.applications.iter().map(|each| each.name.clone()).collect(),
    }
}

fn compare(genesis: &SystemChannelGenesis) {
    let ours = genesis.encode().unwrap();
    // That of 1.4 names global addresses of its own where the profile has none.
    let versions = match genesis.capabilities.channel.as_str() {
        "V2_0" => &WITH_SYSTEM_CHANNEL[1..],
        _ => &WITH_SYSTEM_CHANNEL,
    };
    for (version, program) in fabric_of("configtxgen", versions) {
        let directory = tempfile::tempdir().unwrap();
        let generator = Generator { version, program: &program, directory: directory.path() };
        let profile = system_profile(genesis, directory.path());
        let theirs = generator.generate(&profile, &genesis.channel, &["-outputBlock"]);
        generator.compare_blocks(&ours, &theirs);
    }
}

fn words(genesis: &SystemChannelGenesis) -> Vec<String> {
    genesis.check().iter().map(ToString::to_string).collect()
}
