//! The segment `~...` of a path: a smaller index under a URL of its own, as a repository for stock
//! clients.

use axum::Json;
use chart_registry_catalog::{VIEW_KEYS, ViewSpec};
use serde_json::{Value, json};

use crate::refusal::{Code, Refusal};

/// The conditions of a view.
pub(super) fn parse(view: &str) -> Result<ViewSpec, Refusal> {
    ViewSpec::parse(view.strip_prefix('~').unwrap_or(view))
        .map_err(|fault| Refusal::new(Code::BadRequest, &fault.to_string(), "path", &fault.fix()))
}

/// The conditions that views know.
pub(super) async fn known() -> Json<Value> {
    let keys = VIEW_KEYS.iter().map(|key| json!({ "form": key.form, "meaning": key.meaning }));
    Json(json!({ "conditions": keys.collect::<Vec<_>>() }))
}
