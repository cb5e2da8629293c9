//! Packages that are to be published: found, opened and checked before a byte leaves this machine.
//!
//! The registry checks everything again. Here it is done first so that a private key that got into
//! a package goes nowhere, and so that a missing file is told as what it is: something to build.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chart_builder::model::Network;
use chart_format::archive::{self, Limits, OpenError};
use chart_format::digest::Sha256;
use chart_format::summary::NETWORK_ANNOTATION;
use chart_format::version::ChartVersion;

use super::PublishError;

/// Most bytes of a package that are read; which ones it takes is the registry's to say.
const MAX_PACKAGE_BYTES: u64 = 256 << 20;

/// Most bytes of a provenance file, as the registry has it.
const MAX_PROVENANCE_BYTES: u64 = 256 << 10;

/// A chart that is ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: ChartVersion,
    /// The network that it is of, as its annotation says.
    pub(super) network: Option<String>,
    /// Its file's own name.
    pub(super) file_name: String,
    pub(super) bytes: Bytes,
    pub(super) digest: Sha256,
    /// The provenance file beside it.
    pub(super) provenance: Option<Bytes>,
}

/// The packages of a network's releases at the version of its topology.
pub(super) fn of_network(network: &Network, built: &Path) -> Result<Vec<Package>, PublishError> {
    let version = &network.version;
    let releases = network.releases();
    let files: Vec<(String, PathBuf)> = releases
        .into_iter()
        .map(|release| {
            let file = built.join(format!("{}-{version}.tgz", release.name));
            (release.name, file)
        })
        .collect();
    let missing: Vec<String> = files
        .iter()
        .filter(|(_, file)| !file.is_file())
        .map(|(_, file)| format!("`{}`", file.display()))
        .collect();
    if !missing.is_empty() {
        let network = network.name.clone();
        return Err(PublishError::NotBuilt {
            network,
            version: version.clone(),
            files: missing.join(", "),
        });
    }
    files
        .iter()
        .map(|(name, file)| {
            let package = read(file)?;
            if package.name == *name && package.version == ChartVersion::from(version.clone()) {
                return Ok(package);
            }
            Err(PublishError::OtherChart {
                file: file.clone(),
                holds: format!("{} {}", package.name, package.version),
            })
        })
        .collect()
}

/// Every package of a directory, in the order of their names.
pub(super) fn of_directory(directory: &Path) -> Result<Vec<Package>, PublishError> {
    let unreadable = |source| PublishError::Read { file: directory.to_owned(), source };
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ending| ending == "tgz") {
            files.insert(path);
        }
    }
    if files.is_empty() {
        return Err(PublishError::NoPackages { directory: directory.to_owned() });
    }
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Result<Package, PublishError> {
    let bytes = limited(file, MAX_PACKAGE_BYTES)?;
    let limits = Limits { package_bytes: MAX_PACKAGE_BYTES, ..Limits::HELM };
    let opened = archive::open(&bytes[..], &limits).map_err(|error| match error {
        OpenError::Source(source) => PublishError::Read { file: file.to_owned(), source },
        OpenError::Refused(rule) => PublishError::Package { file: file.to_owned(), rule },
    })?;
    Ok(Package {
        name: opened.metadata.name.to_string(),
        version: opened.metadata.version,
        network: opened.metadata.annotations.get(NETWORK_ANNOTATION).cloned(),
        file_name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        bytes: bytes.into(),
        digest: opened.digest,
        provenance: provenance(file)?,
    })
}

/// The file `<package>.prov`, which `helm package --sign` writes.
fn provenance(package: &Path) -> Result<Option<Bytes>, PublishError> {
    let mut file = package.as_os_str().to_owned();
    file.push(".prov");
    let file = PathBuf::from(file);
    match limited(&file, MAX_PROVENANCE_BYTES) {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(PublishError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A file of at most `limit` bytes.
pub(super) fn limited(file: &Path, limit: u64) -> Result<Vec<u8>, PublishError> {
    let unreadable = |source| PublishError::Read { file: file.to_owned(), source };
    let opened = File::open(file).map_err(unreadable)?;
    let mut bytes = Vec::new();
    opened.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(PublishError::FileTooLarge { file: file.to_owned(), limit });
    }
    Ok(bytes)
}
