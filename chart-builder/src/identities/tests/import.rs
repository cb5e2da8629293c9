//! Identities out of a tree in cryptogen's layout.

use std::fs;
use std::path::Path;

use fabric_artifacts::x509::{Issuance, TEN_YEARS};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use time::macros::datetime;
use walkdir::WalkDir;

use super::{faults, files, run, run_for};
use crate::directory::{NetworkDirectory, Writer};
use crate::example;
use crate::identities::{Format, Request, Site, provide_with};
use crate::model::{
    CaDatabase, CertificateAuthority, Crypto, IssuingAuthority, Network, Resources, Storage,
};

/// The article's network with identities from `crypto-config`, and a directory that holds such a tree.
fn site() -> (Network, tempfile::TempDir) {
    let network = example::article();
    let made = tempfile::tempdir().unwrap();
    let request = Request { owner: None, format: Format::Cryptogen };
    run_for(made.path(), &network, &request, (&Writer::new(made.path()), 7)).unwrap();
    let root = tempfile::tempdir().unwrap();
    let tree = made.path().join("private/crypto-config");
    for (name, bytes) in files(&tree) {
        let target = root.path().join("crypto-config").join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
    let crypto = Crypto::Files { path: "crypto-config".to_owned() };
    (Network { crypto, ..network }, root)
}

/// The tree as a cryptogen without organizational units makes it.
fn without_units(root: &Path) {
    for entry in WalkDir::new(root.join("crypto-config")).into_iter().map(Result::unwrap) {
        if entry.file_name() != "config.yaml" {
            continue;
        }
        fs::remove_file(entry.path()).unwrap();
        let msp = entry.path().parent().unwrap();
        let organization = msp.strip_prefix(root).unwrap().iter().nth(2).unwrap().to_string_lossy();
        let tree = msp.strip_prefix(root).unwrap().iter().nth(1).unwrap();
        let admin = format!("Admin@{organization}");
        let users = root.join("crypto-config").join(tree).join(&*organization).join("users");
        let certificate = format!("msp/signcerts/{admin}-cert.pem");
        fs::create_dir_all(msp.join("admincerts")).unwrap();
        let target = msp.join("admincerts").join(format!("{admin}-cert.pem"));
        fs::copy(users.join(&admin).join(certificate), target).unwrap();
    }
}

#[test]
fn certificates_and_keys_are_those_of_the_tree_and_a_second_run_changes_nothing() {
    let (network, root) = site();
    run(root.path(), &network, 1).unwrap();
    let tree = root.path().join("crypto-config/peerOrganizations/org1");
    for (own, of_tree) in [
        ("public/Org1/msp/cacerts/ca.pem", "ca/ca.org1-cert.pem"),
        ("public/Org1/admin/sign.pem", "users/Admin@org1/msp/signcerts/Admin@org1-cert.pem"),
        ("public/Org1/nodes/peer1/tls.pem", "peers/peer1.org1/tls/server.crt"),
        ("private/Org1/nodes/peer1/sign.key", "peers/peer1.org1/msp/keystore/priv_sk"),
    ] {
        let read = |path: std::path::PathBuf| fs::read_to_string(path).unwrap();
        assert_eq!(read(root.path().join(own)), read(tree.join(of_tree)), "{own}");
    }
    let ignored = fs::read_to_string(root.path().join(".gitignore")).unwrap();
    assert!(ignored.contains("\ncrypto-config/\n"), "{ignored}");
    let before = files(root.path());
    assert!(run(root.path(), &network, 2).unwrap().written.is_empty());
    assert_eq!(files(root.path()), before);
}

/// The intermediate of the server vouches for roles as well, so the organization's config.yaml is not the tree's own.
#[test]
fn an_imported_organization_with_a_fabric_ca_is_taken_over_twice() {
    let (mut network, root) = site();
    network.organizations[0].ca = Some(CertificateAuthority {
        authority: IssuingAuthority::Intermediate,
        database: CaDatabase::Sqlite,
        storage: Storage::EmptyDir,
        resources: Resources::default(),
    });
    run(root.path(), &network, 1).unwrap();
    let before = files(root.path());
    assert!(run(root.path(), &network, 2).unwrap().written.is_empty());
    assert_eq!(files(root.path()), before);
}

#[test]
fn what_a_tree_lacks_is_named_at_once_and_nothing_is_written() {
    let (mut network, root) = site();
    let tree = root.path().join("crypto-config/peerOrganizations/org1");
    fs::remove_dir_all(tree.join("peers/peer1.org1")).unwrap();
    fs::remove_file(tree.join("peers/peer0.org1/msp/keystore/priv_sk")).unwrap();
    network.organizations[1].domain = "org2.example.com".to_owned();
    let found = faults(run(root.path(), &network, 1)).join("\n");
    assert!(
        found.contains("peers/peer1.org1`: `peer1` of organization `Org1` is not there"),
        "{found}"
    );
    assert!(found.contains("peer0.org1/msp`: its key is not there"), "{found}");
    assert!(found.contains("`Org2` is not there; there are `org1`, `org2`"), "{found}");
    assert!(!root.path().join("public").exists());
}

#[test]
fn a_certificate_for_other_hosts_is_refused_with_the_words_for_cryptogen() {
    let (mut network, root) = site();
    "org1-cluster".clone_into(&mut network.organizations[0].namespace);
    "org1-cluster".clone_into(&mut network.organizations[0].host_domain);
    let found = faults(run(root.path(), &network, 1)).join("\n");
    assert!(found.contains("`peer0` is dialled as `peer0.org1-cluster`"), "{found}");
    assert!(found.contains(r#"add `SANS: ["{{.Hostname}}.org1-cluster"]`"#), "{found}");
}

#[test]
fn another_tree_does_not_replace_identities() {
    let (network, root) = site();
    run(root.path(), &network, 1).unwrap();
    let file = root.path().join("public/Org1/nodes/peer0/tls.pem");
    fs::copy(root.path().join("public/Org1/nodes/peer1/tls.pem"), &file).unwrap();
    let found = faults(run(root.path(), &network, 1)).join("\n");
    assert!(found.contains("it is not the one of `crypto-config`"), "{found}");
}

#[test]
fn without_units_the_administrator_is_named_by_certificate() {
    let (network, root) = site();
    without_units(root.path());
    run(root.path(), &network, 1).unwrap();
    let read = |path: &str| fs::read_to_string(root.path().join(path)).unwrap();
    let named = read("public/Org1/msp/admincerts/admin.pem");
    assert_eq!(named, read("public/Org1/admin/sign.pem"));
    assert!(!root.path().join("public/Org1/msp/config.yaml").exists());
}

#[test]
fn a_tree_whose_certificates_have_ended_is_not_taken_over() {
    let (network, root) = site();
    let mut random = StdRng::from_seed([3; 32]);
    let not_before = datetime!(2037-01-01 00:00 UTC);
    let issuance = Issuance { not_before, lifetime: TEN_YEARS, random: &mut random };
    let writer = Writer::new(root.path());
    let directory = NetworkDirectory::new(root.path());
    let site = Site { directory: &directory, network: &network, writer: &writer };
    let found = faults(provide_with(&site, &Request::default(), issuance));
    let peer = found.iter().find(|it| it.starts_with("`public/Org1/nodes/peer0/tls.pem`")).unwrap();
    assert!(peer.contains("of `crypto-config` ended on 2036-11-2"), "{peer}");
    assert!(!root.path().join("public/Org1/nodes").exists(), "nothing is written");
}
