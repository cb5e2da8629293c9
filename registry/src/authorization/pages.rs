//! What pages read, through the same door as everything else.

use std::sync::Arc;

use chart_registry_catalog::{Repository, State};

use super::{Authorized, Read};
use crate::refusal::Fault;

/// The repositories at and below a path that a caller may read.
pub(crate) struct Below {
    state: Arc<State>,
    path: String,
    /// Whether the caller may read what lies below the path itself.
    whole: bool,
    /// What the caller sees at the path itself, where that is more than what is stored.
    here: Option<(Arc<str>, Arc<Repository>)>,
}

impl Below {
    /// The repositories with their paths, in order.
    pub(crate) fn repositories(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<Repository>)> {
        let stored = self.state.repositories_below(&self.path);
        let stored = stored.filter(|(path, _)| self.whole || ***path == *self.path);
        let stored = stored.filter(|(path, _)| self.here.is_none() || ***path != *self.path);
        self.here.iter().map(|(path, it)| (path, it)).chain(stored)
    }
}

impl Authorized<Read> {
    /// The path of the repository, empty for the root.
    pub(crate) fn repository_path(&self) -> &str {
        self.path()
    }

    /// Everything that the caller may read at the repository's path and, where the permission holds
    /// there as well, below it.
    pub(crate) async fn below(&self) -> Result<Below, Fault> {
        let path = self.path();
        let more = self.registry.virtuals().at(path).is_some()
            || self.registry.proxies().at(path).is_some();
        let here = if more { Some((Arc::from(path), self.repository().await?)) } else { None };
        let whole = self.identity.reads_below(&self.target.repository);
        Ok(Below { state: self.registry.state(), path: path.to_owned(), whole, here })
    }
}
