//! The same packages as OCI clients see them, and what else they push.
//!
//! - `frozen`: manifest and config of a published chart, as a function of its record;
//! - `artifacts`: manifests, tags and digests of one repository;
//! - `links`: from digests to versions;
//! - `apply`: what a commit does to them;
//! - `shelf`: all that stands under one OCI name.
//!
//! An OCI name is the path of a repository and one segment more: the name of the chart. Tags of a
//! chart are its versions, so that both protocols agree.

mod apply;
mod artifacts;
mod frozen;
mod links;
mod shelf;

pub(crate) use apply::{first_published, signed};
pub use artifacts::{Artifacts, StoredManifest};
pub use frozen::{
    CHART_TYPE, CONFIG_TYPE, FUNCTION, Identity, MANIFEST_TYPE, PROVENANCE_TYPE, Record,
};
pub use shelf::{Blob, Named, Shelf, full_version_of, tag_of, version_of};

#[cfg(test)]
mod tests;
