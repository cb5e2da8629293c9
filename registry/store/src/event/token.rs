//! Tokens: credentials that the journal knows by a digest, so that every process knows them.

use chart_format::digest::Sha256;
use serde::{Deserialize, Serialize};

use super::Actor;
use crate::repository_path::RepositoryPath;
use crate::timestamp::Timestamp;

/// A token was issued or revoked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenEvent {
    /// Public name of the token; it is never used again.
    pub id: String,
    /// What happened to it.
    #[serde(flatten)]
    pub change: TokenChange,
    /// Who did it.
    pub actor: Actor,
    /// The request that did it, as in the log.
    pub request: String,
}

impl TokenEvent {
    /// About the bytes that it takes in a commit besides its names.
    pub fn size_bound(&self) -> usize {
        let TokenChange::Issue(issued) = &self.change else { return 0 };
        let grant = |grant: &TokenGrant| {
            let permissions = grant.permissions.iter().map(|name| name.len() + 3);
            grant.below.as_str().len() + permissions.sum::<usize>() + 32
        };
        issued.subject.len() + issued.grants.iter().map(grant).sum::<usize>() + 128
    }
}

/// What happened to a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum TokenChange {
    /// It was issued.
    Issue(Issued),
    /// It is worth nothing any more.
    Revoke,
}

/// What a token is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Who acts when it is used, for the journal.
    pub subject: String,
    /// SHA-256 of its secret part. The secret has 256 random bits, so that nobody finds it by trying.
    pub secret: Sha256,
    /// What it allows.
    pub grants: Vec<TokenGrant>,
    /// Moment from which it is worth nothing; `None` for never.
    pub expires: Option<Timestamp>,
}

/// Permissions for a repository and all below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenGrant {
    /// Path of the repository; empty for the root.
    pub below: RepositoryPath,
    /// Names of permissions. One that a program does not know allows nothing there.
    pub permissions: Vec<String>,
}
