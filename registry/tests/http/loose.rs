//! Versions that are not written in full: `v1.19.1`, `1.2`, `2024.01.05`.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chart_registry::chartmuseum::{Choice, import};
use chart_registry::merged::VirtualRepository;
use chart_registry::upstream::Upstream;
use chart_registry::{Options, Versions};
use serde_json::json;

use crate::harness::{Answer, Harness};
use crate::proxies::{Files, digest, index, versions};
use crate::support::package;

/// Newest first, as Helm sorts them.
const LOOSE: [&str; 4] = ["2024.01.05", "v1.19.1", "v1.3-rc.1", "1.2"];

async fn publish(harness: &Harness, path: &str, version: &str) -> Answer {
    let request = Request::post(format!("/api/{path}charts"));
    harness.send(request.body(Body::from(package("org", version, "a: 1\n"))).unwrap()).await
}

async fn with_loose_versions() -> Harness {
    let harness = Harness::new().await;
    for version in ["1.2", "v1.19.1", "2024.01.05", "v1.3-rc.1"] {
        let answer = publish(&harness, "", version).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    harness
}

#[tokio::test]
async fn they_keep_their_text_and_have_their_place_in_the_order() {
    let harness = with_loose_versions().await.restarted().await;
    let read = harness.get("/index.yaml").await.json();
    assert_eq!(versions(&read), LOOSE);
    for (number, version) in LOOSE.into_iter().enumerate() {
        let entry = &read["entries"]["org"][number];
        let url = format!("charts/org-{version}.tgz");
        assert_eq!(entry["urls"], json!([url]));
        let pulled = harness.get(&format!("/{url}")).await.body;
        assert!(pulled == package("org", version, "a: 1\n"), "{version}");
        assert_eq!(entry["digest"], digest(&pulled));
        let described = harness.get(&format!("/api/charts/org/{version}")).await.json();
        assert_eq!(described["version"], version);
    }
    let newest = harness.get("/~latest=1/index.yaml").await.json();
    assert_eq!(versions(&newest), ["2024.01.05", "v1.3-rc.1"]);
    let page = harness.get("/-/ui/org/v1.19.1").await;
    assert!(page.text().contains("v1.19.1"), "{}", page.text());
    let again = publish(&harness, "", "v1.19.1").await;
    assert_eq!((again.status, &again.json()["created"]), (StatusCode::CREATED, &json!(false)));
}

#[tokio::test]
async fn a_version_has_one_spelling_and_a_file_name_one_meaning() {
    let harness = with_loose_versions().await;
    for twin in ["1.19.1", "v1.19.1+b", "1.2.0", "v1.2", "2024.1.5"] {
        publish(&harness, "", twin).await.refused(StatusCode::CONFLICT, "version-twin");
    }
    for none in ["1-rc.1", "v", "1.2.3.4", "V1.0.0"] {
        publish(&harness, "", none).await.refused(StatusCode::BAD_REQUEST, "bad-package");
    }
    assert_eq!(harness.get("/charts/org-1.19.1.tgz").await.status, StatusCode::NOT_FOUND);
    // Not found under this text, it is the range that Helm would read in it.
    assert_eq!(harness.get("/api/charts/org/1.19").await.json()["version"], "v1.19.1");
    assert_eq!(
        harness.request("DELETE", "/api/charts/org/1.19.1").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(harness.request("DELETE", "/api/charts/org/v1.19.1").await.status, StatusCode::OK);
    let read = harness.get("/index.yaml").await.json();
    assert_eq!(versions(&read), ["2024.01.05", "v1.3-rc.1", "1.2"]);
}

#[tokio::test]
async fn their_tags_are_versions_and_other_short_tags_move_freely() {
    let harness = with_loose_versions().await;
    let listed = harness.get("/v2/org/tags/list").await.json();
    assert_eq!(listed["tags"], json!(["1.2", "2024.01.05", "v1.19.1", "v1.3-rc.1"]));
    let manifest = harness.get("/v2/org/manifests/v1.19.1").await.json();
    assert_eq!(manifest["annotations"]["org.opencontainers.image.version"], "v1.19.1");
    let pushed = package("org", "v2.0", "a: 1\n");
    let (answer, _) = harness.helm_push(("org", "v2.0"), (&pushed, None), "2026-01-01").await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert!(harness.get("/charts/org-v2.0.tgz").await.body == pushed);
    let (wrong, _) = harness.helm_push(("org", "2.0.0"), (&pushed, None), "2026-01-01").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{}", wrong.text());
    // An image may be tagged like a version that the chart does not have.
    harness.push_image("org", "1.19", &json!({})).await;
    harness.push_image("org", "1.19", &json!({ "annotations": { "moved": "yes" } })).await;
    let moved = harness.get("/v2/org/manifests/1.19").await.json();
    assert_eq!(moved["annotations"]["moved"], "yes");
    let full = package("org", "3.1.4", "a: 1\n");
    for tag in ["3.1.4", "3.1", "v3"] {
        let (answer, _) = harness.helm_push(("org", tag), (&full, None), "2026-01-02").await;
        assert_eq!(answer.status, StatusCode::CREATED, "{tag}: {}", answer.text());
        assert_eq!(harness.get(&format!("/v2/org/manifests/{tag}")).await.status, StatusCode::OK);
    }
    // A short tag that is a version names that version and no other one.
    let (taken, _) = harness.helm_push(("org", "1.2"), (&full, None), "2026-01-03").await;
    assert_eq!(taken.status, StatusCode::CONFLICT, "{}", taken.text());
    let deleted = harness.request("DELETE", "/v2/org/manifests/v1.19.1").await;
    assert_eq!(deleted.status, StatusCode::ACCEPTED, "{}", deleted.text());
    assert_eq!(harness.get("/charts/org-v1.19.1.tgz").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_wants_full_versions_says_so() {
    let options = Options { versions: Versions::Full, ..Options::default() };
    let harness = Harness::with(options).await;
    let refused = publish(&harness, "", "v1.2.3").await;
    refused.refused(StatusCode::BAD_REQUEST, "bad-package");
    assert!(refused.text().contains("strict-versions"), "{}", refused.text());
    assert_eq!(publish(&harness, "", "1.2.3").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn an_import_takes_them() {
    let (harness, folder) = (Harness::new().await, tempfile::tempdir().unwrap());
    for version in LOOSE {
        let file = folder.path().join(format!("org-{version}.tgz"));
        std::fs::write(file, package("org", version, "a: 1\n")).unwrap();
    }
    let report = import(&harness.registry, folder.path(), Choice::default()).await.unwrap();
    assert!(report.is_complete() && report.imported.len() == LOOSE.len(), "{report}");
    assert_eq!(versions(&harness.get("/index.yaml").await.json()), LOOSE);
}

#[tokio::test]
async fn a_proxy_and_a_virtual_repository_show_them() {
    let files = Files::new().await;
    let entries = LOOSE.map(|version| {
        let bytes = package("org", version, "a: 1\n");
        let file = format!("org-{version}.tgz");
        files.put(&format!("/helm/{file}"), bytes.clone());
        (version, file, digest(&bytes))
    });
    let entries =
        entries.each_ref().map(|(version, file, digest)| (*version, file.as_str(), digest.clone()));
    files.put("/helm/index.yaml", index(&entries));
    let url = format!("http://{}/helm", files.address);
    let proxy = json!({ "path": "mirror", "url": url, "refresh-seconds": 0 });
    let proxy: Upstream = serde_json::from_value(proxy).unwrap();
    let virtuals = json!([{ "path": "all", "members": ["own", "mirror"], "mixed-names": ["*"] }]);
    let virtuals: Vec<VirtualRepository> = serde_json::from_value(virtuals).unwrap();
    let options =
        Options { proxies: vec![proxy], virtuals, versions: Versions::Full, ..Options::default() };
    let harness = Harness::with(options).await;
    publish(&harness, "own/", "1.19.1").await;
    harness.push_image("own/org", "1.19", &json!({})).await;

    assert_eq!(versions(&harness.get("/mirror/index.yaml").await.json()), LOOSE);
    let pulled = harness.get("/mirror/charts/org-v1.19.1.tgz").await;
    assert_eq!(digest(&pulled.body), entries[1].2, "{}", pulled.text());
    // The own one decides about its place in the order, however it is written there.
    let shown = harness.get("/all/index.yaml").await.json();
    assert_eq!(versions(&shown), ["2024.01.05", "1.19.1", "v1.3-rc.1", "1.2"]);
    assert_eq!(harness.get("/all/charts/org-v1.19.1.tgz").await.status, StatusCode::NOT_FOUND);
    assert_eq!(harness.get("/all/charts/org-1.2.tgz").await.status, StatusCode::OK);
    assert_eq!(harness.get("/v2/all/org/manifests/1.2").await.status, StatusCode::OK);
    // What is no version in any member is a tag as any other.
    assert_eq!(harness.get("/v2/all/org/manifests/1.19").await.status, StatusCode::OK);
}
