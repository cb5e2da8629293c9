//! What a platform team declares about proxies.

use std::path::PathBuf;
use std::time::Duration;

use chart_registry_store::RepositoryPath;
use serde::Deserialize;

use crate::outbound::{Address, Credentials};
use crate::refusal::Fault;

/// One item of the section `proxies` of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Upstream {
    /// The repository that shows the upstream.
    pub path: RepositoryPath,
    /// URL of the upstream, without `index.yaml`.
    pub url: Address,
    /// Seconds for which an index is used unasked.
    #[serde(default = "default_refresh")]
    pub refresh_seconds: u64,
    /// Hosts besides the upstream's own from which its packages may come.
    #[serde(default)]
    pub package_hosts: Vec<String>,
    /// Name to show to the upstream.
    #[serde(default)]
    pub user: Option<String>,
    /// File with the password, or with a token when no `user` is given.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

fn default_refresh() -> u64 {
    300
}

impl Upstream {
    pub(super) fn refresh(&self) -> Duration {
        Duration::from_secs(self.refresh_seconds)
    }

    pub(super) async fn credentials(&self) -> Result<Option<Credentials>, Fault> {
        let path = &self.path;
        let Some(file) = &self.password_file else {
            if self.user.is_some() {
                let reason = format!("the proxy `{path}` has a `user` and no `password-file`");
                return Err(Fault::Configuration { reason });
            }
            return Ok(None);
        };
        let text = tokio::fs::read_to_string(file).await.map_err(|error| {
            let file = file.display();
            let reason = format!("the password of the proxy `{path}` in `{file}`: {error}");
            Fault::Configuration { reason }
        })?;
        let secret = text.trim().to_owned();
        Ok(Some(match &self.user {
            Some(user) => Credentials::Basic { user: user.clone(), password: secret },
            None => Credentials::Bearer(secret),
        }))
    }
}
