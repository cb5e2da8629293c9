//! The table of deviations from `ChartMuseum` in the documentation, row by row against the program.

use axum::http::StatusCode;
use chart_registry::Options;
use serde_json::json;

use crate::access_tokens;
use crate::harness::{Answer, Harness};
use crate::support::package;

const DOCUMENT: &str = include_str!("../../../docs/registry.md");

/// First cells of the rows of the table.
fn documented() -> Vec<&'static str> {
    let (_, table) = DOCUMENT.split_once("## Differences from ChartMuseum").unwrap();
    let table = table.split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).collect()
}

/// What each row says of us, tried.
async fn holds(row: &str, harness: &Harness) -> bool {
    let status = |method, path| async move { harness.request(method, path).await.status };
    match row {
        "POST /api/charts, the same again" => {
            harness.post(package("org", "1.0.0", "a: 1\n")).await.status == StatusCode::CREATED
        }
        "POST /api/charts?force" => forced(harness).await,
        "POST /api/charts, a version deleted before" => returned(harness).await,
        "POST /api/charts, versions that differ behind the +" => {
            harness.post(package("twin", "1.0.0+a", "a: 1\n")).await;
            let answer = harness.post(package("twin", "1.0.0+b", "a: 1\n")).await;
            answer.json()["code"] == "version-twin"
        }
        "a form over the quota" => over_quota().await,
        "POST /api/prov, no provenance file" => {
            provenance(harness, "x").await == StatusCode::BAD_REQUEST
        }
        "POST /api/prov, package absent" => {
            let sums = format!("files:\n  absent-1.0.0.tgz: sha256:{}", "0".repeat(64));
            let text = format!(
                "-----BEGIN PGP SIGNED MESSAGE-----\n\nname: absent\n\n...\n{sums}\n\
                 -----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"
            );
            provenance(harness, &text).await == StatusCode::NOT_FOUND
        }
        "GET /charts/{file}, another extension" => {
            status("GET", "/charts/org-1.0.0.zip").await == StatusCode::NOT_FOUND
        }
        "HEAD /charts/{file}" => status("HEAD", "/charts/org-1.0.0.tgz").await == StatusCode::OK,
        "GET /api/charts?offset=N" => {
            harness.get("/api/charts?offset=0").await.json()["org"].is_array()
        }
        "DELETE /api/charts/{name}/{version}, absent" => {
            let answer = harness.request("DELETE", "/api/charts/absent/1.0.0").await;
            answer.status == StatusCode::NOT_FOUND && !answer.text().contains("objects")
        }
        "a method that a path does not take" => {
            status("PUT", "/api/charts").await == StatusCode::METHOD_NOT_ALLOWED
        }
        "a wrong password where everybody may read" => {
            let credential = [("authorization", "Basic YTpi")];
            let answer = harness.request_with("GET", "/index.yaml", &credential).await;
            answer.status == StatusCode::UNAUTHORIZED
        }
        "GET /" => {
            let html = harness.request_with("GET", "/", &[("accept", "text/html")]).await;
            let plain = harness.get("/").await;
            html.header("content-type").starts_with("text/html")
                && plain.header("content-type").starts_with("text/plain")
        }
        "GET /metrics" => harness.get("/metrics").await.text().contains("chart_registry_versions"),
        other => published_otherwise(other, harness).await,
    }
}

/// The rows about names and packages that are not taken.
async fn published_otherwise(row: &str, harness: &Harness) -> bool {
    let status = |path: String| async move {
        let body = package("org", "1.0.0", "a: 1\n");
        let request = axum::http::Request::post(path).body(body.into()).unwrap();
        harness.send(request).await.status
    };
    let bad = |package: bytes::Bytes| async move {
        let answer = harness.post(package).await;
        answer.status == StatusCode::BAD_REQUEST && answer.json()["code"] == "bad-package"
    };
    match row {
        "POST /api/charts, v1.2.3 beside 1.2.3" => {
            harness.post(package("loose", "1.2.3", "a: 1\n")).await;
            let twin = harness.post(package("loose", "v1.2.3", "a: 1\n")).await;
            twin.status == StatusCode::CONFLICT && twin.json()["code"] == "version-twin"
        }
        "POST /api/charts, a version like 1-rc" => bad(package("loose", "1-rc", "a: 1\n")).await,
        "POST /api/charts, a name with capitals" => bad(package("Loose", "1.0.0", "a: 1\n")).await,
        // The module `lessons` has each of them.
        "POST /api/charts, links, bombs and private keys" => bad(bytes::Bytes::from("x")).await,
        "POST /api/{repository}/charts, a path with capitals or more than eight segments" => {
            status("/api/Team/charts".to_owned()).await == StatusCode::NOT_FOUND
                && status(format!("/api{}/charts", "/a".repeat(9))).await == StatusCode::NOT_FOUND
                && status(format!("/api{}/charts", "/a".repeat(8))).await == StatusCode::CREATED
        }
        "POST /api/api/charts" => status(row[5..].to_owned()).await == StatusCode::NOT_FOUND,
        other => read_otherwise(other, harness).await,
    }
}

/// The rows about what reading answers.
async fn read_otherwise(row: &str, harness: &Harness) -> bool {
    match row {
        "HEAD /index.yaml" => {
            !harness.request("HEAD", "/index.yaml").await.header("etag").is_empty()
        }
        "GET /charts/{file}, type" => {
            let answer = harness.get("/charts/org-1.0.0.tgz").await;
            answer.header("content-type") == "application/gzip"
        }
        "GET /api/charts/{name}/{version}/templates, none" => {
            harness.get("/api/charts/org/1.0.0/templates").await.json()["templates"] == json!([])
        }
        "GET /index.yaml, type" => {
            let yaml = harness.get("/index.yaml?format=yaml").await;
            let plain = harness.get("/index.yaml").await;
            plain.header("content-type") == "application/json"
                && plain.json()["entries"].is_object()
                && yaml.text().starts_with("apiVersion: v1\n")
        }
        "GET /index.yaml, Accept-Encoding: gzip" => {
            let gzip = [("accept-encoding", "gzip")];
            let answer = harness.request_with("GET", "/index.yaml", &gzip).await;
            answer.header("content-encoding") == "gzip"
        }
        "HEAD /api/charts, /health, /info" => {
            let mut all = true;
            for path in ["/api/charts", "/health", "/info"] {
                let (head, get) = (harness.request("HEAD", path).await, harness.get(path).await);
                all &= head.status == StatusCode::OK && head.body.is_empty();
                all &= head.header("content-type") == get.header("content-type");
            }
            all
        }
        "GET //index.yaml" => harness.get("//index.yaml").await.status == StatusCode::NOT_FOUND,
        "a bearer token without an end, or for another service" => {
            access_tokens::unending_and_misdirected().await == [StatusCode::UNAUTHORIZED; 2]
        }
        "GET /static/..., an own welcome page" => {
            harness.get("/static/main.css").await.status == StatusCode::NOT_FOUND
        }
        "Access-Control-Allow-Origin" => {
            let options = Options { allowed_origin: "*".parse().ok(), ..Options::default() };
            let harness = Harness::with(options).await;
            let said = |answer: Answer| answer.header("access-control-allow-origin").to_owned();
            let read = said(harness.get("/api/charts").await);
            let changed = said(harness.post(package("org", "1.0.0", "a: 1\n")).await);
            (read.as_str(), changed.as_str()) == ("*", "")
        }
        "GET /charts/{file}, Range" => {
            let range = [("range", "bytes=0-3")];
            let part = harness.request_with("GET", "/charts/org-1.0.0.tgz", &range).await;
            part.status == StatusCode::PARTIAL_CONTENT && part.body.len() == 4
        }
        other => panic!("no check for the row `{other}`"),
    }
}

async fn forced(harness: &Harness) -> bool {
    let other = package("org", "1.0.0", "a: 2\n");
    let request = axum::http::Request::post("/api/charts?force").body(other.into()).unwrap();
    harness.send(request).await.status == StatusCode::CONFLICT
}

async fn over_quota() -> bool {
    let harness = Harness::new().await;
    let policy = r#"{"version":1,"quota":{"versions":0}}"#;
    harness.send_text("PUT", "/-/v1/policy", policy).await;
    let package = package("org", "1.0.0", "a: 1\n");
    let form = harness.post_form(&[("chart", "org-1.0.0.tgz", &package)]).await;
    let raw = harness.post(package).await;
    [form, raw].iter().all(|answer| answer.status == StatusCode::INSUFFICIENT_STORAGE)
}

async fn provenance(harness: &Harness, text: &str) -> StatusCode {
    let request = axum::http::Request::post("/api/prov").body(text.to_owned().into()).unwrap();
    harness.send(request).await.status
}

async fn returned(harness: &Harness) -> bool {
    harness.post(package("gone", "1.0.0", "a: 1\n")).await;
    harness.request("DELETE", "/api/charts/gone/1.0.0").await;
    let other = harness.post(package("gone", "1.0.0", "a: 2\n")).await;
    let same = harness.post(package("gone", "1.0.0", "a: 1\n")).await;
    (other.status, same.status) == (StatusCode::CONFLICT, StatusCode::CREATED)
}

#[tokio::test]
async fn every_documented_difference_is_one() {
    let rows = documented();
    assert!(rows.len() >= 20, "{rows:?}");
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    for row in rows {
        assert!(holds(row, &harness).await, "it does not: `{row}`");
    }
}
