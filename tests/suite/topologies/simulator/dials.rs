//! Finds every `host:port` in rendered objects: environments, arguments, files of `ConfigMap`s, blocks, packages.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::Value;

use super::{aliases, blocks};
use crate::topologies::renders::name;

/// A name and a port that some process of a namespace connects to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dial {
    /// Where the process runs.
    pub(super) namespace: String,
    pub(super) host: String,
    pub(super) port: u16,
    /// What the process is told instead of asking cluster DNS.
    pub(super) address: Option<String>,
    /// The object that says so.
    pub(super) place: String,
}

impl fmt::Display for Dial {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} dials {}:{}", self.place, self.host, self.port)
    }
}

/// Name of the `ConfigMap` for clients outside.
pub(super) const PROFILE_OUTSIDE: &str = "connection-profile-outside";

/// How a compressed archive begins.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Everything that the objects dial.
pub(super) fn of(objects: &[Value]) -> Vec<Dial> {
    let mut dials = BTreeSet::new();
    for object in objects {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        let mut found = BTreeSet::new();
        match object["kind"].as_str() {
            // Its names are for clients outside: see `outside.rs`.
            _ if object["metadata"]["name"] == PROFILE_OUTSIDE => {}
            Some("ConfigMap") => of_configuration(object, &mut found),
            Some("Service" | "NetworkPolicy" | "PersistentVolumeClaim") => {}
            _ => scan_value(&object["spec"], &mut found),
        }
        let told = if found.is_empty() {
            aliases::Told::new()
        } else {
            aliases::of_readers(object, objects)
        };
        dials.extend(found.into_iter().map(|(host, port)| Dial {
            namespace: namespace.to_owned(),
            address: told.get(&host).cloned(),
            host,
            port,
            place: name(object),
        }));
    }
    dials.into_iter().collect()
}

type Found = BTreeSet<(String, u16)>;

fn of_configuration(object: &Value, found: &mut Found) {
    scan_value(&object["data"], found);
    for (key, value) in object["binaryData"].as_object().into_iter().flatten() {
        let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).expect("base64");
        match key.rsplit_once('.') {
            Some((_, "block")) => found.extend(blocks::endpoints(&bytes)),
            // A package for the legacy lifecycle is a message, and its code an archive within.
            Some((_, "tgz" | "gz")) if bytes.starts_with(GZIP) => scan_package(&bytes, found),
            _ => scan(&String::from_utf8_lossy(&bytes), found),
        }
    }
}

/// A chaincode package: an archive of metadata and another archive with connection.json.
fn scan_package(bytes: &[u8], found: &mut Found) {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("its bytes");
        if content.starts_with(GZIP) {
            scan_package(&content, found);
        } else {
            scan(&String::from_utf8_lossy(&content), found);
        }
    }
}

fn scan_value(value: &Value, found: &mut Found) {
    match value {
        Value::String(text) => scan(text, found),
        Value::Array(items) => items.iter().for_each(|item| scan_value(item, found)),
        Value::Object(map) => {
            // A tag looks like a port.
            let values = map.iter().filter(|(key, _)| *key != "image");
            values.for_each(|(_, value)| scan_value(value, found));
        }
        _ => {}
    }
}

/// Every word of the form `host:port`, with or without scheme and path.
fn scan(text: &str, found: &mut Found) {
    let within = |it: char| it.is_ascii_alphanumeric() || ".-_:/$*{}%#@\\[]<>".contains(it);
    for word in text.split(|it: char| !within(it)) {
        let word = word.rsplit_once("://").map_or(word, |(_, rest)| rest);
        let word = word.split('/').next().unwrap_or_default();
        // ZooKeeper writes `host:port:port`.
        let (host, ports) = word.split_once(':').unwrap_or_default();
        found.extend(ports.split(':').filter_map(|port| endpoint(&format!("{host}:{port}"))));
    }
}

/// Reads `host:port`; loopback, wildcards and addresses are nobody's name.
pub(super) fn endpoint(word: &str) -> Option<(String, u16)> {
    let (host, port) = word.split_once(':')?;
    let number: u16 = port.parse().ok().filter(|it| *it >= 80 && !port.starts_with('0'))?;
    let labels = host.split('.');
    let label = |it: &str| {
        !it.is_empty()
            && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
            && !it.starts_with('-')
    };
    let letters = host.bytes().any(|it| it.is_ascii_alphabetic());
    let is_name = letters && labels.into_iter().all(label) && host != "localhost";
    is_name.then(|| (host.to_owned(), number))
}

#[test]
fn the_scan_finds_names_with_ports_and_nothing_else() {
    let mut found = Found::new();
    scan(
        "peer peer0.org1:7051 server.1=z0.kafka:2888:3888;2181\nurl=https://ca.org1:7054/cainfo,a.b:80;0.0.0.0:7051 127.0.0.1:5984 localhost:9999\n\
         canary_1.0:0123abcd canary:0.1.0 $HOST:7050 ${host}:7050 sha256:1111 12:30 x:99999 {\"address\":\"cc-1:9999\"}",
        &mut found,
    );
    let found: Vec<String> = found.iter().map(|(host, port)| format!("{host}:{port}")).collect();
    assert_eq!(
        found,
        [
            "a.b:80",
            "ca.org1:7054",
            "cc-1:9999",
            "peer0.org1:7051",
            "sha256:1111",
            "z0.kafka:2888",
            "z0.kafka:3888"
        ]
    );
}
