//! What an organization runs beside its nodes.

use super::{Resources, Storage};

/// A Fabric CA server: one `StatefulSet`, one Service, one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateAuthority {
    /// What it signs with.
    pub authority: IssuingAuthority,
    /// Where it keeps registrations.
    pub database: CaDatabase,
    /// Where its files live.
    pub storage: Storage,
    /// Requests and limits.
    pub resources: Resources,
}

/// What a Fabric CA server signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuingAuthority {
    /// An authority made for this server, below a root of its own.
    Intermediate,
    /// The organization's root.
    Root,
}

/// Where a Fabric CA server keeps registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaDatabase {
    /// A file on its claim.
    Sqlite,
    /// A server that the organization runs; its connection string is in a Secret.
    Postgres,
}

impl CertificateAuthority {
    /// Its certificate stands among the intermediates of the organization's MSP.
    pub fn is_intermediate(&self) -> bool {
        self.authority == IssuingAuthority::Intermediate
    }
}
