//! Reading: forms of the index, validators, packages, the API.

use std::io::Read;

use axum::http::StatusCode;
use chart_format::digest::Sha256;
use flate2::bufread::GzDecoder;
use serde_json::{Value, json};

use crate::harness::Harness;
use crate::support::{package, package_of};

async fn with_charts() -> Harness {
    let harness = Harness::new().await;
    for (name, version) in
        [("org", "1.9.0"), ("org", "1.10.0"), ("org", "2.0.0-rc.1"), ("org-2-x", "0.1.0")]
    {
        let answer = harness.post(package(name, version, "a: 1\n")).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    harness
}

fn versions(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["version"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_index_is_json_with_one_version_per_line_newest_first() {
    let harness = with_charts().await;
    let answer = harness.get("/index.yaml").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    let index = answer.json();
    assert_eq!(index["apiVersion"], "v1");
    assert_eq!(versions(&index["entries"]["org"]), ["2.0.0-rc.1", "1.10.0", "1.9.0"]);
    assert_eq!(versions(&index["entries"]["org-2-x"]), ["0.1.0"]);
    // First line, one line per version, a line that begins the second chart.
    assert_eq!(answer.text().lines().count(), 1 + 4 + 1);
    let keys: Vec<_> = index.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys.len(), 3, "Helm refuses an index with unknown fields: {keys:?}");
}

#[tokio::test]
async fn the_newest_ten_versions_have_all_fields_and_older_ones_what_helm_needs() {
    let harness = Harness::new().await;
    let publish = |version: String| {
        let chart = format!(
            "apiVersion: v2\nname: org\nversion: {version}\ndescription: d\nicon: https://x/i.svg\n"
        );
        harness.post(package_of("org", &[("Chart.yaml", chart.as_bytes())]))
    };
    for minor in 0..12 {
        assert_eq!(publish(format!("1.{minor}.0")).await.status, StatusCode::CREATED);
    }
    publish("2.0.0-rc.1".to_owned()).await;
    let index = harness.get("/index.yaml").await.json();
    let list = index["entries"]["org"].as_array().unwrap();
    let icons: Vec<bool> = list.iter().map(|entry| entry.get("icon").is_some()).collect();
    // The pre-release and ten versions; then the older two.
    assert_eq!(icons, [vec![true; 11], vec![false; 2]].concat());
    let oldest = list[12].as_object().unwrap();
    let keys: Vec<_> = oldest.keys().map(String::as_str).collect();
    assert_eq!(keys, ["apiVersion", "created", "description", "digest", "name", "urls", "version"]);
    for path in ["/api/charts/org", "/api/charts"] {
        let answer = harness.get(path).await.json();
        let list = answer.get("org").unwrap_or(&answer);
        assert_eq!(list[12]["icon"], "https://x/i.svg", "{path}");
    }
    assert_eq!(harness.get("/api/charts/org/1.0.0").await.json()["icon"], "https://x/i.svg");
}

#[tokio::test]
async fn each_form_of_the_index_has_a_validator_of_its_own() {
    let harness = with_charts().await;
    let requests: [(&str, &[(&str, &str)]); 3] = [
        ("/index.yaml", &[]),
        ("/index.yaml", &[("accept-encoding", "gzip")]),
        ("/index.yaml?format=yaml", &[]),
    ];
    let mut tags = Vec::new();
    for (path, headers) in requests {
        let answer = harness.request_with("GET", path, headers).await;
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        let known = [headers, &[("if-none-match", tag.as_str())]].concat();
        let cached = harness.request_with("GET", path, &known).await;
        assert_eq!(cached.status, StatusCode::NOT_MODIFIED);
        assert_eq!((cached.header("etag"), cached.body.len()), (tag.as_str(), 0));
        assert!(!tags.contains(&tag), "{tag} names two bodies");
        tags.push(tag);
    }
    harness.post(package("org", "3.0.0", "a: 1\n")).await;
    let stale = [("if-none-match", tags[0].as_str())];
    let answer = harness.request_with("GET", "/index.yaml", &stale).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn gzip_is_one_member_with_the_same_text() {
    let harness = with_charts().await;
    let identity = harness.get("/index.yaml").await;
    let gzip = harness.request_with("GET", "/index.yaml", &[("accept-encoding", "br, gzip")]).await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert_eq!(gzip.header("content-length"), gzip.body.len().to_string());
    let mut decoder = GzDecoder::new(&gzip.body[..]);
    let mut text = Vec::new();
    decoder.read_to_end(&mut text).unwrap();
    assert!(decoder.into_inner().is_empty(), "a second member follows");
    assert_eq!(text, identity.body);
}

#[tokio::test]
async fn yaml_says_the_same_as_json() {
    let harness = with_charts().await;
    let json = harness.get("/index.yaml").await.json();
    let yaml =
        harness.request_with("GET", "/index.yaml", &[("accept", "application/x-yaml")]).await;
    assert_eq!(yaml.header("content-type"), "application/yaml; charset=utf-8");
    assert!(yaml.text().starts_with("apiVersion: v1\n"), "{}", yaml.text());
    let limits = chart_format::yaml::Limits::INDEX;
    let read = chart_format::yaml::read(&yaml.text(), limits).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), json);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let harness = with_charts().await;
    for path in ["/index.yaml", "/charts/org-1.9.0.tgz", "/api/charts", "/api/charts/org/1.9.0"] {
        let (get, head) = (harness.get(path).await, harness.request("HEAD", path).await);
        assert_eq!((get.status, head.status), (StatusCode::OK, StatusCode::OK), "{path}");
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-length", "content-type", "etag", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
        assert_eq!(head.header("content-length"), get.body.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn a_package_is_cached_for_ever_under_its_digest() {
    let harness = with_charts().await;
    let answer = harness.get("/charts/org-1.9.0.tgz").await;
    let tag = format!("\"{}\"", Sha256::of(&answer.body));
    assert_eq!(answer.header("etag"), tag);
    assert_eq!(answer.header("content-type"), "application/gzip");
    assert!(answer.header("cache-control").contains("immutable"));
    for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let headers = [("if-none-match", known.as_str())];
        let cached = harness.request_with("GET", "/charts/org-1.9.0.tgz", &headers).await;
        assert_eq!(cached.status, StatusCode::NOT_MODIFIED, "{known}");
    }
}

#[tokio::test]
async fn a_name_with_digits_after_a_hyphen_is_found_by_its_file() {
    let harness = with_charts().await;
    let answer = harness.get("/charts/org-2-x-0.1.0.tgz").await;
    assert_eq!(answer.body, package("org-2-x", "0.1.0", "a: 1\n"));
}

#[tokio::test]
async fn the_api_tells_about_charts_as_chartmuseum_does() {
    let harness = with_charts().await;
    let all = harness.get("/api/charts").await.json();
    let index = harness.get("/index.yaml").await.json();
    assert_eq!(all, index["entries"]);
    assert_eq!(harness.get("/api/charts/org").await.json(), index["entries"]["org"]);
    let one = harness.get("/api/charts/org/1.10.0").await.json();
    assert_eq!(one, index["entries"]["org"][1]);
    assert_eq!(harness.get("/api/charts/org/latest").await.json(), one);
}

#[tokio::test]
async fn what_does_not_exist_is_a_404_in_json() {
    let harness = with_charts().await;
    for path in [
        "/nothing",
        "/charts/org-9.9.9.tgz",
        "/charts/org.tgz",
        "/charts/org-1.9.0.zip",
        "/charts/org-1.9.0.tgz.prov",
        "/api/charts/absent",
        "/api/charts/org/9.9.9",
        "/charts/..%252f..%252fFORMAT",
    ] {
        let answer = harness.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.json()["code"], "not-found", "{path}");
    }
    let method = harness.request("PUT", "/api/charts").await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(method.json()["code"], "method-not-allowed");
}

#[tokio::test]
async fn a_path_that_is_no_text_or_a_way_is_refused_in_json() {
    let harness = Harness::new().await;
    let ways = ["/charts/..%2f..%2fFORMAT", "/charts/%2e%2e/FORMAT"];
    for path in ["/charts/%ff.tgz", "/api/charts/%ff", "/api/charts/a/%ff"].into_iter().chain(ways)
    {
        let answer = harness.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.json()["code"], "bad-request", "{path}");
    }
}

#[tokio::test]
async fn a_package_that_the_storage_lost_is_our_fault_and_no_404() {
    let harness = with_charts().await;
    for path in harness.stored().into_keys().filter(|path| path.starts_with("objects/")) {
        std::fs::remove_file(harness.storage.path().join(path)).unwrap();
    }
    let answer = harness.get("/charts/org-1.9.0.tgz").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.json()["code"], "internal-error");
    assert!(!answer.text().contains("objects"), "{}", answer.text());
    assert!(!answer.header("x-request-id").is_empty());
}

#[tokio::test]
async fn health_and_info_answer_as_chartmuseum_does() {
    let harness = Harness::new().await;
    assert_eq!(harness.get("/health").await.json(), json!({ "healthy": true }));
    let info = harness.get("/info").await.json();
    assert_eq!(info, json!({ "version": env!("CARGO_PKG_VERSION") }));
}

#[tokio::test]
async fn a_harmless_request_id_comes_back_and_others_are_replaced() {
    let harness = Harness::new().await;
    let given = harness.request_with("GET", "/health", &[("x-request-id", "build-7")]).await;
    assert_eq!(given.header("x-request-id"), "build-7");
    let bad = harness.request_with("GET", "/health", &[("x-request-id", "a b\"c")]).await;
    assert_eq!(bad.header("x-request-id").len(), 32);
}

#[tokio::test]
async fn a_request_of_a_trace_is_named_by_it() {
    let harness = Harness::new().await;
    let (trace, span) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
    let named = async |headers: &[(&str, &str)]| {
        let answer = harness.request_with("GET", "/health", headers).await;
        answer.header("x-request-id").to_owned()
    };
    let parent = format!("00-{trace}-{span}-01");
    let traced = format!("{trace}-{span}");
    assert_eq!(named(&[("traceparent", &parent)]).await, traced);
    assert_eq!(named(&[("traceparent", &format!("01-{trace}-{span}-01-more"))]).await, traced);
    let own = [("traceparent", parent.as_str()), ("x-request-id", "build-7")];
    assert_eq!(named(&own).await, "build-7");
    for wrong in [
        String::new(),
        format!("00-{trace}-{span}"),
        format!("00-{trace}-{span}-01-more"),
        format!("ff-{trace}-{span}-01"),
        format!("00-{}-{span}-01", trace.to_uppercase()),
        format!("00-{}-{span}-01", "0".repeat(32)),
        format!("00-{trace}-{}-01", "0".repeat(16)),
    ] {
        assert_eq!(named(&[("traceparent", &wrong)]).await.len(), 32, "{wrong}");
    }
}
