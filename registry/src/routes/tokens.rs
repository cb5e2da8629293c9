//! `/-/v1/tokens/...`: credentials for programs; `/-/v1/identity/...`: who the caller is to the server.

use axum::Json;
use axum::body::Bytes;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::parameters::Parameters;
use crate::access::Permission;
use crate::authorization::{Administer, Authorized, Enter};
use crate::identity::Order;
use crate::refusal::{Code, PublishError, Refusal};

/// Issues a token for paths that the caller administers. Its secret part is told here and never again.
pub(super) async fn issue(
    authorized: Authorized<Administer>,
    body: Bytes,
) -> Result<Response, PublishError> {
    let order: Order = serde_json::from_slice(&body).map_err(|error| {
        let what = format!("the order of a token cannot be read: {error}");
        let fix = "send {\"subject\": \"ci\", \"grants\": [{\"below\": \"team\", \"permissions\": \
                   [\"read\"]}], \"expires-in\": \"90d\"}";
        Refusal::new(Code::BadRequest, &what, "request body", fix)
    })?;
    let (secret, decided) = authorized.issue_token(order).await?;
    let body = json!({ "id": secret.id(), "token": secret.reveal(), "seq": decided.seq });
    Ok((StatusCode::CREATED, not_stored(Json(body))).into_response())
}

/// The tokens that reach no further than this path.
pub(super) async fn list(authorized: Authorized<Administer>) -> Response {
    not_stored(Json(json!({ "tokens": authorized.tokens() })))
}

/// Makes a token worthless.
pub(super) async fn revoke(
    authorized: Authorized<Administer>,
    Parameters(id): Parameters<String>,
) -> Result<Response, PublishError> {
    let decided = authorized.revoke_token(id).await?;
    Ok(Json(json!({ "revoked": true, "seq": decided.seq })).into_response())
}

/// Who the caller is, how that is known, and what it may do in the repository.
pub(super) async fn identity(authorized: Authorized<Enter>) -> Response {
    let identity = authorized.identity();
    let names: Vec<&str> = authorized.permissions().into_iter().map(Permission::name).collect();
    let body =
        json!({ "subject": &*identity.subject, "via": &*identity.via, "permissions": names });
    not_stored(Json(body))
}

/// An answer for the caller alone.
fn not_stored(body: Json<Value>) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
