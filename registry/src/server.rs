//! The accept loop: limits per connection, and an end that loses nothing.
//!
//! At shutdown the listener is closed, requests that run are answered, idle connections are closed.
//! Left out: TLS, HTTP/2, PROXY protocol, a minimum rate for readers.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::registry::Registry;

/// Connections at the same time; others wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 4_096;

/// A request's headers must be there within this time; it also ends idle connections.
const HEADER_READ_LIMIT: Duration = Duration::from_secs(30);

/// Running requests get this long to end after the shutdown began.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// Wait after a failed `accept`: what fails it (no free descriptors) does not pass at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `registry` on `listener` until `shutdown` completes and every running request is answered.
///
/// Requests that do not end within 30 s after the shutdown began are cut off, with a warning in the
/// log; nothing that was acknowledged is touched by that.
pub async fn serve(
    listener: TcpListener,
    registry: Registry,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = registry.router();
    let server = server();
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, permit) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &connections) => accepted?,
        };
        spawn_connection(&server, graceful.watcher(), &router, (stream, permit));
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_LIMIT, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            limit_s = DRAIN_LIMIT.as_secs(),
            "requests did not end in time and are cut off"
        );
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return Ok((stream, permit)),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn server() -> auto::Builder<TokioExecutor> {
    // Without TLS nobody negotiates HTTP/2, and looking for its first bytes has no time limit.
    let mut server = auto::Builder::new(TokioExecutor::new()).http1_only();
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_READ_LIMIT);
    server
}

fn spawn_connection(
    server: &auto::Builder<TokioExecutor>,
    watcher: Watcher,
    router: &Router,
    (stream, permit): (TcpStream, OwnedSemaphorePermit),
) {
    // Answers are small and whole: waiting for more to send only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let service = TowerToHyperService::new(router.clone());
    let server = server.clone();
    tokio::spawn(async move {
        let connection = server.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            // Clients that vanish are daily life.
            tracing::debug!(%error, "connection ended early");
        }
        drop(permit);
    });
}
