//! A token of an issuer: its parts, its signature and its claims.
//!
//! Only what is used is understood: RS256 and ES256, a subject, an issuer, an audience, an end and a
//! beginning. A header that asks for more is refused. Nothing of a token is believed before its
//! signature holds, but for the name of its issuer, which chooses the keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keys::{Algorithm, Keys};

/// Longest token in bytes.
pub(super) const MAX_TOKEN_BYTES: usize = 16 << 10;

/// How far clocks may be apart, in seconds.
const SKEW: i64 = 60;

/// Why a token is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenFault {
    #[error("the token cannot be read")]
    Unreadable,
    #[error("the token is signed in a way that is not taken: let its issuer use RS256 or ES256")]
    Algorithm,
    #[error("the token is of an issuer that nobody declared")]
    Issuer,
    #[error("the signature of the token does not hold")]
    Signature,
    #[error("the token is for another audience")]
    Audience,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not valid yet")]
    Early,
    #[error("the token's subject cannot name anybody in the journal")]
    Subject,
    #[error("the keys of the token's issuer are not known now; send it again later")]
    Keys,
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
    pub(super) algorithm: Algorithm,
    pub(super) key: Option<String>,
    claims: Map<String, Value>,
}

/// What a token says, after its signature and its times held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) subject: String,
    /// Second since 1970 from which on it is worth nothing.
    pub(super) expires: i64,
    all: Map<String, Value>,
}

/// Whether a text looks like a token of an issuer.
pub(crate) fn is_token(text: &str) -> bool {
    text.starts_with("eyJ") && text.split('.').count() == 3
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenFault> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Unreadable)
}

impl<'a> Unproven<'a> {
    /// Takes a token apart.
    pub(crate) fn read(text: &'a str) -> Result<Self, TokenFault> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::Unreadable);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenFault::Unreadable)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenFault::Unreadable)?;
        let header: Header =
            serde_json::from_slice(&decoded(header)?).map_err(|_| TokenFault::Unreadable)?;
        let claims =
            serde_json::from_slice(&decoded(claims)?).map_err(|_| TokenFault::Unreadable)?;
        let algorithm = match header.alg.as_str() {
            "RS256" => Algorithm::Rs256,
            "ES256" => Algorithm::Es256,
            _ => return Err(TokenFault::Algorithm),
        };
        // An extension that must be understood is one that this program does not.
        if header.crit.is_some() {
            return Err(TokenFault::Algorithm);
        }
        let (signed, signature) = (signed.as_bytes(), decoded(signature)?);
        Ok(Self { signed, signature, algorithm, key: header.kid, claims })
    }

    /// Who says that it has issued the token.
    pub(super) fn issuer(&self) -> &str {
        self.claims.get("iss").and_then(Value::as_str).unwrap_or_default()
    }

    /// What the token says, if it is signed by one of these keys, for `audience`, at `now`.
    pub(super) fn proven(
        self,
        keys: &Keys,
        audience: &str,
        now: i64,
    ) -> Result<Claims, TokenFault> {
        if !keys.have_signed(self.signed, &self.signature, (self.algorithm, self.key.as_deref())) {
            return Err(TokenFault::Signature);
        }
        let claims = self.claims;
        let is_for = |value: &Value| value.as_str() == Some(audience);
        let is_meant = match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(is_for),
            Some(one) => is_for(one),
            None => false,
        };
        if !is_meant {
            return Err(TokenFault::Audience);
        }
        let time = |name| claims.get(name).map(|value| seconds(value).ok_or(TokenFault::Unreadable));
        let expires = time("exp").transpose()?.ok_or(TokenFault::Expired)?;
        if now >= expires.saturating_add(SKEW) {
            return Err(TokenFault::Expired);
        }
        for begin in [time("nbf"), time("iat")] {
            if begin.transpose()?.is_some_and(|begin| begin > now.saturating_add(SKEW)) {
                return Err(TokenFault::Early);
            }
        }
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Claims { subject, expires, all: claims })
    }
}

/// A moment; issuers may write it with a fraction.
fn seconds(value: &Value) -> Option<i64> {
    let whole = value.as_i64();
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of a second does not matter")]
    whole.or_else(|| value.as_f64().filter(|it| it.abs() < 1e15).map(|it| it as i64))
}

impl Claims {
    /// Whether a claim has this text, or a list of which one item has it.
    pub(super) fn has(&self, name: &str, text: &str) -> bool {
        let is = |value: &Value| match value {
            Value::String(found) => found == text,
            Value::Bool(found) => found.to_string() == text,
            Value::Number(found) => found.to_string() == text,
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        };
        match self.all.get(name) {
            Some(Value::Array(items)) => items.iter().any(is),
            Some(value) => is(value),
            None => false,
        }
    }
}
