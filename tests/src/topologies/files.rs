//! Files that lie beside a topology because it names them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::package::pack;

/// By their path in the network's directory.
pub fn files(document: &Value) -> BTreeMap<String, Vec<u8>> {
    let chaincodes = document["chaincodes"].as_array().into_iter().flatten();
    let packages = chaincodes.filter_map(|it| {
        let label = format!("{}_{}", it["name"].as_str()?, it["version"].as_str()?);
        Some((it["package"].as_str()?.to_owned(), package(&label)))
    });
    packages.collect()
}

/// What `peer lifecycle chaincode package` makes of a program of one line.
fn package(label: &str) -> Vec<u8> {
    let archive = |files: &[(&str, &[u8])]| {
        let owned = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
        pack(&owned.collect())
    };
    let code = archive(&[("src/main.go", b"package main\n")]);
    let metadata = json!({"path": "example.com/canary", "type": "golang", "label": label});
    archive(&[("metadata.json", metadata.to_string().as_bytes()), ("code.tar.gz", &code)])
}
