//! Two registries on one directory: what one publishes, the other serves.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chart_registry::Registry;
use tower::ServiceExt;

use crate::harness::Harness;
use crate::support::package;

async fn status(registry: &Registry, method: &str, path: &str) -> StatusCode {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    registry.router().oneshot(request).await.unwrap().status()
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
    assert_eq!(harness.get("/api/charts/third").await.status, StatusCode::OK, "not heard yet");
    assert_eq!(status(&other, "GET", "/charts/absent-1.0.0.tgz").await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_index_follows_within_a_second_without_being_asked() {
    let harness = Harness::new().await;
    let other = Registry::open(harness.storage.path()).await.unwrap();
    let seen = async {
        for minor in 0..5_u64 {
            harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
            let head = harness.registry.state().head();
            let follows = async {
                while other.state().head() != head {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(5), follows).await.unwrap();
            let (ours, theirs) = (harness.registry.state(), other.state());
            assert_eq!(ours.repository("").hash(), theirs.repository("").hash());
        }
    };
    seen.await;
}

#[tokio::test]
async fn many_who_miss_something_share_a_look() {
    let harness = Harness::new().await;
    let paths: Vec<_> = (0..200).map(|minor| format!("/charts/org-1.{minor}.0.tgz")).collect();
    let started = std::time::Instant::now();
    let answers = futures_util::future::join_all(paths.iter().map(|path| harness.get(path))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::NOT_FOUND));
    // One look each would take 200 x 50 ms.
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}
