//! The words of every route, in the order of the reference.

mod classic;
mod oci;
mod own;
mod pages;

pub(super) use classic::CLASSIC;
pub(super) use oci::OCI;
pub(super) use own::OWN;
pub(super) use pages::{OPERATION, PAGES};
