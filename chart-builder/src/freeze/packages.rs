//! Chaincode packages of a release: made anew by every build from the topology and the indexes beside it.

use std::collections::BTreeMap;

use chart_format::digest::Sha256;
use fabric_artifacts::ccaas::PackageInput;

use super::{Inputs, Words, codes, finding, package_file};
use crate::diagnostic::{Diagnostics, KeyPath};
use crate::lock::LockedChaincode;
use crate::material::ChaincodePackage;
use crate::model::{Chaincode, Network};

/// Directory of indexes for private data, below that of the chaincode's own.
const COLLECTIONS: &str = "collections/";

/// The wanted sequence of each chaincode, and the one before while its server stays.
pub(super) fn packages(
    inputs: &Inputs<'_>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, BTreeMap<u64, ChaincodePackage>> {
    let mut packages = BTreeMap::new();
    for (index, chaincode) in inputs.network.chaincodes.iter().enumerate() {
        let path = KeyPath::root().key("chaincodes").index(index);
        let locked = inputs.lock.chaincodes.get(&chaincode.name);
        let mut sequences = BTreeMap::new();
        if let Some(previous) = &chaincode.previous {
            let frozen = locked.and_then(|locked| frozen_with_indexes(locked, previous.sequence));
            let package = match frozen {
                Some(package) => Ok(package),
                None => {
                    package(&service(inputs.network, (&chaincode.name, previous.sequence)), None)
                }
            };
            sequences.extend(package.ok().map(|package| (previous.sequence, package)));
        }
        let current = match &chaincode.package {
            Some(file) => package_file::package(inputs, (chaincode, file), locked),
            None => current(inputs, chaincode),
        };
        match current {
            Ok(package) => {
                if let Some(words) = locked.and_then(|it| changed_indexes(chaincode, it, &package))
                {
                    let path = path.key("indexes");
                    diagnostics.push(finding(codes::CHANGED_INDEXES, path, words));
                }
                sequences.insert(chaincode.sequence, package);
            }
            Err((code, words)) => diagnostics.push(finding(code, path, words)),
        }
        packages.insert(chaincode.name.clone(), sequences);
    }
    packages
}

/// The files of a chaincode's indexes as they stand in its package.
fn indexes(inputs: &Inputs<'_>, directory: &str) -> BTreeMap<String, Vec<u8>> {
    let below = |path: &str| -> Option<String> {
        let file = path.strip_prefix(directory)?.strip_prefix('/')?;
        let whole = file.starts_with(COLLECTIONS);
        Some(if whole { file.to_owned() } else { format!("indexes/{file}") })
    };
    let files = inputs.public.iter();
    files.filter_map(|(path, bytes)| Some((below(path)?, bytes.to_vec()))).collect()
}

/// What the package of a chaincode's sequence is made from in this network, but for its indexes.
pub(super) fn service(network: &Network, (name, sequence): (&str, u64)) -> PackageInput {
    PackageInput::service(name, sequence).with_tls(!network.transport.is_plain())
}

fn current(
    inputs: &Inputs<'_>,
    chaincode: &Chaincode,
) -> Result<ChaincodePackage, (&'static str, Words)> {
    let mut input = service(inputs.network, (&chaincode.name, chaincode.sequence));
    let Some(directory) = &chaincode.indexes else {
        return package(&input, None).map_err(|error| {
            let words = Words {
                message: error.to_string(),
                why: "a peer refuses to install such a package".to_owned(),
                fix: "give the chaincode a name of letters, digits and `-`".to_owned(),
            };
            (codes::PACKAGE, words)
        });
    };
    input.indexes = indexes(inputs, directory);
    let refused = |message: String| {
        let why =
            "indexes travel in the chaincode's package, and a peer refuses a package with others";
        let fix = format!(
            "put `<name>.json` into `{directory}`, each a JSON object as CouchDB's `_index` takes it, and nothing else"
        );
        (codes::INDEXES, Words { message, why: why.to_owned(), fix })
    };
    if input.indexes.is_empty() {
        return Err(refused(format!("there is no file in `{directory}`")));
    }
    let digest = digest(&input.indexes);
    package(&input, Some(digest)).map_err(|error| refused(error.to_string()))
}

fn package(
    input: &PackageInput,
    indexes_sha256: Option<String>,
) -> Result<ChaincodePackage, fabric_artifacts::Error> {
    let package = input.package()?;
    Ok(ChaincodePackage {
        id: package.id,
        label: package.label,
        bytes: package.bytes,
        indexes_sha256,
    })
}

/// SHA-256 over the lines that `sha256sum` would print.
fn digest(indexes: &BTreeMap<String, Vec<u8>>) -> String {
    let lines = indexes.iter().map(|(path, text)| format!("{}  {path}\n", Sha256::of(text)));
    Sha256::of(lines.collect::<String>().as_bytes()).to_string()
}

/// The package of a sequence whose indexes were frozen: the files may have moved on, so only the lock knows its id.
fn frozen_with_indexes(locked: &LockedChaincode, sequence: u64) -> Option<ChaincodePackage> {
    let now = (locked.sequence, &locked.label, &locked.package_id, &locked.indexes_sha256);
    let previous = locked
        .previous
        .iter()
        .map(|it| (it.sequence, &it.label, &it.package_id, &it.indexes_sha256));
    let found = previous.chain([now]).find(|(number, ..)| *number == sequence);
    let (_, label, id, indexes) = found.filter(|(.., indexes)| indexes.is_some())?;
    Some(ChaincodePackage {
        id: id.clone(),
        label: label.clone(),
        bytes: Vec::new(),
        indexes_sha256: indexes.clone(),
    })
}

/// Indexes that are not those of the frozen definition.
fn changed_indexes(
    chaincode: &Chaincode,
    locked: &LockedChaincode,
    package: &ChaincodePackage,
) -> Option<Words> {
    let same =
        locked.sequence != chaincode.sequence || locked.indexes_sha256 == package.indexes_sha256;
    if same {
        return None;
    }
    let word = |digest: &Option<String>| digest.clone().unwrap_or_else(|| "none".to_owned());
    Some(Words {
        message: format!(
            "the indexes of chaincode `{}` have SHA-256 {}, and network.lock freezes {} for sequence {}",
            chaincode.name,
            word(&package.indexes_sha256),
            word(&locked.indexes_sha256),
            locked.sequence
        ),
        why: "organizations have approved the package with the frozen ones".to_owned(),
        fix: format!(
            "write `sequence: {}`, or restore the indexes from version control",
            locked.sequence.saturating_add(1)
        ),
    })
}
