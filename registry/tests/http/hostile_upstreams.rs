//! Upstreams that mean harm or are broken: nothing of theirs is kept, and nobody waits for ever.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart_registry::Options;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::harness::Harness;
use crate::oci::{HELM_CHART, HELM_CONFIG, descriptor};
use crate::proxies::{Files, digest, index};
use crate::support::{gzip, package};

/// A server that answers every request by one function.
struct Hostile {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Hostile {
    async fn new(answer: fn(Request) -> Response) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(move |request: Request| async move { answer(request) });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, task }
    }
}

fn options(address: SocketAddr, more: &Value) -> Options {
    let url = format!("http://{address}/helm");
    let mut item = json!({ "path": "mirror", "url": url, "refresh-seconds": 0 });
    for (key, value) in more.as_object().unwrap() {
        item[key] = value.clone();
    }
    Options { proxies: vec![serde_json::from_value(item).unwrap()], ..Options::default() }
}

fn nothing_is_kept(harness: &Harness) {
    let stored = harness.stored();
    let commits = stored.keys().filter(|path| path.starts_with("journal/0"));
    assert_eq!(commits.count(), 0, "{:?}", stored.keys());
}

/// The index is empty, and says why.
async fn shows_nothing(harness: &Harness, reason: &str) {
    let shown = harness.get("/mirror/index.yaml").await;
    assert_eq!(shown.json()["entries"], json!({}));
    let warning = shown.header("warning");
    assert!(warning.starts_with("111 - ") && warning.contains(reason), "{warning}");
    nothing_is_kept(harness);
}

#[tokio::test]
async fn an_index_without_end_is_given_up() {
    let endless = Hostile::new(|_| {
        let line = Bytes::from(vec![b'#'; 1 << 20]);
        let lines = stream::repeat_with(move || Ok::<_, std::io::Error>(line.clone()));
        Response::new(Body::from_stream(lines))
    })
    .await;
    let harness = Harness::with(options(endless.address, &json!({}))).await;
    shows_nothing(&harness, "is larger than 67108864 bytes").await;
}

#[tokio::test]
async fn an_index_that_says_a_huge_length_is_not_read() {
    let huge = Hostile::new(|_| {
        let mut response =
            Response::new(Body::from_stream(stream::pending::<std::io::Result<Bytes>>()));
        response.headers_mut().insert("content-length", 99_999_999_999_u64.into());
        response
    })
    .await;
    let harness = Harness::with(options(huge.address, &json!({}))).await;
    shows_nothing(&harness, "is larger than").await;
}

#[tokio::test]
async fn a_compressed_index_is_not_inflated() {
    // 60 MB of zeros in 60 KB, sent as what a careless client would inflate.
    let bomb = Hostile::new(|_| {
        let bytes = gzip(&vec![0; 60 << 20], flate2::Compression::fast());
        let mut response = Response::new(Body::from(bytes));
        response.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        response
    })
    .await;
    let harness = Harness::with(options(bomb.address, &json!({}))).await;
    shows_nothing(&harness, "the index is no").await;
}

#[tokio::test]
async fn a_text_that_grows_when_it_is_read_is_not_read() {
    // Each line stands for ten of the one before.
    let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..10 {
        let before = format!("*a{}", level - 1);
        let list = vec![before; 10].join(",");
        text = format!("{text}a{level}: &a{level} [{list}]\n");
    }
    let files = Files::new().await;
    files.put("/helm/index.yaml", format!("{text}entries: *a9\n"));
    let harness = Harness::with(options(files.address, &json!({}))).await;
    shows_nothing(&harness, "the index ").await;
}

#[tokio::test]
async fn a_redirect_to_this_machine_is_not_followed() {
    for place in [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:1/index.yaml",
        "http://localhost:1/index.yaml",
        "file:///etc/passwd",
    ] {
        let text: &'static str = place;
        let answers = move |_: Request| Redirect::temporary(text).into_response();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router =
            Router::new().fallback(move |request: Request| async move { answers(request) });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let _server = Hostile { address, task };
        // Not even where the configuration lets its packages come from there.
        let hosts = json!({ "package-hosts": ["169.254.169.254", "::1", "localhost"] });
        let harness = Harness::with(options(address, &hosts)).await;
        shows_nothing(&harness, "").await;
        let shown = harness.get("/mirror/index.yaml").await;
        let warning = shown.header("warning");
        assert!(!warning.contains("cannot be reached"), "{place}: {warning}");
    }
}

#[tokio::test]
async fn names_that_lead_elsewhere_are_left_out() {
    let package = package("org", "1.0.0", "");
    let good = index(&[("1.0.0", "org-1.0.0.tgz", digest(&package))]);
    let entry = |name: &str, version: &str| {
        let digest = digest(&package);
        format!(
            "  {name}:\n  - {{name: {name}, version: {version}, apiVersion: v2, digest: {digest}, urls: [org-1.0.0.tgz]}}\n"
        )
    };
    let bad = [
        entry("\"../org\"", "1.0.0"),
        entry("\"..\"", "1.0.0"),
        entry("\"a/b\"", "1.0.0"),
        entry("\"a\\\\b\"", "1.0.0"),
        entry("\"a\\nb\"", "1.0.0"),
        entry("x", "\"../1.0.0\""),
        entry("y", "\"1.0.0/../2\""),
        entry("z", "\"1-1\""),
    ];
    let files = Files::new().await;
    files.put("/helm/index.yaml", format!("{good}{}", bad.concat()));
    files.put("/helm/org-1.0.0.tgz", package.clone());
    let harness = Harness::with(options(files.address, &json!({}))).await;
    let shown = harness.get("/mirror/index.yaml").await.json();
    let names: Vec<&String> = shown["entries"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["org"], "{shown}");
    assert!(harness.get("/mirror/charts/org-1.0.0.tgz").await.body == package);
}

#[tokio::test]
async fn a_package_that_is_cut_short_or_too_large_is_the_fault_of_the_upstream() {
    let package = package("org", "1.0.0", "");
    let files = Files::new().await;
    files.put("/helm/index.yaml", index(&[("1.0.0", "org-1.0.0.tgz", digest(&package))]));
    for body in [package.slice(..package.len() / 2), Bytes::from(vec![0; 64])] {
        files.put("/helm/org-1.0.0.tgz", body);
        let harness = Harness::with(options(files.address, &json!({}))).await;
        let pulled = harness.get("/mirror/charts/org-1.0.0.tgz").await;
        pulled.refused(StatusCode::BAD_GATEWAY, "upstream");
        nothing_is_kept(&harness);
    }
    // A bomb whose digest is right is still no chart.
    let bomb = gzip(&vec![0; 30 << 20], flate2::Compression::best());
    files.put("/helm/index.yaml", index(&[("1.0.0", "org-1.0.0.tgz", digest(&bomb))]));
    files.put("/helm/org-1.0.0.tgz", bomb);
    let harness = Harness::with(options(files.address, &json!({}))).await;
    let pulled = harness.get("/mirror/charts/org-1.0.0.tgz").await;
    pulled.refused(StatusCode::BAD_REQUEST, "bad-package");
    nothing_is_kept(&harness);
}

/// Becomes true when a body is read no more.
struct Dropped(Arc<AtomicBool>);

impl Dropped {
    /// Whoever reads the body keeps this.
    fn is_read(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn nobody_waits_for_an_answer_that_drips() {
    let package = package("org", "1.0.0", "");
    let listed = index(&[("1.0.0", "org-1.0.0.tgz", digest(&package))]);
    let asked = Arc::new(AtomicUsize::new(0));
    let given_up = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&given_up);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(move |_: Request| {
        let (first, text) = (asked.fetch_add(1, Ordering::Relaxed) == 0, listed.clone());
        let seen = Arc::clone(&seen);
        async move {
            if first {
                return Response::new(Body::from(text));
            }
            // A byte that is followed by nothing.
            let drop = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"#")) });
            let (rest, body) = (drop.chain(stream::pending()), Dropped(seen));
            Response::new(Body::from_stream(rest.inspect(move |_| body.is_read())))
        }
    });
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let _server = Hostile { address, task };
    let harness = Harness::with(options(address, &json!({}))).await;
    for round in 0..3 {
        let shown = harness.get("/mirror/index.yaml").await.json();
        assert_eq!(shown["entries"]["org"][0]["version"], "1.0.0", "{round}");
        // The answer is still awaited, half a minute and longer; the reader was not kept for it.
        assert!(!given_up.load(Ordering::Relaxed), "{round}: the reader waited for the upstream");
    }
}

fn oci(address: SocketAddr) -> Options {
    let more = json!({ "kind": "oci", "url": format!("http://{address}") });
    options(address, &more)
}

#[tokio::test]
async fn manifests_and_blobs_with_other_digests_are_not_taken() {
    let package = package("org", "1.0.0", "");
    let config = br#"{"name":"org"}"#;
    let manifest = json!({
        "schemaVersion": 2,
        "config": descriptor(HELM_CONFIG, config),
        "layers": [descriptor(HELM_CHART, &package)],
    });
    let manifest = serde_json::to_vec(&manifest).unwrap();
    let files = Files::new().await;
    let place = |kind: &str, text: &str| format!("/v2/org/{kind}/{text}");
    files.put(&place("manifests", "1.0.0"), manifest.clone());
    files.put(&place("blobs", &crate::oci::digest(config)), &config[..]);
    // Other bytes of the same length.
    let other = vec![b'x'; package.len()];
    files.put(&place("blobs", &crate::oci::digest(&package)), other);
    let harness = Harness::with(oci(files.address)).await;
    for path in ["/v2/mirror/org/manifests/1.0.0", "/mirror/charts/org-1.0.0.tgz"] {
        let answer = harness.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.text());
        nothing_is_kept(&harness);
    }
    // The manifest itself has another digest than the one that was asked for.
    let wanted = crate::oci::digest(b"another");
    files.put(&place("manifests", &wanted), manifest.clone());
    let answer = harness.get(&format!("/v2/mirror/org/manifests/{wanted}")).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.text());
    assert!(answer.text().contains("as sha256:"), "{}", answer.text());
    nothing_is_kept(&harness);
}

#[tokio::test]
async fn a_manifest_that_is_none_or_names_too_much_is_not_taken() {
    let files = Files::new().await;
    let huge = json!({
        "schemaVersion": 2,
        "config": { "mediaType": "a/b", "digest": crate::oci::digest(b""), "size": u64::MAX },
        "layers": [],
    });
    let many: Vec<Value> = (0..3_000_u32).map(|it| descriptor("a/b", &it.to_be_bytes())).collect();
    let many = json!({ "schemaVersion": 2, "layers": many });
    for (tag, bytes) in [
        ("none", b"<html>".to_vec()),
        ("many", serde_json::to_vec(&many).unwrap()),
        ("large", vec![b' '; (4 << 20) + 1]),
        ("deep", vec![b'['; 1 << 20]),
    ] {
        files.put(&format!("/v2/org/manifests/{tag}"), bytes);
        let harness = Harness::with(oci(files.address)).await;
        let answer = harness.get(&format!("/v2/mirror/org/manifests/{tag}")).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{tag}: {}", answer.text());
        nothing_is_kept(&harness);
    }
    // One that names a blob larger than all limits is answered and never fetched.
    files.put("/v2/org/manifests/huge", serde_json::to_vec(&huge).unwrap());
    let harness = Harness::with(oci(files.address)).await;
    let answer = harness.get("/v2/mirror/org/manifests/huge").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    nothing_is_kept(&harness);
}

#[tokio::test]
async fn a_list_of_tags_without_end_is_given_up() {
    let endless = Hostile::new(|request| {
        let last = request.uri().query().unwrap_or_default().split("last=t").nth(1).unwrap_or("0");
        let next: u64 = last.parse::<u64>().unwrap() + 1;
        let body = json!({ "name": "org", "tags": [format!("t{next}"), "../x"] }).to_string();
        let mut response = Response::new(Body::from(body));
        response
            .headers_mut()
            .insert("link", "</v2/org/tags/list?last=x>; rel=\"next\"".parse().unwrap());
        response
    })
    .await;
    let harness = Harness::with(oci(endless.address)).await;
    let answer = harness.get("/v2/mirror/org/tags/list").await;
    // The last tag of each page is none, so the list ends with the first page.
    assert_eq!(answer.json()["tags"], json!(["t1"]), "{}", answer.text());
    let pages = Hostile::new(|request| {
        let last = request.uri().query().unwrap_or_default().split("last=t").nth(1).unwrap_or("0");
        let next: u64 = last.parse::<u64>().unwrap() + 1;
        let body = json!({ "name": "org", "tags": [format!("t{next}")] }).to_string();
        let mut response = Response::new(Body::from(body));
        response
            .headers_mut()
            .insert("link", "</v2/org/tags/list?last=x>; rel=\"next\"".parse().unwrap());
        response
    })
    .await;
    let harness = Harness::with(oci(pages.address)).await;
    let answer = harness.get("/v2/mirror/org/tags/list").await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(answer.text().contains("more than 50 pages"), "{}", answer.text());
}
