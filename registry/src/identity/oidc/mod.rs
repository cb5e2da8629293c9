//! Callers that an issuer vouches for: trusted publishing from a pipeline, without a stored secret.
//!
//! The configuration names issuers, the audience that their tokens must be for, and which claims
//! give which grants. Keys are fetched when a token needs them, kept, and fetched again when they are
//! old or a token names one that is not among them, but not more often than once a minute. An issuer
//! that cannot be reached costs nothing as long as its last keys are younger than a day.
//!
//! Left out: logins of people in browsers, tokens that only the issuer can look up.

mod issuers;
mod keys;
mod token;

#[cfg(test)]
mod tests;

pub(crate) use issuers::{DeclaredIssuer, Issuers};
pub(crate) use token::is_token;
