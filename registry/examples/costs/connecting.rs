//! Many connections at a time, and what a request costs beside them.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use crate::client::Client;
use crate::programs::Server;

/// Connections that stay open.
const CONNECTIONS: usize = 10_000;

/// Requests on a further one.
const REQUESTS: u32 = 2_000;

pub(crate) async fn connect(storage: &Path) -> Value {
    let registry = Server::registry(storage);
    let idle = registry.resident_mib();
    let before = timed(&registry).await;
    let mut clients = Vec::with_capacity(CONNECTIONS);
    let began = Instant::now();
    for _ in 0..CONNECTIONS {
        let mut client = Client::connect(registry.address).await;
        assert_eq!(client.get("/health", "").await.status, 200);
        clients.push(client);
    }
    let connected = began.elapsed().as_secs_f64();
    let resident = registry.resident_mib();
    let beside = timed(&registry).await;
    for client in &mut clients {
        assert_eq!(client.get("/health", "").await.status, 200, "they are all served");
    }
    json!({
        "connections": CONNECTIONS,
        "connect_seconds": connected,
        "resident_mib_idle": idle,
        "resident_mib_connected": resident,
        "request_processor_ms_without": before,
        "request_processor_ms_beside": beside,
    })
}

/// Processor time of the server for one request, in milliseconds.
async fn timed(registry: &Server) -> f64 {
    let mut client = Client::connect(registry.address).await;
    let before = registry.processor_ms();
    for _ in 0..REQUESTS {
        assert_eq!(client.get("/info", "").await.status, 200);
    }
    (registry.processor_ms() - before) / f64::from(REQUESTS)
}
