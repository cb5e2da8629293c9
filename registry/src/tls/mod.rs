//! TLS for the listener: a certificate from files or for development, taken anew while serving.
//!
//! The files are read again now and then; when what is there does not work, the old certificate stays
//! and the log says why. TLS 1.2 and 1.3, HTTP/1.1.
//!
//! Certificates of clients are judged when a connection begins: their authority, their dates, and
//! whether a revocation list names them. When the files change, connections of clients with
//! certificates end with their next answer.
//!
//! Left out: ACME, HTTP/2, OCSP, fetching revocation lists, the next update that a list names.

mod client;
mod development;
mod files;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::CryptoProvider;

pub(crate) use client::ClientCertificate;
pub use development::Development;
pub use files::{CertificateFiles, ClientFiles};

/// Time between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Why there is no certificate to serve with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("`{}` {what}: {fix}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// A certificate for development cannot be made.
    #[error("cannot make a certificate for development: {reason}")]
    Development {
        /// Why not.
        reason: String,
    },
}

/// TLS of a listener; cloning it gives another handle on the same certificate.
#[derive(Clone)]
pub struct Tls {
    files: CertificateFiles,
    current: Arc<ArcSwap<Loaded>>,
}

/// What a listener uses from one change of the files to the next.
pub(crate) struct Loaded {
    bytes: files::Bytes,
    server: Arc<ServerConfig>,
}

impl Loaded {
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.server))
    }
}

impl Tls {
    /// Reads the files, and refuses what no client could use.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, holds no certificate or key, or the two do not belong together.
    pub fn load(files: CertificateFiles) -> Result<Self, TlsError> {
        let bytes = files.read()?;
        let server = files.server(&bytes, provider())?;
        let current = Arc::new(ArcSwap::from_pointee(Loaded { bytes, server }));
        Ok(Self { files, current })
    }

    /// Reads the files again; `true` when new connections get another certificate from now on.
    ///
    /// # Errors
    ///
    /// As [`Self::load`]; what was used before stays.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let bytes = self.files.read()?;
        if bytes == self.current.load().bytes {
            return Ok(false);
        }
        let server = self.files.server(&bytes, provider())?;
        self.current.store(Arc::new(Loaded { bytes, server }));
        Ok(true)
    }

    /// What new connections use.
    pub(crate) fn current(&self) -> Arc<Loaded> {
        self.current.load_full()
    }

    /// Whether the files have changed since.
    pub(crate) fn has_changed_since(&self, loaded: &Arc<Loaded>) -> bool {
        !Arc::ptr_eq(&self.current.load(), loaded)
    }

    /// Looks at the files as long as it is polled.
    pub(crate) async fn follow(self) {
        let mut told = None;
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            let tls = self.clone();
            let Ok(reloaded) = tokio::task::spawn_blocking(move || tls.reload()).await else {
                return;
            };
            let error = match reloaded {
                Ok(true) => {
                    tracing::info!("new connections get the new certificate");
                    None
                }
                Ok(false) => None,
                Err(error) => Some(error.to_string()),
            };
            if let Some(error) = error.as_ref().filter(|_| told != error) {
                tracing::error!(error, "the certificate on disk is not taken; the old one stays");
            }
            told = error;
        }
    }
}

/// The one place that chooses who computes.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(tokio_rustls::rustls::crypto::ring::default_provider())
}
