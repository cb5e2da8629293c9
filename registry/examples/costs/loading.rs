//! Reads that arrive by the clock, with and without publishes that do: what readers feel of writers.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::Shape;
use crate::client::Client;
use crate::packages::package;
use crate::programs::Server;

/// Arrivals in a second.
const READS: u32 = 500;
const PUBLISHES: u32 = 50;

/// Length of a phase, and how often phases with and without writers take turns.
const SECONDS: u32 = 10;
const TURNS: u32 = 3;

/// Connections that are idle now, for whoever comes next.
type Pool = Arc<Mutex<Vec<Client>>>;

type Times = Arc<Mutex<Vec<f64>>>;

pub(crate) async fn load(storage: &Path, shape: Shape) -> Value {
    let registry = Server::registry(storage);
    let address = registry.address;
    let mut first = Client::connect(address).await;
    let answer = first.post("/api/charts", &package("read", "1.0.0")).await;
    assert!(matches!(answer.status, 200 | 201), "{}", answer.status);
    // A number of no version that was published before.
    let patch = first.head().await + 1;
    let pool = Pool::default();
    let (mut alone, mut beside, mut publishing) = (Vec::new(), Vec::new(), Vec::new());
    let mut published = 0;
    for _ in 0..TURNS {
        alone.extend(arrive(READS, |number| read(address, Arc::clone(&pool), number)).await);
        let writing = tokio::spawn(publish(address, (published, patch, shape)));
        beside.extend(arrive(READS, |number| read(address, Arc::clone(&pool), number)).await);
        publishing.extend(writing.await.unwrap());
        published += PUBLISHES * SECONDS;
    }
    let (alone, beside) = (percentiles(alone), percentiles(beside));
    json!({
        "reads_per_second": READS,
        "publishes_per_second": PUBLISHES,
        "read_ms_without_writers": alone,
        "read_ms_with_writers": beside,
        "publish_ms": percentiles(publishing),
        "p99_ratio": beside["p99"].as_f64().unwrap() / alone["p99"].as_f64().unwrap(),
    })
}

async fn publish(address: SocketAddr, (from, patch, shape): (u32, u64, Shape)) -> Vec<f64> {
    let pool = Pool::default();
    arrive(PUBLISHES, |number| {
        let pool = Arc::clone(&pool);
        let number = u64::from(from + number);
        let patch = patch + number / shape.versions;
        let (name, version) = shape.beside(number * 7_919, patch);
        async move {
            let mut client = taken(&pool, address).await;
            let answer = client.post("/api/charts", &package(&name, &version)).await;
            assert_eq!(answer.status, 201);
            pool.lock().unwrap().push(client);
        }
    })
    .await
}

/// Packages, descriptions of versions, and questions whether a small index has changed.
async fn read(address: SocketAddr, pool: Pool, number: u32) {
    let mut client = taken(&pool, address).await;
    let (path, header) = match number % 5 {
        0 => ("/~chart=read/index.yaml", "if-none-match: \"none\"\r\n"),
        1 => ("/api/charts/read/1.0.0", ""),
        _ => ("/charts/read-1.0.0.tgz", ""),
    };
    assert_eq!(client.get(path, header).await.status, 200, "{path}");
    pool.lock().unwrap().push(client);
}

async fn taken(pool: &Pool, address: SocketAddr) -> Client {
    let idle = pool.lock().unwrap().pop();
    match idle {
        Some(client) => client,
        None => Client::connect(address).await,
    }
}

/// Starts work at even distances whatever becomes of what runs already; the time of each from the
/// moment when it was due, in milliseconds.
async fn arrive<F>(rate: u32, work: impl Fn(u32) -> F) -> Vec<f64>
where
    F: Future<Output = ()> + Send + 'static,
{
    let times = Times::default();
    let mut running = tokio::task::JoinSet::new();
    let began = Instant::now();
    for number in 0..rate * SECONDS {
        let due = began + Duration::from_secs(1) * number / rate;
        tokio::time::sleep_until(due).await;
        let (work, times) = (work(number), Arc::clone(&times));
        running.spawn(async move {
            work.await;
            times.lock().unwrap().push(due.elapsed().as_secs_f64() * 1e3);
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
    std::mem::take(&mut times.lock().unwrap())
}

fn percentiles(mut times: Vec<f64>) -> Value {
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() * share / 1_000).min(times.len() - 1)];
    json!({ "count": times.len(), "p50": at(500), "p90": at(900), "p99": at(990), "most": at(1_000) })
}
