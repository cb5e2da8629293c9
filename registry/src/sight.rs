//! What a repository is to a caller: as it is stored, with what an upstream has, or merged of others.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chart_registry_catalog::{Entry, Repository};
use chart_registry_store::RepositoryPath;

use crate::access::Identity;
use crate::merged::Holders;
use crate::refusal::{Fault, PublishError, Refusal};
use crate::registry::Registry;
use crate::views::Base;

/// How often something is looked for: once more after a look at the journal, because another process
/// may have written it a moment ago.
pub(crate) const ROUNDS: usize = 2;

/// Who reads which repository.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) path: &'a RepositoryPath,
    pub(crate) identity: &'a Identity,
}

/// What a caller sees of a repository.
pub(crate) struct Sight {
    /// The name under which views of it are kept: the path, and whatever else it depends on.
    pub(crate) key: String,
    pub(crate) base: Base,
    /// Why it may be old.
    pub(crate) stale: Option<String>,
}

/// A number that is larger than those before, for what was made just now of more than the journal.
pub(crate) fn edition() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

impl Registry {
    /// What a caller sees of a repository now. What others have, and what takes a look at the journal,
    /// is in boxes: most reads need neither, and carry room for it nowhere.
    pub(crate) async fn sight(&self, reader: Reader<'_>) -> Result<Sight, Fault> {
        let path = reader.path.as_str();
        if let Some(it) = self.virtuals().at(path) {
            return Box::pin(it.sight(self, reader.identity)).await;
        }
        if let Some(proxy) = self.proxies().at(path) {
            return Box::pin(proxy.sight(self)).await;
        }
        let state = self.state();
        let base = (state.head().seq, state.repository(path));
        Ok(Sight { key: path.to_owned(), base, stale: None })
    }

    /// The same, or after a look at the journal when it does not have something.
    pub(crate) async fn sight_with(
        &self,
        reader: Reader<'_>,
        has: impl Fn(&Repository) -> bool,
    ) -> Result<Sight, Fault> {
        let sight = self.sight(reader).await?;
        if has(&sight.base.1) || !self.looked_anew().await? {
            return Ok(sight);
        }
        self.sight(reader).await
    }

    /// The stored repository that has a package, and something more of it; the package is fetched
    /// when an upstream has it.
    pub(crate) async fn holding(
        &self,
        reader: Reader<'_>,
        file: &str,
        has: impl Fn(&Repository) -> bool,
    ) -> Result<Option<Arc<Repository>>, PublishError> {
        for round in 0..ROUNDS {
            if round > 0 && !self.looked_anew().await? {
                break;
            }
            for path in self.package_holders(reader, file) {
                self.bring(&path, file).await?;
                let repository = self.state().repository(&path);
                if has(&repository) {
                    return Ok(Some(repository));
                }
            }
        }
        Ok(None)
    }

    fn package_holders(&self, reader: Reader<'_>, file: &str) -> Vec<String> {
        let path = reader.path.as_str();
        let Some(it) = self.virtuals().at(path) else { return vec![path.to_owned()] };
        match it.package_holders((self, reader.identity), file) {
            Holders::AnyOf(paths) => paths,
            Holders::Nobody => Vec::new(),
        }
    }

    /// A version as it is stored: one that only an upstream has is fetched first.
    pub(crate) async fn stored<'a>(
        &self,
        reader: Reader<'_>,
        entry: &'a Entry,
    ) -> Result<Cow<'a, Entry>, PublishError> {
        let path = reader.path.as_str();
        if self.virtuals().at(path).is_none() && self.proxies().at(path).is_none() {
            return Ok(Cow::Borrowed(entry));
        }
        let file = entry.file_name();
        let has = |it: &Repository| it.find_package(&file).is_some();
        let repository = self.holding(reader, &file, has).await?;
        let stored = repository.and_then(|it| it.find_package(&file).cloned());
        let stored = stored.ok_or_else(|| Refusal::not_found("chart not found", &file))?;
        Ok(Cow::Owned(stored))
    }

    /// Looks at the journal; whether something is there that was not there before.
    pub(crate) async fn looked_anew(&self) -> Result<bool, Fault> {
        let before = self.state();
        let after = Box::pin(self.state_with(|_| false)).await?;
        Ok(!Arc::ptr_eq(&before, &after))
    }
}
