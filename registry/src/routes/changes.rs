//! `/-/v1/changes/...`: what happened, for mirrors and caches; `/-/v1/head`: where the journal stands.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::parameters::last_value;
use super::sequence::SEQ;
use crate::authorization::{Authorized, Read};
use crate::changes::{MAX_COMMITS, Since};
use crate::refusal::{Code, PublishError, Refusal};

/// Longest wait for a change, in seconds.
const MAX_WAIT_SECONDS: u64 = 60;

/// Changes after the commit `since`, one commit on a line.
pub(super) async fn changes(
    authorized: Authorized<Read>,
    RawQuery(query): RawQuery,
) -> Result<Response, PublishError> {
    let number = |name, default| number(query.as_deref(), name, default);
    let seq = number("since", 0)?;
    let limit = number("limit", MAX_COMMITS)?.clamp(1, MAX_COMMITS);
    let wait = Duration::from_secs(number("wait", 0)?.min(MAX_WAIT_SECONDS));
    let changes = authorized.changes(Since { seq, limit, wait }).await?;
    let mut response = Response::new(Body::from(changes.lines));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The number to ask from the next time.
    headers.insert(SEQ, HeaderValue::from(changes.next));
    Ok(response)
}

/// Number, digest and time of the last commit.
pub(super) async fn head(authorized: Authorized<Read>) -> Response {
    let (head, time) = authorized.journal();
    let body = json!({
        "seq": head.seq, "head": head.hash.prefixed(), "time": time.to_string()
    });
    let mut response = Json(body).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn number(query: Option<&str>, name: &str, default: u64) -> Result<u64, Refusal> {
    let Some(text) = last_value(query, name) else { return Ok(default) };
    text.parse().map_err(|_| {
        let what = format!("{name} is not a valid non-negative integer");
        let place = format!("query parameter {name}={text}");
        Refusal::new(Code::BadRequest, &what, &place, "send decimal digits, or leave it out")
    })
}
