//! Trees that cryptogen made, of both forms; and every mistake in them is named.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use fabric_artifacts::Error;
use fabric_artifacts::cryptogen::{Imported, TreeKind, import};
use fabric_artifacts::msp::OrganizationalUnits;
use fabric_artifacts::x509::PrivateKey;

use crate::cryptogen::tree;
use crate::fixture::Organization;
use crate::programs::{fabric_of, output};

type Files = BTreeMap<String, Vec<u8>>;

/// Versions with other names of keys, other roles and other certificates.
const VERSIONS: [&str; 6] = ["1.0.6", "1.1.1", "1.4.12", "2.2.15", "2.5.16", "3.1.5"];

const CONFIGURATION: &str = "
PeerOrgs:
  - Name: Org1
    Domain: org1.example.com
    EnableNodeOUs: true
    Template: {Count: 2}
    Users: {Count: 1}
  - Name: Org2
    Domain: org2
    EnableNodeOUs: false
    Template: {Count: 1}
OrdererOrgs:
  - Name: Orderers
    Domain: orderers
    Specs: [{Hostname: orderer0}]
";

const PEER: &str = "peerOrganizations/org1/peers/peer0.org1";

#[test]
fn reads_what_cryptogen_makes() {
    for (version, program) in fabric_of("cryptogen", &VERSIONS) {
        let files = made_by(&program);
        let found = import(&files).unwrap_or_else(|error| panic!("{version}: {error}"));
        let shapes: Vec<_> = found.iter().map(shape).collect();
        let expected = [
            (TreeKind::Peers, "org1.example.com", vec!["peer0", "peer1"], vec!["Admin", "User1"]),
            (TreeKind::Peers, "org2", vec!["peer0"], vec!["Admin"]),
            (TreeKind::Orderers, "orderers", vec!["orderer0"], vec!["Admin"]),
        ];
        assert_eq!(shapes, expected, "{version}");
        let roles: Vec<_> = found.iter().map(|each| (each.units, each.admins.len())).collect();
        let none = (OrganizationalUnits::None, 1);
        let first = match version {
            "1.0.6" => none,
            "1.1.1" => (OrganizationalUnits::ClientAndPeer, 1),
            _ => (OrganizationalUnits::All, 0),
        };
        assert_eq!(roles, [first, none, none], "{version}");
        for each in &found {
            check_keys(each);
            assert_eq!(each.msp("MSP".to_owned()).admins, each.admins);
        }
        let old_names = files.keys().any(|path| path.ends_with("/priv_sk"));
        assert_eq!(old_names, !version.starts_with("1."), "{version}: other names of keys");
    }
}

#[test]
fn reads_back_what_was_laid_out() {
    let tree = tree();
    let found = import(&files()).unwrap();
    assert_eq!(found.len(), 2);
    let organizations: Vec<_> = found.into_iter().map(|each| each.organization).collect();
    assert_eq!(fabric_artifacts::cryptogen::Tree::of(&organizations), tree);
}

/// Whoever shares a tree keeps the keys.
#[test]
fn reads_trees_without_keys() {
    let mut files = files();
    files.retain(|path, _| !path.contains("priv_sk") && !path.contains(".key"));
    for each in import(&files).unwrap() {
        assert_eq!(each.organization.ca.key, None);
        assert!(each.organization.nodes.iter().all(|node| node.sign.key.is_none()));
    }
}

/// Several keys in a store: the one that belongs to the certificate counts.
#[test]
fn takes_the_key_that_belongs_to_the_certificate() {
    let mut files = files();
    let other = files["peerOrganizations/org1/ca/priv_sk"].clone();
    let before = import(&files).unwrap();
    files.insert(format!("{PEER}/msp/keystore/00ff_sk"), other);
    assert_eq!(import(&files).unwrap(), before);
}

#[test]
fn names_every_mistake() {
    let other = Organization::new("Other", 1, 0);
    let foreign_ca = other.ca.certificate().pem().as_bytes().to_vec();
    let foreign_tls = other.peers[0].tls.certificate.pem().as_bytes().to_vec();
    let foreign_sign = other.peers[0].sign.certificate.pem().as_bytes().to_vec();
    let ca = "peerOrganizations/org1/ca/ca.org1-cert.pem";
    let sign = format!("{PEER}/msp/signcerts/peer0.org1-cert.pem");
    let cases: Vec<(String, Option<Vec<u8>>, &str)> = vec![
        (ca.to_owned(), None, "expected one certificate (`*.pem`), found 0"),
        (ca.to_owned(), Some(foreign_sign.clone()), "is no certificate authority"),
        (format!("{PEER}/msp/keystore/priv_sk"), Some(b"x".to_vec()), "not an unencrypted PKCS#8"),
        (format!("{PEER}/tls/server.key"), Some(vec![0xff]), "the file is no text"),
        (format!("{PEER}/tls/server.crt"), None, "the file is missing"),
        (format!("{PEER}/tls/server.crt"), Some(foreign_tls), "was not issued by `tlsca.org1`"),
        (format!("{PEER}/tls/ca.crt"), Some(foreign_ca.clone()), "is not the organization's TLS"),
        (sign.clone(), Some(foreign_sign), "was not issued by `ca.org1`"),
        (sign, Some(b"none".to_vec()), "expected one PEM block"),
        (format!("{PEER}/msp/signcerts/second.pem"), Some(foreign_ca.clone()), "found 2"),
        (
            format!("{PEER}/msp/cacerts/ca.org1-cert.pem"),
            Some(foreign_ca.clone()),
            "is not the organization's authority `ca.org1`",
        ),
        (format!("{PEER}/msp/crls/a.pem"), Some(foreign_ca), "are not imported"),
        (format!("{PEER}/msp/config.yaml"), None, "it reads other roles"),
        (format!("{PEER}/msp/config.yaml"), Some(b"x".to_vec()), "line 1"),
    ];
    for (path, content, reason) in cases {
        let mut files = files();
        match content {
            Some(content) => files.insert(path.clone(), content),
            None => files.remove(&path),
        };
        let error = import(&files).unwrap_err();
        let Error::Tree { faults } = &error else { panic!("{error}") };
        let words = error.to_string();
        assert!(words.contains(reason), "{path}: {words}");
        let directory = path.rsplit_once('/').unwrap().0;
        assert!(
            faults.iter().any(
                |fault| directory.starts_with(&fault.path) || fault.path.starts_with(directory)
            ),
            "{path}: {words}"
        );
    }
}

#[test]
fn names_keys_of_other_certificates_and_all_mistakes_at_once() {
    let mut files = files();
    let key = files["peerOrganizations/org1/ca/priv_sk"].clone();
    files.insert(format!("{PEER}/msp/keystore/priv_sk"), key.clone());
    files.insert(
        "ordererOrganizations/orderers/orderers/orderer0.orderers/tls/server.key".to_owned(),
        key,
    );
    let content = files.remove("peerOrganizations/org1/msp/config.yaml").unwrap();
    files.insert("peerOrganizations/org1/peers/stray/msp/config.yaml".to_owned(), content);
    let words = import(&files).unwrap_err().to_string();
    for reason in [
        "`peerOrganizations/org1/peers/peer0.org1/msp/keystore`: no key there belongs to certificate `peer0.org1`",
        "orderer0.orderers/tls/server.key`: the private key does not belong to certificate `orderer0.orderers`",
        "`peerOrganizations/org1/peers/stray`: its name has to end with `.org1`",
        "`peerOrganizations/org1/msp/admincerts`: it needs the certificate of an administrator",
    ] {
        assert!(words.contains(reason), "{reason}\n{words}");
    }
}

#[test]
fn names_a_node_without_its_unit() {
    let mut files = files();
    let admin = "peerOrganizations/org1/users/Admin@org1/msp";
    for (from, to) in [
        ("signcerts/Admin@org1-cert.pem", "signcerts/peer0.org1-cert.pem"),
        ("keystore/priv_sk", "keystore/priv_sk"),
    ] {
        let content = files[&format!("{admin}/{from}")].clone();
        files.insert(format!("{PEER}/msp/{to}"), content);
    }
    let words = import(&files).unwrap_err().to_string();
    assert!(words.contains("needs the organizational unit `peer`"), "{words}");
}

#[test]
fn an_empty_tree_is_a_mistake() {
    let words = import(&Files::new()).unwrap_err().to_string();
    assert!(words.contains("neither `peerOrganizations` nor"), "{words}");
}

fn files() -> Files {
    tree().files.into_iter().map(|(path, file)| (path, file.content)).collect()
}

type Shape<'a> = (TreeKind, &'a str, Vec<&'a str>, Vec<&'a str>);

fn shape(imported: &Imported) -> Shape<'_> {
    let own = &imported.organization;
    let nodes = own.nodes.iter().map(|node| node.name.as_str()).collect();
    let users = own.users.iter().map(|user| user.name.as_str()).collect();
    (own.kind, own.domain.as_str(), nodes, users)
}

fn check_keys(imported: &Imported) {
    let own = &imported.organization;
    let nodes = own.nodes.iter().flat_map(|node| [&node.sign, &node.tls]);
    let users = own.users.iter().flat_map(|user| [Some(&user.sign), user.tls.as_ref()]).flatten();
    for pair in nodes.chain(users).chain([&own.ca, &own.tls_ca]) {
        drop(PrivateKey::from_pem(pair.key.as_ref().unwrap()).unwrap());
    }
}

fn made_by(program: &Path) -> Files {
    let directory = tempfile::tempdir().unwrap();
    let configuration = directory.path().join("crypto-config.yaml");
    fs::write(&configuration, CONFIGURATION).unwrap();
    let root = directory.path().join("tree");
    let mut command = Command::new(program);
    command.arg("generate").arg("--config").arg(&configuration).arg("--output").arg(&root);
    output(&mut command);
    let mut files = Files::new();
    let mut open = vec![root.clone()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}
