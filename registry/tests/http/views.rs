//! `~latest=N`: a smaller index, the same packages.

use axum::http::StatusCode;

use crate::harness::Harness;
use crate::support::package;

async fn with_versions() -> Harness {
    let harness = Harness::new().await;
    for minor in 0..5 {
        harness.post(package("org", &format!("1.{minor}.0"), "a: 1\n")).await;
    }
    harness
}

#[tokio::test]
async fn a_view_lists_the_newest_versions_and_serves_all_packages() {
    let harness = with_versions().await;
    let view = harness.get("/~latest=2/index.yaml").await;
    let index = view.json();
    let versions: Vec<_> = index["entries"]["org"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&versions[0]["version"], &versions[1]["version"]),
        (&"1.4.0".into(), &"1.3.0".into())
    );
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0]["urls"][0], "charts/org-1.4.0.tgz");
    for path in ["/~latest=2/charts/org-1.4.0.tgz", "/~latest=2/charts/org-1.0.0.tgz"] {
        assert_eq!(harness.get(path).await.status, StatusCode::OK, "{path}");
    }
    let absent = harness.get("/~latest=2/charts/org-1.0.0.tgz.prov").await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_view_changes_when_its_content_does() {
    let harness = with_versions().await;
    let path = "/~latest=2/index.yaml";
    let before = harness.get(path).await;
    let tag = before.header("etag").to_owned();
    assert_ne!(tag, harness.get("/index.yaml").await.header("etag"));
    // An old version comes late: it is not in the view.
    harness.post(package("org", "0.9.0", "a: 1\n")).await;
    let same = harness.request_with("GET", path, &[("if-none-match", &tag)]).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    harness.post(package("org", "1.5.0", "a: 1\n")).await;
    let after = harness.request_with("GET", path, &[("if-none-match", &tag)]).await;
    assert_eq!(after.status, StatusCode::OK);
    assert_eq!(after.json()["entries"]["org"][0]["version"], "1.5.0");
    harness.request("DELETE", "/api/charts/org/1.5.0").await;
    assert_eq!(harness.get(path).await.body, before.body);
    let restarted = harness.restarted().await;
    assert_eq!(restarted.get(path).await.header("etag"), tag);
}

#[tokio::test]
async fn an_unknown_view_is_refused_with_the_known_ones() {
    let harness = with_versions().await;
    for view in ["~latest=0", "~latest=x", "~latest=+1", "~latest=1001", "~channel=stable", "~"] {
        for path in [format!("/{view}/index.yaml"), format!("/{view}/charts/org-1.0.0.tgz")] {
            let answer = harness.get(&path).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
            assert!(answer.text().contains("~latest=N"), "{}", answer.text());
        }
    }
}
