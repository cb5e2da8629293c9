//! `/-/v1/versions/...`: yank, deprecate, hold, promote, purge; and what happened to a version.
//!
//! Each state is a thing of its own: `PUT` brings it, `DELETE` ends it, both say why in
//! `{"reason": "..."}`. What is so already is a success.

use axum::Json;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use chart_registry_catalog::{Entry, Standing, Turn, What};
use chart_registry_store::Change;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::charts::not_found;
use super::parameters::Parameters;
use crate::authorization::{Action, Authorized, Read};
use crate::refusal::{Code, PublishError, Refusal};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: String,
}

/// One thing that happened to a version.
#[derive(Serialize)]
struct Happened<'a> {
    seq: u64,
    time: String,
    by: &'a str,
    #[serde(flatten)]
    what: Value,
}

/// What happened to a version, in order, and what it is now.
pub(super) async fn life(
    authorized: Authorized<Read>,
    Parameters((name, version)): Parameters<(String, String)>,
) -> Result<Response, PublishError> {
    let repository =
        authorized.repository_with(|it| it.find_any(&name, &version).is_some()).await?;
    let entry = repository.find_any(&name, &version).ok_or_else(|| not_found(&name, &version))?;
    // What is known of a package that nobody has looked into yet is what its upstream says.
    let entry =
        if entry.available() { authorized.stored(entry.clone()).await? } else { entry.clone() };
    Ok(Json(described(&entry)).into_response())
}

fn described(entry: &Entry) -> Value {
    let standing = match entry.fate.standing() {
        Standing::Live => "live",
        Standing::Yanked => "yanked",
        Standing::Deleted => "deleted",
        Standing::Purged => "purged",
    };
    let turns: Vec<_> = entry.fate.turns().iter().map(happened).collect();
    json!({
        "name": &*entry.chart,
        "version": &*entry.version,
        "digest": entry.package.sha256.to_string(),
        "content": entry.content.prefixed(),
        "created": entry.created.to_string(),
        "standing": standing,
        "deprecated": entry.fate.deprecated(),
        "held": entry.fate.held(),
        "channels": entry.fate.channels().collect::<Vec<_>>(),
        "history": turns,
    })
}

fn happened(turn: &Turn) -> Happened<'_> {
    let what = match &turn.what {
        What::Deleted => json!({ "op": "delete" }),
        What::Returned => json!({ "op": "publish" }),
        What::Replaced => json!({ "op": "publish", "force": true }),
        What::Changed(change) => {
            let mut what = json!({ "op": change.operation(), "reason": change.reason() });
            if let Change::Promote { channel, .. } | Change::Demote { channel, .. } = change {
                what["channel"] = json!(channel);
            }
            what
        }
    };
    Happened { seq: turn.seq, time: turn.time.to_string(), by: &turn.by, what }
}

/// Carries out a change whose reason stands in the body.
pub(super) async fn change<A: Action>(
    authorized: Authorized<A>,
    Parameters(version): Parameters<(String, String)>,
    body: Bytes,
    make: fn(String) -> Change,
) -> Result<Response, PublishError> {
    let decided = authorized.change(version, make(reason(&body)?)).await?;
    Ok(answer(decided.seq, decided.written))
}

/// Like [`change`], of a channel that the path names.
pub(super) async fn channel<A: Action>(
    authorized: Authorized<A>,
    Parameters((name, version, channel)): Parameters<(String, String, String)>,
    body: Bytes,
    make: fn(String, String) -> Change,
) -> Result<Response, PublishError> {
    let change = make(channel, reason(&body)?);
    let decided = authorized.change((name, version), change).await?;
    Ok(answer(decided.seq, decided.written))
}

pub(super) fn answer(seq: u64, written: bool) -> Response {
    Json(json!({ "seq": seq, "changed": written })).into_response()
}

/// Why something is done, as a request says it.
pub(super) fn reason(body: &[u8]) -> Result<String, Refusal> {
    let why: Result<Why, _> = serde_json::from_slice(body);
    why.map(|why| why.reason).map_err(|error| {
        let what = format!("the body is no reason: {error}");
        let fix = "send {\"reason\": \"...\"}: one line that says why, for those who ask later";
        Refusal::new(Code::BadRequest, &what, "request body", fix)
    })
}
