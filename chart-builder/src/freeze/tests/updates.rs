//! Organizations join a built channel: what is asked of whom, and what is frozen.

use fabric_artifacts::block::{ConfigTree, ConfigUpdate, update_of_transaction};

use super::*;
use crate::directory::paths;
use crate::identities::{Signed, sign};
use crate::model::{AnchorPeer, Member, names};

const UPDATE: &str = "public/channels/mychannel/update-1.pb";
const OF_ORG1: &str = "public/channels/mychannel/update-1.Org1.signature";

/// A built network in which an organization joins the channel, with its identities.
fn joining(name: &str) -> Site {
    let mut site = Site::new();
    site.build();
    join(&mut site, name);
    site
}

fn join(site: &mut Site, name: &str) {
    site.network.organizations.push(example::peers_of(name, 1));
    let host = format!("peer0.{}", name.to_lowercase());
    let anchor = AnchorPeer { peer: "peer0".to_owned(), host, port: names::PEER_PORT };
    let organization = name.to_owned();
    let member = Member { organization, peers: vec!["peer0".to_owned()], anchors: vec![anchor] };
    site.network.channels[0].members.push(member);
    identities(site.root.path(), &site.network, 17);
}

fn sign_for(site: &Site, owner: Option<&str>) -> Signed {
    let public = site.public();
    let pending = pending_updates(&Inputs {
        network: &site.network,
        lock: &site.lock,
        public: &public,
        charts: &site.charts,
        update_charts: false,
    });
    let directory = NetworkDirectory::new(site.root.path());
    let mut count = 0;
    let mut nonce = || {
        count += 1;
        [count; 24]
    };
    sign(&directory, &pending.unwrap(), owner, &mut nonce).unwrap()
}

#[test]
fn nobody_joins_before_a_majority_of_the_members_before_has_signed() {
    let site = joining("Org3");
    let found = site.findings();
    assert_eq!((found.len(), found[0].0), (1, codes::UNSIGNED_UPDATE), "{found:#?}");
    assert!(found[0].1.contains("`Org3` joins channel `mychannel`, and 0 of 2 members"));
    assert!(found[0].1.contains("`Org1`, `Org2` have not"), "{}", found[0].1);
    assert!(found[0].1.contains("run `chart-builder sign`"), "{}", found[0].1);
    let signed = sign_for(&site, Some("Org1"));
    assert_eq!(signed.written, [UPDATE, OF_ORG1]);
    let found = site.findings();
    assert_eq!((found.len(), found[0].0), (1, codes::UNSIGNED_UPDATE), "{found:#?}");
    assert!(found[0].1.contains("1 of 2 members have signed that: `Org2` has not"));
    let signed = sign_for(&site, None);
    assert_eq!(signed.written, ["public/channels/mychannel/update-1.Org2.signature"]);
    assert_eq!(signed.updates[0].signed, ["Org1", "Org2"]);
    site.freeze().unwrap();
    assert!(sign_for(&site, None).written.is_empty(), "what is right stays");
}

#[test]
fn a_signed_update_is_frozen_and_never_made_again() {
    let mut site = joining("Org3");
    let genesis = site.lock.channels["mychannel"].clone();
    sign_for(&site, None);
    let first = site.build();
    assert!(first.new_blocks.is_empty());
    let locked = &first.lock.channels["mychannel"];
    assert_eq!(locked.origin, genesis.origin);
    assert_eq!((locked.sequence, locked.updates.len()), (1, 1));
    assert_eq!(locked.updates[0].adds, ["Org3"]);
    assert_eq!(locked.updates[0].signatures.keys().collect::<Vec<_>>(), ["Org1", "Org2"]);
    assert_eq!(locked.made_from.members[2].anchors, ["peer0.org3:7051"]);
    assert_eq!(lock::read(&lock::write(&first.lock)).unwrap(), first.lock);
    let update = &first.material.updates["mychannel"][0];
    assert_eq!(update.members, ["Org1", "Org2"]);
    let second = site.freeze().unwrap();
    assert_eq!((&second.lock, &second.material), (&first.lock, &first.material));
    // Whoever signs later changes nothing, and who has signed has to stay.
    assert!(sign_for(&site, None).updates.is_empty());
    site.remove(OF_ORG1);
    let found = site.findings();
    assert_eq!((found.len(), found[0].0), (1, codes::CHANGED_UPDATE), "{found:#?}");
    assert!(found[0].1.contains(OF_ORG1) && found[0].1.contains("is not there"));
}

#[test]
fn the_next_update_goes_on_from_the_one_before() {
    let mut site = joining("Org3");
    sign_for(&site, None);
    let first = site.build();
    join(&mut site, "Org4");
    let found = site.findings();
    assert!(found[0].1.contains("0 of 3 members have signed"), "{found:#?}");
    sign_for(&site, Some("Org1"));
    sign_for(&site, Some("Org3"));
    let second = site.build();
    let updates = &second.material.updates["mychannel"];
    assert_eq!(updates[0], first.material.updates["mychannel"][0]);
    assert_eq!(updates[1].members, ["Org1", "Org2", "Org3"]);
    assert_eq!(updates[1].signatures.keys().collect::<Vec<_>>(), ["Org1", "Org3"]);
    let mut tree = ConfigTree::of_block(&second.material.channels["mychannel"].genesis).unwrap();
    for update in updates {
        let update = update_of_transaction(&update.transaction).unwrap();
        tree = tree.apply(&ConfigUpdate::decode(&update).unwrap()).unwrap();
    }
    let members = tree.configuration().unwrap().applications;
    let members: Vec<_> = members.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((tree.sequence, members), (2, vec!["Org1", "Org2", "Org3", "Org4"]));
}

#[test]
fn signatures_that_orderers_would_not_count_are_found_and_made_anew() {
    let site = joining("Org3");
    sign_for(&site, None);
    let root = site.root.path();
    let of_org2 = paths::update_signature("mychannel", 1, "Org2");
    fs::copy(root.join(of_org2), root.join(OF_ORG1)).unwrap();
    let found = site.findings();
    assert_eq!((found.len(), found[0].0), (1, codes::SIGNATURE), "{found:#?}");
    assert!(found[0].1.contains("it is of `Org2MSP`, not of `Org1MSP`"), "{}", found[0].1);
    assert_eq!(sign_for(&site, None).written, [OF_ORG1]);
    site.freeze().unwrap();
}

#[test]
fn an_update_that_the_topology_does_not_make_is_never_taken_and_signing_makes_it_anew() {
    let mut site = joining("Org3");
    sign_for(&site, None);
    site.network.channels[0].members[2].anchors.clear();
    let found = site.findings();
    assert_eq!((found.len(), found[0].0), (1, codes::CHANGED_UPDATE), "{found:#?}");
    assert!(found[0].1.contains("is not what this topology makes"), "{}", found[0].1);
    assert_eq!(sign_for(&site, None).written.len(), 3, "the update and both signatures");
    site.build();
    assert!(site.lock.channels["mychannel"].made_from.members[2].anchors.is_empty());
}

#[test]
fn an_owner_without_the_key_of_a_member_leaves_its_signature_to_it() {
    let site = joining("Org3");
    site.remove("private/Org2/admin/sign.key");
    let signed = sign_for(&site, None);
    assert_eq!(
        (&signed.updates[0].signed[..], &signed.updates[0].unsigned[..]),
        (&["Org1".to_owned()][..], &["Org2".to_owned()][..])
    );
    assert_eq!(site.findings()[0].0, codes::UNSIGNED_UPDATE);
}
