//! `/api/charts`: what `ChartMuseum` tells about charts, and taking versions away.

use axum::Json;
use axum::body::Body;
use axum::extract::RawQuery;
use axum::response::Response;
use chart_format::constraint::Constraint;
use chart_registry_catalog::{Found, Repository};
use serde_json::{Value, json};

use super::index::{frames_response, json_response};
use super::parameters::{Parameters, last_value};
use crate::authorization::{Authorized, Delete, Read};
use crate::refusal::{Code, Fault, PublishError, Refusal};

/// Every chart with its versions, or those from number `offset` on, `limit` at most.
pub(super) async fn all(
    authorized: Authorized<Read>,
    RawQuery(query): RawQuery,
) -> Result<Response, PublishError> {
    let number = |name| last_value(query.as_deref(), name).map(|text| (text, text.parse().ok()));
    let offset = match number("offset") {
        None => 0,
        Some((_, Some(offset))) => offset,
        Some((text, None)) => return Err(no_number("offset", "non-negative", text).into()),
    };
    let limit = match number("limit") {
        None => usize::MAX,
        Some((_, Some(limit))) if limit > 0 => limit,
        Some((text, _)) => return Err(no_number("limit", "positive", text).into()),
    };
    let repository = authorized.repository().await?;
    if offset == 0 && limit == usize::MAX {
        let frames = repository.listing_frames();
        return Ok(frames_response(&authorized, repository, frames));
    }
    let page = repository.listing_page(offset, limit).ok_or_else(Fault::unreadable)?;
    Ok(json_response(page.len() as u64, Body::from(page)))
}

fn no_number(name: &str, kind: &str, text: &str) -> Refusal {
    let what = format!("{name} is not a valid {kind} integer");
    let place = format!("query parameter {name}={text}");
    Refusal::new(Code::BadRequest, &what, &place, "send decimal digits, or leave it out")
}

/// The versions of one chart, newest first.
pub(super) async fn chart(
    authorized: Authorized<Read>,
    Parameters(name): Parameters<String>,
) -> Result<Response, PublishError> {
    let repository = authorized.repository_with(|it| it.versions(&name).next().is_some()).await?;
    let texts = repository.texts(&name).ok_or_else(Fault::unreadable)?;
    if texts.is_empty() {
        return Err(Refusal::not_found("chart not found", &name).into());
    }
    let body = [b"[\n", texts.join(&b",\n"[..]).as_slice(), b"]\n"].concat();
    Ok(json_response(body.len() as u64, Body::from(body)))
}

/// One version; see [`select`] for the words that name one.
pub(super) async fn version(
    authorized: Authorized<Read>,
    Parameters((name, version)): Parameters<(String, String)>,
) -> Result<Response, PublishError> {
    let repository = authorized.repository_with(|it| select(it, &name, &version).is_some()).await?;
    let found = select(&repository, &name, &version);
    let found = found.ok_or_else(|| not_found(&name, &version))?;
    let text = found.text().ok_or_else(Fault::unreadable)?;
    Ok(json_response(text.len() as u64, Body::from(text)))
}

/// The version that a path names: one as it is spelled, `latest` for the newest one that is no
/// pre-release, else the newest, or a range as in Helm's `--version` for the newest one within it.
pub(super) fn select<'a>(
    repository: &'a Repository,
    name: &'a str,
    version: &str,
) -> Option<Found<'a>> {
    if let Some(found) = repository.find(name, version) {
        return Some(found);
    }
    if version == "latest" {
        return latest(repository, name);
    }
    // A full version names itself and nothing near it, as everywhere else in the registry.
    if semver::Version::parse(version).is_ok() {
        return None;
    }
    let range = Constraint::parse(version).ok()?;
    repository.versions(name).find(|found| range.matches(found.entry.precedence()))
}

pub(super) fn not_found(name: &str, version: &str) -> Refusal {
    Refusal::not_found("chart not found", &format!("{name} {version}"))
}

fn latest<'a>(repository: &'a Repository, name: &'a str) -> Option<Found<'a>> {
    let stable = repository.versions(name).find(|found| found.entry.stable());
    stable.or_else(|| repository.versions(name).next())
}

/// Takes a version away and leaves a tombstone.
pub(super) async fn delete(
    authorized: Authorized<Delete>,
    Parameters((name, version)): Parameters<(String, String)>,
) -> Result<Json<Value>, PublishError> {
    authorized.delete(name, version).await?;
    Ok(Json(json!({ "deleted": true })))
}
