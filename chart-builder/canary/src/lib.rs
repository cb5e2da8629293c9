//! A small chaincode as a service: what a new network runs to show that it commits transactions.
//!
//! It is a canary, not a contract to build on: keys and values, and the accounts `a` and `b` with their transfer. It
//! speaks the peer's side of `protos.Chaincode/Connect` (the chaincode is the server, peers connect to it), keeps no
//! state of its own, and serves any number of peers and channels at once. Private data, ranges, rich queries, history,
//! events and calls of other chaincodes are left out.
//!
//! The modules from the inside out: [`contract`] decides, [`session`] speaks with one peer, [`server`] holds the
//! listener and TLS, [`settings`] reads the environment, [`message`] is the subset of Fabric's messages.

pub mod contract;
pub mod message;
pub mod server;
pub mod session;
pub mod settings;

#[cfg(test)]
mod fake_peer;
mod program;

pub use program::main;
