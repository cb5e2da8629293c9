//! `/v2/{name}/tags/list` and `/v2/_catalog`, in pages when the client asks for them.

use axum::Json;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::manifests::encoded;
use super::{put, value};
use crate::authorization::{Authorized, Enter, Read};
use crate::refusal::{Code, PublishError, Refusal};
use crate::routes::packages::warn_if_stale;
use crate::routes::parameters::Parameters;

/// Most names in one answer about the catalogue.
const NAMES_AT_ONCE: usize = 1_000;

/// Answers with the tags of a name in the order of their bytes.
pub(in crate::routes) async fn tags(
    authorized: Authorized<Read>,
    Parameters(last): Parameters<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PublishError> {
    let count = count(query.as_deref())?;
    let after = value(query.as_deref(), "last")?;
    let (name, mut tags, stale) = authorized.tags(&last).await?;
    if let Some(after) = after {
        let behind = tags.partition_point(|tag| *tag <= after);
        tags.drain(..behind);
    }
    let more = count.is_some_and(|count| tags.len() > count);
    tags.truncate(count.unwrap_or(usize::MAX));
    let next = tags.last().filter(|_| more).map(|tag| encoded(tag));
    let place = authorized.oci_place(&last);
    let body = json!({ "name": name.text(), "tags": tags });
    let mut response = Json(body).into_response();
    warn_if_stale(response.headers_mut(), stale.as_deref());
    if let (Some(next), Some(count)) = (next, count) {
        let link = format!("<{place}/tags/list?n={count}&last={next}>; rel=\"next\"");
        put(response.headers_mut(), "link", &link);
    }
    Ok(response)
}

/// Answers with the names that the caller may read.
pub(in crate::routes) async fn catalog(
    authorized: Authorized<Enter>,
    RawQuery(query): RawQuery,
) -> Result<Response, PublishError> {
    let count = count(query.as_deref())?.unwrap_or(NAMES_AT_ONCE).min(NAMES_AT_ONCE);
    let after = value(query.as_deref(), "last")?;
    let (names, more) = authorized.oci_names(after.as_deref(), count);
    let next = names.last().filter(|_| more).map(|name| encoded(name));
    let mut response = Json(json!({ "repositories": names })).into_response();
    if let Some(next) = next {
        let link = format!("</v2/_catalog?n={count}&last={next}>; rel=\"next\"");
        put(response.headers_mut(), "link", &link);
    }
    Ok(response)
}

/// How many a client wants at most.
fn count(query: Option<&str>) -> Result<Option<usize>, Refusal> {
    let Some(text) = value(query, "n")? else { return Ok(None) };
    match text.parse() {
        Ok(count) => Ok(Some(count)),
        Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Some(usize::MAX))
        }
        Err(_) => {
            let what = format!("`n` is not a number: `{text}`");
            Err(Refusal::new(Code::BadRequest, &what, "query", "leave it out or give a number"))
        }
    }
}
