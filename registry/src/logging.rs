//! One line in the log per request, and the subscriber that writes it.

use std::io::{IsTerminal, stderr};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::http::{Method, Uri};
use axum::response::Response;
use tracing::field::display;
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

/// The line of one request, while it is answered.
///
/// The path is logged without the query: queries may hold secrets.
pub(crate) struct Line {
    started: Instant,
    id: RequestId,
    method: Method,
    uri: Uri,
    client: Option<IpAddr>,
}

impl Line {
    /// Names a request and begins to time it.
    pub(crate) fn begin(request: &mut Request) -> Self {
        let started = Instant::now();
        let id = RequestId::choose(request.headers());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let client = request.extensions().get::<Peer>().map(|peer| peer.address);
        request.extensions_mut().insert(id.clone());
        Self { started, id, method, uri, client }
    }

    /// The time since then.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Tells the name of the request in its answer, and writes the line.
    pub(crate) fn end(self, response: &mut Response) {
        if let Some(value) = self.id.header_value() {
            response.headers_mut().insert(HEADER, value);
        }
        let duration_ms = self.elapsed().as_secs_f64() * 1_000.0;
        let Self { id, method, uri, client, .. } = self;
        let (path, status, request_id) = (uri.path(), response.status().as_u16(), id.as_str());
        let client = client.map(display);
        let logged = response.extensions_mut().remove::<Logged>();
        let Logged { cause, receipt } = logged.unwrap_or_default();
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
    }
}
