//! Chaincode that peers build themselves: its code, and the packages that carry it, the same on every machine for ever.
//!
//! The code is an archive with `src/…`, as Fabric's own programs make it. Channels with definitions know a package by the
//! digest of its bytes; channels with the legacy lifecycle know a deployment specification by a fingerprint of its code,
//! name and version. Left out: which dependencies a build needs, and whether it succeeds.

use std::collections::BTreeMap;

use prost::Message;
use sha2::{Digest as _, Sha256};

use crate::ccaas::{Package, archive, is_label, package_id};
use crate::{Error, hex};

/// Longest name in a tar header of the plain form.
const MAX_PATH: usize = 100;
/// Where indexes stand; everything else is source.
const META: &str = "META-INF/";

/// What a chaincode is written in, with the numbers that deployment specifications use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Go.
    Go = 1,
    /// Node.js.
    Node = 2,
    /// Java.
    Java = 4,
}

impl Language {
    /// The language by the word that packages of Fabric 2.0 use.
    pub fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "golang" => Some(Self::Go),
            "node" => Some(Self::Node),
            "java" => Some(Self::Java),
            _ => None,
        }
    }

    /// That word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Go => "golang",
            Self::Node => "node",
            Self::Java => "java",
        }
    }
}

/// Code of a chaincode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// What it is written in.
    pub language: Language,
    /// What a peer builds: an import path below `src`, for Go.
    pub path: String,
    /// `code.tar.gz`.
    pub archive: Vec<u8>,
}

/// The source of a chaincode in Go: files of its main package and of what it vendors, as below `src/<chaincode>`;
/// `META-INF/` stays where it is.
pub fn go_code(chaincode: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Code, Error> {
    let fault = |reason: String| Error::Package { label: chaincode.to_owned(), reason };
    let go = |name: &String| {
        !name.contains('/') && std::path::Path::new(name).extension().is_some_and(|it| it == "go")
    };
    if !files.keys().any(go) {
        return Err(fault("there is no `.go` file of the main package".to_owned()));
    }
    let mut inside = BTreeMap::new();
    for (name, text) in files {
        let path =
            if name.starts_with(META) { name.clone() } else { format!("src/{chaincode}/{name}") };
        if path.len() > MAX_PATH {
            return Err(fault(format!("`{path}` has more than {MAX_PATH} bytes")));
        }
        inside.insert(path, text.clone());
    }
    let archive = archive::gzip(&archive::tar(&inside));
    Ok(Code { language: Language::Go, path: chaincode.to_owned(), archive })
}

impl Code {
    /// The package for channels with definitions, as `peer lifecycle chaincode package` lays it out.
    pub fn package(&self, label: &str) -> Result<Package, Error> {
        if !is_label(label) {
            let reason =
                "a label has letters, digits, `_`, `.`, `+` and `-`, a letter or digit first"
                    .to_owned();
            return Err(Error::Package { label: label.to_owned(), reason });
        }
        let quoted = |text: &str| serde_json::Value::String(text.to_owned());
        let metadata = format!(
            r#"{{"path":{},"type":"{}","label":{}}}"#,
            quoted(&self.path),
            self.language.word(),
            quoted(label)
        );
        let outer = BTreeMap::from([
            ("code.tar.gz".to_owned(), self.archive.clone()),
            ("metadata.json".to_owned(), metadata.into_bytes()),
        ]);
        let bytes = archive::gzip(&archive::tar(&outer));
        let id = package_id(label, &bytes);
        Ok(Package { label: label.to_owned(), id, bytes })
    }

    /// The package for channels with the legacy lifecycle, as `peer chaincode package` writes it; its id ends with the
    /// fingerprint by which peers and channels know it.
    pub fn deployment(&self, name: &str, version: &str) -> Package {
        let id = ChaincodeId {
            path: self.path.clone(),
            name: name.to_owned(),
            version: version.to_owned(),
        };
        let specification = ChaincodeDeploymentSpec {
            chaincode_spec: Some(ChaincodeSpec { language: self.language as i32, id: Some(id) }),
            code_package: self.archive.clone(),
        };
        let digest = |bytes: &[u8]| Sha256::digest(bytes).to_vec();
        let parts = [digest(&self.archive), digest(format!("{name}{version}").as_bytes())];
        let label = format!("{name}-{version}");
        let id = format!("{label}:{}", hex::lower(&digest(&parts.concat())));
        Package { label, id, bytes: specification.encode_to_vec() }
    }
}

#[derive(Clone, PartialEq, Message)]
struct ChaincodeId {
    #[prost(string, tag = "1")]
    path: String,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(string, tag = "3")]
    version: String,
}

#[derive(Clone, PartialEq, Message)]
struct ChaincodeSpec {
    #[prost(int32, tag = "1")]
    language: i32,
    #[prost(message, optional, tag = "2")]
    id: Option<ChaincodeId>,
}

#[derive(Clone, PartialEq, Message)]
struct ChaincodeDeploymentSpec {
    #[prost(message, optional, tag = "1")]
    chaincode_spec: Option<ChaincodeSpec>,
    #[prost(bytes = "vec", tag = "3")]
    code_package: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> BTreeMap<String, Vec<u8>> {
        let main = b"package main\n\nfunc main() {}\n".to_vec();
        BTreeMap::from([
            ("main.go".to_owned(), main),
            ("vendor/example.org/a/a.go".to_owned(), b"package a\n".to_vec()),
            ("META-INF/statedb/couchdb/indexes/i.json".to_owned(), b"{}".to_vec()),
        ])
    }

    #[test]
    fn packages_are_the_same_bytes_for_ever() {
        let code = go_code("mycc", &files()).unwrap();
        assert_eq!(
            code.deployment("mycc", "1.0").id,
            "mycc-1.0:8e377b984effd2366637d907fdd48a5078904e6a689203151024c13564479736",
        );
        assert_eq!(
            code.package("mycc-1").unwrap().id,
            "mycc-1:00c183ee1f92847e30f0d509fbc560cf19ebd08ad0fe4e948f3d09c032bb58eb",
        );
    }

    #[test]
    fn a_version_is_part_of_the_fingerprint() {
        let code = go_code("mycc", &files()).unwrap();
        assert_ne!(code.deployment("mycc", "1.0").id[9..], code.deployment("mycc", "1.1").id[9..]);
    }

    #[test]
    fn a_deployment_begins_with_language_path_name_and_version() {
        let code = go_code("mycc", &files()).unwrap();
        let bytes = code.deployment("mycc", "1.0").bytes;
        // 1 (length 21): 1 = 1; 2 (length 17): 1 = mycc, 2 = mycc, 3 = 1.0.
        assert_eq!(&bytes[..23], b"\x0a\x15\x08\x01\x12\x11\x0a\x04mycc\x12\x04mycc\x1a\x031.0");
    }

    #[test]
    fn sources_without_a_main_package_or_with_long_names_are_refused() {
        let only = |name: &str| BTreeMap::from([(name.to_owned(), Vec::new())]);
        assert!(go_code("mycc", &only("sub/main.go")).is_err());
        let mut files = files();
        files.insert(format!("vendor/{}.go", "x".repeat(90)), Vec::new());
        assert!(go_code("mycc", &files).unwrap_err().to_string().contains("more than 100 bytes"));
    }
}
