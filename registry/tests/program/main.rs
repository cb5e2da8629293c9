//! What only a real process shows: what survives its death, and what it costs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bombs;
mod kill;
mod server;
#[path = "../support/mod.rs"]
mod support;
