//! A start, publishes through the whole program, and making the index ready again after them.

use std::path::Path;
use std::time::Instant;

use chart_registry::Registry;
use serde_json::{Value, json};

use crate::packages::package;
use crate::{Shape, processor_ms, resident_mib};

/// Packages that are published, and in how many batches.
const PUBLISHED: (u32, u32) = (20, 20);

pub(crate) async fn measure(directory: &Path, shape: Shape) -> Value {
    let (began, wall) = (processor_ms(), Instant::now());
    let registry = Registry::open(directory).await.unwrap();
    let start = (processor_ms() - began, wall.elapsed().as_secs_f64() * 1e3);
    let resident = resident_mib();
    let (spent, waited) = publish(&registry, shape).await;
    let mean = spent.iter().sum::<f64>() / f64::from(PUBLISHED.0);
    let repository = registry.state().repository("");
    let first = timed(|| repository.index_gzip().length());
    let late = format!("{}.0.0", registry.state().head().seq);
    assert!(registry.publish(package("late", &late)).await.unwrap().created);
    let repository = registry.state().repository("");
    let again = timed(|| repository.index_gzip().length());
    let hash = timed(|| repository.hash().as_bytes()[0].into());
    let frames = timed(|| repository.index_frames().map(|frame| frame.len() as u64).sum());
    json!({
        "start_processor_ms": start.0,
        "start_wall_ms": start.1,
        "resident_mib_after_start": resident,
        "publish_processor_ms": spent,
        "publish_processor_ms_mean": mean,
        "publish_wall_ms": waited,
        "gzip_first_ms": first,
        "gzip_after_publish_ms": again,
        "validator_ms": hash,
        "identity_walk_ms": frames,
        "index_bytes": repository.index_length(),
        "index_gzip_bytes": repository.index_gzip().length(),
        "resident_mib_at_end": resident_mib(),
    })
}

/// A start that reads the whole journal.
pub(crate) async fn replay(directory: &Path) -> Value {
    std::fs::remove_dir_all(directory.join("state")).unwrap();
    std::fs::create_dir(directory.join("state")).unwrap();
    let (began, wall) = (processor_ms(), Instant::now());
    let registry = Registry::open(directory).await.unwrap();
    json!({
        "replay_processor_ms": processor_ms() - began,
        "replay_wall_ms": wall.elapsed().as_secs_f64() * 1e3,
        "replay_versions": registry.state().all_versions(),
        "resident_mib_after_replay": resident_mib(),
    })
}

/// Processor and wall time of one publish in milliseconds, for each batch.
async fn publish(registry: &Registry, shape: Shape) -> (Vec<f64>, Vec<f64>) {
    let (batches, size) = PUBLISHED;
    // Nobody has published this version before, however often this is measured.
    let patch = registry.state().head().seq + 1;
    let (mut spent, mut waited) = (Vec::new(), Vec::new());
    for batch in 0..batches {
        let numbers =
            (0..size).map(|number| shape.beside(u64::from(batch * size + number) * 7_919, patch));
        let packages: Vec<_> = numbers.map(|(name, version)| package(&name, &version)).collect();
        let (began, wall) = (processor_ms(), Instant::now());
        for package in packages {
            assert!(registry.publish(package).await.unwrap().created);
        }
        spent.push((processor_ms() - began) / f64::from(size));
        waited.push(wall.elapsed().as_secs_f64() * 1e3 / f64::from(size));
    }
    (spent, waited)
}

fn timed(work: impl FnOnce() -> u64) -> f64 {
    let began = processor_ms();
    std::hint::black_box(work());
    processor_ms() - began
}
