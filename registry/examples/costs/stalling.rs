//! Readers that stop reading while others publish, and the memory that this takes.

use std::path::Path;

use chart_registry::{Registry, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::packages::package;
use crate::{Shape, processor_ms, resident_mib};

/// Readers, and packages that are published after each of them has begun.
const READERS: u64 = 200;
const PUBLISHED: u64 = 100;

/// All of them, for a mean: making the package counts, too.
const PUBLISHES: f64 = 20_000.0;

pub(crate) async fn stall(directory: &Path, shape: Shape) -> Value {
    let registry = Registry::open(directory).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(serve(listener, registry.clone(), std::future::pending()));
    let idle = resident_mib();
    let first = registry.state().head().seq + 1;
    let began = processor_ms();
    let (mut readers, mut highest) = (Vec::new(), idle);
    for reader in 0..READERS {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /index.yaml HTTP/1.1\r\nhost: registry\r\n\r\n").await.unwrap();
        stream.read_exact(&mut [0; 1024]).await.unwrap();
        readers.push(stream);
        for number in 0..PUBLISHED {
            let number = (reader * PUBLISHED + number) * 7_919;
            let (name, version) = shape.beside(number, first + number / shape.versions);
            assert!(registry.publish(package(&name, &version)).await.unwrap().created);
            highest = f64::max(highest, resident_mib());
        }
    }
    serving.abort();
    json!({
        "readers": READERS,
        "published": READERS * PUBLISHED,
        "stalled_publish_processor_ms": (processor_ms() - began) / PUBLISHES,
        "resident_mib_idle": idle,
        "resident_mib_highest": highest,
        "resident_mib_at_end": resident_mib(),
    })
}
