//! The end of a server as clients see it: proxies and load balancers hear that requests should go
//! elsewhere while those that still come are answered; then what runs besides requests ends in order.
//!
//! Left out: when the server stops taking connections; the program decides that (`cli`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::response::Response;

use crate::registry::Registry;

/// How long the end of the program waits for commits that were begun by requests that are gone.
const COMMITS_LIMIT: Duration = Duration::from_secs(5);

/// Whether a server is about to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    pub(crate) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says in an answer that its connection is not used again, once the end has begun: whoever keeps
    /// connections open opens the next one elsewhere, before this one is closed under a request.
    pub(crate) fn mark(&self, response: &mut Response) {
        if self.has_begun() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

impl Registry {
    /// Says from now on that requests should go elsewhere; those that come are answered as before.
    pub fn begin_drain(&self) {
        self.draining().0.store(true, Ordering::Relaxed);
    }

    /// Ends what runs besides requests, in order. Requests may go on.
    pub async fn close(&self) {
        // An empty group is decided behind everything that waits already, and writes nothing.
        let settled = tokio::time::timeout(COMMITS_LIMIT, self.commit_all(Vec::new()));
        if settled.await.is_err() {
            tracing::warn!("commits that nobody waits for any more did not end in time");
        }
        self.webhooks().close().await;
        self.upkeep().close().await;
    }
}
