//! What the settings about TLS come to.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::SystemTime;

use chart_registry_store::Location;

use crate::settings::TlsSettings;
use crate::tls::{CertificateFiles, ClientFiles, Development, Tls, TlsError};

/// Names that every certificate for development has.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// TLS as it is served, with the file that clients have to trust if it is ours.
pub(super) struct Served {
    pub(super) tls: Tls,
    pub(super) authority: Option<PathBuf>,
}

/// Loads what the settings name; `None` without TLS.
pub(super) fn load(
    settings: &TlsSettings,
    storage: &Location,
    listen: SocketAddr,
) -> Result<Option<Served>, TlsError> {
    if settings.self_signed {
        return development(settings, storage, listen).map(Some);
    }
    match files(settings) {
        Some(files) => Ok(Some(Served { tls: Tls::load(files)?, authority: None })),
        None => Ok(None),
    }
}

/// Looks at the files that the settings name; makes none.
pub(super) fn check(settings: &TlsSettings) -> Result<(), TlsError> {
    files(settings).map_or(Ok(()), |files| Tls::load(files).map(drop))
}

fn files(settings: &TlsSettings) -> Option<CertificateFiles> {
    let (certificate, key) = (settings.certificate.clone()?, settings.key.clone()?);
    let clients = settings.client_authorities.clone().map(|authorities| ClientFiles {
        authorities,
        revoked: settings.client_revocations.clone(),
        optional: settings.client_certificates_optional,
    });
    Some(CertificateFiles { certificate, key, clients })
}

fn development(
    settings: &TlsSettings,
    storage: &Location,
    listen: SocketAddr,
) -> Result<Served, TlsError> {
    let directory = settings.directory.clone().unwrap_or_else(|| beside(storage));
    let own = OWN_NAMES.into_iter().map(str::to_owned);
    let address = Some(listen.ip()).filter(|ip| !ip.is_unspecified());
    let mut names: Vec<String> =
        own.chain(address.map(|ip| ip.to_string())).chain(settings.names.iter().cloned()).collect();
    names.sort();
    names.dedup();
    let development = Development { directory, names };
    let tls = Tls::load(development.prepare(SystemTime::now())?)?;
    Ok(Served { tls, authority: Some(development.authority()) })
}

/// A directory beside the storage, which takes no files but its own.
/// A directory beside the packages; with those in a bucket a directory has to be named.
fn beside(storage: &Location) -> PathBuf {
    let Location::Directory(storage) = storage else { return PathBuf::from("tls") };
    let mut name = storage.components().as_path().as_os_str().to_owned();
    name.push("-tls");
    PathBuf::from(name)
}
