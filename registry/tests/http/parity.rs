//! What `ChartMuseum` offers besides the basics: pages, ranges of versions, files of a version,
//! metrics; and parts of packages, which it does not.

use axum::http::StatusCode;
use chart_registry::{ArtifactHubId, Options, ROUTES};
use serde_json::{Value, json};

use crate::harness::Harness;
use crate::support::{incompressible, package, package_of};

async fn with_charts() -> Harness {
    let harness = Harness::new().await;
    for (name, version) in
        [("a", "1.0.0"), ("b", "1.9.0"), ("b", "1.10.0"), ("b", "2.0.0-rc.1"), ("c", "0.1.0")]
    {
        harness.post(package(name, version, "a: 1\n")).await;
    }
    // A chart that is gone is on no page.
    harness.post(package("aa", "1.0.0", "a: 1\n")).await;
    harness.request("DELETE", "/api/charts/aa/1.0.0").await;
    harness
}

fn names(listing: &Value) -> Vec<&str> {
    listing.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn charts_come_in_pages_with_all_their_versions() {
    let harness = with_charts().await;
    let all = harness.get("/api/charts").await.json();
    for (query, expected) in [
        ("offset=0&limit=2", &["a", "b"][..]),
        ("limit=1", &["a"]),
        ("offset=1", &["b", "c"]),
        ("offset=1&limit=1", &["b"]),
        ("offset=2&limit=9", &["c"]),
        ("offset=3", &[]),
        ("offset=0", &["a", "b", "c"]),
    ] {
        let answer = harness.get(&format!("/api/charts?{query}")).await;
        let page = answer.json();
        assert_eq!(names(&page), expected, "{query}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        for name in expected {
            assert_eq!(page[name], all[name], "{query}");
        }
    }
    for (query, text) in [
        ("offset=-1", "offset is not a valid non-negative integer"),
        ("offset=x", "offset is not a valid non-negative integer"),
        ("limit=0", "limit is not a valid positive integer"),
        ("limit=", "limit is not a valid positive integer"),
    ] {
        let answer = harness.get(&format!("/api/charts?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["what"], text);
    }
}

#[tokio::test]
async fn a_version_is_named_exactly_as_latest_or_by_a_range() {
    let harness = with_charts().await;
    for (version, expected) in [
        ("1.9.0", Some("1.9.0")),
        ("latest", Some("1.10.0")),
        ("^1.0.0", Some("1.10.0")),
        ("~1.9", Some("1.9.0")),
        ("1", Some("1.10.0")),
        ("%3E%3D1.0%20%3C1.10", Some("1.9.0")),
        ("%3E1-0", Some("2.0.0-rc.1")),
        ("1.9.1", None),
        ("%5E3", None),
        ("nonsense", None),
    ] {
        let answer = harness.get(&format!("/api/charts/b/{version}")).await;
        match expected {
            Some(expected) => assert_eq!(answer.json()["version"], expected, "{version}"),
            None => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{version}"),
        }
    }
}

#[tokio::test]
async fn values_and_templates_of_a_version_are_shown() {
    let harness = Harness::new().await;
    let files: &[(&str, &[u8])] = &[
        ("Chart.yaml", b"apiVersion: v2\nname: org\nversion: 1.0.0\n"),
        ("values.yaml", b"# comment\nreplicas: 2\n"),
        ("templates/a.yaml", b"kind: A\n"),
        ("templates/tests/b.yaml", b"kind: B\n"),
        ("files/c.txt", b"c"),
        ("charts/sub/Chart.yaml", b"apiVersion: v2\nname: sub\nversion: 1.0.0\n"),
        ("charts/sub/values.yaml", b"other: 1\n"),
    ];
    let answer = harness.post(package_of("org", files)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let values = harness.get("/api/charts/org/latest/values").await;
    assert_eq!(values.header("content-type"), "application/yaml");
    assert_eq!(values.body, "# comment\nreplicas: 2\n");
    let templates = harness.get("/api/charts/org/1.0.0/templates").await.json();
    let expected = json!({
        "templates": [
            { "name": "templates/a.yaml", "data": "a2luZDogQQo=" },
            { "name": "templates/tests/b.yaml", "data": "a2luZDogQgo=" },
        ],
        "values": { "replicas": 2 },
    });
    assert_eq!(templates, expected);
    for path in ["/api/charts/org/2.0.0/values", "/api/charts/other/1.0.0/templates"] {
        assert_eq!(harness.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn values_that_are_absent_empty_or_broken_are_told_apart() {
    let harness = Harness::new().await;
    let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
    harness.post(package_of("none", &[("Chart.yaml", chart("none").as_bytes())])).await;
    harness.post(package("empty", "1.0.0", "# nothing\n")).await;
    harness.post(package("broken", "1.0.0", "a: [\n")).await;
    let none = harness.get("/api/charts/none/1.0.0/values").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert_eq!(none.json()["what"], "values.yaml not found");
    let empty = harness.get("/api/charts/empty/1.0.0/templates").await.json();
    assert_eq!(empty, json!({ "templates": [], "values": {} }));
    let broken = harness.get("/api/charts/broken/1.0.0/templates").await;
    assert_eq!(broken.json()["code"], "unreadable-values", "{}", broken.text());
    assert_eq!(harness.get("/api/charts/broken/1.0.0/values").await.body, "a: [\n");
}

#[tokio::test]
async fn a_part_of_a_package_is_the_part_that_was_asked_for() {
    let harness = Harness::new().await;
    // Small ones are read whole, large ones in pieces.
    for (name, lines) in [("small", 1), ("large", 30_000)] {
        let package = package(name, "1.0.0", &incompressible(lines));
        harness.post(package.clone()).await;
        let path = format!("/charts/{name}-1.0.0.tgz");
        let tag = harness.get(&path).await.header("etag").to_owned();
        let size = package.len();
        let ranges = [(0, 0), (1, 9), (size / 3, size - 2), (size - 1, size - 1)];
        for (first, last) in ranges {
            let headers = [("range", &*format!("bytes={first}-{last}")), ("if-range", &*tag)];
            let answer = harness.request_with("GET", &path, &headers).await;
            assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{name} {first}-{last}");
            assert_eq!(answer.header("content-range"), format!("bytes {first}-{last}/{size}"));
            assert_eq!(answer.header("content-length"), (last - first + 1).to_string());
            assert_eq!(answer.header("etag"), tag);
            assert!(answer.body == package[first..=last], "{name} {first}-{last}");
        }
        let other = [("range", "bytes=0-0"), ("if-range", "\"other\"")];
        let whole = harness.request_with("GET", &path, &other).await;
        assert_eq!((whole.status, whole.body.len()), (StatusCode::OK, size));
        assert_eq!(whole.header("accept-ranges"), "bytes");
        let behind = [("range", &*format!("bytes={size}-"))];
        let behind = harness.request_with("GET", &path, &behind).await;
        assert_eq!(behind.status, StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(behind.header("content-range"), format!("bytes */{size}"));
        let head = harness.request_with("HEAD", &path, &[("range", "bytes=0-0")]).await;
        assert_eq!(head.header("content-length"), size.to_string());
    }
    let index = harness.request_with("GET", "/index.yaml", &[("range", "bytes=0-0")]).await;
    assert_eq!(index.status, StatusCode::OK, "an index is never cut");
}

#[tokio::test]
async fn every_get_answers_head_with_the_same_status_and_length() {
    let harness = with_charts().await;
    // Blobs and uploads, assets and networks have tests of their own: the modules `oci` and `pages`.
    let words = ["{digest}", "{id}", "/-/assets/", "/network", "/artifacthub-repo.yml"];
    let apart = |path: &str| words.iter().any(|word| path.contains(word));
    for route in ROUTES.iter().filter(|route| route.method == "GET" && !apart(route.path)) {
        let path = route.path.replace("/{repository}", "").replace("{view}", "~latest=3");
        let path = path.replace("{reference}", "1.9.0");
        let path = path.replace("{file}", "b-1.9.0.tgz");
        let path = path.replace("{name}", "b").replace("{version}", "1.9.0");
        let (get, head) = (harness.get(&path).await, harness.request("HEAD", &path).await);
        assert_eq!((get.status, head.status), (StatusCode::OK, StatusCode::OK), "{path}");
        assert!(head.body.is_empty(), "{path}");
        // Every request changes the counters.
        if path != "/metrics" {
            assert_eq!(head.header("content-length"), get.body.len().to_string(), "{path}");
        }
        let absent = path.replace("1.9.0", "9.9.9").replace("/b", "/absent");
        if absent != path {
            let (get, head) = (harness.get(&absent).await, harness.request("HEAD", &absent).await);
            assert_eq!((get.status, head.status), (StatusCode::NOT_FOUND, get.status), "{absent}");
        }
    }
}

#[tokio::test]
async fn artifact_hub_gets_the_id_of_each_repository_that_has_one() {
    let ids = ["1a-2b", "team/a=3c"].map(|text| text.parse::<ArtifactHubId>().unwrap());
    let harness = Harness::with(Options { artifact_hub: ids.to_vec(), ..Options::default() }).await;
    for (path, id) in [("", Some("1a-2b")), ("/team/a", Some("3c")), ("/team", None)] {
        let path = format!("{path}/artifacthub-repo.yml");
        let (answer, head) = (harness.get(&path).await, harness.request("HEAD", &path).await);
        assert_eq!(answer.status, head.status, "{path}");
        let Some(id) = id else {
            assert_eq!(answer.json()["what"], "Artifact Hub repository ID not found");
            continue;
        };
        assert_eq!(answer.header("content-type"), "application/x-yaml");
        assert_eq!(answer.text(), format!("repositoryID: \"{id}\"\n"));
    }
}

#[tokio::test]
async fn deleting_and_metrics_can_be_switched_off() {
    let options = Options { deletes: false, serves_metrics: false, ..Options::default() };
    let harness = Harness::with(options).await;
    let sent = harness.post(package("org", "1.0.0", "a: 1\n")).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    let deleted = harness.request("DELETE", "/api/charts/org/1.0.0").await;
    deleted.refused(StatusCode::FORBIDDEN, "forbidden");
    let yank = "/-/v1/versions/org/1.0.0/yank";
    let yanked = harness.send_text("PUT", yank, r#"{"reason":"x"}"#).await;
    yanked.refused(StatusCode::FORBIDDEN, "forbidden");
    let by_oci = harness.request("DELETE", "/v2/org/manifests/1.0.0").await;
    assert_eq!(by_oci.status, StatusCode::FORBIDDEN);
    assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.status, StatusCode::OK);
    harness.get("/metrics").await.refused(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn metrics_count_requests_by_bounded_labels() {
    let harness = with_charts().await;
    for path in ["/charts/b-1.9.0.tgz", "/charts/b-1.10.0.tgz", "/charts/absent-1.0.0.tgz"] {
        harness.get(path).await;
    }
    for path in ["/any/thing", "/else"] {
        harness.request("BREW", path).await;
    }
    let answer = harness.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = answer.text();
    for line in [
        r#"chart_registry_request_duration_seconds_count{method="GET",route="/{repository}/{view}/charts/{file}",status="2xx"} 2"#,
        r#"chart_registry_request_duration_seconds_count{method="GET",route="/{repository}/{view}/charts/{file}",status="4xx"} 1"#,
        r#"chart_registry_request_duration_seconds_count{method="other",route="none",status="4xx"} 2"#,
        "chart_registry_versions 5",
        "chart_registry_repositories 1",
        "chart_registry_journal_sequence 7",
        "chart_registry_writable 1",
    ] {
        assert!(text.lines().any(|it| it == line), "no line `{line}` in\n{text}");
    }
    assert!(!text.contains("BREW") && !text.contains("1.9.0"), "{text}");
}
