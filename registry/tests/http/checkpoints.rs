//! Checkpoints and segments: faster starts, and never another answer.

use bytes::Bytes;
use chart_registry::{Options, Registry};
use chart_registry_store::Store;
use chart_registry_store::simulation::{Crash, SimulatedDisk};

use crate::harness::Harness;
use crate::support::package;

fn every_fourth() -> Options {
    Options { checkpoint_after: 4, ..Options::default() }
}

/// Everything that a client sees.
fn seen(registry: &Registry) -> Vec<u8> {
    let repository = registry.state().repository("");
    let mut seen = repository.hash().to_string().into_bytes();
    seen.extend(repository.index_frames().flatten());
    seen.extend(repository.index_gzip().frames().concat());
    seen
}

async fn filled() -> Harness {
    let harness = Harness::with(every_fourth()).await;
    for minor in 0..6 {
        harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
    }
    harness.request("DELETE", "/api/charts/org/1.2.0").await;
    harness
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_from_a_checkpoint_answers_as_a_full_replay() {
    let harness = filled().await;
    let checkpoint = harness.wait_for_file("state/").await;
    let before = seen(&harness.registry);
    let from_checkpoint = Registry::open(harness.storage.path()).await.unwrap();
    std::fs::remove_file(harness.storage.path().join(checkpoint)).unwrap();
    let replayed = Registry::open(harness.storage.path()).await.unwrap();
    for registry in [from_checkpoint, replayed] {
        assert!(seen(&registry) == before, "another answer");
        assert_eq!(registry.state().head(), harness.registry.state().head());
        let tombstone = registry.state().repository("").find_any("org", "1.2.0").cloned().unwrap();
        assert!(!tombstone.visible());
        registry.publish(package("org", "1.2.0", "a: 2\n")).await.unwrap_err();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_checkpoint_is_dropped_and_the_journal_replayed() {
    let harness = filled().await;
    let checkpoint = harness.storage.path().join(harness.wait_for_file("state/").await);
    let before = seen(&harness.registry);
    let file = std::fs::read(&checkpoint).unwrap();
    let mut flipped = file.clone();
    flipped[file.len() / 2] ^= 1;
    let renamed = checkpoint.with_file_name(format!("{:020}-{}", u64::MAX - 5, "0".repeat(64)));
    for (name, path, bytes) in [
        ("cut", &checkpoint, &file[..file.len() - 1]),
        ("empty", &checkpoint, b""),
        ("flipped", &checkpoint, &flipped),
        ("of another journal", &renamed, &file),
    ] {
        std::fs::write(path, bytes).unwrap();
        let registry = Registry::open(harness.storage.path()).await.unwrap();
        assert!(seen(&registry) == before, "{name}: another answer");
        assert!(!path.exists(), "{name}: it is still there");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_of_another_history_is_not_overlaid_by_a_checkpoint() {
    let (harness, other) = (filled().await, Harness::new().await);
    let checkpoint = harness.wait_for_file("state/").await;
    for minor in 0..9 {
        other.post(package("other", &format!("1.{minor}.0"), "a: 1\n")).await;
    }
    let before = seen(&other.registry);
    std::fs::copy(harness.storage.path().join(&checkpoint), other.storage.path().join(&checkpoint))
        .unwrap();
    let other = other.restarted().await;
    assert!(seen(&other.registry) == before, "another answer");
    assert!(!other.storage.path().join(&checkpoint).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_commits_become_a_segment_and_a_tail() {
    let harness = Harness::new().await;
    let publishes =
        (0..300).map(|minor| harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")));
    futures_util::future::join_all(publishes).await;
    // Concurrent publishes share commits, deletions one by one fill the rest.
    while harness.registry.state().head().seq < 257 {
        let minor = harness.registry.state().head().seq;
        harness.request("DELETE", &format!("/api/charts/org/1.{minor}.0")).await;
        harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
    }
    harness.wait_for_file("journal/seg/0000000000000001-0000000000000256.jsonl.gz").await;
    for single in 1..=256 {
        let path = format!("journal/{single:016}");
        std::fs::remove_file(harness.storage.path().join(path)).unwrap();
    }
    let before = seen(&harness.registry);
    let harness = harness.restarted().await;
    assert!(seen(&harness.registry) == before, "another answer");
    let answer = harness.post(package("org", "2.0.0", "a: 1\n")).await;
    assert_eq!(answer.status, axum::http::StatusCode::CREATED, "{}", answer.text());
}

/// Publishes on a disk that forgets, with checkpoints written all the time, cut off at every moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_crash_leaves_a_checkpoint_that_lies() {
    let disk = SimulatedDisk::new(|_| false);
    let options = Options { checkpoint_after: 2, ..Options::default() };
    let registry = Registry::on(Store::on_disk(disk.clone()).unwrap(), options).await.unwrap();
    let first = disk.recorded();
    let mut acknowledged = Vec::new();
    for minor in 0..6 {
        let version = format!("1.{minor}.0");
        let package: Bytes = package("org", &version, "a: 1\n");
        registry.publish(package).await.unwrap();
        acknowledged.push((version, disk.recorded()));
    }
    let last = disk.recorded();
    let reader = Options { writable: false, ..Options::default() };
    for cut in first..=last {
        for (kept, torn) in [(0, false), (u64::MAX, false), (u64::MAX, true)] {
            let after = disk.after(Crash { cut, kept, torn });
            let opened = Registry::on(Store::on_disk(after.clone()).unwrap(), reader.clone()).await;
            let with_checkpoint = opened.unwrap_or_else(|fault| panic!("{cut} {kept}: {fault}"));
            for (version, _) in acknowledged.iter().filter(|(_, recorded)| *recorded <= cut) {
                let repository = with_checkpoint.state().repository("");
                assert!(repository.find("org", version).is_some(), "{cut} {kept}: {version}");
            }
            let store = Store::on_disk(after).unwrap();
            for head in store.list_checkpoints().await.unwrap() {
                store.remove(chart_registry_store::Key::Checkpoint(head)).await.unwrap();
            }
            let replayed = Registry::on(store, reader.clone()).await.unwrap();
            assert!(seen(&replayed) == seen(&with_checkpoint), "{cut} {kept}: another answer");
        }
    }
}
