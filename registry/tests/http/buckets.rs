//! Registries on a bucket: exactly once whatever becomes of the answers, and with few requests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chart_format::digest::Sha256;
use chart_registry::{Options, Registry};
use chart_registry_store::simulation::{Faults, Requests, SimulatedBucket};
use chart_registry_store::{Event, Head, Journal, Key, SealedCommit, Store, StoreError};
use tower::ServiceExt;

use crate::support::package;
use crate::synthetic::{Shape, fill};

async fn registry_on(bucket: &SimulatedBucket) -> Registry {
    let store = Store::on_client(Arc::new(bucket.clone())).await.unwrap();
    Registry::on(store, Options::default()).await.unwrap()
}

/// Lets time pass: it is virtual, and everything that is due in it happens.
async fn pass(time: Duration) {
    drop(tokio::time::timeout(time, std::future::pending::<()>()).await);
}

/// How often each version was published, as the journal has it.
async fn published(bucket: &SimulatedBucket) -> BTreeMap<(String, String), u64> {
    let mut published = BTreeMap::new();
    let read = |commit: &SealedCommit| {
        for event in &commit.commit().events {
            if let Event::Publish(it) = event {
                *published.entry((it.name.clone(), it.version.clone())).or_default() += 1;
            }
        }
        Ok::<(), StoreError>(())
    };
    let store = Store::on_client(Arc::new(bucket.clone())).await.unwrap();
    Journal::new(store).replay(Head::EMPTY, read).await.unwrap();
    published
}

/// Publishes versions of a chart of its own, and then some that another publisher tries as well.
async fn publish_many(registry: Registry, writer: u64, versions: u64) -> u64 {
    let mut created = 0;
    for minor in 0..versions {
        let chart = format!("org-{writer}");
        let receipt = registry.publish(package(&chart, &format!("1.{minor}.0"), "a: 1\n")).await;
        let receipt = receipt.unwrap_or_else(|error| panic!("{chart} 1.{minor}.0: {error}"));
        assert!(receipt.created, "{receipt:?}: refused for its own upload");
        created += 1;
        if minor % 3 == 0 {
            let shared = package("shared", &format!("1.{minor}.0"), &format!("writer: {writer}\n"));
            created += u64::from(registry.publish(shared).await.is_ok_and(|it| it.created));
        }
    }
    created
}

#[tokio::test(start_paused = true)]
async fn publishes_whose_answers_get_lost_happen_exactly_once() {
    const WRITERS: u64 = 8;
    const VERSIONS: u64 = 940;
    let bucket = SimulatedBucket::new(Faults::None);
    registry_on(&bucket).await;
    let unreliable = bucket.with(Faults::LostAnswers);
    let (one, two) = (registry_on(&unreliable).await, registry_on(&unreliable).await);
    let writers = (0..WRITERS).map(|writer| {
        let registry = if writer % 2 == 0 { &one } else { &two };
        tokio::spawn(publish_many(registry.clone(), writer, VERSIONS))
    });
    let created = futures_util::future::join_all(writers.collect::<Vec<_>>()).await;
    let created: u64 = created.into_iter().map(Result::unwrap).sum();
    let published = published(&bucket).await;
    assert!(published.values().all(|times| *times == 1), "{published:?}");
    assert_eq!(
        published.len() as u64,
        WRITERS * VERSIONS + VERSIONS.div_ceil(3),
        "a version is missing"
    );
    assert_eq!(created, published.len() as u64, "one winner for each version");
    let fresh = registry_on(&bucket).await;
    assert_eq!(fresh.state().visible_versions(), published.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn replicas_on_one_bucket_have_equal_indexes_within_a_second() {
    let bucket = SimulatedBucket::new(Faults::None);
    let replicas =
        [registry_on(&bucket).await, registry_on(&bucket).await, registry_on(&bucket).await];
    for minor in 0..9 {
        let writer = &replicas[minor % 3];
        writer.publish(package("org", &format!("1.{minor}.0"), "a: 1\n")).await.unwrap();
        let head = writer.state().head();
        pass(Duration::from_secs(1)).await;
        for replica in &replicas {
            let state = replica.state();
            assert_eq!(state.head(), head);
            assert_eq!(state.repository("").hash(), writer.state().repository("").hash());
        }
    }
}

fn since(before: Requests, after: Requests) -> Requests {
    Requests {
        gets: after.gets - before.gets,
        puts: after.puts - before.puts,
        lists: after.lists - before.lists,
        deletes: after.deletes - before.deletes,
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_replica_asks_thrice_a_second_at_most_and_lists_nothing() {
    let bucket = SimulatedBucket::new(Faults::None);
    registry_on(&bucket).await.publish(package("org", "1.0.0", "a: 1\n")).await.unwrap();
    let client = bucket.with(Faults::None);
    let _replica = registry_on(&client).await;
    pass(Duration::from_secs(5)).await;
    let before = client.requests();
    pass(Duration::from_mins(10)).await;
    let idle = since(before, client.requests());
    assert!((1_000..=1_800).contains(&idle.gets), "{idle:?}");
    assert_eq!((idle.puts, idle.lists, idle.deletes), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_what_was_asked_for_looks_at_no_journal() {
    let bucket = SimulatedBucket::new(Faults::None);
    registry_on(&bucket).await.publish(package("org", "1.0.0", "a: 1\n")).await.unwrap();
    let client = bucket.with(Faults::None);
    let replica = registry_on(&client).await;
    pass(Duration::from_secs(1)).await;
    let before = client.requests();
    for path in ["/api/charts/org", "/api/charts/org/1.0.0", "/index.yaml"].repeat(20) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(replica.router().oneshot(request).await.unwrap().status(), StatusCode::OK);
    }
    // No time has passed; a look that was due anyway may have been on its way.
    let read = since(before, client.requests());
    assert!(read.all() < 10, "{read:?}");
}

#[tokio::test(start_paused = true)]
async fn a_publish_is_two_writes_at_most() {
    let bucket = SimulatedBucket::new(Faults::None);
    let client = bucket.with(Faults::None);
    let registry = registry_on(&client).await;
    // What a start does beside requests is over by then.
    pass(Duration::from_secs(1)).await;
    for minor in 0..5 {
        let package = package("org", &format!("1.{minor}.0"), "a: 1\n");
        let before = client.requests();
        registry.publish(package.clone()).await.unwrap();
        let first = since(before, client.requests());
        assert!(first.puts <= 2 && first.lists == 0, "{first:?}");
        let before = client.requests();
        assert!(!registry.publish(package).await.unwrap().created);
        assert_eq!(since(before, client.requests()).puts, 0, "it was there already");
    }
}

#[tokio::test]
async fn a_start_reads_the_checkpoint_and_the_tail_with_few_requests() {
    let bucket = SimulatedBucket::new(Faults::None);
    let expected = fill(&bucket, &Shape { kept: 3_200, tail: 1_000 }).await;
    let client = bucket.with(Faults::None);
    let store = Store::on_client(Arc::new(client.clone())).await.unwrap();
    let options = Options { writable: false, ..Options::default() };
    let registry = Registry::on(store, options).await.unwrap();
    assert_eq!(registry.state().head(), expected.head());
    assert_eq!(registry.state().repository("").hash(), expected.repository("").hash());
    let requests = client.requests();
    // 1,050 commits: four segments, 26 single commits; and 20 for all else, however many there are.
    assert!(requests.all() <= 4 + 26 + 20, "{requests:?}");
    assert!(requests.lists <= 3, "{requests:?}");
}

#[tokio::test(start_paused = true)]
async fn a_package_that_the_bucket_lost_is_a_fault_and_never_absent() {
    let bucket = SimulatedBucket::new(Faults::None);
    let registry = registry_on(&bucket).await;
    let receipt = registry.publish(package("org", "1.0.0", "a: 1\n")).await.unwrap();
    let get = async |registry: &Registry, path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        registry.router().oneshot(request).await.unwrap()
    };
    let path = format!("/{}", receipt.location);
    let served = get(&registry, &path).await;
    assert_eq!(served.status(), StatusCode::OK);
    let store = Store::on_client(Arc::new(bucket.clone())).await.unwrap();
    let digest = Sha256::parse(&receipt.digest).unwrap();
    store.remove(Key::Object(digest)).await.unwrap();
    // What many read is kept in memory, so a process asks that has not read it.
    let registry = registry_on(&bucket).await;
    assert_eq!(get(&registry, &path).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
