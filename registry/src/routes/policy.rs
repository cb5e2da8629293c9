//! `/-/v1/policy/...`: the rules of a repository and of those below it; `/-/v1/retention/...`: what
//! goes by rule.

use axum::Json;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::parameters::{has_flag, last_value};
use crate::authorization::{Administer, Authorized, Read};
use crate::refusal::{Code, PublishError, Refusal};

/// The policy that decides in a repository, and the path where it was written.
pub(super) async fn show(authorized: Authorized<Read>) -> Response {
    let (prefix, policy) = authorized.policy();
    Json(json!({ "prefix": prefix, "policy": &*policy })).into_response()
}

/// Writes the policy of a path.
pub(super) async fn put(
    authorized: Authorized<Administer>,
    body: Bytes,
) -> Result<Response, PublishError> {
    let text = std::str::from_utf8(&body).map_err(|_| {
        let fix = "send a policy as JSON in UTF-8";
        Refusal::new(Code::BadPolicy, "the policy is no text", "request body", fix)
    })?;
    let decided = authorized.put_policy(Some(text)).await?;
    Ok(Json(json!({ "seq": decided.seq, "changed": decided.written })).into_response())
}

/// Takes the policy of a path away: the one above decides again.
pub(super) async fn delete(authorized: Authorized<Administer>) -> Result<Response, PublishError> {
    let decided = authorized.put_policy(None).await?;
    Ok(Json(json!({ "seq": decided.seq, "changed": decided.written })).into_response())
}

/// What the rules let go; deletes it when the query names the plan.
pub(super) async fn retention(
    authorized: Authorized<Administer>,
    RawQuery(query): RawQuery,
) -> Result<Response, PublishError> {
    let query = query.as_deref();
    if has_flag(query, "dry-run") {
        return Ok(Json(authorized.retention_plan()?).into_response());
    }
    let Some(plan) = last_value(query, "plan") else {
        let what = "nothing is deleted without a plan that somebody has looked at";
        let fix = "ask with ?dry-run, and send the `plan` of its answer as ?plan=";
        return Err(Refusal::new(Code::BadRequest, what, "parameter plan", fix).into());
    };
    Ok(Json(authorized.retain(plan).await?).into_response())
}
