//! An authorization server as `ChartMuseum` knows it: tokens that say which repositories their holder
//! may read and write, signed with a key that stands in a file.
//!
//! A token means exactly the repositories that it names and nothing below them: that is how such a
//! server understands names.

use serde::Deserialize;
use serde_json::Value;

use chart_registry_store::RepositoryPath;

use super::fault::TokenFault;
use super::keys::Keys;
use super::token::{Claims, Unproven};
use crate::access::{Grant, Identity, Permission, Reach};
use crate::identity::check_subject;

/// What such tokens call a repository.
const KIND: &str = "artifact-repository";

/// What they call the repository at the root.
const ROOT: &str = "repo";

/// How the journal says that a caller had such a token, and under what its subject acts: no issuer
/// and no user can have this name with a colon behind it.
pub(crate) const VIA: &str = "access_token";

/// Most entries of a token that are looked at.
const MAX_ENTRIES: usize = 256;

/// Who gives tokens, and the key that they are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationServer {
    realm: String,
    service: String,
    keys: Keys,
}

/// One entry of the claim `access`.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    actions: Vec<String>,
}

impl AuthorizationServer {
    /// A server whose tokens are for `service` and come from the URL `realm`; `key` is the text of a
    /// PEM file with its public key, or with a certificate that has it.
    ///
    /// # Errors
    ///
    /// What is wrong with the key.
    pub fn new(realm: &str, service: &str, key: &[u8]) -> Result<Self, String> {
        let keys = Keys::from_pem(key)?;
        Ok(Self { realm: realm.to_owned(), service: service.to_owned(), keys })
    }

    /// Where a caller gets a token that allows something in a repository.
    pub(crate) fn challenge(&self, permission: Permission, repository: &RepositoryPath) -> String {
        let name = if repository.as_str().is_empty() { ROOT } else { repository.as_str() };
        let action = if permission.writes() { "push" } else { "pull" };
        let Self { realm, service, .. } = self;
        format!("Bearer realm=\"{realm}\",service=\"{service}\",scope=\"{KIND}:{name}:{action}\"")
    }

    /// The caller with a token, and the second from which on the token is worth nothing.
    pub(super) fn identity(
        &self,
        token: Unproven<'_>,
        now: i64,
    ) -> Result<(Identity, i64), TokenFault> {
        // It has one key, whatever name a token gives it. Whom a token is for it need not say.
        let audience = token.has_audience().then_some(self.service.as_str());
        let claims = token.nameless().proven(&self.keys, audience, now)?;
        // Such a server need not say who its callers are.
        let named = format!("{VIA}:{}", claims.subject);
        let is_name = !claims.subject.is_empty() && check_subject(&named).is_ok();
        let subject = if is_name { named.as_str() } else { VIA };
        let identity = Identity::new(subject, VIA, grants(&claims));
        Ok((identity, claims.expires))
    }
}

/// What a token allows; entries of other kinds, names that no repository has and actions that nobody
/// knows are left out.
fn grants(claims: &Claims) -> Vec<Grant> {
    let Some(Value::Array(entries)) = claims.get("access") else { return Vec::new() };
    let read = |entry: &Value| Entry::deserialize(entry).ok();
    let entries = entries.iter().take(MAX_ENTRIES).filter_map(read);
    entries.filter(|entry| entry.kind == KIND).flat_map(|entry| granted(&entry)).collect()
}

fn granted(entry: &Entry) -> Vec<Grant> {
    let mut permissions = Vec::new();
    for action in &entry.actions {
        match action.as_str() {
            "pull" => permissions.push(Permission::Read),
            // Who publishes also takes away, as with ChartMuseum.
            "push" => permissions.extend([Permission::Publish, Permission::Delete]),
            _ => {}
        }
    }
    // The root has no name of its own there: a repository that is called so shares it.
    let root = (entry.name == ROOT).then(RepositoryPath::root);
    let named = RepositoryPath::parse(&entry.name).ok().filter(|path| !path.as_str().is_empty());
    let here = |path| Grant { path, reach: Reach::Here, permissions: permissions.clone() };
    root.into_iter().chain(named).map(here).collect()
}
