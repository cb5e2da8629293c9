//! Our package ids beside those of the peer.

use std::fs;
use std::process::Command;

use fabric_artifacts::ccaas::{PackageInput, package_id};

use crate::programs::{fabric, output};

#[test]
fn peer_calculates_the_same_package_id() {
    let mut indexed = PackageInput::service("asset-transfer", 12);
    indexed.indexes.insert(
        "indexes/owner.json".to_owned(),
        br#"{"index":{"fields":["owner"]},"ddoc":"d","name":"owner","type":"json"}"#.to_vec(),
    );
    for (version, program) in fabric("peer") {
        for input in [PackageInput::service("basic", 1), indexed.clone()] {
            let package = input.package().unwrap();
            let directory = tempfile::tempdir().unwrap();
            let file = directory.path().join("package.tgz");
            fs::write(&file, &package.bytes).unwrap();
            let mut command = Command::new(&program);
            command.args(["lifecycle", "chaincode", "calculatepackageid"]).arg(&file);
            // The command reads a configuration that it does not use.
            fs::write(directory.path().join("core.yaml"), "peer: {}\n").unwrap();
            command.env("FABRIC_CFG_PATH", directory.path());
            let printed = String::from_utf8(output(&mut command)).unwrap();
            assert_eq!(printed.trim(), package.id, "{version}");
        }
    }
}

#[test]
fn id_is_label_and_digest() {
    let package = PackageInput::service("basic", 1).package().unwrap();
    assert_eq!(package.id, package_id("basic-1", &package.bytes));
    assert_eq!(package.label, "basic-1");
}
