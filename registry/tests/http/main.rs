//! The registry over HTTP, without a network: requests go straight into the router.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod checkpoints;
mod deviations;
mod harness;
mod hostile;
mod parity;
mod provenance;
mod publishing;
mod reading;
mod replicas;
mod serving;
mod table;
mod tenants;
mod views;
