//! The compiler: a network directory becomes versioned, byte-reproducible Helm charts.
//!
//! The way of a network: [`spec`] is what a person writes, [`resolve`] decides everything that was left open,
//! [`model`] is the decided network, [`rules`] complain about it, [`lower`] turns it into the values of the curated
//! charts, [`bundle`] packs them. Keys never pass through here: `build` does not open `private/`.

pub mod build;
pub mod bundle;
pub mod check;
pub mod curated;
pub mod diagnostic;
pub mod directory;
pub mod docs;
#[cfg(test)]
mod example;
pub mod fabric_line;
pub mod freeze;
pub mod identities;
pub mod images;
pub mod init;
pub mod lock;
pub mod lower;
pub mod material;
pub mod model;
pub mod output;
pub mod release_size;
pub mod render;
pub mod resolve;
pub mod rules;
pub mod shell;
pub mod source;
pub mod spec;
