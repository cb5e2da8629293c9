//! Chaincode packages that lie beside the topology, or are made from sources there, for peers that build and start chaincodes
//! themselves.
//!
//! For a channel with definitions a package is handed on as it is; for one with the legacy lifecycle its code is put into
//! the form that peers install there. What the code does is between its author and the peer.

use std::collections::BTreeMap;
use std::io::Read as _;

use fabric_artifacts::ccaas::{Package, is_label, package_id};
use fabric_artifacts::sources::{Code, Language, go_code};
use flate2::read::GzDecoder;
use serde::Deserialize;

use super::{Inputs, Words, codes};
use crate::lock::LockedChaincode;
use crate::material::ChaincodePackage;
use crate::model::Chaincode;
use crate::spec::grammar;

/// A package with its base64 stands in a `ConfigMap` of each organization, and these hold 1 MiB.
const MAX_BYTES: usize = 512 << 10;
/// What is read of an unpacked package at most, in bytes.
const MAX_UNPACKED: u64 = 64 << 20;
/// Size of a block of a tar archive.
const BLOCK: usize = 512;
/// The file with the label.
const METADATA: &str = "metadata.json";

/// The type of a package whose image the Kubernetes builder starts.
const STARTED_BY_BUILDER: &str = "k8s";

/// The file with the code.
const CODE: &str = "code.tar.gz";

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    path: String,
    #[serde(rename = "type", default)]
    language: String,
    label: String,
}

/// The package of a chaincode with the package or the sources at `path`, if it is the one that was frozen for this sequence.
pub(super) fn package(
    inputs: &Inputs<'_>,
    (chaincode, path): (&Chaincode, &str),
    locked: Option<&LockedChaincode>,
) -> Result<ChaincodePackage, (&'static str, Words)> {
    let package = match inputs.public.bytes(path) {
        Some(bytes) => from_file(chaincode, path, bytes),
        None => from_sources(inputs, chaincode, path),
    };
    let package = package.map_err(|(message, fix)| {
        let why = "peers install these very bytes, and organizations agree on them by a digest";
        (codes::PACKAGE, Words { message, why: why.to_owned(), fix })
    })?;
    if let Some(words) = too_large(path, package.bytes.len()) {
        return Err((codes::PACKAGE, words));
    }
    let frozen = locked.filter(|it| it.sequence == chaincode.sequence);
    if let Some(locked) = frozen.filter(|it| it.package_id != package.id) {
        return Err((codes::CHANGED_PACKAGE, changed(&package.id, locked)));
    }
    Ok(package)
}

/// Why a package of so many bytes is in no chart.
fn too_large(path: &str, bytes: usize) -> Option<Words> {
    (bytes > MAX_BYTES).then(|| Words {
        message: format!(
            "package `{path}` has {bytes} bytes, and more than {MAX_BYTES} fit in no chart"
        ),
        why: "a package stands in the settings of each organization".to_owned(),
        fix: "leave out vendored dependencies and what the build does not need".to_owned(),
    })
}

/// Message and fix.
type Refusal = (String, String);

fn from_file(chaincode: &Chaincode, path: &str, bytes: &[u8]) -> Result<ChaincodePackage, Refusal> {
    let made = "make it with `peer lifecycle chaincode package`".to_owned();
    let no_label = || (format!("`{path}` is no package with a label"), made.clone());
    let archive = unpacked(bytes).ok_or_else(no_label)?;
    let entries = entries(&archive).ok_or_else(no_label)?;
    let metadata = entries.get(METADATA).and_then(|text| serde_json::from_slice(text).ok());
    let metadata: Metadata = metadata.ok_or_else(no_label)?;
    if !is_label(&metadata.label) {
        return Err(no_label());
    }
    if metadata.language.eq_ignore_ascii_case(STARTED_BY_BUILDER) && !names_objects(&metadata.label)
    {
        let message = format!(
            "label `{}` of package `{path}` begins no name of an object of Kubernetes",
            metadata.label
        );
        let fix = "make the package with a label of lower-case letters, digits and dashes, a letter first, for example `asset-1`";
        return Err((message, fix.to_owned()));
    }
    if chaincode.legacy.is_none() {
        let id = package_id(&metadata.label, bytes);
        let label = metadata.label;
        return Ok(ChaincodePackage { id, label, bytes: bytes.to_vec(), indexes_sha256: None });
    }
    let language = Language::parse(&metadata.language).ok_or_else(|| {
        let message = format!(
            "package `{path}` is of type `{}`, and this lifecycle knows golang, node and java",
            metadata.language
        );
        (message, "make one of these types, with the sources that a peer builds".to_owned())
    })?;
    let code =
        entries.get(CODE).ok_or_else(|| (format!("`{path}` has no {CODE}"), made.clone()))?;
    let code = Code { language, path: metadata.path, archive: code.to_vec() };
    Ok(finished(code.deployment(&chaincode.name, &chaincode.version)))
}

/// The builder calls its objects by the label, and refuses to build what is no DNS-1035 label.
fn names_objects(label: &str) -> bool {
    grammar::is_label(label) && label.starts_with(|first: char| first.is_ascii_lowercase())
}

fn from_sources(
    inputs: &Inputs<'_>,
    chaincode: &Chaincode,
    directory: &str,
) -> Result<ChaincodePackage, Refusal> {
    let below = |path: &str| Some(path.strip_prefix(directory)?.strip_prefix('/')?.to_owned());
    let files = inputs.public.iter();
    let files: BTreeMap<String, Vec<u8>> =
        files.filter_map(|(path, bytes)| Some((below(path)?, bytes.to_vec()))).collect();
    if files.is_empty() {
        let message = format!("there is no package `{directory}`");
        let fix = "make it with `peer lifecycle chaincode package`, or put sources there";
        return Err((message, fix.to_owned()));
    }
    let refused = |error: fabric_artifacts::Error| {
        let fix = "put the Go files of its main package right into that directory, and what it imports into `vendor`";
        (error.to_string(), fix.to_owned())
    };
    let code = go_code(&chaincode.name, &files).map_err(refused)?;
    if chaincode.legacy.is_some() {
        return Ok(finished(code.deployment(&chaincode.name, &chaincode.version)));
    }
    let label = format!("{}-{}", chaincode.name, chaincode.sequence);
    Ok(finished(code.package(&label).map_err(refused)?))
}

fn finished(package: Package) -> ChaincodePackage {
    ChaincodePackage {
        id: package.id,
        label: package.label,
        bytes: package.bytes,
        indexes_sha256: None,
    }
}

fn changed(id: &str, locked: &LockedChaincode) -> Words {
    Words {
        message: format!(
            "the package is `{id}`, and network.lock freezes `{}` for sequence {}",
            locked.package_id, locked.sequence
        ),
        why: "organizations have approved the frozen one".to_owned(),
        fix: format!(
            "write `sequence: {}`, or restore the package from version control",
            locked.sequence.saturating_add(1)
        ),
    }
}

/// The tar archive in a package.
fn unpacked(package: &[u8]) -> Option<Vec<u8>> {
    let mut archive = Vec::new();
    GzDecoder::new(package).take(MAX_UNPACKED).read_to_end(&mut archive).ok()?;
    Some(archive)
}

/// The files of a tar archive.
fn entries(archive: &[u8]) -> Option<BTreeMap<&str, &[u8]>> {
    let mut entries = BTreeMap::new();
    let mut rest = archive;
    while let Some((header, behind)) = rest.split_at_checked(BLOCK) {
        let name = text(header.get(..100)?)?;
        if name.is_empty() {
            break;
        }
        let size = usize::from_str_radix(text(header.get(124..136)?)?.trim(), 8).ok()?;
        entries.insert(name.trim_start_matches("./"), behind.get(..size)?);
        rest = behind.get(size.div_ceil(BLOCK).checked_mul(BLOCK)?..)?;
    }
    Some(entries)
}

/// A field of a header, up to its first zero byte.
fn text(field: &[u8]) -> Option<&str> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    std::str::from_utf8(field.get(..end)?).ok()
}

#[cfg(test)]
mod tests {
    use fabric_artifacts::ccaas::PackageInput;

    use super::*;
    use crate::example;
    use crate::model::LegacyDefinition;

    #[test]
    fn a_package_is_taken_as_it_is_and_known_by_its_label() {
        let bytes = PackageInput::service("basic", 3).package().unwrap().bytes;
        let chaincode = example::article().chaincodes[0].clone();
        let package = from_file(&chaincode, "basic.tgz", &bytes).unwrap();
        assert_eq!((package.label.as_str(), package.bytes), ("basic-3", bytes));
    }

    #[test]
    fn the_code_of_a_package_becomes_a_deployment_for_the_legacy_lifecycle() {
        let files = BTreeMap::from([("main.go".to_owned(), b"package main\n".to_vec())]);
        let code = go_code("elsewhere", &files).unwrap();
        let bytes = code.package("label").unwrap().bytes;
        let mut chaincode = example::article().chaincodes[0].clone();
        chaincode.legacy = Some(LegacyDefinition { init: "{}".to_owned(), replaced: Vec::new() });
        let package = from_file(&chaincode, "basic.tgz", &bytes).unwrap();
        let expected = code.deployment(&chaincode.name, &chaincode.version);
        assert_eq!((package.id, package.bytes), (expected.id, expected.bytes));
        let service = PackageInput::service("basic", 1).package().unwrap().bytes;
        let (message, _) = from_file(&chaincode, "basic.tgz", &service).unwrap_err();
        assert!(message.contains("is of type `ccaas`"), "{message}");
    }

    #[test]
    fn the_label_of_an_image_that_the_builder_starts_can_begin_a_name() {
        let package = |label: &str, language: &str| {
            let metadata = format!(r#"{{"path":"","type":"{language}","label":"{label}"}}"#);
            let archive = single(METADATA, metadata.as_bytes());
            from_file(&example::article().chaincodes[0], "asset.tgz", &archive)
        };
        assert_eq!(package("asset-1", "k8s").unwrap().label, "asset-1");
        assert_eq!(package("asset_1.0", "golang").unwrap().label, "asset_1.0");
        for label in ["asset_1.0", "Asset-1", "1-asset"] {
            let (message, _) = package(label, "K8s").unwrap_err();
            assert!(message.contains(&format!("label `{label}`")), "{message}");
        }
    }

    /// A compressed archive with one file.
    fn single(name: &str, content: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut header = vec![0_u8; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        let mut archive = [&header, content].concat();
        archive.resize(BLOCK + content.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&archive).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn what_fits_in_no_config_map_is_refused() {
        assert!(too_large("asset.tgz", MAX_BYTES).is_none());
        let words = too_large("asset.tgz", MAX_BYTES + 1).unwrap();
        assert!(words.message.contains("524289 bytes"), "{}", words.message);
        // Kubernetes refuses more than this in one object, and a package is there as base64.
        assert!(MAX_BYTES.div_ceil(3) * 4 < 1 << 20);
    }

    #[test]
    fn what_is_no_package_has_no_label() {
        let chaincode = example::article().chaincodes[0].clone();
        for bytes in [b"not gzip".as_slice(), &[]] {
            let (message, _) = from_file(&chaincode, "x.tgz", bytes).unwrap_err();
            assert_eq!(message, "`x.tgz` is no package with a label");
        }
    }
}
