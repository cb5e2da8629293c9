//! Updates of a configuration beside `configtxlator compute_update`.

use std::fs;
use std::path::Path;
use std::process::Command;

use fabric_artifacts::Error;
use fabric_artifacts::block::{
    AnchorPeer, ApplicationOrganization, BatchLimits, ChannelGenesis, ConfigTree, ConfigUpdate,
    OrdererOrganization, Policy, Value,
};

use crate::bft::bft;
use crate::fixture::{BEGIN, Organization, article, genesis};
use crate::oracle::decode;
use crate::programs::{fabric_of, output};
use crate::system::{LINES, genesis_of};

/// Versions whose computation is compared; those of old ones run on old configurations just so.
const VERSIONS: [&str; 4] = ["1.4.12", "2.2.15", "2.5.16", "3.1.5"];

#[test]
fn an_organization_more() {
    let old = tree(&genesis(&article(3)));
    let new = edited(&old, |tree| tree.put_application(&member(&Organization::new("Org3", 1, 0))));
    let update = compare(&old, &new);
    // A member comes: the group is written anew, and what stays is named by version.
    let application = &update.write_set.groups["Application"];
    assert_eq!(application.version, 1);
    assert_eq!(application.mod_policy, "Admins");
    assert_eq!(update.read_set.groups["Application"].groups.len(), 2);
    assert_eq!(application.groups["Org3"].values.len(), 2);
}

#[test]
fn an_organization_with_orderers_more() {
    let old = tree(&genesis(&article(3)));
    let organization = Organization::new("Org3", 0, 1);
    let orderer = OrdererOrganization {
        name: organization.name.clone(),
        msp: organization.msp(),
        endpoints: vec!["orderer0.org3:7050".to_owned()],
    };
    let new = edited(&old, |tree| tree.put_orderer(&orderer));
    compare(&old, &new);
    let changed = OrdererOrganization { endpoints: vec!["other:7050".to_owned()], ..orderer };
    let newer = edited(&new, |tree| tree.set_endpoints(&changed));
    compare(&new, &newer);
}

#[test]
fn an_organization_less() {
    let old = tree(&genesis(&article(3)));
    let new = edited(&old, |tree| tree.remove_application("Org2").map(|was| assert!(was)));
    compare(&old, &new);
}

#[test]
fn other_anchors_first_anchors_and_none() {
    let genesis = genesis(&article(1));
    let old = tree(&genesis);
    let mut organization = genesis.applications[1].clone();
    organization.anchors.push(AnchorPeer { host: "peer1.org2".to_owned(), port: 7051 });
    let more = edited(&old, |tree| tree.set_anchors(&organization));
    let update = compare(&old, &more);
    let value = &update.write_set.groups["Application"].groups["Org2"].values["AnchorPeers"];
    assert_eq!(value.version, 1);
    organization.anchors.clear();
    let none = edited(&old, |tree| tree.set_anchors(&organization));
    compare(&old, &none);
    compare(&none, &more);
}

#[test]
fn another_batch() {
    let genesis = genesis(&article(1));
    let old = tree(&genesis);
    let batch = BatchLimits { timeout: "1s".to_owned(), max_messages: 10, ..genesis.batch };
    let new = edited(&old, |tree| tree.set_batch(&batch));
    let update = compare(&old, &new);
    // Only what changed is written, and nothing was read.
    let orderer = &update.write_set.groups["Orderer"];
    assert_eq!(orderer.values.keys().collect::<Vec<_>>(), ["BatchSize", "BatchTimeout"]);
    assert_eq!(orderer.version, 0);
    assert!(update.read_set.groups["Orderer"].values.is_empty());
}

#[test]
fn a_raft_consenter_more_and_less() {
    let small = genesis(&article(3));
    let large = genesis(&article(4));
    let old = tree(&small);
    let new = edited(&old, |tree| tree.set_consensus(&large.consensus));
    compare(&old, &new);
    compare(&new, &old);
}

#[test]
fn a_bft_consenter_more_and_less() {
    let small = bft(&[Organization::new("Org1", 1, 0), Organization::new("Orderers", 0, 4)]);
    let large = bft(&[Organization::new("Org1", 1, 0), Organization::new("Orderers", 0, 5)]);
    let old = tree(&small);
    let new = edited(&old, |tree| tree.set_consensus(&large.consensus));
    let update = compare(&old, &new);
    // Orderers refuse the update unless the policy follows the consenters.
    let orderer = &update.write_set.groups["Orderer"];
    assert!(orderer.policies.contains_key("BlockValidation"));
    assert!(orderer.values.contains_key("Orderers"));
    assert_eq!(new.configuration().unwrap().consensus, large.consensus);
    compare(&new, &old);
}

#[test]
fn other_capabilities_and_another_modification_policy() {
    let old = tree(&genesis(&article(1)));
    let new = edited(&old, |tree| {
        tree.set_capability(&[], "V3_0")?;
        tree.set_capability(&["Application"], "V2_0")
    });
    compare(&old, &new);
    let mut new = old.clone();
    let application = new.root.groups.get_mut("Application").unwrap();
    application.mod_policy = "/Channel/Admins".to_owned();
    application.policies.insert("Empty".to_owned(), Policy::default());
    application.values.insert("ACLs".to_owned(), Value::default());
    compare(&old, &new);
}

/// The way from etcdraft to BFT: maintenance, the capability, the other consensus, normal operation.
#[test]
fn another_consensus_through_maintenance_mode() {
    let organizations = [Organization::new("Org1", 1, 0), Organization::new("Orderers", 0, 4)];
    let old = tree(&genesis(&organizations));
    let new = bft(&organizations).consensus;
    let maintenance = edited(&old, |tree| {
        tree.set_maintenance(true)?;
        tree.set_capability(&[], "V3_0")
    });
    let update = compare(&old, &maintenance);
    assert_eq!(update.write_set.groups["Orderer"].values.len(), 1);
    let moved = edited(&maintenance, |tree| tree.set_consensus(&new));
    compare(&maintenance, &moved);
    let normal = edited(&moved, |tree| tree.set_maintenance(false));
    compare(&moved, &normal);
    assert_eq!(normal.configuration().unwrap().consensus, new);
    // The same as a channel that began with it, but for versions.
    let begun = tree(&bft(&organizations));
    let error = ConfigUpdate::between("mychannel", &normal, &begun).unwrap_err();
    assert!(matches!(error, Error::NoChange { .. }), "{error}");
}

/// The way from a network of 1.4 to one of 2.x.
#[test]
fn the_lifecycle_and_no_global_addresses() {
    let genesis = genesis_of(LINES[4], 1);
    let old = tree(&genesis);
    let new = edited(&old, |tree| {
        assert!(tree.remove_addresses());
        assert!(!tree.remove_addresses());
        tree.add_lifecycle_policies()?;
        tree.set_capability(&[], "V2_0")?;
        tree.set_capability(&["Orderer"], "V2_0")?;
        tree.set_capability(&["Application"], "V2_0")
    });
    compare(&old, &new);
    let begun = tree(&genesis_of(LINES[5], 1));
    assert!(ConfigUpdate::between("mychannel", &new, &begun).is_err());
}

/// Versions are those of the old configuration, wherever they stand.
#[test]
fn versions_go_on_from_where_they_are() {
    let genesis = genesis(&article(3));
    let mut old = tree(&genesis);
    old.sequence = 9;
    old.root.version = 2;
    let application = old.root.groups.get_mut("Application").unwrap();
    application.version = 3;
    application.groups.get_mut("Org1").unwrap().version = 4;
    application.policies.get_mut("Admins").unwrap().version = 5;
    let orderer = old.root.groups.get_mut("Orderer").unwrap();
    orderer.values.get_mut("BatchTimeout").unwrap().version = 6;
    let batch = BatchLimits { timeout: "9s".to_owned(), ..genesis.batch };
    let new = edited(&old, |tree| {
        tree.set_batch(&batch)?;
        tree.put_application(&member(&Organization::new("Org3", 1, 0)))
    });
    let update = compare(&old, &new);
    assert_eq!(update.write_set.version, 2);
    assert_eq!(update.write_set.groups["Orderer"].values["BatchTimeout"].version, 7);
    assert_eq!(update.write_set.groups["Application"].version, 4);
    assert_eq!(update.read_set.groups["Application"].groups["Org1"].version, 4);
}

#[test]
fn two_equal_configurations_need_no_update() {
    let old = tree(&genesis(&article(1)));
    let mut new = old.clone();
    new.sequence += 1;
    let error = ConfigUpdate::between("mychannel", &old, &new).unwrap_err();
    assert_eq!(error, Error::NoChange { channel: "mychannel".to_owned() });
}

#[test]
fn an_edit_of_what_is_missing_is_an_error() {
    let genesis = genesis(&article(1));
    let mut tree = tree(&genesis);
    let mut ghost = genesis.applications[0].clone();
    ghost.name = "Ghost".to_owned();
    let error = tree.set_anchors(&ghost).unwrap_err().to_string();
    assert!(error.contains("/Channel/Application/Ghost"), "{error}");
    assert!(!tree.remove_orderer("Ghost").unwrap());
}

#[test]
fn refuses_configurations_that_it_would_not_keep() {
    let bytes = tree(&genesis(&article(1))).encode();
    assert!(ConfigTree::decode(&bytes).is_ok());
    // Field 15 of `common.Config`, which no version of Fabric has.
    let unknown = [bytes.as_slice(), &[0x7a, 0x01, 0x41]].concat();
    let error = ConfigTree::decode(&unknown).unwrap_err().to_string();
    assert!(error.contains("fields that are unknown here"), "{error}");
    assert!(ConfigTree::decode(&[]).is_err());
    for end in [1, 100, bytes.len() - 1] {
        assert!(ConfigTree::decode(&bytes[..end]).is_err(), "{end}");
    }
}

#[test]
fn reading_never_panics_on_damaged_configurations() {
    let genesis = bft(&[Organization::new("Org1", 1, 1)]);
    let block = genesis.encode().unwrap();
    let bytes = tree(&genesis).encode();
    for position in (0..bytes.len()).step_by(5) {
        let mut changed = bytes.clone();
        changed[position] = changed[position].wrapping_add(0x55);
        // Either refused, or another configuration that is kept as it is; never a panic.
        if let Ok(tree) = ConfigTree::decode(&changed) {
            assert_eq!(ConfigTree::decode(&tree.encode()), Ok(tree.clone()));
            drop(tree.configuration());
        }
        let mut changed = block.clone();
        changed[position] = changed[position].wrapping_add(0x55);
        drop(ConfigTree::of_block(&changed));
    }
}

/// The transaction is what people sign: configtxlator has to read it.
#[test]
fn the_transaction_is_an_unsigned_update() {
    let genesis = genesis(&article(1));
    let old = tree(&genesis);
    let new =
        edited(&old, |tree| tree.set_batch(&BatchLimits { max_messages: 1, ..genesis.batch }));
    let update = ConfigUpdate::between("mychannel", &old, &new).unwrap();
    let transaction = update.transaction(BEGIN);
    for (version, translator) in fabric_of("configtxlator", &VERSIONS) {
        let read = decode("common.Envelope", &transaction, &translator);
        let at = |pointer: &str| read.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(at("/payload/header/channel_header/type"), 2, "{version}");
        assert_eq!(at("/payload/header/channel_header/channel_id"), "mychannel", "{version}");
        assert_eq!(at("/payload/data/config_update/channel_id"), "mychannel", "{version}");
        assert!(at("/signature").as_str().is_none_or(str::is_empty), "{version}");
    }
}

fn tree(genesis: &ChannelGenesis) -> ConfigTree {
    let tree = ConfigTree::of_block(&genesis.encode().unwrap()).unwrap();
    assert_eq!(ConfigTree::decode(&tree.encode()).unwrap(), tree);
    tree
}

fn edited(
    tree: &ConfigTree,
    edit: impl FnOnce(&mut ConfigTree) -> Result<(), Error>,
) -> ConfigTree {
    let mut tree = tree.clone();
    edit(&mut tree).unwrap();
    tree
}

fn member(organization: &Organization) -> ApplicationOrganization {
    ApplicationOrganization {
        name: organization.name.clone(),
        msp: organization.msp(),
        anchors: vec![AnchorPeer { host: organization.peers[0].host.clone(), port: 7051 }],
    }
}

/// Our update has to be configtxlator's, message for message.
fn compare(old: &ConfigTree, new: &ConfigTree) -> ConfigUpdate {
    let ours = ConfigUpdate::between("mychannel", old, new).unwrap();
    assert_eq!(ConfigUpdate::decode(&ours.encode()).unwrap(), ours);
    // What orderers make of it is the new configuration, and they do so once.
    let applied = old.apply(&ours).unwrap();
    let error = ConfigUpdate::between("mychannel", &applied, new).unwrap_err();
    assert!(matches!(error, Error::NoChange { .. }), "{error}");
    assert_eq!(applied.sequence, old.sequence + 1);
    assert!(applied.apply(&ours).is_err());
    for (version, translator) in fabric_of("configtxlator", &VERSIONS) {
        let theirs = compute(old, new, &translator);
        assert_eq!(theirs.len(), ours.encode().len(), "{version}: other lengths");
        let theirs = ConfigUpdate::decode(&theirs).unwrap();
        assert_eq!(theirs, ours, "{version}");
    }
    ours
}

pub(crate) fn compute(old: &ConfigTree, new: &ConfigTree, translator: &Path) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    fs::write(file("old"), old.encode()).unwrap();
    fs::write(file("new"), new.encode()).unwrap();
    let mut command = Command::new(translator);
    command.args(["compute_update", "--channel_id", "mychannel", "--original"]);
    command.arg(file("old")).arg("--updated").arg(file("new"));
    output(command.arg("--output").arg(file("update")));
    fs::read(file("update")).unwrap()
}
