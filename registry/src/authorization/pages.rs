//! What pages read, through the same door as everything else.

use std::sync::Arc;

use chart_registry_catalog::{Entry, Repository, State};

use super::{Authorized, Read};
use crate::refusal::Fault;
use crate::shown::Shown;

/// The repositories at and below a path that a caller may read.
pub(crate) struct Below {
    state: Arc<State>,
    path: String,
}

impl Below {
    /// The repositories with their paths, in order.
    pub(crate) fn repositories(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<Repository>)> {
        self.state.repositories_below(&self.path)
    }
}

impl Authorized<Read> {
    /// The path of the repository, empty for the root.
    pub(crate) fn repository_path(&self) -> &str {
        self.path()
    }

    /// Everything at and below the repository's path; a permission holds below its path, too.
    pub(crate) fn below(&self) -> Below {
        Below { state: self.registry.state(), path: self.path().to_owned() }
    }

    /// A package of this repository as pages show it.
    pub(crate) async fn shown_package(&self, entry: &Entry) -> Result<Arc<Shown>, Fault> {
        self.registry.shown(entry).await
    }
}
