//! Whom the client trusts: the system's roots, and those of files that the settings name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::OutboundError;

/// The TLS side of all clients.
///
/// A system without roots is fine: a small container has none, and whoever needs some names files.
pub(super) fn client_config(files: &[PathBuf]) -> Result<ClientConfig, OutboundError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "roots of the system cannot be read");
    }
    roots.add_parsable_certificates(system.certs);
    for file in files {
        add(&mut roots, file)?;
    }
    tracing::debug!(roots = roots.len(), "authorities that outgoing connections trust");
    let versions = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions();
    let builder = versions.map_err(|error| OutboundError::Setup { reason: error.to_string() })?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn add(roots: &mut RootCertStore, file: &Path) -> Result<(), OutboundError> {
    let unusable = |reason: String| OutboundError::Roots { file: file.to_owned(), reason };
    let certificates = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(error.to_string()))?;
    if certificates.is_empty() {
        return Err(unusable("it holds no certificate".to_owned()));
    }
    for certificate in certificates {
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    Ok(())
}
