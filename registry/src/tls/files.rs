//! A certificate with its key, and who may sign clients' certificates, from PEM files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::TlsError;

/// Largest file of certificates or keys in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Where the PEM files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The server's certificate, and those between it and the authority that clients trust.
    pub certificate: PathBuf,
    /// The key of the server's certificate; it may be the same file.
    pub key: PathBuf,
    /// Authorities of clients' certificates. With them, a client without one gets no connection.
    pub client_authorities: Option<PathBuf>,
}

/// What the files held at one moment.
#[derive(PartialEq, Eq)]
pub(super) struct Bytes {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_authorities: Option<Vec<u8>>,
}

impl CertificateFiles {
    pub(super) fn read(&self) -> Result<Bytes, TlsError> {
        let certificate = read(&self.certificate)?;
        let key = read(&self.key)?;
        let client_authorities = self.client_authorities.as_deref().map(read).transpose()?;
        Ok(Bytes { certificate, key, client_authorities })
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
        let server = match (&self.client_authorities, &bytes.client_authorities) {
            (Some(path), Some(pem)) => {
                let roots = Arc::new(roots(path, pem)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                let verifier = verifier.build().map_err(|error| TlsError::Content {
                    path: path.clone(),
                    what: format!("cannot be used ({error})"),
                    fix: "give the PEM certificates of the authorities of clients",
                })?;
                server.with_client_cert_verifier(verifier)
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

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let failed = |source| TlsError::File { action: "read", path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(failed)?.len() > MAX_FILE_BYTES {
        let what = format!("has more than {MAX_FILE_BYTES} bytes");
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
            fix: "give the PEM certificates of the authorities of clients",
        })?;
    }
    Ok(roots)
}
