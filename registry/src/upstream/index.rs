//! The index of an upstream.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry::Vacant;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_format::index::Entry;
use chart_format::yaml;
use chart_registry_catalog::{FUNCTION, Repository};
use chart_registry_store::{Actor, OciRecord, PackageRef, Publish, Timestamp};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Proxy;
use crate::outbound::{Limits, Request, Url};

/// Most bytes of an index and the time that it may take.
const LIMITS: Limits = Limits { bytes: 64 << 20, time: Duration::from_mins(1) };

/// What an upstream has.
#[derive(Default)]
pub(crate) struct Known {
    etag: Option<HeaderValue>,
    versions: BTreeMap<(String, String), Remote>,
    /// The same as a repository.
    pub(super) repository: Arc<Repository>,
}

/// One version of an upstream.
pub(super) struct Remote {
    /// Where its package is, relative to the index or absolute.
    pub(super) url: String,
    pub(super) digest: Sha256,
    pub(super) created: Timestamp,
}

impl Known {
    pub(super) fn version(&self, name: &str, version: &str) -> Option<&Remote> {
        self.versions.get(&(name.to_owned(), version.to_owned()))
    }

    /// The versions as a repository, for those who look at them.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn repository(&self) -> &Arc<Repository> {
        &self.repository
    }

    /// Reads an index. Entries that break rules, or have no digest, are left out as Helm leaves out
    /// those that it cannot use.
    pub(crate) fn read(
        text: &[u8],
        etag: Option<HeaderValue>,
        admits: impl Fn(&str) -> bool,
    ) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|_| "the index is no text".to_owned())?;
        let index = yaml::read(text, yaml::Limits::INDEX);
        let index = index.map_err(|error| format!("the index is no YAML: {error}"))?;
        let charts = index.get("entries").and_then(Value::as_object);
        let charts = charts.ok_or_else(|| "the index has no `entries`".to_owned())?;
        let (mut versions, mut publishes, mut left_out) = (BTreeMap::new(), Vec::new(), 0_u64);
        for (name, list) in charts.iter().filter(|(name, _)| admits(name)) {
            for value in list.as_array().into_iter().flatten() {
                let Some((publish, url)) = remote(name, value) else {
                    left_out += 1;
                    continue;
                };
                let key = (publish.name.clone(), publish.version.clone());
                if let Vacant(place) = versions.entry(key) {
                    let created = publish.created.unwrap_or_default();
                    place.insert(Remote { url, digest: publish.content, created });
                    publishes.push(publish);
                }
            }
        }
        if left_out > 0 {
            tracing::warn!(left_out, "entries of an upstream's index are left out");
        }
        // The same index in another order is the same repository.
        publishes.sort_by(|one, two| (&one.name, &one.version).cmp(&(&two.name, &two.version)));
        let repository = Repository::foreign(publishes.into_iter());
        let repository = repository.map_err(|error| error.to_string())?;
        Ok(Self { etag, versions, repository })
    }
}

/// The version that an entry below the chart's name stands for, and where its package is.
fn remote(name: &str, value: &Value) -> Option<(Publish, String)> {
    let entry = Entry::from_json(value).ok()?;
    let url = entry.urls.first()?.clone();
    if entry.metadata.name.to_string() != *name {
        return None;
    }
    let created = entry.created.as_deref().and_then(Timestamp::parse).unwrap_or_default();
    let chart = RawValue::from_string(entry.metadata.to_json()).ok()?;
    let digest = entry.digest;
    let publish = Publish {
        repo: String::new(),
        name: name.to_owned(),
        version: entry.metadata.version.to_string(),
        actor: Actor { sub: "upstream".to_owned(), via: "index".to_owned() },
        request: String::new(),
        package: PackageRef { sha256: digest, size: 0 },
        // Nobody has looked into it; the package's digest is what it is compared by.
        content: digest,
        force: false,
        chart,
        created: Some(created),
        // What it looks like to OCI clients is known when it is fetched; these are asked by nobody.
        oci: Some(OciRecord { function: FUNCTION, config: digest, manifest: digest }),
    };
    Some((publish, url))
}

impl Proxy {
    /// The URL of something of the upstream.
    pub(super) fn place(&self, relative: &str) -> Option<Url> {
        let mut base = self.upstream.url.url().clone();
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        base.join(relative).ok()
    }

    /// The upstream's index, when it is another one than `known`.
    pub(super) async fn ask_index(&self, known: &Known) -> Result<Option<Known>, String> {
        let url = self.place("index.yaml").ok_or_else(|| "its URL takes no path".to_owned())?;
        let mut request = Request::get(url, LIMITS).credentials(self.credentials.clone());
        if let Some(etag) = &known.etag {
            request = request.header(IF_NONE_MATCH, etag.clone());
        }
        let response = self.client.send(request).await.map_err(|error| error.to_string())?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        if response.status() != StatusCode::OK {
            return Err(format!("the upstream answered {}", response.status()));
        }
        let etag = response.headers().get(ETAG).cloned();
        let text: Bytes = response.bytes().await.map_err(|error| error.to_string())?;
        let upstream = self.upstream.clone();
        let read = move || Known::read(&text, etag, |name| upstream.admits(name));
        let read = tokio::task::spawn_blocking(read);
        read.await.map_err(|_| "reading the index stopped".to_owned())?.map(Some)
    }
}
