//! Credentials as bearer tokens, for OCI clients that exchange what they have for such a token.
//!
//! The token says what the caller sent and nothing more: the registry remembers nothing, every replica
//! understands it, and what is revoked is revoked. A caller without a credential gets one that says so.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Credential;
use super::users::Password;

/// The token of a caller who has no credential.
const NOBODY: &str = "nobody";

/// Beginning of the token of a caller with a name and a password.
const PAIR: &str = "pair.";

impl Credential {
    /// The same credential as a bearer token.
    pub(crate) fn to_bearer(&self) -> String {
        match self {
            Self::None => NOBODY.to_owned(),
            Self::Token(secret) => secret.reveal(),
            Self::Signed(token) => token.reveal().to_owned(),
            Self::Password(user, password) => {
                let pair = format!("{user}:{}", password.reveal());
                format!("{PAIR}{}", URL_SAFE_NO_PAD.encode(pair))
            }
        }
    }

    /// Reads what [`Self::to_bearer`] wrote of a caller without a token of its own.
    pub(super) fn exchanged(text: &str) -> Option<Self> {
        if text == NOBODY {
            return Some(Self::None);
        }
        let pair = URL_SAFE_NO_PAD.decode(text.strip_prefix(PAIR)?).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        let (user, password) = pair.split_once(':')?;
        Some(Self::Password(user.to_owned(), Password::from(password)))
    }
}
