//! Chaincode packages that lie beside the topology, for peers that build and start chaincodes themselves.
//!
//! Only the label is read from a package: what is in it is between its author and the peer.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde::Deserialize;

use super::{Inputs, Words, codes};
use crate::lock::LockedChaincode;
use crate::material::ChaincodePackage;
use crate::model::Chaincode;

/// A package with its base64 stands in a `ConfigMap` of each organization, and these hold 1 MiB.
const MAX_BYTES: usize = 512 << 10;
/// What is read of an unpacked package at most, in bytes.
const MAX_UNPACKED: u64 = 64 << 20;
/// Size of a block of a tar archive.
const BLOCK: usize = 512;
/// The file with the label.
const METADATA: &str = "metadata.json";

#[derive(Deserialize)]
struct Metadata {
    label: String,
}

/// The package at `path`, if it is the one that was frozen for this sequence.
pub(super) fn package(
    inputs: &Inputs<'_>,
    (chaincode, path): (&Chaincode, &str),
    locked: Option<&LockedChaincode>,
) -> Result<ChaincodePackage, (&'static str, Words)> {
    let refused = |message: String, fix: &str| {
        let why = "peers install this very file, and organizations approve it by the SHA-256 of its bytes";
        (codes::PACKAGE, Words { message, why: why.to_owned(), fix: fix.to_owned() })
    };
    let made = "make it with `peer lifecycle chaincode package`";
    let bytes = inputs.public.bytes(path);
    let bytes = bytes.ok_or_else(|| refused(format!("there is no package `{path}`"), made))?;
    if bytes.len() > MAX_BYTES {
        return Err(refused(
            format!(
                "package `{path}` has {} bytes, and more than {MAX_BYTES} fit in no chart",
                bytes.len()
            ),
            "leave out vendored dependencies and what the build does not need",
        ));
    }
    let label = label(bytes);
    let label =
        label.ok_or_else(|| refused(format!("`{path}` is no package with a label"), made))?;
    let id = fabric_artifacts::ccaas::package_id(&label, bytes);
    if let Some(locked) =
        locked.filter(|it| it.sequence == chaincode.sequence && it.package_id != id)
    {
        return Err((codes::CHANGED_PACKAGE, changed(&id, locked)));
    }
    Ok(ChaincodePackage { id, label, bytes: bytes.to_vec(), indexes_sha256: None })
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

/// The label in `metadata.json` of a package, if it can be read and Fabric takes it.
fn label(package: &[u8]) -> Option<String> {
    let mut archive = Vec::new();
    GzDecoder::new(package).take(MAX_UNPACKED).read_to_end(&mut archive).ok()?;
    let mut rest = archive.as_slice();
    while let Some((header, behind)) = rest.split_at_checked(BLOCK) {
        let name = text(header.get(..100)?)?;
        let size = usize::from_str_radix(text(header.get(124..136)?)?.trim(), 8).ok()?;
        if name.trim_start_matches("./") == METADATA {
            let metadata: Metadata = serde_json::from_slice(behind.get(..size)?).ok()?;
            return Some(metadata.label).filter(|label| fabric_artifacts::ccaas::is_label(label));
        }
        rest = behind.get(size.div_ceil(BLOCK).checked_mul(BLOCK)?..)?;
    }
    None
}

/// A field of a header, up to its first zero byte.
fn text(field: &[u8]) -> Option<&str> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    std::str::from_utf8(field.get(..end)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_is_read_from_a_package() {
        let input = fabric_artifacts::ccaas::PackageInput::service("basic", 3);
        assert_eq!(label(&input.package().unwrap().bytes).as_deref(), Some("basic-3"));
    }

    #[test]
    fn what_is_no_package_has_no_label() {
        assert_eq!(label(b"not gzip"), None);
        assert_eq!(label(&[]), None);
    }
}
