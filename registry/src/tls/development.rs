//! A certificate for development: an authority of its own, whose key is thrown away at once.
//!
//! Nobody can sign anything else with the authority, so that trusting it means trusting this server.
//! What is made is kept, so that a restart does not ask clients to trust anew, and is made again when
//! the names change or it is about to expire.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use x509_parser::extensions::GeneralName;

use super::client::address;
use super::{CertificateFiles, TlsError};

const DAY: Duration = Duration::from_hours(24);

/// Certificates hold this long; clients of Apple refuse more than 825 days.
const LIFETIME: Duration = Duration::from_hours(397 * 24);

/// With less than this left a new one is made.
const LEFT: Duration = Duration::from_hours(30 * 24);

/// Certificate, authority and key, written as one file so that they always belong together.
const BUNDLE: &str = "server.pem";

/// The authority for clients.
const AUTHORITY: &str = "ca.crt";

/// A certificate that the server makes for itself.
#[derive(Debug, Clone)]
pub struct Development {
    /// Directory for the files; made when it does not exist.
    pub directory: PathBuf,
    /// Names and addresses that clients use.
    pub names: Vec<String>,
}

/// What is made.
struct Made {
    bundle: String,
    authority: String,
}

impl Development {
    /// The file of the authority that clients have to trust.
    pub fn authority(&self) -> PathBuf {
        self.directory.join(AUTHORITY)
    }

    /// Makes what is not there, or no longer fits.
    ///
    /// # Errors
    ///
    /// When a name is not one, or the directory cannot be written.
    pub fn prepare(&self, now: SystemTime) -> Result<CertificateFiles, TlsError> {
        let bundle = self.directory.join(BUNDLE);
        if !self.fits(&bundle, now) {
            let Made { bundle: pem, authority } = make(&self.names, now)?;
            self.make_directory()?;
            write(&self.authority(), &authority)?;
            // Last, because the authority is only of use with it.
            write(&bundle, &pem)?;
        }
        Ok(CertificateFiles { certificate: bundle.clone(), key: bundle, clients: None })
    }

    fn make_directory(&self) -> Result<(), TlsError> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory);
        made.map_err(|source| TlsError::File {
            action: "make",
            path: self.directory.clone(),
            source,
        })
    }

    /// Whether what is there has these names, lasts, and is signed by the authority beside it.
    fn fits(&self, bundle: &Path, now: SystemTime) -> bool {
        let (Ok(bundle), Ok(authority)) = (fs::read(bundle), fs::read(self.authority())) else {
            return false;
        };
        let (Ok((_, leaf)), Ok((_, signer))) = (
            x509_parser::pem::parse_x509_pem(&bundle),
            x509_parser::pem::parse_x509_pem(&authority),
        ) else {
            return false;
        };
        let (Ok(leaf), Ok(signer)) = (leaf.parse_x509(), signer.parse_x509()) else { return false };
        let until = u64::try_from(leaf.validity().not_after.timestamp()).unwrap_or_default();
        let lasts = UNIX_EPOCH + Duration::from_secs(until) > now + LEFT;
        let whole = bundle.ends_with(&authority);
        lasts && whole && leaf.issuer() == signer.subject() && names(&leaf) == sorted(&self.names)
    }
}

fn sorted(names: &[String]) -> Vec<String> {
    let mut names = names.to_vec();
    names.sort();
    names
}

fn names(certificate: &x509_parser::certificate::X509Certificate<'_>) -> Vec<String> {
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let general = alternatives.iter().flat_map(|extension| &extension.value.general_names);
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    };
    sorted(&general.filter_map(text).collect::<Vec<_>>())
}

fn make(names: &[String], now: SystemTime) -> Result<Made, TlsError> {
    let failed = |error: rcgen::Error| TlsError::Development { reason: error.to_string() };
    let authority_key = KeyPair::generate().map_err(failed)?;
    let mut authority = dated(CertificateParams::default(), now);
    // A name of its own, so that clients which trusted an earlier one do not mix them up.
    let name = format!("chart-registry development {:016x}", rand::random::<u64>());
    authority.distinguished_name = rcgen::DistinguishedName::new();
    authority.distinguished_name.push(DnType::CommonName, name);
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_pem = authority.self_signed(&authority_key).map_err(failed)?.pem();

    let key = KeyPair::generate().map_err(failed)?;
    let mut leaf = dated(CertificateParams::new(names).map_err(failed)?, now);
    leaf.distinguished_name = rcgen::DistinguishedName::new();
    leaf.distinguished_name.push(DnType::CommonName, "chart-registry");
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let issuer = Issuer::from_params(&authority, authority_key);
    let leaf = leaf.signed_by(&key, &issuer).map_err(failed)?.pem();
    let bundle = [leaf, key.serialize_pem(), authority_pem.clone()].concat();
    Ok(Made { bundle, authority: authority_pem })
}

/// Valid from yesterday on, because clocks differ.
fn dated(mut parameters: CertificateParams, now: SystemTime) -> CertificateParams {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    parameters.not_before = epoch + since.saturating_sub(DAY);
    parameters.not_after = epoch + since.saturating_add(LIFETIME);
    parameters
}

/// Writes a file that only the server's user can read, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), TlsError> {
    let failed = |source| TlsError::File { action: "write", path: path.to_owned(), source };
    let tmp = path.with_extension("tmp");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&tmp)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&tmp, path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn development(directory: &Path, names: &[&str]) -> Development {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Development { directory: directory.join("tls"), names }
    }

    #[test]
    fn what_was_made_stays_until_names_change_or_it_nears_its_end() {
        let directory = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let plain = development(directory.path(), &["localhost", "127.0.0.1", "::1"]);
        let files = plain.prepare(now).unwrap();
        let first = fs::read(&files.certificate).unwrap();
        let made = |development: &Development, now| {
            fs::read(development.prepare(now).unwrap().certificate).unwrap()
        };
        assert!(made(&plain, now + Duration::from_hours(300 * 24)) == first);
        let late = now + Duration::from_hours(370 * 24);
        let second = made(&plain, late);
        assert!(second != first);
        let named = development(directory.path(), &["charts.example.org", "127.0.0.1"]);
        let third = made(&named, late);
        assert!(third != second);
        // An authority that does not belong to the certificate is of no use to clients.
        fs::write(named.authority(), fs::read(named.authority()).unwrap().to_ascii_lowercase())
            .unwrap();
        assert!(made(&named, late) != third);
    }

    #[test]
    fn the_key_of_the_authority_is_nowhere_and_the_servers_key_is_for_its_user_only() {
        let directory = tempfile::tempdir().unwrap();
        let development = development(directory.path(), &["localhost"]);
        let files = development.prepare(SystemTime::now()).unwrap();
        let bundle = fs::read_to_string(&files.certificate).unwrap();
        assert_eq!(bundle.matches("PRIVATE KEY-----").count(), 2, "begin and end of one key");
        assert!(!fs::read_to_string(development.authority()).unwrap().contains("PRIVATE"));
        let mode = fs::metadata(&files.certificate).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&development.directory).unwrap().count(), 2);
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let error = development(directory.path(), &["b\u{fc}cher"]).prepare(SystemTime::now());
        assert!(error.unwrap_err().to_string().contains("cannot make a certificate"));
    }
}
