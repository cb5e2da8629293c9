//! From a signal to the end: the server first says that it is about to stop, and stops a moment
//! later, so that proxies have sent their last request before its port is closed.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::registry::Registry;

/// SIGTERM and SIGINT, caught from the moment on that this exists.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { terminate, interrupt })
    }

    /// Completes when the server is to take no more connections.
    ///
    /// A person at a terminal does not wait, and neither does whoever sends a second signal.
    pub(super) async fn stop(mut self, registry: Registry, delay: Duration) {
        let first = self.next().await;
        registry.begin_drain();
        if first == "SIGTERM" && !delay.is_zero() {
            tracing::info!(?delay, "SIGTERM: requests should go elsewhere, and are still taken");
            if let Ok(second) = timeout(delay, self.next()).await {
                tracing::info!("{second}: not waiting any longer");
            }
        }
        tracing::info!("{first}: finishing the running requests");
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
