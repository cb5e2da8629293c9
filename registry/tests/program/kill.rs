//! `kill -9` while several clients publish: whatever was acknowledged is there after the restart,
//! with its bytes, and nothing is half there.
//!
//! 20 rounds by default, `KILL_ROUNDS=100` by hand. Every round starts the real program on the
//! storage that the round before left behind.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;

use bytes::Bytes;
use chart_format::digest::Sha256;
use flate2::Compression;

use crate::server::{Server, get, request};
use crate::support;

const CLIENTS: usize = 4;
const DEFAULT_ROUNDS: usize = 20;

/// Package file name to bytes, in the order in which they were acknowledged.
type Packages = BTreeMap<String, Bytes>;

/// Every third package is larger than what the server keeps in memory while it receives.
fn package_of(round: usize, client: usize, number: usize) -> (String, Bytes) {
    let (name, version) = (format!("client-{client}"), format!("{round}.{number}.0"));
    let small = format!("round: {round}\n");
    let package = if number % 3 == 2 {
        large_package(&name, &version)
    } else {
        support::package(&name, &version, &small)
    };
    (format!("{name}-{version}.tgz"), package)
}

fn large_package(name: &str, version: &str) -> Bytes {
    static LINES: LazyLock<String> = LazyLock::new(|| support::incompressible(9_000));
    let package = support::package(name, version, &LINES);
    assert!(package.len() > 256 << 10, "{}", package.len());
    package
}

/// Publishes until the server is gone; returns what was acknowledged, and the one that was not.
fn client(
    address: SocketAddr,
    (round, client): (usize, usize),
    done: &AtomicUsize,
) -> (Packages, (String, Bytes)) {
    let mut acknowledged = Packages::new();
    for number in 0.. {
        let (file, package) = package_of(round, client, number);
        match request(address, "POST /api/charts", &package) {
            Some((201, _)) => drop(acknowledged.insert(file, package)),
            Some((status, body)) => panic!("{status}: {}", String::from_utf8_lossy(&body)),
            None => return (acknowledged, (file, package)),
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
    unreachable!("the server is killed at last")
}

/// Everything acknowledged is visible with its bytes; everything visible is whole.
fn assert_whole(address: SocketAddr, known: &Packages, pending: &Packages) {
    let index: serde_json::Value = serde_json::from_slice(&get(address, "/index.yaml")).unwrap();
    let lists = index["entries"].as_object().unwrap().values();
    let mut visible = BTreeMap::new();
    for entry in lists.flat_map(|list| list.as_array().unwrap()) {
        let url = entry["urls"][0].as_str().unwrap();
        let digest = entry["digest"].as_str().unwrap().to_owned();
        visible.insert(url.trim_start_matches("charts/").to_owned(), digest);
    }
    for file in known.keys() {
        assert!(visible.contains_key(file), "{file} was acknowledged and is lost");
    }
    for (file, digest) in &visible {
        let expected = known.get(file).or_else(|| pending.get(file)).unwrap();
        let bytes = get(address, &format!("/charts/{file}"));
        assert!(bytes == *expected, "{file} has {} wrong bytes", bytes.len());
        assert_eq!(Sha256::of(&bytes).to_string(), *digest, "{file}");
    }
}

/// Runs clients and kills the server once `after` publishes are acknowledged and a moment later.
fn killed_round(server: Server, round: usize, (known, pending): (&mut Packages, &mut Packages)) {
    let address = server.address;
    let done = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let done = Arc::clone(&done);
            thread::spawn(move || client(address, (round, number), &done))
        })
        .collect();
    // The moment moves with the round through every phase of the publishes that run.
    let after = 1 + round * 7 % 13;
    while done.load(Ordering::Relaxed) < after {
        thread::yield_now();
    }
    for _ in 0..(round * 7_919 % 2_003) {
        thread::yield_now();
    }
    server.kill();
    for client in clients {
        let (acknowledged, (file, package)) = client.join().unwrap();
        known.extend(acknowledged);
        pending.insert(file, package);
    }
}

#[test]
fn no_acknowledged_package_is_lost_by_kill_9() {
    let rounds = match std::env::var("KILL_ROUNDS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => DEFAULT_ROUNDS,
    };
    let storage = tempfile::tempdir().unwrap();
    let (mut known, mut pending) = (Packages::new(), Packages::new());
    for round in 0..rounds {
        let server = Server::start(storage.path());
        assert_whole(server.address, &known, &pending);
        killed_round(server, round, (&mut known, &mut pending));
    }
    let server = Server::start(storage.path());
    assert_whole(server.address, &known, &pending);
    // What was not acknowledged is sent again: stored at most once, and a success either way.
    for (file, package) in &pending {
        let (status, body) = request(server.address, "POST /api/charts", package).unwrap();
        assert_eq!(status, 201, "{file}: {}", String::from_utf8_lossy(&body));
    }
    known.extend(pending);
    assert_whole(server.address, &known, &Packages::new());
    assert!(known.len() > rounds, "only {} packages in {rounds} rounds", known.len());
    server.stop();
}

#[test]
fn a_package_that_is_no_gzip_is_refused_by_the_program() {
    let storage = tempfile::tempdir().unwrap();
    let server = Server::start(storage.path());
    let garbage = support::gzip(b"no tar", Compression::fast());
    let (status, body) = request(server.address, "POST /api/charts", &garbage).unwrap();
    assert_eq!(status, 400, "{}", String::from_utf8_lossy(&body));
    server.stop();
}
