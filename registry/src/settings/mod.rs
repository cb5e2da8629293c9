//! The configuration of the server: a file, then the environment, then flags; the later wins.
//!
//! [`TABLE`] is the one list of settings: it reads them, explains them, shows them with their source
//! and makes their reference. [`SECTIONS`] are parts of the file that hold more than single values.
//! [`NAMES`] says what the variables of `ChartMuseum`, and the keys of its file, mean here. [`read`] reports every fault at once.
//!
//! To add a setting: a field of [`Settings`], its default, and a row of [`TABLE`]. To add a section: a
//! field with a type that derives `Deserialize` (keys in `kebab-case`, without `flatten`), and a row
//! of [`SECTIONS`], which calls [`list`] or [`one`].
//!
//! Pure: files and environment are read by the program, which hands them over as [`Sources`].

mod authorization_server;
mod chartmuseum;
mod checks;
mod classic;
mod deserialize;
mod document;
mod fault;
mod layers;
mod reference;
mod sections;
mod table;
mod tls;
mod value;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use chartmuseum::{FILE as CHARTMUSEUM_FILE, Meaning, NAMES, Name};
pub use document::Node;
pub use fault::{Fault, Place, Wrong};
pub use layers::{Loaded, Shown, Sources, read};
pub use reference::reference;
pub use sections::{Reading, SECTIONS, Section, list, one};
pub use table::{PREFIX, Row, TABLE};
pub use value::Form;
pub(crate) use value::duration;

use crate::allowed_origin::AllowedOrigin;
use crate::artifact_hub::ArtifactHubId;
use crate::identity::{Anonymous, Declared, Password};
use chart_registry_store::Location;

use crate::form_fields::FormFields;
use crate::forwarded::Network;
pub use crate::logging::LogFormat;
use crate::merged::VirtualRepository;
use crate::outbound::OutboundSettings;
use crate::registry::Options;
use crate::upstream::Upstream;
use crate::webhooks::Webhook;

/// Long enough for a load balancer that asks every second.
const DRAIN_DELAY: Duration = Duration::from_secs(1);

/// What the server is told.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the file, for itself")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where packages and journal are.
    pub data: Option<Location>,
    /// What is imported at each start.
    pub import: ImportSettings,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Path that the registry is served under, without slashes at its ends.
    pub base_path: String,
    /// URL that clients reach the registry under, without a slash at its end; empty for what requests
    /// say.
    pub external_url: String,
    /// Largest package in bytes.
    pub max_upload_bytes: u64,
    /// Largest blob of OCI clients in bytes.
    pub max_blob_bytes: u64,
    /// Whether every publish and delete is refused.
    pub read_only: bool,
    /// Whether versions may be deleted and yanked.
    pub deletes: bool,
    /// Whether versions have to be written in full.
    pub strict_versions: bool,
    /// Whether `/metrics` is served.
    pub metrics: bool,
    /// The origin whose pages may read the API.
    pub allowed_origin: Option<AllowedOrigin>,
    /// Which fields of a form bring packages and provenance files.
    pub form_fields: FormFields,
    /// IDs under which Artifact Hub knows repositories.
    pub artifact_hub: Vec<ArtifactHubId>,
    /// What callers may do without a credential.
    pub anonymous: Option<Anonymous>,
    /// Name of the one user of `ChartMuseum`.
    pub basic_user: Option<String>,
    /// That user's password.
    pub basic_password: Option<Password>,
    /// Who gives tokens that say what their holders may do.
    pub authorization_server: AuthorizationServerSettings,
    /// Who callers are.
    pub identity: Declared,
    /// How connections are protected.
    pub tls: TlsSettings,
    /// Proxies that are believed when they say who is behind them.
    pub trusted_proxies: Vec<Network>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// How long the server goes on after SIGTERM, saying that it is about to stop.
    pub drain_delay: Duration,
    /// How long running requests may take after the stop began.
    pub drain: Duration,
    /// Most connections at a time.
    pub connections: usize,
    /// Time between two searches for stored bytes that nothing needs; zero for none.
    pub collect_every: Duration,
    /// How long packages of deleted versions stay.
    pub keep_deleted: Duration,
    /// Whether the environment is read by the names of `ChartMuseum`, too.
    pub chartmuseum_environment: bool,
    /// How other servers are asked.
    pub outbound: OutboundSettings,
    /// Whom the registry tells what happened.
    pub webhooks: Vec<Webhook>,
    /// Repositories that show what others have.
    pub proxies: Vec<Upstream>,
    /// Repositories that show several others under one name.
    pub virtuals: Vec<VirtualRepository>,
}

/// What is imported at each start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportSettings {
    /// A storage directory of `ChartMuseum`.
    pub chartmuseum: Option<PathBuf>,
    /// The one depth of its repositories that is taken; all without it.
    pub depth: Option<usize>,
}

/// A server that gives tokens as `ChartMuseum` reads them; none without anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationServerSettings {
    /// URL where clients get tokens.
    pub realm: Option<String>,
    /// The name of this registry there.
    pub service: Option<String>,
    /// PEM file with the public key of the tokens.
    pub key: Option<PathBuf>,
}

/// How connections are protected; without anything they are not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// PEM certificate of the server and those that lead to its authority.
    pub certificate: Option<PathBuf>,
    /// PEM key of the certificate.
    pub key: Option<PathBuf>,
    /// PEM authorities of clients.
    pub client_authorities: Option<PathBuf>,
    /// PEM revocation lists of these authorities.
    pub client_revocations: Option<PathBuf>,
    /// Whether clients without a certificate get a connection.
    pub client_certificates_optional: bool,
    /// Whether the server makes a certificate for development.
    pub self_signed: bool,
    /// Further names of the certificate for development.
    pub names: Vec<String>,
    /// Directory of the certificate for development.
    pub directory: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        let Options { max_upload_bytes, max_blob_bytes, base_path, drain, .. } = Options::default();
        let Options { collect_every, keep_deleted, connections, .. } = Options::default();
        Self {
            data: None,
            import: ImportSettings::default(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            base_path,
            external_url: String::new(),
            max_upload_bytes,
            max_blob_bytes,
            read_only: false,
            deletes: true,
            metrics: true,
            allowed_origin: None,
            form_fields: FormFields::default(),
            strict_versions: false,
            artifact_hub: Vec::new(),
            anonymous: None,
            basic_user: None,
            basic_password: None,
            authorization_server: AuthorizationServerSettings::default(),
            identity: Declared::default(),
            tls: TlsSettings::default(),
            trusted_proxies: Vec::new(),
            log_format: LogFormat::Text,
            drain_delay: DRAIN_DELAY,
            drain,
            connections,
            collect_every,
            keep_deleted,
            chartmuseum_environment: true,
            outbound: OutboundSettings::default(),
            webhooks: Vec::new(),
            proxies: Vec::new(),
            virtuals: Vec::new(),
        }
    }
}

impl Settings {
    /// The place that is used: beside what is imported if none is named.
    pub fn data(&self) -> Option<Location> {
        let beside = || Some(self.import.chartmuseum.as_ref()?.join(".chart-registry"));
        self.data.clone().or_else(|| beside().map(Location::Directory))
    }
}

#[cfg(test)]
mod tests;
