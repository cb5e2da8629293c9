//! A certificate with its key, and who may sign clients' certificates, from PEM files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer,
};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::TlsError;

/// Largest file of certificates or keys in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Largest file of revoked certificates in bytes.
const MAX_LIST_BYTES: u64 = 32 << 20;

const AUTHORITIES: &str = "give the PEM certificates of the authorities of clients";

const LISTS: &str = "give a PEM revocation list of every authority that signs clients";

/// Where the PEM files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The server's certificate, and those between it and the authority that clients trust.
    pub certificate: PathBuf,
    /// The key of the server's certificate; it may be the same file.
    pub key: PathBuf,
    /// Who signs clients' certificates; without it clients are not asked for any.
    pub clients: Option<ClientFiles>,
}

/// How certificates of clients are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFiles {
    /// Authorities of clients' certificates.
    pub authorities: PathBuf,
    /// Lists of certificates that the authorities have revoked.
    pub revoked: Option<PathBuf>,
    /// Whether a client without a certificate gets a connection.
    pub optional: bool,
}

/// What the files held at one moment.
#[derive(PartialEq, Eq)]
pub(super) struct Bytes {
    certificate: Vec<u8>,
    key: Vec<u8>,
    clients: Option<ClientBytes>,
}

#[derive(PartialEq, Eq)]
struct ClientBytes {
    authorities: Vec<u8>,
    revoked: Option<Vec<u8>>,
}

impl CertificateFiles {
    pub(super) fn read(&self) -> Result<Bytes, TlsError> {
        let certificate = read(&self.certificate, MAX_FILE_BYTES)?;
        let key = read(&self.key, MAX_FILE_BYTES)?;
        let clients = self.clients.as_ref().map(ClientFiles::read).transpose()?;
        Ok(Bytes { certificate, key, clients })
    }

    pub(super) fn server(
        &self,
        bytes: &Bytes,
        provider: Arc<CryptoProvider>,
    ) -> Result<Arc<ServerConfig>, TlsError> {
        let chain = certificates(&self.certificate, &bytes.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes.key).map_err(|error| {
            let what = format!("holds no private key ({error})");
            let fix = "give the unencrypted PEM key of the certificate";
            TlsError::Content { path: self.key.clone(), what, fix }
        })?;
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| self.unusable(&error))?;
        let server = match (&self.clients, &bytes.clients) {
            (Some(files), Some(bytes)) => {
                server.with_client_cert_verifier(files.verifier(bytes, provider)?)
            }
            _ => server.with_no_client_auth(),
        };
        let mut server =
            server.with_single_cert(chain, key).map_err(|error| self.unusable(&error))?;
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(server))
    }

    fn unusable(&self, error: &tokio_rustls::rustls::Error) -> TlsError {
        let what = format!("and its key cannot be used ({error})");
        let fix = "give a certificate and the key that belongs to it";
        TlsError::Content { path: self.certificate.clone(), what, fix }
    }
}

impl ClientFiles {
    fn read(&self) -> Result<ClientBytes, TlsError> {
        let revoked = self.revoked.as_deref().map(|path| read(path, MAX_LIST_BYTES)).transpose()?;
        Ok(ClientBytes { authorities: read(&self.authorities, MAX_FILE_BYTES)?, revoked })
    }

    /// Who judges clients: the certificate itself is looked up in the lists, those of its authorities
    /// are not, and one whose authority has no list there is refused.
    fn verifier(
        &self,
        bytes: &ClientBytes,
        provider: Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
        let roots = Arc::new(roots(&self.authorities, &bytes.authorities)?);
        let mut verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
        if self.optional {
            verifier = verifier.allow_unauthenticated();
        }
        if let (Some(path), Some(pem)) = (&self.revoked, &bytes.revoked) {
            verifier = verifier.with_crls(lists(path, pem)?).only_check_end_entity_revocation();
        }
        let (path, fix) = match &self.revoked {
            Some(revoked) => (revoked, LISTS),
            None => (&self.authorities, AUTHORITIES),
        };
        verifier.build().map_err(|error| {
            let what = format!("cannot be used ({error})");
            TlsError::Content { path: path.clone(), what, fix }
        })
    }
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, TlsError> {
    let failed = |source| TlsError::File { action: "read", path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(failed)?.len() > limit {
        let what = format!("has more than {limit} bytes");
        let fix = "give PEM certificates, and nothing else";
        return Err(TlsError::Content { path: path.to_owned(), what, fix });
    }
    std::fs::read(path).map_err(failed)
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let what = match chain {
        Ok(chain) if !chain.is_empty() => return Ok(chain),
        Ok(_) => "holds no certificate".to_owned(),
        Err(error) => format!("is not PEM ({error})"),
    };
    let fix = "give the PEM certificate, then those that lead to the authority";
    Err(TlsError::Content { path: path.to_owned(), what, fix })
}

fn roots(path: &Path, pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path, pem)? {
        roots.add(certificate).map_err(|error| TlsError::Content {
            path: path.to_owned(),
            what: format!("holds a certificate that cannot be an authority ({error})"),
            fix: AUTHORITIES,
        })?;
    }
    Ok(roots)
}

fn lists(path: &Path, pem: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let lists = CertificateRevocationListDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let what = match lists {
        Ok(lists) if !lists.is_empty() => return Ok(lists),
        Ok(_) => "holds no revocation list".to_owned(),
        Err(error) => format!("is not PEM ({error})"),
    };
    Err(TlsError::Content { path: path.to_owned(), what, fix: LISTS })
}
