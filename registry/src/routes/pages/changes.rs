//! What changed in a version since another one.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use chart_registry_catalog::Entry;
use serde::Deserialize;

use super::super::parameters::Parameters;
use super::answer::page;
use super::subject::{Version, absent, chart};
use crate::authorization::{Authorized, Read};
use crate::external::External;
use crate::pages::compare::{Difference, Side, compare};
use crate::pages::links::Tab;
use crate::pages::templates::ChangesPage;
use crate::refusal::{Fault, PublishError};

/// Versions that are proposed.
const PROPOSED_VERSIONS: usize = 100;

/// What to compare with.
#[derive(Debug, Default, Deserialize)]
pub(in super::super) struct Wanted {
    /// A version; the one before when it is empty.
    #[serde(default)]
    from: String,
}

/// `GET .../{version}/changes?from=`: what changed since another version, or since the one before.
pub(in super::super) async fn changes(
    authorized: Authorized<Read>,
    external: External,
    Parameters((name, version)): Parameters<(String, String)>,
    (query, headers): (Result<Query<Wanted>, QueryRejection>, HeaderMap),
) -> Result<Response, PublishError> {
    let it = Version::open((authorized, external, headers), &name, &version).await?;
    let from = query.map_or_else(|_| String::new(), |Query(wanted)| wanted.from);
    let from = from.trim();
    let before: Option<Entry> = if from.is_empty() {
        let precedence = it.entry.precedence();
        it.repository.available_from(&name, Some(precedence)).nth(1).cloned()
    } else {
        let found = it.repository.find_available(&name, from).cloned();
        Some(found.ok_or_else(|| absent("there is no such version", &format!("{name} {from}")))?)
    };
    let difference = match &before {
        Some(before) => Some(difference(&it, before).await?),
        None => None,
    };
    let known = it.repository.available_from(&name, None).take(PROPOSED_VERSIONS);
    let known = known.map(|entry| entry.version.to_string()).collect();
    let shown = ChangesPage {
        frame: it.frame("changes"),
        subject: it.subject(Tab::Changes),
        action: it.links.version(it.at(), Tab::Changes),
        from: before.map(|before| before.version.to_string()).unwrap_or_default(),
        known,
        difference,
    };
    Ok(page(&shown, &it.headers)?)
}

async fn difference(it: &Version, before: &Entry) -> Result<Difference, PublishError> {
    let chart_before = chart(&it.repository, before)?;
    let shown_before = it.authorized.shown_package(before).await?;
    let (chart_after, shown_after) = (it.chart.clone(), it.shown.clone());
    // Comparing many lines takes some tens of milliseconds.
    let work = move || {
        let before = Side { chart: &chart_before, shown: &shown_before };
        compare(before, Side { chart: &chart_after, shown: &shown_after })
    };
    let stopped = |_| Fault::Stopped { part: "comparison of packages" };
    Ok(tokio::task::spawn_blocking(work).await.map_err(stopped)?)
}
