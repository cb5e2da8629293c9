//! Our tree beside cryptogen's: the same paths, the same structure in every certificate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use fabric_artifacts::cryptogen::{self, Node, Pair, Tree, TreeKind, User};
use fabric_artifacts::x509::{Authority, Certificate, Issued, PrivateKey};

use crate::fixture::{self, Organization};
use crate::programs::{fabric, has_openssl, output};

const CONFIGURATION: &str = "
PeerOrgs:
  - Name: Org1
    Domain: org1
    EnableNodeOUs: true
    Specs: [{Hostname: peer0}, {Hostname: peer1}]
    Users: {Count: 0}
OrdererOrgs:
  - Name: Orderers
    Domain: orderers
    EnableNodeOUs: true
    Specs: [{Hostname: orderer0}]
";

#[test]
fn lays_out_certificates_and_keys() {
    let tree = tree();
    let modes: BTreeSet<u32> = tree.files.values().map(|file| file.mode).collect();
    assert_eq!(modes, BTreeSet::from([0o600, 0o644]));
    for (path, file) in &tree.files {
        let text = String::from_utf8(file.content.clone()).unwrap();
        let kind = kind_of(path);
        assert_eq!(kind == Kind::Key, file.mode == 0o600, "{path}");
        match kind {
            Kind::Key => drop(PrivateKey::from_pem(&text).unwrap()),
            Kind::Certificate => drop(Certificate::from_pem(&text).unwrap()),
            Kind::Configuration | Kind::Directory => {}
        }
    }
    let peer = "peerOrganizations/org1/peers/peer0.org1";
    for file in ["msp/signcerts/peer0.org1-cert.pem", "msp/keystore/priv_sk", "tls/server.crt"] {
        assert!(tree.files.contains_key(&format!("{peer}/{file}")), "{file}");
    }
    assert!(tree.empty_directories.contains("peerOrganizations/org1/msp/admincerts"));
}

#[test]
fn leaves_out_keys_that_are_not_given() {
    let organization = Organization::new("Org1", 1, 0);
    let mut organization = layout(&organization, TreeKind::Peers);
    organization.ca.key = None;
    let tree = Tree::of(&[organization]);
    assert!(!tree.files.contains_key("peerOrganizations/org1/ca/priv_sk"));
    assert!(tree.files.contains_key("peerOrganizations/org1/ca/ca.org1-cert.pem"));
}

#[test]
fn paths_and_structure_equal_those_of_cryptogen() {
    if !has_openssl() {
        return;
    }
    let ours = tree();
    let our_directory = tempfile::tempdir().unwrap();
    write(&ours, our_directory.path());
    for (version, program) in fabric("cryptogen") {
        let directory = tempfile::tempdir().unwrap();
        let configuration = directory.path().join("crypto-config.yaml");
        fs::write(&configuration, CONFIGURATION).unwrap();
        let root = directory.path().join("tree");
        let mut command = Command::new(&program);
        command.arg("generate").arg("--config").arg(&configuration).arg("--output").arg(&root);
        output(&mut command);
        let theirs = walk(&root);
        let mine = walk(our_directory.path());
        assert_eq!(
            mine.keys().collect::<Vec<_>>(),
            theirs.keys().collect::<Vec<_>>(),
            "{version}: other paths"
        );
        for (path, kind) in &theirs {
            let (mine, theirs) = (our_directory.path().join(path), root.join(path));
            match kind {
                Kind::Directory => {}
                Kind::Certificate => {
                    assert_eq!(structure(&mine), structure(&theirs), "{version}: {path}");
                }
                Kind::Key => {
                    assert_eq!(shape_of_key(&mine), shape_of_key(&theirs), "{version}: {path}");
                }
                Kind::Configuration => {
                    // The indentation differs between the versions.
                    let read = |path: &Path| -> Vec<String> {
                        let text = fs::read_to_string(path).unwrap();
                        text.lines().map(|line| line.trim().to_owned()).collect()
                    };
                    assert_eq!(read(&mine), read(&theirs), "{version}: {path}");
                }
            }
        }
    }
}

#[derive(PartialEq, Debug)]
enum Kind {
    Directory,
    Certificate,
    Key,
    Configuration,
}

fn kind_of(name: &str) -> Kind {
    let path = Path::new(name);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("yaml") => Kind::Configuration,
        Some("key") | None => Kind::Key,
        Some("pem" | "crt") => Kind::Certificate,
        other => panic!("a file of kind {other:?}: {name}"),
    }
}

pub(crate) fn tree() -> Tree {
    let peers = Organization::new("Org1", 2, 0);
    let orderers = Organization::new("Orderers", 0, 1);
    Tree::of(&[layout(&peers, TreeKind::Peers), layout(&orderers, TreeKind::Orderers)])
}

fn layout(organization: &Organization, kind: TreeKind) -> cryptogen::Organization {
    let authority = |authority: &Authority| Pair {
        certificate: authority.certificate().pem().to_owned(),
        key: Some(authority.key().to_pem().unwrap()),
    };
    let pair = |issued: &Issued| Pair {
        certificate: issued.certificate.pem().to_owned(),
        key: Some(issued.key.to_pem().unwrap()),
    };
    let node = |node: &fixture::Node| Node {
        name: node.name.clone(),
        sign: pair(&node.sign),
        tls: pair(&node.tls),
    };
    let nodes = match kind {
        TreeKind::Peers => &organization.peers,
        TreeKind::Orderers => &organization.orderers,
    };
    cryptogen::Organization {
        kind,
        domain: organization.domain.clone(),
        ca: authority(&organization.ca),
        tls_ca: authority(&organization.tls_ca),
        nodes: nodes.iter().map(node).collect(),
        users: vec![User {
            name: "Admin".to_owned(),
            sign: pair(&organization.admin),
            tls: Some(pair(&organization.admin_tls)),
        }],
    }
}

fn write(tree: &Tree, root: &Path) {
    for directory in &tree.empty_directories {
        fs::create_dir_all(root.join(directory)).unwrap();
    }
    for (path, file) in &tree.files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.content).unwrap();
    }
}

fn walk(root: &Path) -> BTreeMap<String, Kind> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let kind = if path.is_dir() {
                open.push(path);
                Kind::Directory
            } else {
                kind_of(&name)
            };
            found.insert(name, kind);
        }
    }
    found
}

/// openssl's text without what is random or tells the time; other numbers in hex become their length.
fn structure(certificate: &Path) -> String {
    let mut command = Command::new("openssl");
    command.args(["x509", "-noout", "-text", "-certopt", "no_serial,no_validity,no_sigdump"]);
    command.args(["-nameopt", "show_type,sep_comma_plus_space,sname"]);
    let text = output(command.arg("-in").arg(certificate));
    let text = String::from_utf8(text).unwrap();
    text.lines().map(without_hex).collect::<Vec<_>>().join("\n")
}

fn without_hex(line: &str) -> String {
    let hex = |pair: &&str| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit());
    let word = |word: &str| {
        let pairs: Vec<&str> = word.split(':').filter(|pair| !pair.is_empty()).collect();
        if pairs.len() > 4 && pairs.iter().all(hex) {
            format!("<{} bytes>", pairs.len())
        } else {
            word.to_owned()
        }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Structure of the key's DER: elements and lengths, no values.
fn shape_of_key(key: &Path) -> String {
    let mut command = Command::new("openssl");
    let text = output(command.args(["asn1parse", "-inform", "PEM", "-in"]).arg(key));
    let text = String::from_utf8(text).unwrap();
    text.lines().map(|line| line.split("[HEX DUMP]").next().unwrap()).collect::<Vec<_>>().join("\n")
}
