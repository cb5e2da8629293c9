//! Who a caller is: from the header `Authorization` to an [`Identity`].
//!
//! A credential that is wrong is an error and never falls back to what everybody may do, so that a
//! client with an old token hears of it. Tokens have random secrets: one digest per request checks
//! them. Helm and OCI clients know user names and passwords only, so a token is also taken as the
//! password of any user.
//!
//! An issuer's signed token is taken as both, too. A client's certificate says who the caller is when
//! the header says nothing.
//!
//! Left out: certificates that a proxy tells of in headers.

mod certificates;
mod declared;
mod exchange;
mod limiter;
mod oidc;
mod password;
mod rule;
mod secret;
mod tokens;
mod users;

use std::sync::OnceLock;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_registry_catalog::{State, Token};
use chart_registry_store::Timestamp;

use crate::access::{Grant, Identity, Permission};
use crate::refusal::{Code, Refusal};

pub use certificates::DeclaredCertificate;
pub(crate) use certificates::{Certificates, Certified};
pub use declared::{Declared, DeclaredUser};
pub(crate) use declared::{permission, wrong_name};
pub(crate) use limiter::Limiter;
pub(crate) use oidc::VIA as ACCESS_TOKEN;
#[cfg(any(test, fuzzing))]
pub(crate) use oidc::looked_at;
pub use oidc::{AuthorizationServer, DeclaredIssuer, DeclaredRule};
pub(crate) use oidc::{Issuers, Presented};
pub(crate) use password::{MAX_PASSWORD_BYTES, PasswordHash};
pub(crate) use secret::Secret;
pub(crate) use tokens::{Lifetime, Order, Shown, is_within};
pub use users::Password;
pub(crate) use users::{Login, Users};

/// How the journal says that a caller had a token; its public name follows.
pub(crate) const TOKEN: &str = "token:";

/// Most bytes of a subject.
const MAX_SUBJECT_BYTES: usize = 128;

/// What callers may do who do not say who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anonymous {
    /// Nothing: every request needs a credential.
    None,
    /// Read everything.
    Read,
    /// Everything but giving tokens.
    All,
}

impl Anonymous {
    /// The caller of whom nothing is known.
    pub(crate) fn identity(self) -> Identity {
        static KNOWN: [OnceLock<Identity>; 3] = [const { OnceLock::new() }; 3];
        let (place, permissions): (usize, &[Permission]) = match self {
            Self::None => (0, &[]),
            Self::Read => (1, &[Permission::Read]),
            Self::All => (2, &[Permission::Administer]),
        };
        KNOWN[place].get_or_init(|| Identity::anonymous(permissions.to_vec())).clone()
    }
}

/// How callers are told apart.
#[derive(Debug, Clone, Default)]
pub struct IdentityOptions {
    /// What callers may do who do not say who they are. If not chosen, they may do everything as long
    /// as there is no credential that they could have, and nothing from the first one on.
    pub anonymous: Option<Anonymous>,
    users: Users,
    issuers: Issuers,
    certificates: Certificates,
}

impl IdentityOptions {
    /// Callers as they are declared, and the one user of `ChartMuseum`, a name with a password;
    /// else everything that is wrong with the declaration.
    pub fn new(
        anonymous: Option<Anonymous>,
        declared: &Declared,
        basic: Option<(&str, &Password)>,
    ) -> Result<Self, Vec<String>> {
        let users = declared.users(basic)?;
        let (issuers, certificates) = (declared.issuers(), declared.certificates());
        Ok(Self { anonymous, users, issuers, certificates })
    }

    /// The same with a server whose tokens say what their holders may do.
    #[must_use]
    pub fn with_authorization_server(self, server: AuthorizationServer) -> Self {
        Self { issuers: self.issuers.with(server), ..self }
    }

    /// Whether nobody is declared.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && self.issuers.is_empty() && self.certificates.is_empty()
    }

    pub(crate) fn users(&self) -> &Users {
        &self.users
    }

    pub(crate) fn issuers(&self) -> &Issuers {
        &self.issuers
    }

    pub(crate) fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// What callers may do of whom nothing is known.
    pub(crate) fn anonymous(&self, state: &State) -> Anonymous {
        let is_open = self.is_empty() && !state.has_tokens();
        self.anonymous.unwrap_or(if is_open { Anonymous::All } else { Anonymous::None })
    }
}

/// What a caller sent to say who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    /// Nothing.
    None,
    /// A token, as a bearer or as a password.
    Token(Secret),
    /// What an issuer signed, as a bearer or as a password.
    Signed(Presented),
    /// A user name with a password that is no token.
    Password(String, Password),
}

impl Credential {
    /// Reads the header of a request.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(Self::None),
            (Some(value), None) => Self::parse(value).ok_or_else(unreadable),
            (Some(_), Some(_)) => Err(unreadable()),
        }
    }

    fn parse(value: &HeaderValue) -> Option<Self> {
        let (scheme, rest) = value.to_str().ok()?.split_once(' ')?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Self::bearer(rest).or_else(|| Self::exchanged(rest));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
        let (user, password) = pair.split_once(':')?;
        Some(match Self::bearer(password) {
            Some(token) => token,
            // So some OCI clients say that they have nothing.
            None if user.is_empty() && password.is_empty() => Self::None,
            None => Self::Password(user.to_owned(), Password::from(password)),
        })
    }

    fn bearer(text: &str) -> Option<Self> {
        let signed = || Presented::parse(text).map(Self::Signed);
        Secret::parse(text).map(Self::Token).or_else(signed)
    }
}

fn unreadable() -> Refusal {
    let fix =
        "send `Authorization: Bearer TOKEN`, or Basic with a user name and the token as password";
    Refusal::new(Code::Unauthorized, "the credential cannot be read", "header authorization", fix)
}

/// The refusal for who needs to say who they are.
pub(crate) fn unauthorized(what: &str) -> Refusal {
    let fix =
        "send a credential that is valid; `chart-registry token create` makes one on the storage";
    Refusal::new(Code::Unauthorized, what, "header authorization", fix)
}

/// The token of a secret, if there is one; whether it is worth something is another question.
pub(crate) fn find<'a>(state: &'a State, secret: &Secret) -> Option<&'a Token> {
    let found =
        |token: &&Token| secret::same(token.issued.secret.as_bytes(), secret.digest().as_bytes());
    state.token(secret.id()).filter(found)
}

/// The caller with a token.
pub(crate) fn by_token(
    state: &State,
    secret: &Secret,
    now: Timestamp,
) -> Result<Identity, Refusal> {
    let token = find(state, secret).ok_or_else(|| unauthorized("there is no such token"))?;
    if !token.is_valid(now) {
        let end = if token.revoked.is_some() { "was revoked" } else { "has expired" };
        return Err(unauthorized(&format!("the token `{}` {end}", secret.id())));
    }
    let via = format!("{TOKEN}{}", secret.id());
    Ok(Identity::new(&token.issued.subject, &via, granted(token)))
}

/// What a token allows, as far as this program knows its permissions.
fn granted(token: &Token) -> Vec<Grant> {
    let grants = token.issued.grants.iter().map(|grant| {
        let permissions = grant.permissions.iter().filter_map(|name| Permission::named(name));
        Grant::below(grant.below.clone(), permissions.collect())
    });
    grants.collect()
}

/// Why a text cannot name a caller in the journal.
pub(crate) fn check_subject(subject: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@:/+".contains(c);
    if (1..=MAX_SUBJECT_BYTES).contains(&subject.len()) && subject.chars().all(plain) {
        return Ok(());
    }
    Err(format!(
        "`{}` is not 1 to {MAX_SUBJECT_BYTES} letters, digits and any of `-_.@:/+`",
        subject.escape_debug()
    ))
}

#[cfg(test)]
mod tests;
