//! A token of an issuer: its parts, its signature and its claims.
//!
//! Only what is used is understood: signatures with public keys, a subject, an issuer, an audience, an
//! end and a beginning. A header that asks for more is refused, and what it says about where its key
//! might be found is not read. Nothing of a token is believed before its signature holds, but for the
//! name of its issuer, which chooses the keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fault::TokenFault;
use super::keys::{Algorithm, Keys};
use crate::identity::rule::Pattern;

/// Longest token in bytes.
const MAX_TOKEN_BYTES: usize = 16 << 10;

/// How far clocks may be apart, in seconds.
const SKEW: i64 = 60;

/// A token as its holder sent it; it does not show itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Presented(String);

impl Presented {
    /// What looks like a token of an issuer, whatever it is worth.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let looks = text.starts_with("eyJ") && text.split('.').count() == 3;
        looks.then(|| Self(text.to_owned()))
    }

    /// Its text.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("eyJ...")
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// A token that was taken apart; nothing of it is proven.
pub(crate) struct Unproven<'a> {
    signed: &'a [u8],
    signature: Vec<u8>,
    algorithm: Algorithm,
    key: Option<String>,
    claims: Map<String, Value>,
}

/// What a token says, after its signature and its times held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) subject: String,
    /// Second since 1970 from which on it is worth nothing.
    pub(super) expires: i64,
    all: Value,
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Unreadable)
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, TokenFault> {
    serde_json::from_slice(&decoded(part)?).map_err(|_| TokenFault::Unreadable)
}

impl<'a> Unproven<'a> {
    /// Takes a token apart.
    pub(crate) fn read(text: &'a str) -> Result<Self, TokenFault> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::TooLong { limit: MAX_TOKEN_BYTES });
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenFault::Unreadable)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenFault::Unreadable)?;
        let header: Header = json(header)?;
        let algorithm = Algorithm::named(&header.alg).ok_or(TokenFault::Algorithm)?;
        // An extension that must be understood is one that this program does not.
        if header.crit.is_some() {
            return Err(TokenFault::Algorithm);
        }
        let (signed, signature) = (signed.as_bytes(), decoded(signature)?);
        Ok(Self { signed, signature, algorithm, key: header.kid, claims: json(claims)? })
    }

    /// Who says that it has issued the token.
    pub(crate) fn issuer(&self) -> &str {
        self.claims.get("iss").and_then(Value::as_str).unwrap_or_default()
    }

    /// The name of the key that has signed it, if the token says one.
    pub(super) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Whether the token says whom it is for.
    pub(super) fn has_audience(&self) -> bool {
        self.claims.contains_key("aud")
    }

    /// The token as one that does not name its key.
    pub(super) fn nameless(self) -> Self {
        Self { key: None, ..self }
    }

    /// What the token says, if it is signed by one of these keys, at `now`, and for an audience if it
    /// must be for one.
    pub(super) fn proven(
        self,
        keys: &Keys,
        audience: Option<&str>,
        now: i64,
    ) -> Result<Claims, TokenFault> {
        if !keys.know(self.key()) {
            return Err(TokenFault::UnknownKey);
        }
        if !keys.have_signed(self.signed, &self.signature, (self.algorithm, self.key())) {
            return Err(TokenFault::Signature);
        }
        let claims = self.claims;
        if let Some(audience) = audience.filter(|audience| !is_for(&claims, audience)) {
            return Err(TokenFault::Audience { wanted: audience.to_owned() });
        }
        let expires = time(&claims, "exp")?.ok_or(TokenFault::Unending)?;
        if now >= expires.saturating_add(SKEW) {
            return Err(TokenFault::Expired);
        }
        for begin in ["nbf", "iat"] {
            if time(&claims, begin)?.is_some_and(|begin| begin > now.saturating_add(SKEW)) {
                return Err(TokenFault::Early);
            }
        }
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Claims { subject, expires, all: Value::Object(claims) })
    }
}

/// Whether a token is for somebody, alone or among others.
fn is_for(claims: &Map<String, Value>, audience: &str) -> bool {
    let is = |value: &Value| value.as_str() == Some(audience);
    match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().any(is),
        Some(one) => is(one),
        None => false,
    }
}

/// A moment; issuers may write it with a fraction.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<i64>, TokenFault> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of a second does not matter")]
    let rounded = || value.as_f64().filter(|it| it.abs() < 1e15).map(|it| it as i64);
    value.as_i64().or_else(rounded).map(Some).ok_or(TokenFault::Unreadable)
}

impl Claims {
    /// A claim as it stands there.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.all.get(name)
    }

    /// Whether a claim has a text that is wanted, or is a list with one that is. A name that begins
    /// with `/` is a path into claims inside of claims (a JSON Pointer).
    pub(super) fn has(&self, name: &str, wanted: &Pattern) -> bool {
        let is = |value: &Value| match value {
            Value::String(found) => wanted.fits(found),
            Value::Bool(found) => wanted.fits(&found.to_string()),
            Value::Number(found) => wanted.fits(&found.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        };
        let found = if name.starts_with('/') { self.all.pointer(name) } else { self.all.get(name) };
        match found {
            Some(Value::Array(items)) => items.iter().any(is),
            Some(value) => is(value),
            None => false,
        }
    }
}
