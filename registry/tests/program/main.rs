//! What only a real process shows: what survives its death, and what it costs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bombs;
mod drain;
mod full;
#[expect(dead_code, reason = "the tests over HTTP need more of it")]
#[path = "../http/issuer.rs"]
mod issuer;
mod kill;
mod logged;
mod revoking;
#[path = "../http/rows.rs"]
mod rows;
mod secrets;
mod server;
#[path = "../support/mod.rs"]
mod support;
