//! Packages are read back by an independent decompressor, and their ids are pinned.

use std::io::Read as _;

use super::*;

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut content).unwrap();
    content
}

/// Name and content of each entry, read by the fixed offsets of the format.
fn entries(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut entries = Vec::new();
    let mut position = 0;
    while archive[position] != 0 {
        let header = &archive[position..position + 512];
        let name = String::from_utf8(header[..100].to_vec()).unwrap();
        let size = std::str::from_utf8(&header[124..135]).unwrap();
        let size = usize::from_str_radix(size, 8).unwrap();
        let start = position + 512;
        entries
            .push((name.trim_end_matches('\0').to_owned(), archive[start..start + size].to_vec()));
        position = (start + size).next_multiple_of(512);
    }
    assert_eq!(archive.len() - position, 1024, "two empty records end the archive");
    entries
}

/// Frozen: a channel has committed such ids. If this fails, installed chaincodes are lost.
#[test]
fn package_id_never_changes() {
    let package = PackageInput::service("basic", 1).package().unwrap();
    assert_eq!(
        package.id,
        "basic-1:b8d80e33b105e2ce2abc735e3bc30a3741f61c643cd920d356b6412745bd1261"
    );
}

#[test]
fn holds_metadata_and_connection() {
    let package = PackageInput::service("basic", 3).package().unwrap();
    let outer = entries(&inflate(&package.bytes));
    let names: Vec<&str> = outer.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code.tar.gz", "metadata.json"]);
    assert_eq!(outer[1].1, br#"{"type":"ccaas","label":"basic-3"}"#);
    let code = entries(&inflate(&outer[0].1));
    let [(name, connection)] = code.as_slice() else { panic!("one file expected: {code:?}") };
    assert_eq!(name, "connection.json");
    let connection: Value = serde_json::from_slice(connection).unwrap();
    assert_eq!(
        connection,
        serde_json::json!({
            "address": "basic-3:9999",
            "dial_timeout": "10s",
            "tls_required": true,
            "client_auth_required": false,
            "root_cert": "{{.tlsroot}}",
        })
    );
}

#[test]
fn stores_large_content_in_several_blocks() {
    for size in [0, 1, MAX, MAX + 1, 3 * MAX + 17] {
        let content: Vec<u8> = (0..size).map(|index| u8::try_from(index % 251).unwrap()).collect();
        assert_eq!(inflate(&archive::gzip(&content)), content, "{size} bytes");
    }
}

const MAX: usize = 65_535;

#[test]
fn carries_indexes() {
    let mut input = PackageInput::service("basic", 1);
    let index = br#"{"index":{"fields":["owner"]},"ddoc":"owner","name":"owner","type":"json"}"#;
    input.indexes.insert("indexes/owner.json".to_owned(), index.to_vec());
    input.indexes.insert("collections/secret/indexes/owner.json".to_owned(), index.to_vec());
    let package = input.package().unwrap();
    let code = entries(&inflate(&entries(&inflate(&package.bytes))[0].1));
    let names: Vec<&str> = code.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "META-INF/statedb/couchdb/collections/secret/indexes/owner.json",
            "META-INF/statedb/couchdb/indexes/owner.json",
            "connection.json",
        ]
    );
    assert_eq!(code[1].1, index);
    assert_ne!(package.id, PackageInput::service("basic", 1).package().unwrap().id);
}

#[test]
fn refuses_indexes_that_fabric_would_refuse() {
    let cases: [(&str, &[u8]); 6] = [
        ("owner.json", b"{}"),
        ("indexes/owner.txt", b"{}"),
        ("indexes/.json", b"{}"),
        ("indexes/../../escape.json", b"{}"),
        ("collections/a.b/indexes/owner.json", b"{}"),
        ("indexes/owner.json", b"[]"),
    ];
    for (path, text) in cases {
        let mut input = PackageInput::service("basic", 1);
        input.indexes.insert(path.to_owned(), text.to_vec());
        let message = input.package().unwrap_err().to_string();
        assert!(message.contains(path), "{path}: {message}");
    }
}

#[test]
fn labels_follow_fabrics_rule() {
    for label in ["basic-1", "a", "0", "a_.+-Z9"] {
        assert!(is_label(label), "{label}");
    }
    for label in ["", "-a", "_a", "a b", "a:b", "ä", "a/b"] {
        assert!(!is_label(label), "{label}");
        let input = PackageInput { label: label.to_owned(), ..PackageInput::service("basic", 1) };
        assert!(matches!(input.package(), Err(Error::Package { .. })), "{label}");
    }
}

#[test]
fn refuses_an_address_without_port() {
    for address in ["basic-1", "basic-1:", ":9999", "basic-1:0", "basic-1:99999"] {
        let input =
            PackageInput { address: address.to_owned(), ..PackageInput::service("basic", 1) };
        let message = input.package().unwrap_err().to_string();
        assert!(message.contains("host:port"), "{address}: {message}");
    }
}
