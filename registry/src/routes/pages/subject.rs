//! The version that a page is about, with all that its pages have in common.

use std::sync::Arc;

use axum::http::HeaderMap;
use chart_format::summary::{self, NetworkSummary};
use chart_registry_catalog::{Entry, Repository};
use serde_json::Value;

use super::answer::{Title, frame};
use crate::authorization::{Authorized, Read};
use crate::external::External;
use crate::pages::facts;
use crate::pages::links::{Links, Tab};
use crate::pages::templates::{Frame, Link, Subject, TabLink};
use crate::refusal::{Fault, PublishError, Refusal};
use crate::shown::Shown;

/// A version, its package, and where it lies.
pub(super) struct Version {
    pub(super) authorized: Authorized<Read>,
    pub(super) external: External,
    pub(super) headers: HeaderMap,
    pub(super) repository: Arc<Repository>,
    pub(super) links: Links,
    pub(super) entry: Entry,
    /// Chart.yaml as JSON.
    pub(super) chart: Value,
    pub(super) shown: Arc<Shown>,
}

/// Who asks from where.
pub(super) type Asked = (Authorized<Read>, External, HeaderMap);

impl Version {
    /// The version with this text.
    pub(super) async fn open(
        asked: Asked,
        name: &str,
        version: &str,
    ) -> Result<Self, PublishError> {
        let has = |it: &Repository| it.find_available(name, version).is_some();
        let repository = asked.0.repository_with(has).await?;
        let entry = repository.find_available(name, version).cloned();
        let place = format!("{name} {version}");
        let entry = entry.ok_or_else(|| absent("there is no such version", &place))?;
        Self::of(asked, repository, entry).await
    }

    /// The version that stands for a chart.
    pub(super) async fn newest(asked: Asked, name: &str) -> Result<Self, PublishError> {
        let has = |it: &Repository| it.available_from(name, None).next().is_some();
        let repository = asked.0.repository_with(has).await?;
        let shown = repository.shown(name).map(|found| found.entry.clone());
        // A chart whose versions are all yanked is in no list, but whoever has a link may look.
        let entry = shown.or_else(|| repository.available_from(name, None).next().cloned());
        let entry = entry.ok_or_else(|| absent("there is no such chart", name))?;
        Self::of(asked, repository, entry).await
    }

    async fn of(
        (authorized, external, headers): Asked,
        repository: Arc<Repository>,
        entry: Entry,
    ) -> Result<Self, PublishError> {
        let entry = authorized.stored(entry).await?;
        let chart = chart(&repository, &entry)?;
        let shown = authorized.shown_package(&entry).await?;
        let links = Links::new(external.path(), authorized.repository_path());
        Ok(Self { authorized, external, headers, repository, links, entry, chart, shown })
    }

    /// Name and version.
    pub(super) fn at(&self) -> (&str, &str) {
        (&self.entry.chart, &self.entry.version)
    }

    /// The network that the package describes, when its summary can be read.
    pub(super) fn network(&self) -> Option<NetworkSummary> {
        self.shown.text(summary::PATH).and_then(|text| NetworkSummary::parse(text).ok())
    }

    /// What stands at the top of the page.
    pub(super) fn subject(&self, current: Tab) -> Subject {
        let at = self.at();
        let tabs = facts::tabs(self.shown.file(summary::PATH).is_some());
        let tab = |(tab, text)| TabLink {
            text,
            href: self.links.version(at, tab),
            current: tab == current,
        };
        Subject {
            name: self.entry.chart.to_string(),
            version: self.entry.version.to_string(),
            description: facts::text(&self.chart, "description"),
            badges: facts::badges(&self.entry),
            notices: facts::notices(&self.entry, &self.chart),
            tabs: tabs.into_iter().map(tab).collect(),
        }
    }

    /// What stands around the page.
    pub(super) fn frame(&self, what: &str) -> Frame {
        let (name, version) = self.at();
        let colon = if what.is_empty() { "" } else { ": " };
        let title = format!("{name} {version}{colon}{what}");
        let mut frame = frame(&self.links, &Title { text: &title, query: "" });
        frame.crumbs.push(Link { text: name.to_owned(), href: self.links.chart(name) });
        frame
    }
}

/// The recorded Chart.yaml of a version.
pub(super) fn chart(repository: &Repository, entry: &Entry) -> Result<Value, Fault> {
    let text = repository.chart_json(entry).ok_or_else(Fault::unreadable)?;
    serde_json::from_slice(&text).map_err(|_| Fault::unreadable())
}

/// A page that is not there.
pub(super) fn absent(what: &str, place: &str) -> Refusal {
    let refusal = Refusal::not_found(what, place);
    Refusal { fix: "look for it by the search".to_owned(), ..refusal }
}
