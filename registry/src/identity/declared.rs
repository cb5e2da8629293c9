//! What an operator declares about callers, in the configuration that is equal on every replica.

use std::collections::BTreeSet;

use chart_registry_store::TokenGrant;
use serde::Deserialize;

use super::certificates::{Certificates, DeclaredCertificate};
use super::check_subject;
use super::oidc::{DeclaredIssuer, Issuers};
use super::password::PasswordHash;
use super::users::{Password, Users};
use crate::access::{Grant, Permission};

/// Callers as they are declared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Declared {
    /// Users with passwords.
    pub users: Vec<DeclaredUser>,
    /// Who vouches for callers with signed tokens.
    pub issuers: Vec<DeclaredIssuer>,
    /// Callers with certificates.
    pub certificates: Vec<DeclaredCertificate>,
}

/// What is wrong, and what to write instead.
type Wrong = (String, &'static str);

/// A user with a password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct DeclaredUser {
    /// The name that the user logs in with, and acts under.
    pub name: String,
    /// Argon2id hash of the password.
    pub password: String,
    /// What the user may do.
    pub grants: Vec<TokenGrant>,
}

impl std::fmt::Debug for DeclaredUser {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "user {}", self.name)
    }
}

impl Declared {
    /// Everything that is wrong.
    pub(crate) fn faults(&self) -> Vec<Wrong> {
        let mut faults = self.wrong_users();
        faults.extend(self.wrong_issuers());
        for (index, certificate) in self.certificates.iter().enumerate() {
            for (field, reason) in certificate.faults() {
                let fix = "write names of certificates, and grants below paths";
                faults.push((format!("`certificates[{index}].{field}`: {reason}"), fix));
            }
        }
        faults
    }

    fn wrong_issuers(&self) -> Vec<Wrong> {
        let mut faults = Vec::new();
        let (mut names, mut issuers) = (BTreeSet::new(), BTreeSet::new());
        for (index, issuer) in self.issuers.iter().enumerate() {
            let mut fault = |field: &str, reason: String, fix| {
                faults.push((format!("`issuers[{index}].{field}`: {reason}"), fix));
            };
            for (field, reason) in issuer.faults() {
                fault(&field, reason, "see the example in the reference of the configuration");
            }
            for (field, text, known) in
                [("name", &issuer.name, &mut names), ("issuer", &issuer.issuer, &mut issuers)]
            {
                if !known.insert(text) {
                    fault(field, format!("`{text}` is declared twice"), "remove one of the two");
                }
            }
        }
        faults
    }

    fn wrong_users(&self) -> Vec<Wrong> {
        let mut faults = Vec::new();
        let mut names = BTreeSet::new();
        for (index, user) in self.users.iter().enumerate() {
            let mut fault = |field: &str, reason: String, fix| {
                faults.push((format!("`users[{index}].{field}`: {reason}"), fix));
            };
            if let Some(reason) = wrong_name(&user.name) {
                fault("name", reason, "choose another name");
            } else if !names.insert(&user.name) {
                fault(
                    "name",
                    format!("`{}` is declared twice", user.name),
                    "remove one of the two",
                );
            }
            if let Err(reason) = PasswordHash::parse(&user.password) {
                let fix = "write what `chart-registry password` makes of the password";
                fault("password", reason.to_string(), fix);
            }
            if let Err(reason) = grants(&user.grants) {
                fault("grants", reason, "name a path with permissions that exist");
            }
        }
        faults
    }

    /// The issuers of a declaration without faults.
    pub(super) fn issuers(&self) -> Issuers {
        Issuers::new(&self.issuers)
    }

    /// The rules about certificates of a declaration without faults.
    pub(super) fn certificates(&self) -> Certificates {
        Certificates::new(&self.certificates)
    }

    /// The users, with the one of `ChartMuseum` if there is one; else all faults.
    pub(super) fn users(&self, plain: Option<(&str, &Password)>) -> Result<Users, Vec<String>> {
        let mut faults = self.faults();
        let mut users = Vec::new();
        for user in &self.users {
            if let (Ok(hash), Ok(grants)) =
                (PasswordHash::parse(&user.password), grants(&user.grants))
            {
                users.push((user.name.clone(), hash, grants));
            }
        }
        if let Some(name) = plain.map(|(name, _)| name)
            && users.iter().any(|(known, ..)| known == name)
        {
            faults.push((format!("the user `{name}` is declared twice"), "remove one of the two"));
        }
        if faults.is_empty() {
            return Ok(Users::new(users, plain));
        }
        Err(faults.into_iter().map(|(what, fix)| format!("{what}: {fix}")).collect())
    }
}

/// Why nobody can log in with a name.
pub(crate) fn wrong_name(name: &str) -> Option<String> {
    let colon = || format!("`{name}` has a colon, which ends a name in HTTP");
    check_subject(name).err().or_else(|| name.contains(':').then(colon))
}

/// Grants as they are written, each with permissions that exist.
pub(super) fn grants(written: &[TokenGrant]) -> Result<Vec<Grant>, String> {
    let grant = |grant: &TokenGrant| {
        if grant.permissions.is_empty() {
            return Err(format!("the grant below `{}` allows nothing", grant.below));
        }
        let permissions = grant.permissions.iter().map(|name| permission(name));
        Ok(Grant::below(grant.below.clone(), permissions.collect::<Result<_, _>>()?))
    };
    written.iter().map(grant).collect()
}

/// The permission of a name, or what is wrong with the name.
pub(crate) fn permission(name: &str) -> Result<Permission, String> {
    Permission::named(name).ok_or_else(|| {
        let known = Permission::ALL.map(Permission::name).join("`, `");
        format!("there is no permission `{name}`: choose from `{known}`")
    })
}

#[cfg(test)]
mod tests {
    use chart_registry_store::RepositoryPath;

    use super::*;

    const HASH: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ\
                        $CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    fn user(name: &str, password: &str, permissions: &[&str]) -> DeclaredUser {
        let permissions = permissions.iter().map(|name| (*name).to_owned()).collect();
        let grants = vec![TokenGrant { below: RepositoryPath::root(), permissions }];
        DeclaredUser { name: name.to_owned(), password: password.to_owned(), grants }
    }

    fn with_users(users: Vec<DeclaredUser>) -> Declared {
        Declared { users, ..Declared::default() }
    }

    #[test]
    fn users_are_declared_with_a_hash_and_grants() {
        let declared = with_users(vec![user("alice", HASH, &["read", "publish"])]);
        assert!(!declared.users(None).unwrap().is_empty());
        assert!(!format!("{declared:?}").contains("argon2"));
        assert!(Declared::default().users(None).unwrap().is_empty());
    }

    #[test]
    fn all_faults_of_a_declaration_are_told_at_once() {
        let users = vec![
            user("a:b", "secret", &["read"]),
            user("admin", HASH, &["write"]),
            user("admin", HASH, &[]),
        ];
        let told = with_users(users).users(None).unwrap_err();
        let expected = [
            ("users[0].name", "colon"),
            ("users[0].password", "chart-registry password"),
            ("users[1].grants", "`write`"),
            ("users[2].name", "twice"),
            ("users[2].grants", "nothing"),
        ];
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (place, word) in expected {
            assert!(told.iter().any(|it| it.contains(place) && it.contains(word)), "{told:?}");
        }
        assert!(!told.concat().contains("secret"), "{told:?}");
        let users = vec![user("admin", HASH, &["read"])];
        let password = Password::from("secret");
        assert!(with_users(users).users(Some(("admin", &password))).is_err());
    }
    #[test]
    fn faults_of_issuers_and_of_certificates_are_told_with_their_place() {
        let declared: Declared = serde_json::from_value(serde_json::json!({
            "issuers": [
                { "name": "a", "issuer": "https://a.example", "audience": "x", "rules": [
                    { "claims": { "sub": "*" }, "grants": [] }
                ]},
                { "name": "a", "issuer": "http://b.example", "audience": "", "rules": [],
                  "keys": "https://u:p@b.example" },
            ],
            "certificates": [
                { "names": { "nickname": "x" }, "subject": "a b",
                  "grants": [{ "below": "", "permissions": ["write"] }] },
            ],
        }))
        .unwrap();
        let faults = declared.faults();
        for place in [
            "issuers[0].rules[0].claims.sub",
            "issuers[0].rules[0].grants",
            "issuers[1].name",
            "issuers[1].issuer",
            "issuers[1].audience",
            "issuers[1].keys",
            "issuers[1].rules",
            "certificates[0].names.nickname",
            "certificates[0].subject",
            "certificates[0].grants",
        ] {
            let told = faults.iter().any(|(what, _)| what.contains(&format!("`{place}`")));
            assert!(told, "{place}: {faults:?}");
        }
        assert_eq!(faults.len(), 10, "{faults:?}");
        assert!(!format!("{faults:?}").contains("u:p"));
    }
}
