//! Callers that an issuer vouches for: trusted publishing from a pipeline, without a stored secret.
//!
//! The configuration names issuers, the audience that their tokens must be for, and which claims
//! give which grants. Keys are fetched when a token needs them, kept, and fetched again when they are
//! old or a token names one that is not among them, but only so often. While an issuer cannot be
//! reached its last keys are used for a day.
//!
//! Left out: logins of people in browsers, tokens that only the issuer can look up.

mod access;
mod declared;
mod fault;
mod issuers;
mod keys;
mod known;
mod pem;
mod token;

#[cfg(test)]
mod tests;

pub use access::AuthorizationServer;
pub(crate) use access::VIA;
pub use declared::{DeclaredIssuer, DeclaredRule};
pub(crate) use issuers::Issuers;
#[cfg(any(test, fuzzing))]
pub(crate) use tested::looked_at;
pub(crate) use token::Presented;

/// What fuzzers look at.
#[cfg(any(test, fuzzing))]
mod tested {
    use super::keys::Keys;
    use super::token::Unproven;

    /// Reads a token, and checks it with the keys of a set if there is one; whether they signed it.
    pub(crate) fn looked_at(token: &str, keys: &[u8], now: i64) -> bool {
        let (Ok(token), Ok(keys)) = (Unproven::read(token), Keys::read(keys)) else { return false };
        token.proven(&keys, Some("chart-registry"), now).is_ok()
    }
}
