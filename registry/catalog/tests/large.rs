//! Repositories with more versions than a branch holds, in the sizes that the program uses.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Read;

use chart_format::digest::Sha256;
use chart_registry_catalog::State;
use chart_registry_store::{Actor, Event, PackageRef, Publish, Timestamp};
use serde_json::value::RawValue;

/// More than 128 leaves of 64 versions, however they split.
const VERSIONS: u64 = 9_000;

fn publish(number: u64, charts: u64) -> Event {
    let (name, version) = (format!("chart-{:05}", number % charts), format!("1.{number}.0"));
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
        created: None,
        chart: RawValue::from_string(chart).unwrap(),
        oci: None,
    })
}

#[test]
fn bodies_are_whole_in_every_shape() {
    for charts in [1, 90, VERSIONS] {
        let mut state = State::default();
        for number in 0..VERSIONS {
            // A fixed permutation: neither ascending nor descending.
            let event = publish(number * 7_919 % VERSIONS, charts);
            state = state.with_event(&event, number + 1, Timestamp::default()).unwrap();
        }
        let repository = state.repository("");
        let frames: Vec<_> = repository.index_frames().collect();
        assert!(frames.len() > 128, "{}", frames.len());
        let identity = frames.concat();
        assert_eq!(identity.len() as u64, repository.index_length());

        let index: serde_json::Value = serde_json::from_slice(&identity).unwrap();
        let lists = index["entries"].as_object().unwrap();
        assert_eq!(lists.len() as u64, charts);
        let listed: usize = lists.values().map(|list| list.as_array().unwrap().len()).sum();
        assert_eq!(listed as u64, VERSIONS);

        let gzip = repository.index_gzip().frames().concat();
        let mut decoder = flate2::bufread::GzDecoder::new(gzip.as_slice());
        let mut text = Vec::new();
        decoder.read_to_end(&mut text).unwrap();
        assert!(decoder.into_inner().is_empty(), "more than one member");
        assert!(text == identity, "gzip and identity differ");
    }
}
