//! What an operator may choose, as the registry gets it from the program or from whoever embeds it.

use std::time::Duration;

use crate::allowed_origin::AllowedOrigin;
use crate::artifact_hub::ArtifactHubId;
use crate::form_fields::FormFields;
use crate::forwarded::Network;
use crate::identity::IdentityOptions;
use crate::merged::VirtualRepository;
use crate::outbound::OutboundSettings;
use crate::upstream::Upstream;
use crate::webhooks::WebhookSettings;

/// What an operator may choose.
#[derive(Debug, Clone)]
pub struct Options {
    /// Largest package in bytes.
    pub max_upload_bytes: u64,
    /// Largest blob that OCI clients push, in bytes.
    pub max_blob_bytes: u64,
    /// Whether packages may be published and deleted over HTTP.
    pub writable: bool,
    /// Whether versions may be deleted and yanked over HTTP.
    pub deletes: bool,
    /// How versions have to be written.
    pub versions: Versions,
    /// Whether `/metrics` is served.
    pub serves_metrics: bool,
    /// The origin whose pages may read the API; none unless chosen.
    pub allowed_origin: Option<AllowedOrigin>,
    /// Which fields of a form bring packages and provenance files.
    pub form_fields: FormFields,
    /// IDs under which Artifact Hub knows repositories.
    pub artifact_hub: Vec<ArtifactHubId>,
    /// Path that the registry is served under, without slashes at its ends; empty for the host's root.
    pub base_path: String,
    /// How callers are told apart.
    pub identity: IdentityOptions,
    /// URL that clients reach the registry under; empty for what requests say.
    pub external_url: String,
    /// Fewest commits between two checkpoints; more in a registry with more than ten times as many
    /// versions.
    pub checkpoint_after: u64,
    /// How long running requests may take after the stop began.
    pub drain: Duration,
    /// Proxies that are believed when they say who is behind them.
    pub trusted_proxies: Vec<Network>,
    /// Time between two searches for stored bytes that nothing needs; zero for none.
    pub collect_every: Duration,
    /// How long packages of deleted versions stay.
    pub keep_deleted: Duration,
    /// How the registry asks other servers.
    pub outbound: OutboundSettings,
    /// Most connections at a time; others wait in the kernel's queue.
    pub connections: usize,
    /// Whom the registry tells what happened.
    pub webhooks: WebhookSettings,
    /// Repositories that show what others have.
    pub proxies: Vec<Upstream>,
    /// Repositories that show several others under one name.
    pub virtuals: Vec<VirtualRepository>,
}

/// How versions of what is published have to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// As Helm reads them: `1.2.3`, `v1.2.3`, `1.2`.
    Loose,
    /// In full, as `SemVer` 2 asks for: `1.2.3`.
    Full,
}

impl Default for Options {
    /// 20 MiB, as `ChartMuseum` has it, and blobs of 10 GiB; writable; at the host's root; a checkpoint
    /// every 4,096 commits; half a minute to end; 16,384 connections.
    fn default() -> Self {
        Self {
            max_upload_bytes: 20 << 20,
            max_blob_bytes: 10 << 30,
            writable: true,
            deletes: true,
            versions: Versions::Loose,
            serves_metrics: true,
            allowed_origin: None,
            form_fields: FormFields::default(),
            artifact_hub: Vec::new(),
            base_path: String::new(),
            identity: IdentityOptions::default(),
            external_url: String::new(),
            checkpoint_after: 4_096,
            drain: Duration::from_secs(30),
            trusted_proxies: Vec::new(),
            collect_every: Duration::from_hours(24),
            keep_deleted: Duration::from_hours(24 * 30),
            outbound: OutboundSettings::default(),
            connections: 16_384,
            webhooks: WebhookSettings::default(),
            proxies: Vec::new(),
            virtuals: Vec::new(),
        }
    }
}
