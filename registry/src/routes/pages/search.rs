//! A search over a repository and all below it.

use axum::http::HeaderMap;
use axum::response::Response;
use chart_registry_catalog::{Budget, Query};

use super::answer::{Title, frame, page};
use super::repository::{PAGE_CHARTS, Wanted, card};
use crate::authorization::{Authorized, Below, Read};
use crate::pages::links::Links;
use crate::pages::templates::{Card, SearchPage};
use crate::refusal::{Code, Fault, PublishError, Refusal};

/// What was found, and where to go on: a repository's path and a chart's name.
type Results = (Vec<Card>, Option<(String, String)>);

/// The page of a search.
pub(super) async fn answer(
    authorized: &Authorized<Read>,
    links: &Links,
    (wanted, headers): (&Wanted, &HeaderMap),
) -> Result<Response, PublishError> {
    let query = Query::parse(&wanted.q).ok_or_else(|| {
        Refusal::new(Code::BadRequest, "the search has no words", "query parameter q", "write some")
    })?;
    let below = authorized.below().await?;
    let from = (wanted.repository.clone(), wanted.after.clone());
    let cards_of = links.clone();
    // Words that nobody has looked for are made now, which takes its time.
    let work = move || search(&below, &query, (&cards_of, from));
    let stopped = |_| Fault::Stopped { part: "search" };
    let (charts, next) = tokio::task::spawn_blocking(work).await.map_err(stopped)??;
    let next = next.map(|(path, name)| {
        let after = [("q", wanted.q.as_str()), ("repository", &path), ("after", &name)];
        links.page_with(&after)
    });
    let title = format!("Search for {}", wanted.q);
    let title = Title { text: &title, query: wanted.q.trim() };
    let found = SearchPage {
        frame: frame(links, &title),
        below: !links.repository.is_empty(),
        charts,
        next,
    };
    Ok(page(&found, headers)?)
}

fn search(
    below: &Below,
    query: &Query,
    (links, (first, mut name)): (&Links, (String, String)),
) -> Result<Results, PublishError> {
    let mut budget = Budget::default();
    let mut charts = Vec::new();
    for (path, repository) in below.repositories().filter(|(path, _)| ***path >= *first) {
        // Only the repository in which the last search ended goes on within itself.
        let from = if **path == *first { std::mem::take(&mut name) } else { String::new() };
        let limit = PAGE_CHARTS - charts.len();
        if !budget.take(1) || limit == 0 {
            return Ok((charts, Some((path.to_string(), from))));
        }
        let hits = repository.search(query, (&from, limit), &mut budget);
        let of = links.of(path);
        for chart in &hits.charts {
            let place = if of.repository == links.repository { "" } else { &of.repository };
            charts.extend(card(repository, chart, (&of, place))?);
        }
        if let Some(next) = hits.next {
            return Ok((charts, Some((path.to_string(), next))));
        }
    }
    Ok((charts, None))
}
