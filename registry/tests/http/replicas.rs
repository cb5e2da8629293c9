//! Two registries on one directory: what one publishes, the other serves.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use chart_registry::{Options, Registry};
use chart_registry_store::Store;
use chart_registry_store::simulation::{DISTANCE, Faults, SimulatedBucket, SimulatedDisk};
use http_body_util::BodyExt;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::harness::Harness;
use crate::identity::{Given, LIVE, bearer, write_on};
use crate::support::package;

async fn status(registry: &Registry, method: &str, path: &str) -> StatusCode {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    registry.router().oneshot(request).await.unwrap().status()
}

/// Status, headers and body of an answer that knows commit `seq`.
async fn knowing(registry: &Registry, path: &str, seq: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path).header("x-registry-at-least", seq);
    let answer = registry.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

/// The same once it is no longer asked for patience, for which a machine that stands still now and
/// then has reason.
async fn knowing_at_last(
    registry: &Registry,
    path: &str,
    seq: &str,
) -> (StatusCode, HeaderMap, String) {
    let began = std::time::Instant::now();
    loop {
        let answer = knowing(registry, path, seq).await;
        let behind = answer.0 == StatusCode::SERVICE_UNAVAILABLE;
        if !behind || began.elapsed() > Duration::from_mins(1) {
            return answer;
        }
        assert!(answer.2.contains(r#""code":"behind""#), "{}", answer.2);
    }
}

#[tokio::test]
async fn what_one_publishes_the_other_serves_at_the_first_request() {
    let harness = Harness::new().await;
    let other = Registry::open(harness.storage.path()).await.unwrap();
    for (minor, path) in ["/charts/org-1.0.0.tgz", "/api/charts/org/1.1.0", "/api/charts/org/1.2.0"]
        .iter()
        .enumerate()
    {
        harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
        assert_eq!(status(&other, "GET", path).await, StatusCode::OK, "{path}");
    }
    harness.post(package("second", "1.0.0", "a: 1\n")).await;
    assert_eq!(status(&other, "GET", "/api/charts/second").await, StatusCode::OK);
    harness.post(package("third", "1.0.0", "a: 1\n")).await;
    assert_eq!(status(&other, "DELETE", "/api/charts/third/1.0.0").await, StatusCode::OK);
    assert_eq!(status(&other, "GET", "/charts/absent-1.0.0.tgz").await, StatusCode::NOT_FOUND);
}

/// Two registries on one disk in memory. Time is virtual there: nothing depends on how fast the
/// machine is.
async fn two(tokens: &[Given]) -> (Harness, Harness) {
    let disk = SimulatedDisk::new(|_| false);
    let store = || Store::on_disk(disk.clone()).unwrap();
    if !tokens.is_empty() {
        write_on(store(), tokens).await;
    }
    let on = async || Harness::on(store(), Options::default()).await;
    (on().await, on().await)
}

/// Lets a second pass, with everything that is due in it.
async fn a_second() {
    drop(tokio::time::timeout(Duration::from_secs(1), std::future::pending::<()>()).await);
}

#[tokio::test(start_paused = true)]
async fn the_index_follows_within_a_second_without_being_asked() {
    let (harness, other) = two(&[]).await;
    for minor in 0..5_u64 {
        harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
        a_second().await;
        let (ours, theirs) = (harness.registry.state(), other.registry.state());
        assert_eq!(ours.head(), theirs.head());
        assert_eq!(ours.repository("").hash(), theirs.repository("").hash());
    }
}

#[tokio::test(start_paused = true)]
async fn a_revoked_token_is_dead_everywhere_within_a_second() {
    let ids = ["00000000000000b", "00000000000000c", "00000000000000d"];
    let others = ids.map(|id| Given { id, ..LIVE });
    let tokens: Vec<Given> = std::iter::once(LIVE).chain(others).collect();
    let (one, other) = two(&tokens).await;
    let ask = async |harness: &Harness, method: &str, path: &str, id: &str| {
        harness.request_with(method, path, &[("authorization", &bearer(id))]).await
    };
    for id in ids {
        assert_eq!(ask(&other, "GET", "/index.yaml", id).await.status, StatusCode::OK);
        let path = format!("/-/v1/tokens/{id}");
        assert_eq!(ask(&one, "DELETE", &path, LIVE.id).await.status, StatusCode::OK);
        a_second().await;
        for harness in [&one, &other] {
            let answer = ask(harness, "GET", "/index.yaml", id).await;
            answer.refused(StatusCode::UNAUTHORIZED, "unauthorized");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn many_who_miss_something_share_a_look() {
    let (harness, _) = two(&[]).await;
    let paths: Vec<_> = (0..200).map(|minor| format!("/charts/org-1.{minor}.0.tgz")).collect();
    let started = tokio::time::Instant::now();
    let answers = futures_util::future::join_all(paths.iter().map(|path| harness.get(path))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::NOT_FOUND));
    // One look each would take 200 x 50 ms; the time is virtual.
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_client_that_heard_a_number_gets_no_older_answer_from_another_process() {
    let harness = Harness::new().await;
    let other = Registry::open(harness.storage.path()).await.unwrap();
    for minor in 0..5 {
        let answer = harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
        let seq = answer.header("x-registry-seq").to_owned();
        assert_eq!(seq, harness.registry.state().head().seq.to_string());
        for path in ["/index.yaml", "/~latest=9/index.yaml", "/api/charts"] {
            let (status, headers, body) = knowing_at_last(&other, path, &seq).await;
            assert_eq!(
                (status, headers["x-registry-seq"].to_str().unwrap()),
                (StatusCode::OK, &*seq)
            );
            assert!(body.contains(&format!("1.{minor}.0")), "{path}: {body}");
        }
    }
    let (status, _, body) = knowing(&other, "/index.yaml", "6").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains(r#""code":"behind""#), "{body}");
    let (status, _, body) = knowing(&other, "/v2/org/tags/list", "6").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("TOOMANYREQUESTS"), "{body}");
    for wrong in ["", "-1", "1.0", "18446744073709551616"] {
        assert_eq!(
            knowing(&other, "/index.yaml", wrong).await.0,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn what_an_answer_knows_is_told_to_those_who_may_read() {
    let harness = Harness::new().await;
    let answer = harness.get("/index.yaml").await;
    assert_eq!(answer.header("x-registry-seq"), "0");
    let etag = answer.header("etag").to_owned();
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    for path in ["/index.yaml", "/charts/org-1.0.0.tgz", "/charts/absent-1.0.0.tgz", "/-/v1/head"] {
        assert_eq!(harness.get(path).await.header("x-registry-seq"), "1", "{path}");
    }
    let fresh = harness.get("/index.yaml").await.header("etag").to_owned();
    assert_ne!(fresh, etag);
    let same = harness.request_with("GET", "/index.yaml", &[("if-none-match", &fresh)]).await;
    assert_eq!((same.status, same.header("x-registry-seq")), (StatusCode::NOT_MODIFIED, "1"));
    for path in ["/health", "/readyz", "/info", "/nowhere"] {
        assert_eq!(harness.get(path).await.header("x-registry-seq"), "", "{path}");
    }
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_is_no_proof_that_something_is_absent() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    assert_eq!(harness.get("/readyz").await.json()["ready"], true);
    let journal = harness.storage.path().join("journal");
    std::fs::rename(&journal, harness.storage.path().join("elsewhere")).unwrap();
    std::fs::write(&journal, b"").unwrap();
    let missed = harness.get("/charts/org-2.0.0.tgz").await;
    assert_eq!(missed.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", missed.text());
    assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.status, StatusCode::OK);
    std::fs::remove_file(&journal).unwrap();
    std::fs::rename(harness.storage.path().join("elsewhere"), &journal).unwrap();
    assert_eq!(harness.get("/charts/org-2.0.0.tgz").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_without_a_pause_keep_nobody_from_writing_or_reading() {
    let harness = Harness::new().await;
    let busy = Registry::open(harness.storage.path()).await.unwrap();
    let publish = |writer: u64| {
        let busy = busy.clone();
        async move {
            for number in 0_u64.. {
                let version = format!("1.{number}.0");
                busy.publish(package(&format!("busy-{writer}"), &version, "a: 1\n")).await.unwrap();
            }
        }
    };
    let mut writers: JoinSet<()> = (0..8).map(publish).collect();
    for minor in 0..10 {
        let posted = harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n"));
        let posted = tokio::time::timeout(Duration::from_mins(5), posted).await.unwrap();
        assert_eq!(posted.status, StatusCode::CREATED, "{}", posted.text());
        let path = format!("/charts/org-1.{minor}.0.tgz");
        assert_eq!(status(&busy, "GET", &path).await, StatusCode::OK);
    }
    writers.abort_all();
    while let Some(ended) = writers.join_next().await {
        assert!(ended.unwrap_err().is_cancelled());
    }
}

/// Yanks a version and brings it back, `times` times.
async fn yank_and_bring_back(registry: Registry, version: String, times: u64) {
    let path = format!("/-/v1/versions/org/{version}/yank");
    for method in ["PUT", "DELETE"].into_iter().cycle().zip(0..2 * times).map(|(method, _)| method)
    {
        let request = Request::builder().method(method).uri(&path);
        let request = request.body(Body::from(r#"{"reason":"a test"}"#)).unwrap();
        let answer = registry.router().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

/// The time is virtual: a commit takes a tenth of a second, and whoever hears of it only after it
/// was taken is two tenths late for the next. Nothing here works in a thread of its own, whose time
/// would be another one.
#[tokio::test(start_paused = true)]
async fn writers_without_a_pause_on_a_distant_bucket_keep_nobody_from_writing() {
    let bucket = SimulatedBucket::new(Faults::Distant);
    let on = async || Store::on_client(Arc::new(bucket.clone())).await.unwrap();
    let harness = Harness::on(on().await, Options::default()).await;
    let versions: Vec<String> = (0..9).map(|minor| format!("1.{minor}.0")).collect();
    for version in &versions {
        harness.post(package("org", version, "a: 1\n")).await;
    }
    // It never met another one.
    let busy = Registry::on(on().await, Options::default()).await.unwrap();
    let (own, others) = versions.split_first().unwrap();
    let writers =
        others.iter().map(|it| yank_and_bring_back(busy.clone(), it.clone(), u64::MAX / 2));
    let mut writers: JoinSet<()> = writers.collect();
    for _ in 0..10 {
        let changes = yank_and_bring_back(harness.registry.clone(), own.clone(), 1);
        tokio::time::timeout(100 * DISTANCE, changes).await.unwrap();
    }
    let waited = writers.try_join_next();
    assert!(waited.is_none(), "{waited:?}");
}
