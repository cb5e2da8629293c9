//! Reading a repository that shows what an upstream has.

use std::sync::Arc;

use chart_registry_catalog::Repository;

use super::{Authorized, Read};
use crate::refusal::{Fault, PublishError};
use crate::upstream::Proxy;

impl Authorized<Read> {
    /// The repository as its index shows it: a proxy shows what the upstream has, too.
    pub(crate) fn shown(&self) -> Arc<Repository> {
        let proxy = self.registry.proxies().at(self.path());
        proxy.and_then(Proxy::repository).unwrap_or_else(|| self.repository())
    }

    /// Asks the upstream, if the repository is a proxy and that is due; tells why it may be old.
    pub(crate) async fn freshen(&self) -> Result<Option<String>, Fault> {
        let Some(proxy) = self.registry.proxies().at(self.path()) else { return Ok(None) };
        proxy.freshen(&self.registry.state()).await?;
        Ok(proxy.failure())
    }

    /// Fetches a package from the upstream, if the repository is a proxy that does not have it yet.
    pub(crate) async fn bring(&self, file: &str) -> Result<(), PublishError> {
        self.registry.bring(self.path(), file).await
    }
}
