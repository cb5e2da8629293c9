//! `GET /-/v1/webhooks`: how each webhook is doing.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};

use crate::authorization::{Administer, Authorized};

/// Every webhook with its position, what it was told and what keeps it from going on.
pub(super) async fn report(authorized: Authorized<Administer>) -> Response {
    let mut response = Json(authorized.webhooks()).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
