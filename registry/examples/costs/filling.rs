//! A journal with many versions, written as the program writes it, and what applying it costs.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use chart_registry_catalog::State;
use chart_registry_store::commit::READER;
use chart_registry_store::segment::SEGMENT_COMMITS;
use chart_registry_store::{Commit, Event, Journal, Key, SealedCommit, Segment, Store, Timestamp};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::packages::event;
use crate::{Shape, processor_ms, resident_mib};

/// Versions that are applied one by one to measure it, and in how many batches.
const APPLIED: (u32, u32) = (20, 100);

pub(crate) async fn fill(directory: &Path, shape: Shape) -> Value {
    let store = Store::open(directory).await.unwrap();
    let journal = Journal::new(store.clone());
    let began = processor_ms();
    let events = (0..shape.versions).map(|number| {
        let (name, version) = shape.name_and_version(number);
        event(&name, &version)
    });
    let state = filled((&store, &journal), events).await;
    let filled = processor_ms() - began;
    let (began, wall) = (processor_ms(), Instant::now());
    let file = state.to_checkpoint().unwrap();
    let written = (processor_ms() - began, wall.elapsed().as_secs_f64() * 1e3, file.len());
    store.put_new(Key::Checkpoint(state.head()), file.into()).await.unwrap();
    json!({
        "fill_processor_ms": filled,
        "checkpoint_processor_ms": written.0,
        "checkpoint_wall_ms": written.1,
        "checkpoint_bytes": written.2,
        "resident_mib_after_fill": resident_mib(),
        "apply_newest_us": apply(&state, shape, 0),
        "apply_between_us": apply(&state, shape, 1),
    })
}

/// Writes a journal with a commit for each event into an empty store; what it comes to.
pub(crate) async fn filled(
    (store, journal): (&Store, &Journal),
    events: impl Iterator<Item = Event>,
) -> State {
    let mut state = State::default();
    let mut waiting = Vec::new();
    for (number, event) in events.enumerate() {
        let commit = Commit {
            seq: state.head().seq + 1,
            prev: state.head().hash,
            time: Timestamp::from_milliseconds(1_760_000_000_000),
            writer: "bench".to_owned(),
            nonce: format!("{number:032x}"),
            min_reader: READER,
            events: vec![event],
        };
        let sealed = commit.seal().unwrap();
        state = state.apply(&sealed).unwrap();
        waiting.push(sealed);
        if state.head().seq.is_multiple_of(SEGMENT_COMMITS) {
            let key = Key::Segment(Segment::of(state.head().seq));
            store.put_new(key, packed(&std::mem::take(&mut waiting))).await.unwrap();
        }
    }
    for commit in &waiting {
        journal.append(commit).await.unwrap();
    }
    state
}

/// A segment of the journal, as the program packs it.
fn packed(commits: &[SealedCommit]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    for commit in commits {
        encoder.write_all(commit.bytes()).unwrap();
    }
    Bytes::from(encoder.finish().unwrap())
}

/// Processor time of applying one version, in microseconds, for each batch: newest versions of
/// charts, or versions between others.
fn apply(state: &State, shape: Shape, patch: u64) -> Vec<f64> {
    let (batches, size) = APPLIED;
    let (mut state, mut seq) = (state.clone(), state.head().seq);
    let mut spent = Vec::new();
    for batch in 0..batches {
        let numbers = (0..size).map(|number| u64::from(batch * size + number) * 7_919);
        let events: Vec<_> = numbers
            .map(|number| match patch {
                0 => shape.name_and_version(shape.versions + number % (1 << 20)),
                _ => shape.beside(number, patch),
            })
            .map(|(name, version)| event(&name, &version))
            .collect();
        let began = processor_ms();
        for event in &events {
            seq += 1;
            state = state.with_event(event, seq, state.time()).unwrap();
        }
        spent.push((processor_ms() - began) * 1e3 / f64::from(size));
    }
    spent
}
