//! Proxies: what an upstream has is shown, fetched once, compared, kept, and goes on without it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry::upstream::Upstream;
use chart_registry::{Options, Registry, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::harness::Harness;
use crate::support::package;

/// A plain server of files that remembers what it was asked.
pub(crate) struct Files {
    pub(crate) address: SocketAddr,
    held: Arc<Mutex<BTreeMap<String, Bytes>>>,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Files {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Files {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let held = Arc::new(Mutex::new(BTreeMap::<String, Bytes>::new()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (from, into) = (Arc::clone(&held), Arc::clone(&asked));
        let router = Router::new().fallback(move |request: Request| {
            let path = request.uri().path().to_owned();
            let found = from.lock().unwrap().get(&path).cloned();
            into.lock().unwrap().push(path);
            async move {
                found.map_or(StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
            }
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, held, asked, task }
    }

    /// Ends it; nobody is answered any more.
    pub(crate) async fn stop(&self) {
        self.task.abort();
        while tokio::net::TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn put(&self, path: &str, bytes: impl Into<Bytes>) {
        self.held.lock().unwrap().insert(path.to_owned(), bytes.into());
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn upstream(address: SocketAddr, more: &Value) -> Options {
    let mut item = json!({
        "path": "mirror", "url": format!("http://{address}/helm"), "refresh-seconds": 0,
    });
    for (key, value) in more.as_object().unwrap() {
        item[key] = value.clone();
    }
    let upstream: Upstream = serde_json::from_value(item).unwrap();
    Options { proxies: vec![upstream], ..Options::default() }
}

/// An index with entries of one chart: version, place of the package, digest.
pub(crate) fn index(entries: &[(&str, &str, String)]) -> String {
    let entry = |(version, url, digest): &(&str, &str, String)| {
        format!(
            "  - apiVersion: v2\n    created: \"2024-05-01T10:00:00Z\"\n    digest: {digest}\n    name: org\n    urls: [\"{url}\"]\n    version: {version}\n    home: https://org.example\n    unknown: 1\n"
        )
    };
    let entries: Vec<String> = entries.iter().map(entry).collect();
    format!("apiVersion: v1\nentries:\n  org:\n{}", entries.concat())
}

pub(crate) fn digest(package: &[u8]) -> String {
    Sha256::of(package).to_string()
}

pub(crate) fn versions(index: &Value) -> Vec<&str> {
    let entries = index["entries"]["org"].as_array().unwrap();
    entries.iter().map(|entry| entry["version"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_a_static_repository_has_is_shown_fetched_once_and_kept_when_it_is_gone() {
    let files = Files::new().await;
    let (old, new) = (package("org", "1.0.0", "a: 1\n"), package("org", "1.1.0", "a: 2\n"));
    let here = format!("http://{}/helm/org-1.1.0.tgz?x=1", files.address);
    let text = index(&[
        ("1.0.0", "charts/org-1.0.0.tgz", digest(&old)),
        ("1.1.0", &here, digest(&new)),
        ("broken", "x.tgz", digest(&new)),
    ]);
    files.put("/helm/index.yaml", text);
    files.put("/helm/charts/org-1.0.0.tgz", old.clone());
    files.put("/helm/org-1.1.0.tgz", new.clone());
    let harness = Harness::with(upstream(files.address, &json!({}))).await;

    let shown = harness.get("/mirror/index.yaml").await;
    let read = shown.json();
    assert_eq!(versions(&read), ["1.1.0", "1.0.0"]);
    let entry = &read["entries"]["org"][0];
    assert_eq!(entry["digest"], digest(&new));
    assert_eq!(
        (&entry["urls"][0], &entry["home"]),
        (&json!("charts/org-1.1.0.tgz"), &json!("https://org.example"))
    );
    assert_eq!(
        (&entry["created"], &entry["unknown"]),
        (&json!("2024-05-01T10:00:00.000Z"), &Value::Null)
    );
    assert_eq!((files.asked(), shown.header("warning")), (vec!["/helm/index.yaml".to_owned()], ""));

    let pulled = harness.get("/mirror/charts/org-1.1.0.tgz").await;
    assert!(pulled.status == StatusCode::OK && pulled.body == new, "{}", pulled.text());
    let asked = files.asked();
    assert!(asked.contains(&"/helm/org-1.1.0.tgz".to_owned()), "{asked:?}");
    assert!(harness.get("/mirror/charts/org-1.1.0.tgz").await.body == new);
    assert_eq!(files.asked(), Vec::<String>::new(), "a package is fetched once");
    let from_upstream = |(path, text): (&String, &Vec<u8>)| {
        let by = r#""actor":{"sub":"upstream","via":"proxy:127.0.0.1"}"#;
        path.starts_with("journal/") && String::from_utf8_lossy(text).contains(by)
    };
    assert!(harness.stored().iter().any(from_upstream));
    assert_eq!(harness.get("/mirror/charts/org-9.9.9.tgz").await.status, StatusCode::NOT_FOUND);

    // The upstream is gone: its versions stay in the index, what was fetched goes on.
    files.stop().await;
    let stale = harness.get("/mirror/index.yaml").await;
    assert_eq!(versions(&stale.json()), ["1.1.0", "1.0.0"]);
    assert!(stale.header("warning").starts_with("111 - "), "{}", stale.header("warning"));
    assert!(harness.get("/mirror/charts/org-1.1.0.tgz").await.body == new);
    harness.get("/mirror/charts/org-1.0.0.tgz").await.refused(StatusCode::BAD_GATEWAY, "upstream");
    // After a restart without the upstream and without the proxy the version is one like others.
    let harness = harness.restarted().await;
    assert_eq!(versions(&harness.get("/mirror/index.yaml").await.json()), ["1.1.0"]);
}

#[tokio::test]
async fn other_bytes_than_the_index_says_and_other_hosts_are_not_taken() {
    let files = Files::new().await;
    let (good, bad) = (package("org", "1.0.0", "a: 1\n"), package("org", "1.0.0", "evil: 1\n"));
    let elsewhere = format!("http://localhost:{}/org-1.1.0.tgz", files.address.port());
    let text = index(&[
        ("1.0.0", "org-1.0.0.tgz", digest(&good)),
        ("1.1.0", &elsewhere, digest(&good)),
        ("1.2.0", "http://169.254.169.254/org-1.2.0.tgz", digest(&good)),
        ("1.3.0", "org-1.3.0.tgz", digest(&good)),
    ]);
    files.put("/helm/index.yaml", text);
    files.put("/helm/org-1.0.0.tgz", bad);
    files.put("/org-1.1.0.tgz", good.clone());
    // The right bytes under the name of another version.
    files.put("/helm/org-1.3.0.tgz", good);
    let harness = Harness::with(upstream(files.address, &json!({}))).await;
    for (version, said) in
        [("1.0.0", "its index says"), ("1.1.0", "no place for packages"), ("1.2.0", "no place")]
    {
        let answer = harness.get(&format!("/mirror/charts/org-{version}.tgz")).await;
        answer.refused(StatusCode::BAD_GATEWAY, "upstream");
        assert!(answer.text().contains(said), "{}", answer.text());
    }
    let answer = harness.get("/mirror/charts/org-1.3.0.tgz").await;
    answer.refused(StatusCode::BAD_REQUEST, "bad-package");
    assert!(!harness.stored().keys().any(|path| path.starts_with("journal/0")), "nothing is kept");
    // Clients publish elsewhere.
    let body = Body::from(package("org", "2.0.0", ""));
    let request = Request::post("/api/mirror/charts").body(body).unwrap();
    harness.send(request).await.refused(StatusCode::FORBIDDEN, "forbidden");
}

#[tokio::test]
async fn another_chart_registry_is_an_upstream_with_the_same_digests() {
    let storage = tempfile::tempdir().unwrap();
    let origin = Registry::open(storage.path()).await.unwrap();
    let published = package("org", "1.0.0", "a: 1\n");
    let receipt = origin.publish(published.clone()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}/~latest=5");
    let serving = tokio::spawn(serve(listener, origin.clone(), std::future::pending()));
    let harness = Harness::with(upstream(address, &json!({ "url": url }))).await;
    let first = harness.get("/mirror/index.yaml").await;
    assert_eq!(first.json()["entries"]["org"][0]["digest"], receipt.digest);
    let again = harness.get("/mirror/index.yaml").await;
    assert_eq!(first.header("etag"), again.header("etag"));
    let pulled = harness.get("/mirror/charts/org-1.0.0.tgz").await;
    assert!(pulled.body == published && pulled.header("etag").contains(&receipt.digest));
    // What comes new is shown at the next look, and what was deleted here stays away.
    origin.publish(package("org", "1.1.0", "a: 2\n")).await.unwrap();
    assert_eq!(versions(&harness.get("/mirror/index.yaml").await.json()), ["1.1.0", "1.0.0"]);
    harness.request("DELETE", "/api/mirror/charts/org/1.0.0").await;
    assert_eq!(versions(&harness.get("/mirror/index.yaml").await.json()), ["1.1.0"]);
    assert_eq!(harness.get("/mirror/charts/org-1.0.0.tgz").await.status, StatusCode::NOT_FOUND);
    serving.abort();
}

#[tokio::test]
async fn views_api_and_oci_tell_of_all_that_an_upstream_has_and_fetch_what_they_need() {
    let files = Files::new().await;
    let (old, new) = (package("org", "1.0.0", "a: 1\n"), package("org", "1.1.0", "a: 2\n"));
    files.put(
        "/helm/index.yaml",
        index(&[
            ("1.0.0", "org-1.0.0.tgz", digest(&old)),
            ("1.1.0", "org-1.1.0.tgz", digest(&new)),
        ]),
    );
    files.put("/helm/org-1.0.0.tgz", old.clone());
    files.put("/helm/org-1.1.0.tgz", new.clone());
    let harness = Harness::with(upstream(files.address, &json!({}))).await;
    let newest = harness.get("/mirror/~latest=1/index.yaml").await.json();
    assert_eq!(versions(&newest), ["1.1.0"]);
    let listed = harness.get("/api/mirror/charts/org").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let tags = harness.get("/v2/mirror/org/tags/list").await.json();
    assert_eq!(tags["tags"], json!(["1.0.0", "1.1.0"]));
    assert!(
        !files.asked().iter().any(|path| path.contains(".tgz")),
        "nothing is fetched for lists"
    );
    let values = harness.get("/api/mirror/charts/org/1.1.0/values").await;
    assert_eq!(values.text(), "a: 2\n");
    let manifest = harness.get("/v2/mirror/org/manifests/1.0.0").await;
    assert_eq!(manifest.status, StatusCode::OK, "{}", manifest.text());
    let layer = manifest.json()["layers"][0]["digest"].as_str().unwrap().to_owned();
    assert_eq!(layer, format!("sha256:{}", digest(&old)));
    assert!(harness.get(&format!("/v2/mirror/org/blobs/{layer}")).await.body == old);
    // Nothing is pushed into a proxy by OCI either.
    let path = "/v2/mirror/org/blobs/uploads/";
    assert_eq!(harness.request("POST", path).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn names_and_sizes_that_the_proxy_does_not_take_stay_away() {
    let files = Files::new().await;
    let package = package("org", "1.0.0", "a: 1\n");
    files.put("/helm/index.yaml", index(&[("1.0.0", "org-1.0.0.tgz", digest(&package))]));
    files.put("/helm/org-1.0.0.tgz", package.clone());
    for (rules, listed, status) in [
        (json!({ "allow": ["nginx", "redis-*"] }), 0, StatusCode::NOT_FOUND),
        (json!({ "deny": ["o*"] }), 0, StatusCode::NOT_FOUND),
        (json!({ "max-bytes": package.len() - 1 }), 1, StatusCode::BAD_GATEWAY),
        (json!({ "allow": ["org"], "max-bytes": package.len() }), 1, StatusCode::OK),
    ] {
        let harness = Harness::with(upstream(files.address, &rules)).await;
        let shown = harness.get("/mirror/index.yaml").await.json();
        assert_eq!(shown["entries"].as_object().unwrap().len(), listed, "{rules}");
        let pulled = harness.get("/mirror/charts/org-1.0.0.tgz").await;
        assert_eq!(pulled.status, status, "{rules}: {}", pulled.text());
        let by = format!(r#""via":"proxy:127.0.0.1 (allow org, max-bytes {})""#, package.len());
        let recorded = |text: &Vec<u8>| String::from_utf8_lossy(text).contains(&by);
        let journal = harness.stored();
        let mut commits = journal.iter().filter(|(path, _)| path.starts_with("journal/0"));
        assert_eq!(commits.any(|(_, text)| recorded(text)), status == StatusCode::OK);
    }
}
