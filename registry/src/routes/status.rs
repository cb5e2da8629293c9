//! Whether the server runs, and which one it is.

use axum::Json;
use serde_json::{Value, json};

/// `GET /health`, in `ChartMuseum`'s words.
pub(super) async fn health() -> Json<Value> {
    Json(json!({ "healthy": true }))
}

/// `GET /info`.
pub(super) async fn info() -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION") }))
}
