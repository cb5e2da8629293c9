//! Tags and referrers of an upstream.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use chart_registry_store::Digest;
use serde::Deserialize;

use super::super::{Kind, Proxy, failed};
use super::Distribution;
use super::api::Question;
use crate::oci::{self, Name, Reference};
use crate::outbound::Limits;
use crate::refusal::PublishError;
use crate::registry::Registry;

/// What one page of a list may cost.
const PAGE: Limits = Limits { bytes: 4 << 20, time: Duration::from_secs(30) };

/// Most pages of a list.
const PAGES: usize = 50;

/// Tags on a page.
const PAGE_TAGS: usize = 1_000;

/// Most referrers of one manifest that are fetched.
const REFERRERS: usize = 64;

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Referrers {
    #[serde(default)]
    manifests: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    digest: String,
}

impl Registry {
    /// The tags that an upstream has under a name, and why they may be old.
    pub(crate) async fn upstream_tags(
        &self,
        proxy: &Proxy,
        name: &Name,
    ) -> Result<(Arc<Vec<String>>, Option<String>), PublishError> {
        let Kind::Oci(distribution) = &proxy.kind else { return Ok((Arc::default(), None)) };
        let last = &name.last;
        if !proxy.upstream.admits(last) {
            return Ok((Arc::default(), None));
        }
        if let Some(known) = distribution.tags.get(last, "") {
            return Ok((known, None));
        }
        let flight = distribution.flight(&format!("{last} tags"));
        let _turn = flight.lock().await;
        if let Some(known) = distribution.tags.get(last, "") {
            return Ok((known, None));
        }
        let asked = match distribution.failure() {
            Some(reason) => Err(reason),
            None => proxy.ask_tags(distribution, last).await.inspect_err(|reason| {
                distribution.note_failure(reason);
                proxy.warn(reason, "its tags");
            }),
        };
        match asked {
            Ok(tags) => {
                let tags = Arc::new(tags);
                distribution.tags.put((last, ""), Arc::clone(&tags), proxy.upstream.refresh());
                Ok((tags, None))
            }
            Err(reason) => {
                let known = distribution.tags.last(last, "");
                let stored = !self.state().shelf(&name.path, last).is_empty();
                if known.is_none() && !stored {
                    let fix = "send it again when the upstream is back";
                    return Err(failed(&reason, &name.text(), fix).into());
                }
                Ok((known.unwrap_or_default(), Some(reason)))
            }
        }
    }

    /// Fetches the manifests that an upstream has about another one; tells why what is here may not
    /// be all.
    pub(crate) async fn bring_referrers(
        &self,
        proxy: &Proxy,
        name: &Name,
        subject: Digest,
    ) -> Result<Option<String>, PublishError> {
        let Kind::Oci(distribution) = &proxy.kind else { return Ok(None) };
        let key = format!("about {subject}");
        if !proxy.upstream.admits(&name.last)
            || distribution.compared.get(&name.last, &key).is_some()
        {
            return Ok(None);
        }
        let asked = match distribution.failure() {
            Some(reason) => Err(reason),
            None => proxy.ask_referrers(distribution, (&name.last, subject)).await,
        };
        let digests = match asked {
            Ok(digests) => digests,
            Err(reason) => return Ok(Some(reason)),
        };
        let mut stale = None;
        for digest in digests.into_iter().take(REFERRERS) {
            match self.bring_whole(proxy, name, &Reference::Digest(digest)).await {
                Ok(brought) => stale = stale.or(brought.stale),
                // One that cannot be taken hides no other.
                Err(PublishError::Refused(refusal)) => stale = Some(refusal.to_string()),
                Err(fault) => return Err(fault),
            }
        }
        if stale.is_none() {
            distribution.compared.put((&name.last, &key), true, proxy.upstream.refresh());
        }
        Ok(stale)
    }
}

impl Proxy {
    /// All tags of a name; none when the upstream does not know the name.
    async fn ask_tags(
        &self,
        distribution: &Distribution,
        last: &str,
    ) -> Result<Vec<String>, String> {
        let mut found = BTreeSet::new();
        let mut after = String::new();
        for _ in 0..PAGES {
            let mut rest = format!("tags/list?n={PAGE_TAGS}");
            if !after.is_empty() {
                rest = format!("{rest}&last={after}");
            }
            let question = Question { last, rest: &rest, limits: PAGE, head: false };
            let response = self.ask(distribution, &question).await?;
            match response.status() {
                StatusCode::OK => {}
                StatusCode::NOT_FOUND => return Ok(Vec::new()),
                status => return Err(format!("it answered {status} for its tags")),
            }
            // Where the next page begins follows from this one: no link is followed.
            let more = response.header("link").is_some();
            let text = response.bytes().await.map_err(|error| error.to_string())?;
            let page: Tags = serde_json::from_slice(&text)
                .map_err(|error| format!("its list of tags is none: {error}"))?;
            let tags = page.tags.unwrap_or_default();
            let next = tags.last().filter(|tag| oci::tag(tag).is_ok() && **tag != after).cloned();
            found.extend(tags.into_iter().filter(|tag| oci::tag(tag).is_ok()));
            match next.filter(|_| more) {
                Some(next) => after = next,
                None => return Ok(found.into_iter().collect()),
            }
        }
        Err(format!("it has more than {PAGES} pages of tags"))
    }

    /// Digests of the manifests that are about another one.
    async fn ask_referrers(
        &self,
        distribution: &Distribution,
        (last, subject): (&str, Digest),
    ) -> Result<Vec<Digest>, String> {
        let rest = format!("referrers/{subject}");
        // Registries from before that route keep the same list under a tag.
        let fallback = format!("manifests/{}", subject.to_string().replacen(':', "-", 1));
        for rest in [rest, fallback] {
            let question = Question { last, rest: &rest, limits: PAGE, head: false };
            let response = self.ask(distribution, &question).await?;
            match response.status() {
                StatusCode::OK => {
                    let text = response.bytes().await.map_err(|error| error.to_string())?;
                    let about: Referrers = serde_json::from_slice(&text)
                        .map_err(|error| format!("its list of referrers is none: {error}"))?;
                    let digests = about.manifests.iter().map(|it| Digest::parse(&it.digest));
                    return Ok(digests.filter_map(Result::ok).collect());
                }
                status if status.is_client_error() => {}
                status => return Err(format!("it answered {status} for referrers")),
            }
        }
        Ok(Vec::new())
    }
}
