//! Whether the server runs, how it is doing, and which one it is.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::authorization::{Authorized, Gate, Read};
use crate::reference;
use crate::refusal::{Code, Refusal};
use crate::registry::Condition;

/// `GET /health`, in `ChartMuseum`'s words.
pub(super) async fn health(State(gate): State<Gate>) -> (StatusCode, Json<Value>) {
    match gate.condition() {
        Condition::Writable => (StatusCode::OK, Json(json!({ "healthy": true }))),
        // Reading goes on, and a restart alone does not help: this is no reason for one.
        Condition::ReadOnly => {
            (StatusCode::OK, Json(json!({ "healthy": true, "writable": false })))
        }
        Condition::Stopped => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "healthy": false }))),
    }
}

/// `GET /readyz`: whether requests should come here.
///
/// A server whose storage does not answer lives, and a restart would not help it; others may be
/// better off meanwhile. One that can only read still serves.
pub(super) async fn ready(State(gate): State<Gate>) -> (StatusCode, Json<Value>) {
    let condition = gate.condition();
    let reason = match (condition, gate.silence()) {
        _ if gate.is_draining() => Some("the server is stopping".to_owned()),
        (Condition::Stopped, _) => Some("a part of the program has stopped".to_owned()),
        (_, Some(silence)) => {
            Some(format!("the storage has not answered for {} s", silence.as_secs()))
        }
        (Condition::Writable | Condition::ReadOnly, None) => None,
    };
    if let Some(reason) = reason {
        let body = json!({ "ready": false, "reason": reason });
        return (StatusCode::SERVICE_UNAVAILABLE, Json(body));
    }
    let writable = condition == Condition::Writable;
    (StatusCode::OK, Json(json!({ "ready": true, "writable": writable })))
}

/// `GET /metrics`, for Prometheus.
pub(super) async fn metrics(authorized: Authorized<Read>) -> Result<Response, Refusal> {
    let Some(text) = authorized.metrics() else {
        let fix = "set `metrics: true` to have it";
        return Err(Refusal::new(Code::NotFound, "this server has no metrics", "/metrics", fix));
    };
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    let mut response = text.into_response();
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    Ok(response)
}

/// `GET /info`.
pub(super) async fn info() -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION") }))
}

/// `GET /-/v1/openapi.json`.
pub(super) async fn openapi() -> Json<Value> {
    Json(reference::openapi())
}
