//! What a Helm chart package is, for the program that makes charts and the one that serves them.
//!
//! Everything here is a function from values to values: no files, no network, no clock. Text and
//! bytes that come from elsewhere are read under explicit limits and answered with typed refusals
//! that name the entry and the rule.
//!
//! Left out: templates and their rendering, signatures, HTTP.

pub mod archive;
pub mod constraint;
pub mod digest;
pub mod index;
pub mod keys;
pub mod lock;
pub mod metadata;
pub mod name;
pub mod nearest;
pub mod summary;
pub mod version;
pub mod yaml;
