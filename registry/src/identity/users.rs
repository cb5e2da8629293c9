//! Users with passwords: the declared ones, and the one that `ChartMuseum` knows.
//!
//! A hash of a password is slow to check, and Helm sends the password with every request. So each
//! user's hash is checked once; after that a keyed digest of the password is compared, whose key
//! lives as long as the process.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use ring::hmac;
use tokio::sync::Semaphore;

use super::password::PasswordHash;
use crate::access::{Grant, Identity};
use crate::refusal::Fault;

/// Hashes that are checked at the same time; each takes memory and a processor.
const CHECKS: usize = 2;

/// A password as a person knows it; it does not show itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Its text.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("...")
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// The users of a server; cloning gives another handle on the same ones.
#[derive(Clone)]
pub(crate) struct Users(Arc<Inner>);

struct Inner {
    key: hmac::Key,
    checks: Arc<Semaphore>,
    users: BTreeMap<String, User>,
}

struct User {
    identity: Identity,
    hash: Option<PasswordHash>,
    /// Keyed digest of the password, as soon as it is known.
    proven: OnceLock<hmac::Tag>,
}

/// What a name and a password are worth at once.
pub(crate) enum Login {
    /// The password was proven before.
    Known(Identity),
    /// It is another one, or there is no such user.
    Wrong,
    /// Only the hash can tell.
    Unproven(PasswordHash),
}

impl Default for Users {
    fn default() -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &rand::random::<[u8; 32]>());
        let checks = Arc::new(Semaphore::new(CHECKS));
        Self(Arc::new(Inner { key, checks, users: BTreeMap::new() }))
    }
}

impl std::fmt::Debug for Users {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.users.keys()).finish()
    }
}

impl Users {
    /// Users with the hashes of their passwords and what they may do, and the one whose password is
    /// told as it is and who may do everything.
    pub(crate) fn new(
        declared: Vec<(String, PasswordHash, Vec<Grant>)>,
        plain: Option<(&str, &Password)>,
    ) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &rand::random::<[u8; 32]>());
        let hashed = declared.into_iter().map(|(name, hash, grants)| {
            let identity = Identity::new(&name, "password", grants);
            (name, User { identity, hash: Some(hash), proven: OnceLock::new() })
        });
        let plain = plain.map(|(name, password)| {
            let identity = Identity::new(name, "password", vec![Grant::everything()]);
            let proven = OnceLock::from(hmac::sign(&key, password.0.as_bytes()));
            (name.to_owned(), User { identity, hash: None, proven })
        });
        let users = hashed.chain(plain).collect();
        Self(Arc::new(Inner { key, checks: Arc::new(Semaphore::new(CHECKS)), users }))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.users.is_empty()
    }

    /// What can be said without checking a hash.
    pub(crate) fn login(&self, name: &str, password: &Password) -> Login {
        let Some(user) = self.0.users.get(name) else { return Login::Wrong };
        match (user.proven.get(), &user.hash) {
            (Some(tag), _) if self.is(password, tag) => Login::Known(user.identity.clone()),
            (Some(_), _) | (None, None) => Login::Wrong,
            (None, Some(hash)) => Login::Unproven(hash.clone()),
        }
    }

    fn is(&self, password: &Password, tag: &hmac::Tag) -> bool {
        hmac::verify(&self.0.key, password.0.as_bytes(), tag.as_ref()).is_ok()
    }

    /// Checks the hash of a user's password; `None` when it is another one.
    pub(crate) async fn prove(
        &self,
        name: &str,
        password: Password,
        hash: PasswordHash,
    ) -> Result<Option<Identity>, Fault> {
        let stopped = || Fault::Stopped { part: "check of passwords" };
        let checks = Arc::clone(&self.0.checks);
        let permit = checks.acquire_owned().await.map_err(|_| stopped())?;
        // Somebody may have proven it meanwhile.
        if let Login::Known(identity) = self.login(name, &password) {
            return Ok(Some(identity));
        }
        let work = move || {
            let fits = hash.fits(password.0.as_bytes());
            drop(permit);
            fits.then_some(password)
        };
        let fits = tokio::task::spawn_blocking(work).await.map_err(|_| stopped())?;
        let user = self.0.users.get(name);
        Ok(fits.zip(user).map(|(password, user)| {
            user.proven.get_or_init(|| hmac::sign(&self.0.key, password.0.as_bytes()));
            user.identity.clone()
        }))
    }
}

#[cfg(test)]
mod tests {
    use chart_registry_store::RepositoryPath;

    use super::*;
    use crate::access::Permission;

    fn users() -> Users {
        let hash = PasswordHash::parse(&PasswordHash::of(b"horse").unwrap()).unwrap();
        let below = RepositoryPath::parse("team").unwrap();
        let grants = vec![Grant::below(below, vec![Permission::Read])];
        Users::new(
            vec![("alice".to_owned(), hash, grants)],
            Some(("admin", &Password::from("secret"))),
        )
    }

    #[tokio::test]
    async fn a_hash_is_checked_once_and_then_its_password_is_known() {
        let users = users();
        let right = Password::from("horse");
        let Login::Unproven(hash) = users.login("alice", &right) else { panic!("known before") };
        let wrong = users.prove("alice", Password::from("mule"), hash.clone()).await.unwrap();
        assert!(wrong.is_none());
        assert!(matches!(users.login("alice", &right), Login::Unproven(_)));
        let identity = users.prove("alice", right.clone(), hash).await.unwrap().unwrap();
        assert_eq!(&*identity.subject, "alice");
        assert!(matches!(users.login("alice", &right), Login::Known(_)));
        assert!(matches!(users.login("alice", &Password::from("mule")), Login::Wrong));
    }

    #[test]
    fn the_user_of_chartmuseum_needs_name_and_password_and_may_do_everything() {
        let users = users();
        let secret = Password::from("secret");
        let Login::Known(identity) = users.login("admin", &secret) else { panic!("unknown") };
        assert!(identity.may(Permission::Administer, &RepositoryPath::parse("a/b").unwrap()));
        assert!(matches!(users.login("admin", &Password::from("other")), Login::Wrong));
        assert!(matches!(users.login("other", &secret), Login::Wrong));
        assert!(matches!(Users::default().login("admin", &secret), Login::Wrong));
        let shown = format!("{users:?} {secret:?}");
        assert!(shown.contains("alice") && !shown.contains("secret"));
    }
}
