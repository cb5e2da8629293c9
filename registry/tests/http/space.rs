//! A disk that is full at every byte of every kind of change, and one that takes no writes: what was
//! acknowledged stays, nothing half is seen, the refusal says why, and it goes on later.

use std::path::Path;

use axum::http::StatusCode;
use bytes::Bytes;
use chart_registry::{Options, Registry};
use chart_registry_store::Store;
use chart_registry_store::disk::Disk;
use chart_registry_store::simulation::{Crash, SimulatedDisk};
use serde_json::{Value, json};

use crate::commands::{answer, program};
use crate::harness::{Answer, Harness};
use crate::oci::{IMAGE, descriptor, digest};
use crate::support::package;

const REASON: &str = r#"{"reason":"a test"}"#;

async fn harness_on(disk: &SimulatedDisk) -> Harness {
    Harness::on(Store::on_disk(disk.clone()).unwrap(), Options::default()).await
}

/// The same files on a disk of its own, on which there is room.
fn fork(disk: &SimulatedDisk) -> SimulatedDisk {
    disk.after(Crash { cut: disk.recorded(), kept: u64::MAX, torn: false })
}

fn manifest() -> Vec<u8> {
    let layers = [descriptor("text/plain", b"layer")];
    let config = descriptor("application/x-config", b"layer");
    let manifest =
        json!({ "schemaVersion": 2, "mediaType": IMAGE, "config": config, "layers": layers });
    serde_json::to_vec(&manifest).unwrap()
}

/// Every kind of change, one after the other.
const CHANGES: [&str; 10] = [
    "publish",
    "another",
    "release",
    "yank",
    "deprecate",
    "delete",
    "policy",
    "blob",
    "manifest",
    "untag",
];

async fn change(harness: &Harness, what: &str) -> Answer {
    let version = |version: &str| package("org", version, "a: 1\n");
    match what {
        "publish" => harness.post(version("1.0.0")).await,
        "another" => harness.post(version("1.1.0")).await,
        "release" => {
            let (one, two) = (package("peer", "1.0.0", "a: 1\n"), package("ca", "1.0.0", "a: 1\n"));
            let charts: [(&str, &str, &[u8]); 2] =
                [("chart", "a.tgz", &one), ("chart", "b.tgz", &two)];
            harness.post_form_to("/-/v1/releases", &charts).await
        }
        "yank" => harness.send_text("PUT", "/-/v1/versions/org/1.1.0/yank", REASON).await,
        "deprecate" => {
            harness.send_text("PUT", "/-/v1/versions/peer/1.0.0/deprecation", REASON).await
        }
        "delete" => harness.request("DELETE", "/api/charts/org/1.0.0").await,
        "policy" => {
            harness
                .send_text("PUT", "/-/v1/policy", r#"{"version":1,"quota":{"versions":70}}"#)
                .await
        }
        "blob" => {
            let path = format!("/v2/team/tool/blobs/uploads/?digest={}", digest(b"layer"));
            harness.send_bytes(("POST", &path), &[], b"layer").await
        }
        "manifest" => harness.put_manifest("team/tool", "1", (IMAGE, &manifest())).await,
        "untag" => harness.request("DELETE", "/v2/team/tool/manifests/1").await,
        _ => panic!("{what}"),
    }
}

/// Everything that clients see.
async fn seen(harness: &Harness) -> Vec<Bytes> {
    let mut seen = Vec::new();
    for path in [
        "/index.yaml",
        "/-/v1/head",
        "/charts/org-1.0.0.tgz",
        "/charts/org-1.1.0.tgz",
        "/v2/team/tool/tags/list",
        "/-/v1/policy",
        "/v2/team/tool/manifests/1",
    ] {
        let answer = harness.get(path).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.text());
        seen.push(answer.body);
    }
    seen
}

fn code(answer: &Answer) -> Value {
    let body = answer.json();
    if body["errors"].is_array() {
        body["errors"][0]["detail"]["code"].clone()
    } else {
        body["code"].clone()
    }
}

/// Asks for a change with room for more and more bytes; the number of times that it was too little.
async fn squeezed(harness: &Harness, disk: &SimulatedDisk, (what, step): (&str, u64)) -> u64 {
    let before = seen(harness).await;
    let mut room = 0;
    loop {
        disk.set_room(Some(room));
        let answered = change(harness, what).await;
        disk.set_room(None);
        if answered.status.is_success() {
            assert!(what == "blob" || seen(harness).await != before, "{what} changed nothing");
            return room;
        }
        let (status, text) = (answered.status, answered.text());
        assert_eq!(status, StatusCode::INSUFFICIENT_STORAGE, "{what} at {room}: {text}");
        assert_eq!(code(&answered), "storage-full", "{what} at {room}: {text}");
        if room / step % 32 == 0 {
            assert!(seen(harness).await == before, "{what} at {room}: something is seen");
            let restarted = harness_on(&fork(disk)).await;
            assert!(seen(&restarted).await == before, "{what} at {room}: another state is stored");
        }
        room += step;
    }
}

/// Puts the files of a disk where programs find them.
fn lay_out(disk: &SimulatedDisk, below: &str, folder: &Path) {
    for listed in disk.list(below).unwrap() {
        let path = if below.is_empty() { listed.name } else { format!("{below}/{}", listed.name) };
        if listed.is_directory {
            std::fs::create_dir_all(folder.join(&path)).unwrap();
            lay_out(disk, &path, folder);
        } else {
            std::fs::write(folder.join(&path), disk.read(&path).unwrap().unwrap()).unwrap();
        }
    }
}

#[tokio::test]
async fn a_disk_that_is_full_at_any_byte_of_any_change_refuses_it_and_goes_on_when_there_is_room() {
    // What a late sync says of a byte more or less is the same.
    for (late, step) in [(false, 1), (true, 17)] {
        let disk = SimulatedDisk::new(|_| false);
        let harness = harness_on(&disk).await;
        disk.tell_late_that_there_is_no_room(late);
        for what in CHANGES {
            let times = squeezed(&harness, &disk, (what, step)).await;
            // The shortest commit and the note of a blob are longer than this.
            assert!(times > 100, "{what} found room at {times}");
        }
        let left = seen(&harness).await;
        assert!(seen(&harness_on(&disk).await).await == left, "a start sees something else");
        let folder = tempfile::tempdir().unwrap();
        lay_out(&disk, "", folder.path());
        let verified = answer(&program(&["verify", "--json"], folder.path()));
        assert_eq!(verified["faultCount"], 0, "{verified}");
    }
}

#[tokio::test]
async fn without_room_for_a_checkpoint_publishing_goes_on_and_starts_are_right() {
    let disk = SimulatedDisk::new(|_| false);
    let options = Options { checkpoint_after: 1, ..Options::default() };
    let harness = Harness::on(Store::on_disk(disk.clone()).unwrap(), options).await;
    for minor in 0..40 {
        // A commit and its package fit, what is written behind them fits or does not.
        let room = 1_200 + minor * 97;
        let package = package("org", &format!("1.{minor}.0"), "a: 1\n");
        // What is still written behind the publish before may take the room of this one.
        for round in 0.. {
            disk.set_room(Some(room));
            let answer = harness.post(package.clone()).await;
            if answer.status == StatusCode::CREATED {
                break;
            }
            answer.refused(StatusCode::INSUFFICIENT_STORAGE, "storage-full");
            assert!(round < 10, "{minor}: there is no room for a publish");
        }
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let restarted = harness_on(&fork(&disk)).await;
        assert_eq!(restarted.registry.state().head(), harness.registry.state().head());
        assert!(
            seen(&restarted).await == seen(&harness).await,
            "{minor}: a start sees another state"
        );
    }
}

#[tokio::test]
async fn a_disk_that_takes_no_writes_is_served_and_every_change_is_refused_in_words() {
    let disk = SimulatedDisk::new(|_| false);
    let harness = harness_on(&disk).await;
    let done = ["publish", "another", "release", "blob", "manifest"];
    for what in done {
        assert!(change(&harness, what).await.status.is_success(), "{what}");
    }
    let later = package("org", "3.0.0", "a: 1\n");
    let before = seen(&harness).await;
    disk.set_read_only(true);
    // The running program, and one that starts on it.
    for harness in [&harness, &harness_on(&disk).await] {
        assert!(seen(harness).await == before);
        harness
            .post(later.clone())
            .await
            .refused(StatusCode::SERVICE_UNAVAILABLE, "storage-read-only");
        for what in CHANGES.into_iter().filter(|what| !done.contains(what)) {
            let answered = change(harness, what).await;
            let (status, text) = (answered.status, answered.text());
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{what}: {text}");
            assert_eq!(code(&answered), "storage-read-only", "{what}: {text}");
        }
        assert!(seen(harness).await == before);
        let ready = harness.get("/readyz").await.json();
        assert_eq!(ready, json!({ "ready": true, "writable": false }));
        assert_eq!(harness.get("/health").await.json()["writable"], false);
    }
    disk.set_read_only(false);
    assert_eq!(harness.post(later).await.status, StatusCode::CREATED);
    assert_eq!(harness.get("/readyz").await.json(), json!({ "ready": true, "writable": true }));
}

#[tokio::test]
async fn a_storage_that_cannot_be_made_says_why() {
    let disk = SimulatedDisk::new(|_| false);
    disk.set_read_only(true);
    let error = Store::on_disk(disk.clone()).err().unwrap().to_string();
    assert!(error.contains("file system is read-only"), "{error}");
    disk.set_read_only(false);
    disk.set_room(Some(50));
    let error = Store::on_disk(disk.clone()).err().unwrap().to_string();
    assert!(error.contains("no room"), "{error}");
    disk.set_room(None);
    Registry::on(Store::on_disk(disk).unwrap(), Options::default()).await.unwrap();
}
