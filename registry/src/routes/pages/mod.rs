//! The routes of the web pages: what a page needs is read here, and [`crate::pages`] writes it.
//!
//! Pages lie below `/-/ui`, and their permission is that of every other route that reads. A page
//! reads the snapshot; what it needs of a package is read under the limits of `shown`.

mod answer;
mod changes;
mod chart;
mod errors;
mod repository;
mod search;
mod subject;

pub(super) use answer::asset;
pub(super) use changes::changes;
pub(super) use chart::{chart, files, network, values, version, versions};
pub(super) use errors::ErrorPages;
pub(super) use repository::{repository, start};
