//! `/-/v1/oci-token`: exchanges a credential for a bearer token that says the same.
//!
//! Where everybody may read, some clients (the Docker engine among them) learn from the answer to
//! `/v2/` whether a credential will be wanted, and from nothing later. Asking them for a password there
//! would keep out those who have none and want to read. So they are asked for a bearer token, which
//! they get here with a credential or without one.

use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::put;
use crate::authorization::{Authorized, Enter};
use crate::external::External;
use crate::identity::Credential;
use crate::refusal::Refusal;

/// Path of this route below the registry's URL.
pub(super) const PATH: &str = "/-/v1/oci-token";

/// Clients ask for another token after so many seconds.
const SECONDS: u64 = 300;

/// The caller's own credential, which was judged before, as a bearer token.
pub(in crate::routes) async fn exchange(
    _authorized: Authorized<Enter>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let token = Credential::read(&headers)?.to_bearer();
    let body = json!({ "token": token, "access_token": token, "expires_in": SECONDS });
    let mut response = Json(body).into_response();
    put(response.headers_mut(), CACHE_CONTROL, "no-store");
    Ok(response)
}

/// What asks a client to come here first.
pub(super) fn challenge(external: &External) -> String {
    format!("Bearer realm=\"{}{PATH}\",service=\"chart-registry\"", external.0)
}
