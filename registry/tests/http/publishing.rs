//! Publishing and deleting: what is answered, and what is stored after each write.

use axum::http::StatusCode;
use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry::{Options, Registry};
use flate2::Compression;
use serde_json::json;

use crate::harness::Harness;
use crate::support::{gzip, incompressible, package};

fn object_path(package: &[u8]) -> String {
    let hex = Sha256::of(package).to_string();
    format!("objects/sha256/{}/{}", &hex[..2], &hex[2..])
}

/// The same tar archive in another compression.
fn repacked(package: &[u8]) -> Bytes {
    let mut archive = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(package), &mut archive).unwrap();
    gzip(&archive, Compression::none())
}

#[tokio::test]
async fn a_published_package_is_stored_listed_and_served() {
    let harness = Harness::new().await;
    let package = package("org", "1.2.3", "a: 1\n");
    let answer = harness.post(package.clone()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let digest = Sha256::of(&package).to_string();
    let receipt = answer.json();
    assert_eq!(receipt["saved"], true);
    assert_eq!(receipt["created"], true);
    assert_eq!(receipt["digest"], digest);
    assert_eq!((&receipt["name"], &receipt["version"]), (&json!("org"), &json!("1.2.3")));
    assert_eq!(receipt["seq"], 1);
    assert_eq!(answer.header("location"), "/charts/org-1.2.3.tgz");

    let stored = harness.stored();
    let paths: Vec<_> = stored.keys().cloned().collect();
    assert_eq!(paths, ["journal/0000000000000001".to_owned(), object_path(&package)]);
    assert_eq!(stored[&object_path(&package)], package);

    let index = harness.get("/index.yaml").await.json();
    let entry = &index["entries"]["org"][0];
    assert_eq!(entry["digest"], digest);
    assert_eq!(entry["urls"], json!(["charts/org-1.2.3.tgz"]));
    assert_eq!(harness.get("/charts/org-1.2.3.tgz").await.body, package);
}

#[tokio::test]
async fn a_form_works_like_a_raw_body() {
    let harness = Harness::new().await;
    let package = package("org", "1.2.3", "a: 1\n");
    let fields: &[(&str, &str, &[u8])] =
        &[("note", "", b"ignored"), ("chart", "/tmp/x/org-1.2.3.tgz", &package)];
    let answer = harness.post_form(fields).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(harness.get("/charts/org-1.2.3.tgz").await.body, package);
}

#[tokio::test]
async fn the_same_content_again_is_a_success_that_writes_nothing() {
    let harness = Harness::new().await;
    let package = package("org", "1.2.3", "a: 1\n");
    harness.post(package.clone()).await;
    let before = harness.stored();
    for again in [package.clone(), repacked(&package)] {
        let answer = harness.post(again).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let receipt = answer.json();
        assert_eq!(receipt["created"], false);
        assert_eq!(receipt["digest"], Sha256::of(&package).to_string());
    }
    assert_eq!(harness.stored(), before);
}

#[tokio::test]
async fn other_content_under_a_version_is_refused_with_both_digests() {
    let harness = Harness::new().await;
    let (first, other) = (package("org", "1.2.3", "a: 1\n"), package("org", "1.2.3", "a: 2\n"));
    harness.post(first.clone()).await;
    let before = harness.stored();
    let answer = harness.post(other.clone()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let body = answer.json();
    assert_eq!(body["code"], "version-exists");
    let error = body["error"].as_str().unwrap();
    for package in [&first, &other] {
        assert!(error.contains(&Sha256::of(package).to_string()), "{error}");
    }
    assert_eq!(harness.stored(), before);
    assert_eq!(harness.get("/charts/org-1.2.3.tgz").await.body, first);
}

#[tokio::test]
async fn a_version_that_differs_only_in_build_metadata_is_refused() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.2.3+a", "a: 1\n")).await;
    let answer = harness.post(package("org", "1.2.3+b", "a: 1\n")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["code"], "version-twin");
    for path in ["/charts/org-1.2.3+a.tgz", "/charts/org-1.2.3%2Ba.tgz"] {
        assert_eq!(harness.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_deleted_version_comes_back_only_with_the_same_content() {
    let harness = Harness::new().await;
    let package_1 = package("org", "1.2.3", "a: 1\n");
    harness.post(package_1.clone()).await;
    let created = harness.get("/api/charts/org/1.2.3").await.json()["created"].clone();
    let answer = harness.request("DELETE", "/api/charts/org/1.2.3").await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({ "deleted": true })));
    for (method, path) in [
        ("GET", "/charts/org-1.2.3.tgz"),
        ("GET", "/api/charts/org"),
        ("GET", "/api/charts/org/1.2.3"),
        ("DELETE", "/api/charts/org/1.2.3"),
    ] {
        assert_eq!(harness.request(method, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(harness.get("/index.yaml").await.json()["entries"], json!({}));

    let other = harness.post(package("org", "1.2.3", "a: 2\n")).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(other.json()["code"], "version-deleted");

    let answer = harness.post(package_1.clone()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(harness.get("/api/charts/org/1.2.3").await.json()["created"], created);
    assert_eq!(harness.get("/charts/org-1.2.3.tgz").await.body, package_1);
}

#[tokio::test]
async fn a_version_that_comes_back_keeps_its_first_bytes() {
    let harness = Harness::new().await;
    let first = package("org", "1.2.3", "a: 1\n");
    harness.post(first.clone()).await;
    harness.request("DELETE", "/api/charts/org/1.2.3").await;
    let answer = harness.post(repacked(&first)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.json()["digest"], Sha256::of(&first).to_string());
    assert_eq!(harness.get("/charts/org-1.2.3.tgz").await.body, first);
    assert!(!harness.stored().contains_key(&object_path(&repacked(&first))));
}

#[tokio::test]
async fn a_package_that_the_storage_lost_is_healed_by_publishing_it_again() {
    let harness = Harness::new().await;
    let package = package("org", "1.2.3", "a: 1\n");
    harness.post(package.clone()).await;
    std::fs::remove_file(harness.storage.path().join(object_path(&package))).unwrap();
    let answer = harness.post(package.clone()).await;
    assert_eq!(answer.json()["created"], false, "{}", answer.text());
    assert_eq!(harness.get("/charts/org-1.2.3.tgz").await.body, package);
}

#[tokio::test]
async fn packages_larger_than_memory_take_the_way_over_the_disk() {
    let harness = Harness::new().await;
    let package = package("org", "1.2.3", &incompressible(30_000));
    assert!(package.len() > 1 << 20, "{}", package.len());
    let answer = harness.post(package.clone()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let paths: Vec<_> = harness.stored().into_keys().collect();
    assert_eq!(paths, ["journal/0000000000000001".to_owned(), object_path(&package)]);
    assert_eq!(harness.get("/charts/org-1.2.3.tgz").await.body, package);
}

#[tokio::test]
async fn everything_is_there_after_a_restart_with_the_same_validators() {
    let harness = Harness::new().await;
    for minor in 0..20 {
        harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
    }
    harness.request("DELETE", "/api/charts/org/1.7.0").await;
    let before = harness.get("/index.yaml").await;
    let after = harness.restarted().await.get("/index.yaml").await;
    assert_eq!(after.body, before.body);
    assert_eq!(after.header("etag"), before.header("etag"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_publishers_of_a_version_wins_and_the_others_hear_it() {
    let harness = Harness::new().await;
    let packages: Vec<_> =
        (0..12).map(|number| package("org", "1.0.0", &format!("a: {number}\n"))).collect();
    let answers = packages.iter().map(|package| harness.post(package.clone()));
    let answers = futures_util::future::join_all(answers).await;
    let winners: Vec<_> =
        answers.iter().enumerate().filter(|(_, a)| a.status == StatusCode::CREATED).collect();
    let [(winner, _)] = winners.as_slice() else { panic!("{} winners", winners.len()) };
    for (number, answer) in answers.iter().enumerate().filter(|(number, _)| number != winner) {
        assert_eq!(answer.status, StatusCode::CONFLICT, "{number}");
    }
    assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.body, packages[*winner]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_on_one_directory_never_overwrite_each_other() {
    let harness = Harness::new().await;
    let second = Registry::open(harness.storage.path()).await.unwrap();
    let versions: Vec<_> = (0..10).map(|minor| format!("1.{minor}.0")).collect();
    let publishes = versions.iter().flat_map(|version| {
        let (one, two) = (package("org", version, "a: 1\n"), package("org", version, "a: 2\n"));
        [harness.registry.publish(one), second.publish(two)]
    });
    let results = futures_util::future::join_all(publishes).await;
    for (version, pair) in versions.iter().zip(results.chunks(2)) {
        let winners = pair.iter().filter(|result| result.is_ok()).count();
        assert_eq!(winners, 1, "{version}: {pair:?}");
    }
    let fresh = Registry::open(harness.storage.path()).await.unwrap();
    let repository = fresh.state().repository("");
    for (version, pair) in versions.iter().zip(results.chunks(2)) {
        let receipt = pair.iter().find_map(|result| result.as_ref().ok()).unwrap();
        let found = repository.find("org", version).unwrap();
        assert_eq!(found.entry.package.sha256.to_string(), receipt.digest, "{version}");
    }
}

#[tokio::test]
async fn a_lost_answer_of_the_storage_is_no_error_for_the_client() {
    let storage = tempfile::tempdir().unwrap();
    let unreliable = chart_registry_store::simulation::Unreliable::open(storage.path()).unwrap();
    let store = chart_registry_store::Store::Unreliable(std::sync::Arc::new(unreliable));
    let registry = Registry::on(store, Options::default()).await.unwrap();
    for minor in 0..30 {
        let package = package("org", &format!("1.{minor}.0"), "a: 1\n");
        let receipt = registry.publish(package).await.unwrap();
        assert!(receipt.created, "{receipt:?}");
        assert_eq!(receipt.seq, minor + 1);
    }
}

#[tokio::test]
async fn an_operation_of_a_later_program_stops_writing_and_not_reading() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    let first = harness.stored()["journal/0000000000000001"].clone();
    let prev = Sha256::of(&first).prefixed();
    let line = format!(
        concat!(
            r#"{{"v":1,"seq":2,"prev":"{}","time":"2030-01-01T00:00:00.000Z","writer":"later","#,
            r#""nonce":"n","min_reader":1,"events":[{{"op":"sing","name":"org"}}]}}"#,
            "\n"
        ),
        prev
    );
    std::fs::write(harness.storage.path().join("journal/0000000000000002"), line).unwrap();
    // The running program finds it when it writes, a new one when it starts.
    let running = harness.post(package("org", "1.1.0", "a: 1\n")).await;
    let harness = harness.restarted().await;
    let started = harness.post(package("org", "1.1.0", "a: 1\n")).await;
    assert_eq!(harness.get("/health").await.json(), json!({ "healthy": true, "writable": false }));
    for answer in [running, started] {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.json()["code"], "storage-read-only");
        assert!(answer.text().contains("sing"), "{}", answer.text());
    }
    assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_read_only_server_refuses_writes_and_goes_on_reading() {
    let harness = Harness::with(Options { writable: false, ..Options::default() }).await;
    let answer = harness.post(package("org", "1.2.3", "a: 1\n")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.json()["code"], "forbidden");
    assert_eq!(harness.get("/index.yaml").await.status, StatusCode::OK);
}
