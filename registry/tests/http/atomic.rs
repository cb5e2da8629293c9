//! Readers while writers run: whole bodies, and what was acknowledged before a request is in them.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;

use crate::harness::{Answer, Harness};
use crate::support::package;

const WRITERS: usize = 4;
const PUBLISHED_BY_EACH: usize = 15;

/// Versions that were answered with 201.
type Acknowledged = Arc<Mutex<BTreeSet<String>>>;

async fn write(harness: Arc<Harness>, writer: usize, acknowledged: Acknowledged) {
    for number in 0..PUBLISHED_BY_EACH {
        // Every second chart is shared, so that writers meet in one leaf and in one list.
        let name = if number % 2 == 0 { "shared".to_owned() } else { format!("own-{writer}") };
        let version = format!("1.{number}.{writer}");
        let answer = harness.post(package(&name, &version, "a: 1\n")).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        acknowledged.lock().unwrap().insert(format!("{name}-{version}"));
        // Other content under the same version is refused and must never be seen.
        let refused = harness.post(package(&name, &version, "a: 2\n")).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
    }
}

fn listed(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    let mut text = Vec::new();
    if answer.header("content-encoding") == "gzip" {
        let mut decoder = flate2::bufread::GzDecoder::new(&answer.body[..]);
        decoder.read_to_end(&mut text).unwrap();
        assert!(decoder.into_inner().is_empty(), "a second member follows");
    } else {
        text.extend_from_slice(&answer.body);
    }
    let index: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let lists = index["entries"].as_object().unwrap();
    let entries = lists.values().flat_map(|list| list.as_array().unwrap());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    entries
        .map(|entry| {
            (text(&entry["name"]) + "-" + &text(&entry["version"]), text(&entry["digest"]))
        })
        .collect()
}

async fn read(harness: Arc<Harness>, reader: usize, acknowledged: Acknowledged) {
    let path = ["/index.yaml", "/~prefix=s;latest=1000/index.yaml"][reader / 2];
    let headers: &[(&str, &str)] = [&[("accept-encoding", "gzip")][..], &[]][reader % 2];
    let mut number = 0;
    while number < WRITERS * PUBLISHED_BY_EACH {
        let before = acknowledged.lock().unwrap().clone();
        number = before.len();
        let answer = harness.request_with("GET", path, headers).await;
        // A reader that never waits would keep its thread from the writers.
        tokio::task::yield_now().await;
        let listed = listed(&answer);
        let names: BTreeSet<_> = listed.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names.len(), listed.len(), "a version twice");
        let of_path = |name: &&String| reader / 2 == 0 || name.starts_with('s');
        let missing: Vec<_> =
            before.iter().filter(of_path).filter(|it| !names.contains(*it)).collect();
        assert!(missing.is_empty(), "{path}: {missing:?}");
        for (name, digest) in listed {
            let (chart, version) = name.rsplit_once('-').unwrap();
            let stored = chart_format::digest::Sha256::of(&package(chart, version, "a: 1\n"));
            assert_eq!(digest, stored.to_string(), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_body_is_whole_and_has_what_was_acknowledged_before_it() {
    let harness = Arc::new(Harness::new().await);
    let acknowledged = Acknowledged::default();
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        tasks.spawn(write(Arc::clone(&harness), writer, Arc::clone(&acknowledged)));
    }
    for reader in 0..4 {
        tasks.spawn(read(Arc::clone(&harness), reader, Arc::clone(&acknowledged)));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}
