//! From a request to its answer, with what every request gets: a name, a line in the log, a count,
//! and a page for browsers where the answer is an error.
//!
//! One function instead of layers around each other: each layer puts the request and its answer into
//! a box of its own, which is most of what a small answer costs.

use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderValue, Method};
use axum::response::Response;

use super::dispatch::{self, Table};
use super::pages::ErrorPages;
use crate::authorization::Gate;
use crate::logging::Line;
use crate::metrics::{self, Metrics};
use crate::registry::Registry;

/// Answers the requests to a registry; cloning gives another handle.
#[derive(Clone)]
pub(crate) struct Answering(Arc<Inner>);

struct Inner {
    table: Table,
    gate: Gate,
    metrics: Arc<Metrics>,
    /// For handlers that take a whole body without saying how much of it.
    limit: DefaultBodyLimit,
}

impl Answering {
    pub(super) fn new(registry: Registry, limit: usize) -> Self {
        let metrics = registry.metrics();
        let gate = Gate::new(registry);
        let (table, limit) = (Table::new(gate.clone()), DefaultBodyLimit::max(limit));
        Self(Arc::new(Inner { table, gate, metrics, limit }))
    }

    /// The answer to a request.
    pub(crate) async fn answer(self, mut request: Request) -> Response {
        let Inner { table, gate, metrics, limit } = &*self.0;
        let line = Line::begin(&mut request);
        let method = metrics::method(request.method());
        let head = request.method() == Method::HEAD;
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            limit.apply(&mut request);
        }
        let pages = ErrorPages::wanted(gate, &request);
        let mut response = dispatch::answer(table, request).await;
        if let Some(pages) = pages {
            response = pages.shown(response);
        }
        if head {
            response = without_body(response);
        }
        metrics.answered(method, &response, line.elapsed());
        line.end(&mut response);
        response
    }
}

/// What is said of a body to whoever asks with `HEAD`.
fn without_body(response: Response) -> Response {
    let length = response.body().size_hint().exact();
    let mut response = response.map(|_| Body::empty());
    let headers = response.headers_mut();
    if let Some(length) = length.filter(|_| !headers.contains_key(CONTENT_LENGTH)) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What waits for upstreams, for the journal and for passwords is in boxes of its own: without them
    /// each request would move many kilobytes.
    #[tokio::test]
    async fn an_answer_on_its_way_is_small() {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::open(folder.path()).await.unwrap();
        let answering = super::super::answering(registry);
        let answer = answering.answer(Request::get("/").body(Body::empty()).unwrap());
        let bytes = size_of_val(&answer);
        assert!(bytes <= 4 << 10, "{bytes} bytes");
    }
}
