//! The page of a repository: its charts, how to use it, what lies below.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use chart_registry_catalog::Repository;
use serde::Deserialize;

use super::super::negotiation::accepts_html;
use super::answer::{Title, frame, page};
use super::search;
use super::subject::chart;
use crate::authorization::{Authorized, Read};
use crate::external::External;
use crate::pages::links::Links;
use crate::pages::templates::{Card, KeyFound, Link, RepositoryPage};
use crate::pages::{commands, facts, words};
use crate::quarantine::Waiting;
use crate::refusal::{Code, PublishError, Refusal};

/// Charts on one page.
pub(super) const PAGE_CHARTS: usize = 50;

/// Repositories below that are listed.
const LISTED_REPOSITORIES: usize = 100;

/// Packages in quarantine that are listed.
const LISTED_KEYS: usize = 20;

/// Repositories that are looked at for the list.
const LOOKED_AT: usize = 10_000;

/// Indexes from this size on are worth a warning: clients read all of it at each update.
const LARGE_INDEX_BYTES: u64 = 10 << 20;

/// What a page of a repository may be asked for.
#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct Wanted {
    /// The words of a search.
    #[serde(default)]
    pub(super) q: String,
    /// Where to go on: the name of a chart.
    #[serde(default)]
    pub(super) after: String,
    /// Where a search goes on: the path of a repository.
    #[serde(default)]
    pub(super) repository: String,
}

type Parameters = Result<Query<Wanted>, QueryRejection>;

/// `GET /`: the page of the root for browsers, some words for everybody else.
pub(in super::super) async fn start(
    authorized: Authorized<Read>,
    external: External,
    query: Parameters,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    if accepts_html(&headers) {
        return repository(authorized, external, query, headers).await;
    }
    let url = external.repository("");
    let text = format!(
        "chart-registry {}\n\nhelm repo add charts {url}\npages: {url}/-/ui\n",
        env!("CARGO_PKG_VERSION")
    );
    let mut response = text.into_response();
    let plain = axum::http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    Ok(response)
}

/// `GET /-/ui/{repository}`: the charts of a repository, or what a search finds there and below.
pub(in super::super) async fn repository(
    authorized: Authorized<Read>,
    external: External,
    query: Parameters,
    headers: HeaderMap,
) -> Result<Response, PublishError> {
    let Query(wanted) = query.map_err(|error| {
        let fix = "follow the links of the pages";
        Refusal::new(Code::BadRequest, &error.body_text(), "query", fix)
    })?;
    let links = Links::new(external.path(), authorized.repository_path());
    if !wanted.q.trim().is_empty() {
        return search::answer(&authorized, &links, (&wanted, &headers)).await;
    }
    let found = list(&authorized, &links, (&external, &wanted)).await?;
    Ok(page(&found, &headers)?)
}

async fn list(
    authorized: &Authorized<Read>,
    links: &Links,
    (external, wanted): (&External, &Wanted),
) -> Result<RepositoryPage, PublishError> {
    let repository = authorized.repository().await?;
    // No name lies between a name and itself with a zero behind.
    let from = if wanted.after.is_empty() { String::new() } else { format!("{}\0", wanted.after) };
    let mut charts = Vec::new();
    let mut names = repository.charts_from(&from);
    for name in names.by_ref().take(PAGE_CHARTS) {
        charts.extend(card(&repository, name, (links, ""))?);
    }
    let last = charts.last().map(|card| card.name.clone());
    let next = last.filter(|_| names.next().is_some());
    let next = next.map(|name| links.page_with(&[("after", &name)]));
    let url = external.repository(&links.repository);
    let (repositories, more_repositories) = below(authorized, links).await?;
    let title = if links.repository.is_empty() { "Charts" } else { &links.repository };
    let size = repository.index_length();
    let mut frame = frame(links, &Title { text: title, query: "" });
    // The way to a page does not name the page.
    frame.crumbs.pop();
    // Nobody publishes where only what others have is shown.
    let publish = wanted.after.is_empty() && authorized.takes_packages();
    let waiting = authorized.waiting();
    let listed = waiting.iter().take(LISTED_KEYS);
    let keys = listed.map(|it| key_found(it, (&links.repository, &external.0))).collect();
    Ok(RepositoryPage {
        frame,
        place: links.repository.clone(),
        versions: repository.visible_versions(),
        index_size: words::bytes(size),
        warning: warning(size, &url),
        keys,
        more_keys: waiting.len().saturating_sub(LISTED_KEYS),
        continued: !wanted.after.is_empty(),
        charts,
        next,
        publish: publish.then(|| publish_command(external, &links.repository)),
        commands: commands::of_repository(commands::Place { url: &url, path: &links.repository }),
        repositories,
        more_repositories,
    })
}

fn publish_command(external: &External, path: &str) -> String {
    let slash = if path.is_empty() { "" } else { "/" };
    let url = &external.0;
    format!("curl --fail-with-body --data-binary @mychart-1.0.0.tgz {url}/api{slash}{path}/charts")
}

fn key_found(it: &Waiting, (here, url): (&str, &str)) -> KeyFound {
    let slash = if it.repository.is_empty() { "" } else { "/" };
    let place = format!("{url}/-/v1/quarantine{slash}{}/{}", it.repository, it.package);
    KeyFound {
        file: it.file.clone(),
        repository: if it.repository == here { String::new() } else { it.repository.clone() },
        why: it.why.clone(),
        found: it.time.to_string(),
        date: words::day(it.time),
        command: format!(
            "curl --fail-with-body -X DELETE -d '{{\"reason\":\"how the key was replaced\"}}' {place}"
        ),
    }
}

fn warning(size: u64, url: &str) -> Option<String> {
    (size >= LARGE_INDEX_BYTES).then(|| {
        format!(
            "The index has {}, and Helm reads all of it at each update. A smaller one with the newest \
             versions of each chart: helm repo add NAME {url}/~latest=3",
            words::bytes(size)
        )
    })
}

/// The repositories below with something in them, and whether there are more than are listed.
async fn below(
    authorized: &Authorized<Read>,
    links: &Links,
) -> Result<(Vec<Link>, bool), PublishError> {
    let below = authorized.below().await?;
    let mut looked_at = 0;
    let others = below.repositories().inspect(|_| looked_at += 1).take(LOOKED_AT);
    let others = others.filter(|(path, repository)| {
        ***path != *links.repository && repository.visible_versions() > 0
    });
    let link = |(path, _): (&std::sync::Arc<str>, _)| Link {
        text: path.to_string(),
        href: links.of(path).page(),
    };
    let mut listed: Vec<Link> = others.take(LISTED_REPOSITORIES + 1).map(link).collect();
    let more = listed.len() > LISTED_REPOSITORIES || looked_at == LOOKED_AT;
    listed.truncate(LISTED_REPOSITORIES);
    Ok((listed, more))
}

/// A chart in a list, by the version that stands for it; `None` when it has none.
pub(super) fn card(
    repository: &Repository,
    name: &str,
    (links, place): (&Links, &str),
) -> Result<Option<Card>, PublishError> {
    let Some(entry) = repository.shown(name).map(|found| found.entry) else { return Ok(None) };
    let chart = chart(repository, entry)?;
    Ok(Some(Card {
        name: name.to_owned(),
        href: links.chart(name),
        version: entry.version.to_string(),
        app_version: facts::text(&chart, "appVersion"),
        description: facts::text(&chart, "description"),
        repository: place.to_owned(),
        created: entry.created.to_string(),
        date: words::day(entry.created),
        badges: facts::badges(entry),
    }))
}
