//! The index of an upstream, and what a repository looks like with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderValue, StatusCode};
use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_format::index::Entry;
use chart_format::yaml;
use chart_registry_catalog::{Admission, Repository, State};
use chart_registry_store::{Actor, Event, PackageRef, Publish, Timestamp};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Proxy;
use crate::outbound::{Limits, Request, Url};
use crate::refusal::Fault;

/// Most bytes of an index and the time that it may take.
const LIMITS: Limits = Limits { bytes: 64 << 20, time: Duration::from_mins(1) };

/// What an upstream has.
#[derive(Default)]
pub(super) struct Known {
    etag: Option<HeaderValue>,
    versions: BTreeMap<(String, String), Remote>,
}

/// One version of an upstream.
pub(super) struct Remote {
    /// Where its package is, relative to the index or absolute.
    pub(super) url: String,
    pub(super) digest: Sha256,
    pub(super) created: Timestamp,
    chart: Box<RawValue>,
}

impl Known {
    pub(super) fn version(&self, name: &str, version: &str) -> Option<&Remote> {
        self.versions.get(&(name.to_owned(), version.to_owned()))
    }

    /// Reads an index. Entries that break rules, or have no digest, are left out as Helm leaves out
    /// those that it cannot use.
    fn read(text: &[u8], etag: Option<HeaderValue>) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|_| "the index is no text".to_owned())?;
        let index = yaml::read(text, yaml::Limits::INDEX);
        let index = index.map_err(|error| format!("the index is no YAML: {error}"))?;
        let charts = index.get("entries").and_then(Value::as_object);
        let charts = charts.ok_or_else(|| "the index has no `entries`".to_owned())?;
        let (mut versions, mut left_out) = (BTreeMap::new(), 0_u64);
        for (name, list) in charts {
            for value in list.as_array().into_iter().flatten() {
                match remote(name, value) {
                    Some((version, remote)) => {
                        versions.entry((name.clone(), version)).or_insert(remote);
                    }
                    None => left_out += 1,
                }
            }
        }
        if left_out > 0 {
            tracing::warn!(left_out, "entries of an upstream's index are left out");
        }
        Ok(Self { etag, versions })
    }

    /// The repository at `path` with everything that is here besides what it has itself.
    pub(super) fn over(&self, state: &State, path: &str) -> Result<Arc<Repository>, Fault> {
        let mut state = state.clone();
        let seq = state.head().seq;
        let mut oldest_first: Vec<_> = self.versions.iter().collect();
        oldest_first.sort_by_key(|(_, remote)| remote.created);
        for ((name, version), remote) in oldest_first {
            let publish = Publish {
                repo: path.to_owned(),
                name: name.clone(),
                version: version.clone(),
                actor: Actor { sub: "upstream".to_owned(), via: "proxy".to_owned() },
                request: String::new(),
                package: PackageRef { sha256: remote.digest, size: 0 },
                content: remote.digest,
                force: false,
                chart: remote.chart.clone(),
                created: Some(remote.created),
                oci: None,
            };
            // What was stored, deleted or purged here is decided here.
            if state.admit(&publish) == Admission::New {
                state = state.with_event(&Event::Publish(publish), seq, remote.created)?;
            }
        }
        Ok(state.repository(path))
    }
}

/// The version that an entry below the chart's name stands for.
fn remote(name: &str, value: &Value) -> Option<(String, Remote)> {
    let entry = Entry::from_json(value).ok()?;
    let url = entry.urls.first()?.clone();
    if entry.metadata.name.to_string() != *name {
        return None;
    }
    let created = entry.created.as_deref().and_then(Timestamp::parse).unwrap_or_default();
    let chart = RawValue::from_string(entry.metadata.to_json()).ok()?;
    let version = entry.metadata.version.to_string();
    Some((version, Remote { url, digest: entry.digest, created, chart }))
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
    pub(super) async fn ask(&self, known: &Known) -> Result<Option<Known>, String> {
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
        let read = tokio::task::spawn_blocking(move || Known::read(&text, etag));
        read.await.map_err(|_| "reading the index stopped".to_owned())?.map(Some)
    }
}
