//! The flags about TLS, and what they come to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, ValueEnum};

use crate::tls::{CertificateFiles, Development, Tls, TlsError};

/// Names that every certificate for development has.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A certificate for development, made by the server.
    SelfSigned,
}

/// How clients' connections are protected; without any of these flags they are not.
#[derive(Args)]
pub(super) struct TlsFlags {
    /// PEM certificate of the server, then those that lead to its authority; read again when it
    /// changes.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// PEM key of the certificate.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// PEM authorities of clients: a client without a certificate of theirs gets no connection.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,

    /// Make a certificate for development and say how to trust it.
    #[arg(long, value_enum, conflicts_with = "tls_cert")]
    tls: Option<Kind>,

    /// Further name or address that clients use, for `--tls self-signed`; may be given many times.
    #[arg(long, value_name = "NAME", requires = "tls")]
    tls_name: Vec<String>,

    /// Directory of the certificate for development; beside the storage if not given.
    #[arg(long, value_name = "DIR", requires = "tls")]
    tls_directory: Option<PathBuf>,
}

/// TLS as it is served, with the file that clients have to trust if it is ours.
pub(super) struct Served {
    pub(super) tls: Tls,
    pub(super) authority: Option<PathBuf>,
}

impl TlsFlags {
    /// Loads what the flags name; `None` without TLS.
    pub(super) fn load(
        self,
        storage: &Path,
        listen: SocketAddr,
    ) -> Result<Option<Served>, TlsError> {
        if self.tls == Some(Kind::SelfSigned) {
            return self.development(storage, listen).map(Some);
        }
        let (Some(certificate), Some(key)) = (self.tls_cert, self.tls_key) else {
            return Ok(None);
        };
        let files = CertificateFiles { certificate, key, client_authorities: self.tls_client_ca };
        Ok(Some(Served { tls: Tls::load(files)?, authority: None }))
    }

    fn development(self, storage: &Path, listen: SocketAddr) -> Result<Served, TlsError> {
        let directory = self.tls_directory.unwrap_or_else(|| beside(storage));
        let own = OWN_NAMES.into_iter().map(str::to_owned);
        let address = Some(listen.ip()).filter(|ip| !ip.is_unspecified());
        let mut names: Vec<String> =
            own.chain(address.map(|ip| ip.to_string())).chain(self.tls_name).collect();
        names.sort();
        names.dedup();
        let development = Development { directory, names };
        let tls = Tls::load(development.prepare(SystemTime::now())?)?;
        Ok(Served { tls, authority: Some(development.authority()) })
    }
}

/// A directory beside the storage, which takes no files but its own.
fn beside(storage: &Path) -> PathBuf {
    let mut name = storage.components().as_path().as_os_str().to_owned();
    name.push("-tls");
    PathBuf::from(name)
}
