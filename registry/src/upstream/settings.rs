//! What a platform team declares about proxies.

use std::path::PathBuf;
use std::time::Duration;

use chart_registry_catalog::policy::matches;
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
    /// URL of the upstream: without `index.yaml`; of an OCI registry without `/v2`, with what stands
    /// before the last segment of its names.
    pub url: Address,
    /// How the upstream is asked.
    #[serde(default)]
    pub kind: UpstreamKind,
    /// Seconds for which an index, a tag or a list of tags is used unasked.
    #[serde(default = "default_refresh")]
    pub refresh_seconds: u64,
    /// Hosts besides the upstream's own from which its packages and blobs may come.
    #[serde(default)]
    pub package_hosts: Vec<String>,
    /// Hosts besides the upstream's own that give tokens for it.
    #[serde(default)]
    pub token_hosts: Vec<String>,
    /// Name to show to the upstream.
    #[serde(default)]
    pub user: Option<String>,
    /// File with the password, or with a token when no `user` is given.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Patterns of the names that are taken; all when there are none.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Patterns of names that are not taken, whatever `allow` says.
    #[serde(default)]
    pub deny: Vec<String>,
    /// Most bytes of a package or blob, where the registry's own limit is larger.
    #[serde(default)]
    pub max_bytes: Option<u64>,
}

/// How an upstream is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpstreamKind {
    /// It has an `index.yaml`.
    #[default]
    Classic,
    /// It is an OCI registry.
    Oci,
}

fn default_refresh() -> u64 {
    300
}

impl Upstream {
    pub(super) fn refresh(&self) -> Duration {
        Duration::from_secs(self.refresh_seconds)
    }

    /// Whether charts and artifacts of this name are taken.
    pub(super) fn admits(&self, name: &str) -> bool {
        let fits = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
        (self.allow.is_empty() || fits(&self.allow)) && !fits(&self.deny)
    }

    /// The limit of bytes, where the registry's own is `limit`.
    pub(super) fn at_most(&self, limit: u64) -> u64 {
        self.max_bytes.map_or(limit, |own| own.min(limit))
    }

    /// How the actor of what comes from the upstream is known: its host, and the rules by which this
    /// was let in besides those of the policy.
    pub(super) fn via(&self) -> String {
        let host = self.url.url().host_str().unwrap_or_default();
        let list = |word: &str, patterns: &[String]| {
            (!patterns.is_empty()).then(|| format!("{word} {}", patterns.join(" ")))
        };
        let size = self.max_bytes.map(|bytes| format!("max-bytes {bytes}"));
        let rules = [list("allow", &self.allow), list("deny", &self.deny), size];
        let rules: Vec<String> = rules.into_iter().flatten().collect();
        let host = format!("{VIA}{host}");
        if rules.is_empty() { host } else { format!("{host} ({})", rules.join(", ")) }
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

/// How the actor of what comes from an upstream is known, before its host.
pub(super) const VIA: &str = "proxy:";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn upstream(more: &serde_json::Value) -> Upstream {
        let mut item = json!({ "path": "mirror", "url": "https://charts.example.com/x" });
        for (key, value) in more.as_object().unwrap() {
            item[key] = value.clone();
        }
        serde_json::from_value(item).unwrap()
    }

    #[test]
    fn names_are_taken_by_patterns_and_the_journal_says_by_which() {
        let open = upstream(&json!({}));
        assert!(open.admits("anything") && open.at_most(9) == 9);
        assert_eq!(open.via(), "proxy:charts.example.com");
        let rules = json!({ "allow": ["nginx*", "redis"], "deny": ["*-dev"], "max-bytes": 5 });
        let narrow = upstream(&rules);
        let admitted = ["nginx", "nginx-dev", "redis", "redis2"].map(|it| narrow.admits(it));
        assert_eq!(admitted, [true, false, true, false]);
        assert_eq!((narrow.at_most(9), narrow.at_most(3)), (5, 3));
        let via = "proxy:charts.example.com (allow nginx* redis, deny *-dev, max-bytes 5)";
        assert_eq!(narrow.via(), via);
    }
}
