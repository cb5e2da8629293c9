//! What a caller sees of a repository, whatever stands behind it.

use std::sync::Arc;

use chart_registry_catalog::{Entry, Repository, ViewSpec};

use super::{Authorized, Read};
use crate::contents::Contents;
use crate::refusal::{Fault, PublishError};
use crate::shown::Shown;
use crate::sight::{Reader, Sight};

impl Authorized<Read> {
    /// Who reads what.
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { path: &self.target.repository, identity: &self.identity }
    }

    /// Whether clients publish here: to proxies and virtual repositories nobody does.
    pub(crate) fn takes_packages(&self) -> bool {
        let path = self.path();
        self.registry.virtuals().at(path).is_none() && self.registry.proxies().at(path).is_none()
    }

    /// The ID under which Artifact Hub knows the repository.
    pub(crate) fn artifact_hub_id(&self) -> Option<&str> {
        let named = &self.registry.options().artifact_hub;
        named.iter().find(|it| it.path == self.target.repository).map(|it| it.id.as_str())
    }

    /// The repository as it is now, and why it may be old; it does not change while it is read.
    pub(crate) async fn sight(&self) -> Result<Sight, Fault> {
        self.state();
        let sight = self.registry.sight(self.reader()).await?;
        // It may be of a later snapshot than the present one was before.
        self.state();
        Ok(sight)
    }

    /// The repository as it is now.
    pub(crate) async fn repository(&self) -> Result<Arc<Repository>, Fault> {
        Ok(self.sight().await?.base.1)
    }

    /// The repository as it is now, or after a look at the journal when it does not have something.
    pub(crate) async fn repository_with(
        &self,
        has: impl Fn(&Repository) -> bool,
    ) -> Result<Arc<Repository>, Fault> {
        let sight = self.registry.sight_with(self.reader(), has).await?;
        self.state();
        Ok(sight.base.1)
    }

    /// A view of what is seen.
    pub(crate) async fn chosen(
        &self,
        sight: &Sight,
        selection: ViewSpec,
    ) -> Result<Arc<Repository>, Fault> {
        self.registry.view((&sight.key, &sight.base), selection).await
    }

    /// The repository that has a package, and something more of it; the package is fetched when an
    /// upstream has it.
    pub(crate) async fn holding(
        &self,
        file: &str,
        has: impl Fn(&Repository) -> bool,
    ) -> Result<Option<Arc<Repository>>, PublishError> {
        let held = self.registry.holding(self.reader(), file, has).await;
        self.state();
        held
    }

    /// The files of a package that the API shows.
    pub(crate) async fn contents(&self, entry: &Entry) -> Result<Contents, PublishError> {
        let entry = self.registry.stored(self.reader(), entry).await?;
        Ok(self.registry.contents(&entry).await?)
    }

    /// A version as it is stored: one that only an upstream has is fetched first.
    pub(crate) async fn stored(&self, entry: Entry) -> Result<Entry, PublishError> {
        Ok(self.registry.stored(self.reader(), &entry).await?.into_owned())
    }

    /// A package as pages show it.
    pub(crate) async fn shown_package(&self, entry: &Entry) -> Result<Arc<Shown>, PublishError> {
        let entry = self.registry.stored(self.reader(), entry).await?;
        Ok(self.registry.shown(&entry).await?)
    }
}
