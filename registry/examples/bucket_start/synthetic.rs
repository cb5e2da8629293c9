//! A bucket with many versions, made without HTTP and without packages: what a start reads.

use std::sync::Arc;

use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry_catalog::State;
use chart_registry_store::commit::READER;
use chart_registry_store::simulation::SimulatedBucket;
use chart_registry_store::{
    Actor, Appended, Commit, Event, Journal, Key, PackageRef, Publish, Store, Timestamp,
};
use serde_json::value::RawValue;

/// Versions in one commit before the checkpoint; behind it there is one in each.
const BATCH: u64 = 64;

/// What the bucket holds.
pub(crate) struct Shape {
    /// Versions before the checkpoint.
    pub(crate) kept: u64,
    /// Versions behind it, each with a commit of its own.
    pub(crate) tail: u64,
}

fn publish(number: u64) -> Event {
    let (name, version) = (format!("chart-{:04}", number % 1_000), format!("1.{number}.0"));
    let chart = format!(r#"{{"name":"{name}","version":"{version}","apiVersion":"v2"}}"#);
    let digest = Sha256::of(chart.as_bytes());
    Event::Publish(Publish {
        repo: String::new(),
        name,
        version,
        actor: Actor { sub: "anonymous".to_owned(), via: "test".to_owned() },
        request: String::new(),
        package: PackageRef { sha256: digest, size: 1 },
        content: digest,
        force: false,
        chart: RawValue::from_string(chart).unwrap(),
        oci: None,
        created: None,
    })
}

/// Fills an empty bucket and returns the state that a start has to find.
pub(crate) async fn fill(bucket: &SimulatedBucket, shape: &Shape) -> State {
    let store = Store::on_client(Arc::new(bucket.clone())).await.unwrap();
    let journal = Journal::new(store.clone());
    let mut state = State::default();
    let versions: Vec<u64> = (0..shape.kept + shape.tail).collect();
    let (kept, tail) = versions.split_at(usize::try_from(shape.kept).unwrap());
    for batch in kept.chunks(usize::try_from(BATCH).unwrap()) {
        state = commit(&journal, &state, batch).await;
    }
    let checkpoint = Bytes::from(state.to_checkpoint().unwrap());
    store.put_new(Key::Checkpoint(state.head()), checkpoint).await.unwrap();
    for number in tail.chunks(1) {
        state = commit(&journal, &state, number).await;
    }
    journal.compact(state.head().seq).await.unwrap();
    state
}

async fn commit(journal: &Journal, state: &State, numbers: &[u64]) -> State {
    let commit = Commit {
        seq: state.head().seq + 1,
        prev: state.head().hash,
        time: Timestamp::default(),
        writer: "test".to_owned(),
        nonce: String::new(),
        min_reader: READER,
        events: numbers.iter().map(|number| publish(*number)).collect(),
    };
    let sealed = commit.seal().unwrap();
    assert!(matches!(journal.append(&sealed).await.unwrap(), Appended::Ours));
    state.apply(&sealed).unwrap()
}
