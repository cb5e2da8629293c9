//! A clock that somebody sets while the registry runs, and before it starts again.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry_store::disk::Disk;
use chart_registry_store::simulation::SimulatedDisk;
use chart_registry_store::{
    Actor, Event, Issued, Key, RepositoryPath, Spool, Store, Timestamp, TokenChange, TokenEvent,
    TokenGrant,
};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::clock::{now, set};
use crate::registry::{Options, Registry};

const HOUR: i64 = 60 * 60 * 1_000;
const DAY: i64 = 24 * HOUR;

const ID: &str = "00000000000000a";

fn secret() -> String {
    format!("{:0>43}", "secret")
}

/// Sets the clock right at the end of a test, however it ends: threads are used again.
struct Right;

impl Drop for Right {
    fn drop(&mut self) {
        set(0);
    }
}

async fn open(disk: &SimulatedDisk) -> Registry {
    Registry::on(Store::on_disk(disk.clone()).unwrap(), Options::default()).await.unwrap()
}

fn package(version: &str) -> Bytes {
    let chart = format!("apiVersion: v2\nname: org\nversion: {version}\n");
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(chart.len() as u64);
    header.set_mode(0o644);
    archive.append_data(&mut header, "org/Chart.yaml", chart.as_bytes()).unwrap();
    let level = flate2::Compression::default();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    std::io::Write::write_all(&mut gzip, &archive.into_inner().unwrap()).unwrap();
    gzip.finish().unwrap().into()
}

async fn ask(registry: &Registry, method: &str, path: &str) -> (StatusCode, String) {
    let token = format!("Bearer cr_{ID}_{}", secret());
    let request = Request::builder().method(method).uri(path).header("authorization", token);
    let answer = registry.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Issues the token of these tests, which may do everything until it ends.
async fn issue(registry: &Registry, expires: Option<Timestamp>) {
    let below = RepositoryPath::parse("").unwrap();
    let issued = Issued {
        subject: "holder".to_owned(),
        secret: Sha256::of(secret().as_bytes()),
        grants: vec![TokenGrant { below, permissions: vec!["administer".to_owned()] }],
        expires,
    };
    let actor = Actor { sub: "test".to_owned(), via: "storage".to_owned() };
    let (id, change, request) = (ID.to_owned(), TokenChange::Issue(issued), String::new());
    registry.commit(Event::Token(TokenEvent { id, change, actor, request })).await.unwrap();
}

fn in_milliseconds(milliseconds: i64) -> Timestamp {
    Timestamp::from_milliseconds(now().milliseconds() + milliseconds)
}

#[tokio::test]
async fn the_time_of_commits_never_goes_back_and_numbers_go_on() {
    let _right = Right;
    let disk = SimulatedDisk::new(|_| false);
    let mut registry = open(&disk).await;
    let mut last = (0, Timestamp::from_milliseconds(0));
    for (minor, set_to) in [0, -DAY, -DAY, 2 * HOUR, 0, -DAY].into_iter().enumerate() {
        set(set_to);
        let version = format!("1.{minor}.0");
        let receipt = registry.publish(package(&version)).await.unwrap();
        assert_eq!(receipt.seq, last.0 + 1);
        let state = registry.state();
        let created = state.repository("").find("org", &version).unwrap().entry.created;
        assert!(created >= last.1 && state.time() == created, "{version}: {created:?}");
        last = (receipt.seq, created);
        if minor % 2 == 1 {
            let before = registry.state().repository("").hash();
            registry = open(&disk).await;
            assert_eq!(registry.state().repository("").hash(), before, "a start sees the same");
        }
    }
}

#[tokio::test]
async fn a_token_that_has_ended_does_not_live_again_and_a_new_one_lives_as_long_as_it_says() {
    let _right = Right;
    let disk = SimulatedDisk::new(|_| false);
    let registry = open(&disk).await;
    let end = in_milliseconds(30);
    issue(&registry, Some(end)).await;
    while now() < end {
        tokio::task::yield_now().await;
    }
    let expired = async |registry: &Registry| {
        let (status, text) = ask(registry, "GET", "/index.yaml").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{text}");
        assert!(text.contains("has expired"), "{text}");
    };
    expired(&registry).await;
    set(-DAY);
    expired(&registry).await;
    // What was committed after its end tells that to whoever starts with the wrong clock.
    set(0);
    registry.publish(package("1.0.0")).await.unwrap();
    set(-DAY);
    expired(&open(&disk).await).await;
}

#[tokio::test]
async fn a_token_that_is_issued_while_the_clock_is_behind_is_worth_something() {
    let _right = Right;
    let disk = SimulatedDisk::new(|_| false);
    let registry = open(&disk).await;
    issue(&registry, None).await;
    set(-DAY);
    let order =
        r#"{"subject":"ci","grants":[{"below":"","permissions":["read"]}],"expires-in":"30m"}"#;
    let token = format!("Bearer cr_{ID}_{}", secret());
    let request = Request::post("/-/v1/tokens").header("authorization", token);
    let request = request.body(Body::from(order)).unwrap();
    let answer = registry.router().oneshot(request).await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    let (_, listed) = ask(&registry, "GET", "/-/v1/tokens").await;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let tokens = listed["tokens"].as_array().unwrap();
    assert!(tokens.iter().all(|token| token["valid"] == true), "{listed}");
    // Half an hour from when it was issued, by the clock that was right.
    set(31 * 60 * 1_000);
    let (_, listed) = ask(&registry, "GET", "/-/v1/tokens").await;
    assert!(listed.contains("\"valid\":false"), "{listed}");
}

#[tokio::test]
async fn rules_that_let_versions_go_do_nothing_while_the_clock_is_wrong() {
    let _right = Right;
    let disk = SimulatedDisk::new(|_| false);
    let registry = open(&disk).await;
    issue(&registry, None).await;
    for minor in 0..4 {
        registry.publish(package(&format!("1.{minor}.0"))).await.unwrap();
    }
    let plan = "/-/v1/retention?dry-run";
    assert_eq!(ask(&registry, "POST", plan).await.0, StatusCode::OK);
    for set_to in [-DAY, DAY] {
        set(set_to);
        let (status, text) = ask(&registry, "POST", plan).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
        assert!(text.contains("clock-jumped"), "{text}");
        // One that starts with a clock behind the journal knows that from the journal.
        let started = open(&disk).await;
        let expected = if set_to < 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        assert_eq!(ask(&started, "POST", plan).await.0, expected);
        assert_eq!(started.state().repository("").versions("org").count(), 4);
    }
}

/// Lets time pass: it is virtual, and everything that is due in it happens.
async fn pass(time: Duration) {
    drop(tokio::time::timeout(time, std::future::pending::<()>()).await);
}

#[tokio::test(start_paused = true)]
async fn what_a_publish_has_just_stored_is_not_taken_away_because_the_clock_jumped() {
    let _right = Right;
    let disk = SimulatedDisk::new(|_| false);
    let hours = |hours| disk.set_clock(Duration::from_hours(hours));
    hours(0);
    let store = Store::on_disk(disk.clone()).unwrap();
    let options = Options { collect_every: Duration::from_secs(10), ..Options::default() };
    let registry = Registry::on(store.clone(), options).await.unwrap();
    let stored = Bytes::from_static(b"a package whose commit is about to come");
    let digest = Sha256::of(&stored);
    store.put_object(digest, Spool::Memory(stored)).await.unwrap();
    let is_there = || disk.read(&Key::Object(digest).to_string()).unwrap().is_some();
    // The collector has to have seen the clock as it was.
    tokio::task::yield_now().await;
    set(25 * HOUR);
    hours(25);
    pass(Duration::from_secs(11)).await;
    assert!(is_there(), "it looked old because the clock was set");
    // A round later whoever stored it has named it, or has given up.
    pass(Duration::from_secs(30)).await;
    assert!(!is_there(), "nobody needs it");
    drop(registry);
}
