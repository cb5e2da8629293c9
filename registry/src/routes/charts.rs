//! `/api/charts`: what `ChartMuseum` tells about charts, and taking versions away.

use axum::Json;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use chart_registry_catalog::{Found, Repository};
use serde_json::{Value, json};

use super::index::{frames_body, json_response};
use super::parameters::Parameters;
use crate::authorization::{Authorized, Delete, Read};
use crate::refusal::{PublishError, Refusal};

/// Every chart with its versions.
pub(super) async fn all(authorized: Authorized<Read>) -> Response {
    let frames = authorized.repository().listing_frames();
    json_response(frames.remaining(), frames_body(frames))
}

/// The versions of one chart, newest first.
pub(super) async fn chart(
    authorized: Authorized<Read>,
    Parameters(name): Parameters<String>,
) -> Result<Response, Refusal> {
    let repository = authorized.repository_with(|it| it.versions(&name).next().is_some()).await;
    let texts: Vec<Bytes> = repository.versions(&name).map(|found| found.text).collect();
    if texts.is_empty() {
        return Err(Refusal::not_found("chart not found", &name));
    }
    let body = [b"[\n", texts.join(&b",\n"[..]).as_slice(), b"]\n"].concat();
    Ok(json_response(body.len() as u64, Body::from(body)))
}

/// One version; `latest` is the newest one that is no pre-release, else the newest.
pub(super) async fn version(
    authorized: Authorized<Read>,
    Parameters((name, version)): Parameters<(String, String)>,
) -> Result<Response, Refusal> {
    let repository = authorized.repository_with(|it| select(it, &name, &version).is_some()).await;
    let found = select(&repository, &name, &version);
    let place = format!("{name} {version}");
    let found = found.ok_or_else(|| Refusal::not_found("chart not found", &place))?;
    Ok(json_response(found.text.len() as u64, Body::from(found.text)))
}

/// The version that a path names.
fn select<'a>(repository: &'a Repository, name: &'a str, version: &str) -> Option<Found<'a>> {
    match version {
        "latest" => latest(repository, name),
        _ => repository.find(name, version),
    }
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
