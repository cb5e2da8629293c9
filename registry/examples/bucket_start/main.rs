//! How many requests a start from a bucket takes: `bucket_start [VERSIONS] [TAIL]`, as one line of
//! JSON.
//!
//! Fills a bucket of memory with versions (1,000,000 where nothing else is said), of which the last
//! tenth came after the checkpoint, each with a commit of its own: the most that can be. Then starts a
//! registry on it, and fails when that takes more than 700 requests.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example for a person at a terminal"
)]

mod synthetic;

use std::sync::Arc;
use std::time::Instant;

use chart_registry::{Options, Registry};
use chart_registry_store::Store;
use chart_registry_store::simulation::{Faults, SimulatedBucket};
use serde_json::json;
use synthetic::{Shape, fill};

/// Most requests of a start.
const MOST: u64 = 700;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap());
    let versions = arguments.next().unwrap_or(1_000_000);
    let tail = arguments.next().unwrap_or(versions / 10);
    let bucket = SimulatedBucket::new(Faults::None);
    let began = Instant::now();
    let expected = fill(&bucket, &Shape { kept: versions - tail, tail }).await;
    let filled = began.elapsed().as_secs_f64();
    let client = bucket.with(Faults::None);
    let began = Instant::now();
    let store = Store::on_client(Arc::new(client.clone())).await.unwrap();
    let options = Options { writable: false, ..Options::default() };
    let registry = Registry::on(store, options).await.unwrap();
    let requests = client.requests();
    let record = json!({
        "bucket_versions": versions,
        "bucket_tail": tail,
        "bucket_fill_seconds": filled,
        "bucket_start_seconds": began.elapsed().as_secs_f64(),
        "bucket_start_requests": requests.all(),
        "bucket_start_requests_by_kind": format!("{requests:?}"),
    });
    println!("{record}");
    assert_eq!(registry.state().head(), expected.head());
    assert_eq!(registry.state().visible_versions(), versions);
    assert!(requests.all() <= MOST, "more than {MOST} requests");
}
