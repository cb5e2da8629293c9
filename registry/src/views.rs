//! Views of a repository that were made, kept as long as what they were made of stands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chart_format::digest::Sha256;
use chart_registry_catalog::Repository;

/// Views that are kept at the same time; with one more all are made again when they are asked for.
const KEPT_VIEWS: usize = 64;

/// Path of a repository and number of versions.
type Key = (String, usize);

/// The views that are kept, each with the validator of the index that it was made of.
#[derive(Default)]
pub(crate) struct Views {
    kept: Mutex<BTreeMap<Key, (Sha256, Arc<Repository>)>>,
}

impl Views {
    /// The view of `base`, when it is kept.
    pub(crate) fn kept(&self, key: &Key, base: &Repository) -> Option<Arc<Repository>> {
        current(&self.lock(), key, base.hash())
    }

    /// The view of `base`; those who want one wait for whoever makes one.
    pub(crate) fn make(&self, key: Key, base: &Repository) -> Arc<Repository> {
        let hash = base.hash();
        let mut kept = self.lock();
        if let Some(view) = current(&kept, &key, hash) {
            return view;
        }
        let view = Arc::new(base.latest(key.1));
        if kept.len() >= KEPT_VIEWS {
            kept.clear();
        }
        kept.insert(key, (hash, Arc::clone(&view)));
        view
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, (Sha256, Arc<Repository>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn current(
    kept: &BTreeMap<Key, (Sha256, Arc<Repository>)>,
    key: &Key,
    hash: Sha256,
) -> Option<Arc<Repository>> {
    kept.get(key).filter(|(of, _)| *of == hash).map(|(_, view)| Arc::clone(view))
}
