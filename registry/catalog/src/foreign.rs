//! What another server says that it has, as a repository that nobody committed.

use std::sync::Arc;

use chart_registry_store::Publish;

use crate::entry::Entry;
use crate::repository::Repository;
use crate::tree::{Growing, Layered, Tree};
use crate::view::Damaged;

impl Repository {
    /// A repository of these versions; `created` says of each when it was published.
    ///
    /// What has no semantic version is left out, and so is what differs from one before only behind
    /// the `+`. Nothing in it can be pulled by OCI, because no record says its digests.
    ///
    /// # Errors
    ///
    /// When memory was damaged.
    pub fn foreign(publishes: impl Iterator<Item = Publish>) -> Result<Arc<Self>, Damaged> {
        let mut tree = Growing::default();
        for publish in publishes {
            let created = publish.created.unwrap_or_default();
            let Some(entry) = Entry::new(&publish, 0, created) else { continue };
            if tree.find_entry(&entry.position()).is_none() {
                tree.put(entry, publish.chart.get().into());
            }
        }
        let tree = tree.finish().ok_or(Damaged)?;
        let newest = tree.sum().newest;
        Ok(Arc::new(Self::restored(tree, newest)))
    }

    /// This repository with what another one has besides.
    ///
    /// # Errors
    ///
    /// When memory was damaged.
    pub fn over(&self, other: &Self) -> Result<Arc<Self>, Damaged> {
        let layers = [self, other];
        let layers = layers.map(|it| Layered { tree: it.tree(), hidden: false, takes: None });
        let tree = Tree::merged(&layers).ok_or(Damaged)?;
        let newest = tree.sum().newest;
        Ok(Arc::new(Self::restored(tree, newest)))
    }
}
