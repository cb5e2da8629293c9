//! `kill -9` while several clients publish, yank and delete: whatever was acknowledged is so after the
//! restart, and nothing is half there.
//!
//! 20 rounds by default, `KILL_ROUNDS=1000` by hand, which takes half an hour. Every round starts the
//! real program on the storage that the round before left behind, and kills it at a moment that
//! chance decides, while all clients wait for answers; `KILL_SEED` repeats the moments of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chart_format::digest::Sha256;
use flate2::Compression;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::server::{Server, get, request};
use crate::support;

const CLIENTS: usize = 4;
const DEFAULT_ROUNDS: usize = 20;

/// Changes that are acknowledged before the kill, at most.
const MOST_BEFORE: usize = 24;

/// And so long afterwards, at most: longer than a publish takes.
const MOST_WAIT: Duration = Duration::from_millis(8);

/// Every so many rounds all packages are read, and the program itself verifies the storage.
const THOROUGH: usize = 100;

/// Old packages that are read in the other rounds.
const SAMPLE: usize = 20;

/// What a version is to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Absent,
    There,
    Yanked,
    Deleted,
}

/// A version, and what it was acknowledged to be.
#[derive(Debug, Clone)]
struct Version {
    fate: Fate,
    /// What it is if the change happened that nobody acknowledged.
    perhaps: Option<Fate>,
    round: usize,
    package: Bytes,
}

/// How many changes of a kind were on their way when the server died, and did or did not happen.
type Unanswered = BTreeMap<(Fate, bool), usize>;

/// Name of the chart and version.
type Versions = BTreeMap<(String, String), Version>;

/// Every third package is larger than what the server keeps in memory while it receives.
fn package_of(name: &str, version: &str, number: usize) -> Bytes {
    static LINES: LazyLock<String> = LazyLock::new(|| support::incompressible(9_000));
    if number % 3 != 2 {
        return support::package(name, version, &format!("number: {number}\n"));
    }
    let package = support::package(name, version, &LINES);
    assert!(package.len() > 256 << 10, "{}", package.len());
    package
}

/// A change that a client asks for: of which of its versions, and what becomes of it.
fn next(number: usize) -> (usize, Fate) {
    // Of every six changes four are publishes; one yanks and one deletes one of them. They come early:
    // a client is killed after a few changes.
    let block = number / 6 * 4;
    match number % 6 {
        2 => (block, Fate::Yanked),
        3 => (block + 1, Fate::Deleted),
        place @ (0 | 1) => (block + place, Fate::There),
        place => (block + place - 2, Fate::There),
    }
}

/// Changes versions until the server is gone; returns what was acknowledged, and the change that was
/// not.
fn client(address: SocketAddr, (round, client): (usize, usize), done: &AtomicUsize) -> Versions {
    let mut versions = Versions::new();
    let name = format!("client-{client}");
    for number in 0.. {
        let (minor, fate) = next(number);
        let version = format!("{round}.{minor}.0");
        let key = (name.clone(), version.clone());
        let known = versions.entry(key).or_insert_with(|| {
            let package = package_of(&name, &version, minor);
            Version { fate: Fate::Absent, perhaps: None, round, package }
        });
        let (head, body) = match fate {
            Fate::Yanked => {
                let head = format!("PUT /-/v1/versions/{name}/{version}/yank");
                (head, Bytes::from_static(br#"{"reason":"a test"}"#))
            }
            Fate::Deleted => (format!("DELETE /api/charts/{name}/{version}"), Bytes::new()),
            Fate::There | Fate::Absent => ("POST /api/charts".to_owned(), known.package.clone()),
        };
        match request(address, &head, &body) {
            Some((200..=299, _)) => known.fate = fate,
            Some((status, body)) => panic!("{head}: {status}: {}", String::from_utf8_lossy(&body)),
            None => {
                known.perhaps = Some(fate);
                return versions;
            }
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
    unreachable!("the server is killed at last")
}

/// File name to digest of everything in the index.
fn visible(address: SocketAddr) -> BTreeMap<String, String> {
    let index: serde_json::Value = serde_json::from_slice(&get(address, "/index.yaml")).unwrap();
    let lists = index["entries"].as_object().unwrap().values();
    let entries = lists.flat_map(|list| list.as_array().unwrap()).map(|entry| {
        let url = entry["urls"][0].as_str().unwrap();
        let digest = entry["digest"].as_str().unwrap().to_owned();
        (url.trim_start_matches("charts/").to_owned(), digest)
    });
    entries.collect()
}

/// Everything is what it was acknowledged to be. What became of changes that nobody acknowledged is
/// known afterwards, and counted by the change and by whether it happened. The bytes of those that
/// `read` names are compared.
fn assert_whole(
    address: SocketAddr,
    versions: &mut Versions,
    read: impl Fn(&Version) -> bool,
) -> Unanswered {
    let mut unanswered = Unanswered::new();
    let mut listed = visible(address);
    for ((name, version), known) in versions.iter_mut() {
        let file = format!("{name}-{version}.tgz");
        let found = listed.remove(&file);
        let digest = Sha256::of(&known.package).to_string();
        assert!(found.as_ref().is_none_or(|found| *found == digest), "{file} has another digest");
        let mut is = if found.is_some() { Fate::There } else { known.fate };
        let is_missing = found.is_none() && known.fate == Fate::There;
        let asked = read(known) || known.perhaps.is_some() || is_missing;
        if asked {
            let (status, body) = request(address, &format!("GET /charts/{file}"), b"").unwrap();
            assert!(status == 404 || (status == 200 && body == known.package), "{file}: {status}");
            is = match (found.is_some(), status, known.fate) {
                (true, 200, _) => Fate::There,
                (false, 200, _) => Fate::Yanked,
                (false, 404, Fate::Absent) => Fate::Absent,
                (false, 404, _) => Fate::Deleted,
                (listed, ..) => panic!("{file}: {status}, and listed is {listed}"),
            };
        }
        let expected = is == known.fate || Some(is) == known.perhaps;
        assert!(expected, "{file} is {is:?}, and was acknowledged as {:?}", known.fate);
        if let Some(change) = known.perhaps {
            *unanswered.entry((change, is == change)).or_default() += 1;
        }
        (known.fate, known.perhaps) = (is, None);
    }
    assert!(listed.is_empty(), "nobody has published {listed:?}");
    unanswered
}

/// The program's own judgement of the storage.
fn verify(storage: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chart-registry"));
    let output = command.args(["verify", "--data"]).arg(storage).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

/// Runs clients and kills the server after some acknowledgements and a moment more.
fn killed_round(server: Server, round: usize, chance: &mut impl Rng) -> Versions {
    let address = server.address;
    let done = Arc::new(AtomicUsize::new(0));
    let (before, wait) =
        (chance.random_range(0..=MOST_BEFORE), MOST_WAIT.mul_f64(chance.random_range(0.0..1.0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let done = Arc::clone(&done);
            thread::spawn(move || client(address, (round, number), &done))
        })
        .collect();
    while done.load(Ordering::Relaxed) < before {
        thread::yield_now();
    }
    let began = Instant::now();
    while began.elapsed() < wait {
        thread::yield_now();
    }
    server.kill();
    clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
}

#[test]
fn no_acknowledged_change_is_lost_by_kill_9() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let rounds = number("KILL_ROUNDS").map_or(DEFAULT_ROUNDS, |it| usize::try_from(it).unwrap());
    let seed = number("KILL_SEED").unwrap_or_else(rand::random);
    let mut chance = StdRng::seed_from_u64(seed);
    let storage = tempfile::tempdir().unwrap();
    let (mut versions, mut unanswered) = (Versions::new(), Unanswered::new());
    let mut count = |found: Unanswered| {
        for (kind, times) in found {
            *unanswered.entry(kind).or_default() += times;
        }
    };
    let mut round = 0;
    while round < rounds {
        let server = Server::start(storage.path());
        let every = (versions.len() / SAMPLE).max(1);
        let turn = chance.random_range(0..every);
        let counted = AtomicUsize::new(0);
        let read = |known: &Version| {
            let sampled = counted.fetch_add(1, Ordering::Relaxed) % every == turn;
            sampled || known.round + 2 >= round || round % THOROUGH == 0
        };
        count(assert_whole(server.address, &mut versions, read));
        versions.extend(killed_round(server, round, &mut chance));
        if round % THOROUGH == THOROUGH - 1 {
            verify(storage.path());
        }
        round += 1;
    }
    let server = Server::start(storage.path());
    count(assert_whole(server.address, &mut versions, |_| true));
    // What did not happen is sent again, and does.
    for ((name, version), known) in &mut versions {
        if known.fate == Fate::Absent {
            let (status, body) =
                request(server.address, "POST /api/charts", &known.package).unwrap();
            assert_eq!(status, 201, "{name} {version}: {}", String::from_utf8_lossy(&body));
            known.fate = Fate::There;
        }
    }
    assert_whole(server.address, &mut versions, |_| true);
    server.stop();
    verify(storage.path());
    // Each client waits for an answer when its server dies.
    assert_eq!(unanswered.values().sum::<usize>(), rounds * CLIENTS, "seed {seed}");
    tell(rounds, seed, &versions, &unanswered);
    let some = |fate| versions.values().any(|version| version.fate == fate);
    let all = some(Fate::There) && some(Fate::Yanked) && some(Fate::Deleted);
    assert!(all || rounds < DEFAULT_ROUNDS, "seed {seed}: a kind of change never happened");
    let kinds = unanswered.keys().map(|(change, _)| change).collect::<BTreeSet<_>>().len();
    assert!(kinds == 3 || rounds < 100, "seed {seed}: {unanswered:?}");
}

#[expect(clippy::print_stdout, reason = "whoever runs a thousand rounds wants to read of them")]
fn tell(rounds: usize, seed: u64, versions: &Versions, unanswered: &Unanswered) {
    let count = |fate| versions.values().filter(|version| version.fate == fate).count();
    let (there, yanked, deleted) = (count(Fate::There), count(Fate::Yanked), count(Fate::Deleted));
    println!("{rounds} rounds, seed {seed}: {there} there, {yanked} yanked, {deleted} deleted");
    for ((change, happened), times) in unanswered {
        let what = if *happened { "happened" } else { "did not happen" };
        println!("{times} times {change:?} was on its way when the server died, and {what}");
    }
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
