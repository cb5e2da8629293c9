//! Signatures of owners over updates, alone and in front of real orderers.

use fabric_artifacts::block::{
    AnchorPeer, ApplicationOrganization, ConfigTree, ConfigUpdate, Signatory, UpdateSignature,
    member_mark, update_of_transaction, with_signatures,
};
use fabric_artifacts::x509::Issued;

use crate::channels::{Network, RAFT_LEADS, take_updates};
use crate::fixture::{BEGIN, Organization, article, genesis};
use crate::programs::fabric_of;

fn member(organization: &Organization) -> ApplicationOrganization {
    ApplicationOrganization {
        name: organization.name.clone(),
        msp: organization.msp(),
        anchors: vec![AnchorPeer { host: organization.peers[0].host.clone(), port: 7051 }],
    }
}

fn sign(update: &[u8], msp_id: &str, identity: &Issued) -> UpdateSignature {
    let signatory = Signatory { msp_id, certificate: &identity.certificate, key: &identity.key };
    UpdateSignature::sign(update, &signatory, [7; 24]).unwrap()
}

/// The update by which `Org3` joins what is there.
fn joining(old: &ConfigTree, organization: &Organization) -> ConfigUpdate {
    let mut new = old.clone();
    new.put_application(&member(organization)).unwrap();
    ConfigUpdate::between("mychannel", old, &new).unwrap()
}

#[test]
fn a_signature_is_good_for_its_member_and_its_update_alone() {
    let organizations = article(1);
    let old = ConfigTree::of_block(&genesis(&organizations).encode().unwrap()).unwrap();
    let update = joining(&old, &Organization::new("Org3", 1, 0)).encode();
    let (org1, org2) = (&organizations[0], &organizations[1]);
    let signature = sign(&update, "Org1MSP", &org1.admin);
    let read = UpdateSignature::decode(&signature.encode()).unwrap();
    assert_eq!(read, signature);
    read.verify(&update, &member(org1)).unwrap();
    let refused = |update: &[u8], signature: &UpdateSignature, organization| {
        signature.verify(update, &member(organization)).unwrap_err().to_string()
    };
    assert!(refused(&update, &signature, org2).contains("not of `Org2MSP`"));
    assert!(refused(&update[1..], &signature, org1).contains("over something else"));
    let stranger = sign(&update, "Org2MSP", &org1.admin);
    assert!(refused(&update, &stranger, org2).contains("was not issued by"));
    let peer = sign(&update, "Org1MSP", &org1.peers[0].sign);
    assert!(refused(&update, &peer, org1).contains("is no administrator"));
    assert!(UpdateSignature::decode(&[]).is_err());
}

#[test]
fn a_key_of_another_certificate_signs_nothing() {
    let organizations = article(1);
    let (certificate, key) = (&organizations[0].admin.certificate, &organizations[1].admin.key);
    let signatory = Signatory { msp_id: "Org1MSP", certificate, key };
    assert!(UpdateSignature::sign(b"update", &signatory, [7; 24]).is_err());
}

#[test]
fn a_transaction_keeps_its_update_when_signatures_are_packed() {
    let organizations = article(1);
    let old = ConfigTree::of_block(&genesis(&organizations).encode().unwrap()).unwrap();
    let update = joining(&old, &Organization::new("Org3", 1, 0));
    let unsigned = update.transaction(BEGIN);
    assert_eq!(update_of_transaction(&unsigned).unwrap(), update.encode());
    assert_eq!(with_signatures(&unsigned, &[]).unwrap(), unsigned);
    let signature = sign(&update.encode(), "Org1MSP", &organizations[0].admin);
    let signed = with_signatures(&unsigned, std::slice::from_ref(&signature)).unwrap();
    assert_eq!(update_of_transaction(&signed).unwrap(), update.encode());
    let encoded = signature.encode();
    assert!(signed.windows(encoded.len()).any(|window| window == encoded));
}

#[test]
fn a_member_is_known_by_a_mark_that_its_orderers_do_not_have() {
    let organizations = article(1);
    let contains = |bytes: &[u8], mark: &[u8]| bytes.windows(mark.len()).any(|it| it == mark);
    let block = genesis(&organizations).encode().unwrap();
    assert!(contains(&block, &member_mark(&member(&organizations[0]))));
    let joined = Organization::new("Org3", 1, 0);
    let mark = member_mark(&member(&joined));
    assert!(!contains(&block, &mark));
    let old = ConfigTree::of_block(&block).unwrap();
    let new = old.apply(&joining(&old, &joined)).unwrap();
    assert!(contains(&new.encode(), &mark));
}

/// Two members have to agree to the third; the one who sends signs once more, which does no harm.
#[test]
fn an_organization_joins_by_the_signatures_of_two_members() {
    for (version, program) in fabric_of("orderer", &["2.5.16", "3.1.5"]) {
        let organization = Organization::valid_now("Org1", 1, 1);
        let second = Organization::valid_now("Org2", 1, 0);
        let network = Network::new((version, &program), (&organization, 0));
        let genesis = genesis(std::slice::from_ref(&organization));
        let (_running, old) = take_updates(&network, (&genesis, &second), RAFT_LEADS);
        let update = joining(&old, &Organization::valid_now("Org3", 1, 0));
        let unsigned = update.transaction(BEGIN);
        let send = |signatures: &[UpdateSignature]| {
            let signed = with_signatures(&unsigned, signatures).unwrap();
            let file = network.file("joining.pb", &signed);
            network.command("update", &["-f", &file]).output().unwrap()
        };
        let own = sign(&update.encode(), "Org1MSP", &organization.admin);
        let refused = send(std::slice::from_ref(&own));
        assert!(!refused.status.success(), "{version}: one of two is no majority");
        let other = sign(&update.encode(), "Org2MSP", &second.admin);
        let taken = send(&[own, other]);
        assert!(taken.status.success(), "{version}: {taken:?}");
        let tree = network.tree_after(old.sequence);
        assert_eq!(tree, old.apply(&update).unwrap(), "{version}");
        assert_eq!(tree.configuration().unwrap().applications.len(), 3, "{version}");
    }
}
