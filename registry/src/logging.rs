//! One line in the log per request, and the subscriber that writes it.

use std::io::{IsTerminal, stderr};
use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tracing_subscriber::EnvFilter;

use crate::peer::Peer;
use crate::refusal::Logged;
use crate::request_id::{HEADER, RequestId};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Sends log lines to stderr; `RUST_LOG` chooses which.
pub(crate) fn install(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    let result = match format {
        LogFormat::Text => subscriber.with_ansi(stderr().is_terminal()).try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
    // A host program that embeds this one may have its own subscriber: then that one is used.
    drop(result);
}

/// Names the request, times it, and writes its line.
///
/// The path is logged without the query: queries may hold secrets.
pub(crate) async fn log_request(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::choose(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let client = request.extensions().get::<Peer>().map(|peer| peer.address.to_string());
    request.extensions_mut().insert(id.clone());

    let mut response = next.run(request).await;

    if let Some(value) = id.header_value() {
        response.headers_mut().insert(HEADER, value);
    }
    let status = response.status().as_u16();
    let duration_ms = started.elapsed().as_secs_f64() * 1_000.0;
    let request_id = id.as_str();
    let Logged { cause, receipt } =
        response.extensions_mut().remove::<Logged>().unwrap_or_default();
    if let Some(cause) = cause {
        tracing::error!(%method, path, client, status, duration_ms, request_id, cause, "request");
    } else if let Some(receipt) = receipt {
        tracing::info!(
            %method, path, client, status, duration_ms, request_id,
            chart.name = receipt.name, chart.version = receipt.version, digest = receipt.digest,
            seq = receipt.seq, created = receipt.created, "request"
        );
    } else {
        tracing::info!(%method, path, client, status, duration_ms, request_id, "request");
    }
    response
}
