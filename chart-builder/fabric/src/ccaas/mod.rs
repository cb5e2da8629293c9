//! Packages of chaincode as a service and their ids, the same on every machine for ever.
//!
//! A package says only where its server is and how to connect; its id is a hash of its bytes. Therefore nothing here may
//! depend on a compressor, a clock or a user: deflate blocks are stored and all headers are fixed.
//!
//! ```
//! let package = fabric_artifacts::ccaas::PackageInput::service("basic", 1).package()?;
//! assert!(package.id.starts_with("basic-1:"));
//! # Ok::<(), fabric_artifacts::Error>(())
//! ```

pub(crate) mod archive;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Error, hex};

/// Port of a chaincode server.
const PORT: u16 = 9999;
/// Without one, Fabric's builder writes an empty text and the peer fails at the first transaction.
const DIAL_TIMEOUT: &str = "10s";
/// Filled in by the peer's builder from its constant environment, so that an id never depends on certificates.
const ROOT_CERTIFICATE: &str = "{{.tlsroot}}";
/// Where `CouchDB` indexes stand within a package.
const INDEX_ROOT: &str = "META-INF/statedb/couchdb/";
/// Longest name in a tar header of the plain form.
const MAX_PATH: usize = 100;

/// What a package is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageInput {
    /// `[[:alnum:]][[:alnum:]_.+-]*`; first part of the id.
    pub label: String,
    /// `host:port` of the server, resolved in the namespace of each peer.
    pub address: String,
    /// The peer talks TLS with the server.
    pub tls: bool,
    /// `CouchDB` indexes: path below `META-INF/statedb/couchdb/` to JSON text.
    pub indexes: BTreeMap<String, Vec<u8>>,
}

/// A finished package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The label.
    pub label: String,
    /// `<label>:<lower-case hex SHA-256 of the bytes>`.
    pub id: String,
    /// The package: what `peer lifecycle chaincode install` takes.
    pub bytes: Vec<u8>,
}

impl PackageInput {
    /// The package of a chaincode's sequence: label `<chaincode>-<sequence>`, served by the Service of the same name.
    pub fn service(chaincode: &str, sequence: u64) -> Self {
        let label = format!("{chaincode}-{sequence}");
        Self { address: format!("{label}:{PORT}"), label, tls: true, indexes: BTreeMap::new() }
    }

    /// The same with a server that has TLS, or not.
    #[must_use]
    pub fn with_tls(self, tls: bool) -> Self {
        Self { tls, ..self }
    }

    /// Makes the package.
    pub fn package(&self) -> Result<Package, Error> {
        self.check()?;
        let metadata = format!(r#"{{"type":"ccaas","label":"{}"}}"#, self.label);
        let code = archive::gzip(&archive::tar(&self.code()));
        let outer = BTreeMap::from([
            ("code.tar.gz".to_owned(), code),
            ("metadata.json".to_owned(), metadata.into_bytes()),
        ]);
        let bytes = archive::gzip(&archive::tar(&outer));
        let id = package_id(&self.label, &bytes);
        Ok(Package { label: self.label.clone(), id, bytes })
    }

    /// The files that the peer's builder sees.
    fn code(&self) -> BTreeMap<String, Vec<u8>> {
        // Written out, because the order of keys reaches the id.
        let trust = if self.tls {
            format!(
                r#""tls_required":true,"client_auth_required":false,"root_cert":"{ROOT_CERTIFICATE}""#
            )
        } else {
            r#""tls_required":false"#.to_owned()
        };
        let address = Value::String(self.address.clone());
        let connection =
            format!(r#"{{"address":{address},"dial_timeout":"{DIAL_TIMEOUT}",{trust}}}"#);
        let mut files: BTreeMap<String, Vec<u8>> = self
            .indexes
            .iter()
            .map(|(path, text)| (format!("{INDEX_ROOT}{path}"), text.clone()))
            .collect();
        files.insert("connection.json".to_owned(), connection.into_bytes());
        files
    }

    fn check(&self) -> Result<(), Error> {
        let fault = |reason: String| Error::Package { label: self.label.clone(), reason };
        if !is_label(&self.label) {
            return Err(fault(
                "a label begins with a letter or digit and goes on with letters, digits, `_`, `.`, `+` and `-`"
                    .to_owned(),
            ));
        }
        let valid = self.address.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
        });
        if !valid {
            return Err(fault(format!("`{}` is not `host:port`", self.address)));
        }
        for (path, text) in &self.indexes {
            if !is_index_path(path) {
                return Err(fault(format!(
                    "`{path}` is no index; expected `indexes/<name>.json` or `collections/<collection>/indexes/<name>.json`"
                )));
            }
            if serde_json::from_slice::<serde_json::Map<String, Value>>(text).is_err() {
                return Err(fault(format!("the index `{path}` is no JSON object")));
            }
        }
        Ok(())
    }
}

/// `<label>:<lower-case hex SHA-256 of the package>`, what `peer lifecycle chaincode calculatepackageid` prints.
pub fn package_id(label: &str, package: &[u8]) -> String {
    format!("{label}:{}", hex::lower(&Sha256::digest(package)))
}

/// Fabric's rule for labels: `^[[:alnum:]][[:alnum:]_.+-]*$`.
pub fn is_label(label: &str) -> bool {
    label.starts_with(|first: char| first.is_ascii_alphanumeric())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-'))
}

/// Fabric takes indexes of the chaincode and of its collections, and ignores nothing: anything else fails the install.
fn is_index_path(path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').collect();
    let collection = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let json =
        |name: &str| name.strip_suffix(".json").is_some_and(|stem| stem.split('.').all(collection));
    let known = match segments.as_slice() {
        ["indexes", name] => json(name),
        ["collections", owner, "indexes", name] => collection(owner) && json(name),
        _ => false,
    };
    known && INDEX_ROOT.len() + path.len() <= MAX_PATH
}
