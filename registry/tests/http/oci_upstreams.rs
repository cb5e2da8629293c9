//! Proxies of OCI registries: what was asked for is fetched, compared, kept, and goes on without them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chart_registry::Options;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use crate::harness::Harness;
use crate::oci::{IMAGE, INDEX, descriptor, digest};
use crate::support::package;

/// Another registry on a port of its own, which remembers what it was asked.
struct Origin {
    harness: Harness,
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers before the registry does, or lets it answer.
type Guard = fn(&Request, SocketAddr) -> Option<Response>;

impl Origin {
    async fn new() -> Self {
        Self::guarded(|_, _| None).await
    }

    async fn guarded(guard: Guard) -> Self {
        let harness = Harness::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (router, into) = (harness.router.clone(), Arc::clone(&asked));
        let answers = Router::new().fallback(move |mut request: Request| {
            let line = format!("{} {}", request.method(), request.uri());
            into.lock().unwrap().push(line);
            let router = router.clone();
            async move {
                if let Some(response) = guard(&request, address) {
                    return response;
                }
                // What the guard let through is no credential of the registry behind it.
                request.headers_mut().remove(AUTHORIZATION);
                router.oneshot(request).await.unwrap()
            }
        });
        let task = tokio::spawn(async move { axum::serve(listener, answers).await.unwrap() });
        Self { harness, address, asked, task }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    async fn stop(&self) {
        self.task.abort();
        while tokio::net::TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    /// A chart as Helm pushes it.
    async fn push(&self, version: &str, values: &str) -> (bytes::Bytes, Vec<u8>) {
        let package = package("org", version, values);
        let pushed = self.harness.helm_push(("public/org", version), (&package, None), version);
        let (answer, manifest) = pushed.await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        (package, manifest)
    }
}

pub(crate) fn upstream(url: &str, more: &Value) -> Options {
    let mut item = json!({ "path": "hub", "kind": "oci", "url": url, "refresh-seconds": 0 });
    for (key, value) in more.as_object().unwrap() {
        item[key] = value.clone();
    }
    Options { proxies: vec![serde_json::from_value(item).unwrap()], ..Options::default() }
}

async fn proxy(origin: &Origin, more: &Value) -> Harness {
    Harness::with(upstream(&format!("http://{}/public", origin.address), more)).await
}

#[tokio::test]
async fn a_chart_is_pulled_through_both_ways_and_goes_on_without_its_upstream() {
    let origin = Origin::new().await;
    let (old, manifest) = origin.push("1.0.0", "a: 1\n").await;
    let (new, _) = origin.push("1.1.0", "a: 2\n").await;
    let harness = proxy(&origin, &json!({})).await;
    let tags = harness.get("/v2/hub/org/tags/list").await;
    assert_eq!(tags.json()["tags"], json!(["1.0.0", "1.1.0"]), "{}", tags.text());
    origin.asked();
    let pulled = harness.get("/v2/hub/org/manifests/1.0.0").await;
    assert!(pulled.body == manifest, "{}", pulled.text());
    assert_eq!(pulled.header("docker-content-digest"), digest(&manifest));
    assert_eq!(pulled.header("content-type"), IMAGE);
    let layer = format!("/v2/hub/org/blobs/{}", digest(&old));
    assert!(harness.get(&layer).await.body == old);
    let asked = origin.asked();
    assert_eq!(asked.iter().filter(|line| line.contains("/blobs/")).count(), 2, "{asked:?}");
    // It is a version like others, and the other one can be had by its file name.
    let index = harness.get("/hub/index.yaml").await.json();
    assert_eq!(index["entries"]["org"][0]["digest"], digest(&old)["sha256:".len()..]);
    assert!(harness.get("/hub/charts/org-1.1.0.tgz").await.body == new);
    assert_eq!(harness.get("/hub/charts/org-9.9.9.tgz").await.status, StatusCode::NOT_FOUND);
    assert_eq!(harness.get("/v2/hub/org/manifests/9.9.9").await.status, StatusCode::NOT_FOUND);
    let by = |text: &Vec<u8>| {
        String::from_utf8_lossy(text).contains(r#""sub":"upstream","via":"proxy:127.0.0.1""#)
    };
    assert!(harness.stored().iter().any(|(path, text)| path.starts_with("journal/0") && by(text)));
    // What has a digest is not asked for again; a tag is compared by its headers.
    origin.asked();
    let by_digest = format!("/v2/hub/org/manifests/{}", digest(&manifest));
    assert!(harness.get(&by_digest).await.body == manifest);
    assert!(harness.get(&layer).await.body == old);
    assert_eq!(origin.asked(), [""; 0]);
    harness.get("/v2/hub/org/manifests/1.0.0").await;
    assert_eq!(origin.asked(), ["HEAD /v2/public/org/manifests/1.0.0"]);

    origin.stop().await;
    let stale = harness.get("/v2/hub/org/manifests/1.0.0").await;
    assert!(stale.body == manifest && stale.header("warning").starts_with("111 - "));
    let tags = harness.get("/v2/hub/org/tags/list").await;
    assert_eq!(tags.json()["tags"], json!(["1.0.0", "1.1.0"]));
    assert!(tags.header("warning").starts_with("111 - "), "{}", tags.header("warning"));
    assert!(harness.get("/hub/charts/org-1.1.0.tgz").await.body == new);
    let gone = harness.get("/v2/hub/org/manifests/1.2.0").await;
    assert_eq!(gone.status, StatusCode::BAD_GATEWAY);
    harness.get("/hub/charts/org-1.2.0.tgz").await.refused(StatusCode::BAD_GATEWAY, "upstream");
    // After a restart without the proxy these are versions like others.
    let harness = harness.restarted().await;
    assert!(harness.get("/v2/hub/org/manifests/1.0.0").await.body == manifest);
    assert!(harness.get(&layer).await.body == old);
}

#[tokio::test]
async fn what_is_deleted_here_stays_away_and_a_version_never_changes() {
    let origin = Origin::new().await;
    origin.push("1.0.0", "a: 1\n").await;
    let harness = proxy(&origin, &json!({})).await;
    let first = harness.get("/v2/hub/org/manifests/1.0.0").await;
    // The upstream puts another chart under the same version.
    let purge = "/-/v1/versions/public/org/1.0.0/purge";
    let purged = origin.harness.send_text("POST", purge, r#"{"reason":"x"}"#).await;
    assert_eq!(purged.status, StatusCode::OK, "{}", purged.text());
    let other = Origin::new().await;
    other.push("1.0.0", "evil: 1\n").await;
    let moved = upstream(&format!("http://{}/public", other.address), &json!({}));
    let storage = harness.storage.path().to_owned();
    let registry = chart_registry::Registry::open_with(&storage, moved).await.unwrap();
    let moved =
        Harness { storage: tempfile::tempdir().unwrap(), router: registry.router(), registry };
    assert!(moved.get("/v2/hub/org/manifests/1.0.0").await.body == first.body);
    let deleted = moved.request("DELETE", "/api/hub/charts/org/1.0.0").await;
    assert_eq!(deleted.status, StatusCode::OK, "{}", deleted.text());
    assert_eq!(moved.get("/v2/hub/org/manifests/1.0.0").await.status, StatusCode::NOT_FOUND);
    assert_eq!(moved.get("/hub/charts/org-1.0.0.tgz").await.status, StatusCode::NOT_FOUND);
    assert_eq!(moved.get("/v2/hub/org/tags/list").await.status, StatusCode::NOT_FOUND);
    // Clients push elsewhere.
    let path = "/v2/hub/org/blobs/uploads/";
    assert_eq!(moved.request("POST", path).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_image_is_answered_at_once_and_kept_when_all_of_it_has_come() {
    let origin = Origin::new().await;
    let image = origin.harness.push_image("public/tool", "latest", &json!({})).await;
    let about = json!({ "subject": descriptor(IMAGE, &image), "artifactType": "a/b" });
    let signature = origin.harness.push_image("public/tool", "sig", &about).await;
    let list =
        json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(IMAGE, &image)] });
    let list = serde_json::to_vec(&list).unwrap();
    let put = origin.harness.put_manifest("public/tool", "list", (INDEX, &list)).await;
    assert_eq!(put.status, StatusCode::CREATED);
    let harness = proxy(&origin, &json!({})).await;
    assert!(harness.get("/v2/hub/tool/manifests/list").await.body == list);
    let pulled = harness.get("/v2/hub/tool/manifests/latest").await;
    assert!(pulled.body == image, "{}", pulled.text());
    let layer = format!("/v2/hub/tool/blobs/{}", digest(b"layer"));
    assert_eq!(&harness.get(&layer).await.body[..], b"layer");
    let path = format!("/v2/hub/tool/referrers/{}", digest(&image));
    let found = harness.get(&path).await.json();
    assert_eq!(found["manifests"][0]["digest"], digest(&signature), "{found}");
    // What was answered before all of it was here is committed behind the answer.
    let wait = async {
        let subject = chart_registry_store::Digest::parse(&digest(&image)).unwrap();
        let shelf = || harness.registry.state().shelf("hub", "tool");
        let tagged = || ["latest", "list"].iter().all(|tag| shelf().tagged(tag).is_some());
        while !tagged() || shelf().referrers(subject).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), wait).await.unwrap();
    origin.stop().await;
    for (reference, bytes) in [("latest", &image), ("list", &list)] {
        let again = harness.get(&format!("/v2/hub/tool/manifests/{reference}")).await;
        assert!(again.body == *bytes && again.header("warning").starts_with("111"), "{reference}");
    }
    let found = harness.get(&path).await;
    assert_eq!(found.json()["manifests"][0]["digest"], digest(&signature));
    // A tag that moves upstream is followed; that of an image here is not a version.
    assert_eq!(harness.get("/hub/index.yaml").await.json()["entries"], json!({}));
}

#[tokio::test]
async fn a_tag_that_moves_is_followed() {
    let origin = Origin::new().await;
    let harness = proxy(&origin, &json!({})).await;
    let mut lists = Vec::new();
    for number in 0..2 {
        let list = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [], "annotations": { "n": number.to_string() } });
        let list = serde_json::to_vec(&list).unwrap();
        origin.harness.put_manifest("public/tool", "latest", (INDEX, &list)).await;
        assert!(harness.get("/v2/hub/tool/manifests/latest").await.body == list);
        lists.push(list);
    }
    let first = format!("/v2/hub/tool/manifests/{}", digest(&lists[0]));
    assert!(harness.get(&first).await.body == lists[0]);
}

/// A registry that gives tokens to `reader` with the password `secret`, and wants them.
fn tokens(request: &Request, address: SocketAddr) -> Option<Response> {
    use base64::Engine;
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if request.uri().path() == "/token" {
        let query = request.uri().query().unwrap_or_default();
        let basic = base64::engine::general_purpose::STANDARD.encode("reader:secret");
        let right = given == Some(&format!("Basic {basic}"))
            && query == "service=registry&scope=repository%3Apublic%2Forg%3Apull";
        let answer = if right {
            let token = "let-me-in";
            let both = json!({ "token": token, "access_token": token, "expires_in": 300 });
            (StatusCode::OK, both.to_string())
        } else {
            (StatusCode::UNAUTHORIZED, String::new())
        };
        return Some(answer.into_response());
    }
    if given == Some("Bearer let-me-in") {
        return None;
    }
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    let realm = format!("http://{address}/token");
    // What it asks for is more than reading, which is not what it gets.
    let scope = "repository:public/org:pull,push,delete";
    let challenge = format!("Bearer realm=\"{realm}\",service=\"registry\",scope=\"{scope}\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_str(&challenge).unwrap());
    Some(response)
}

#[tokio::test]
async fn tokens_are_got_where_the_upstream_says_and_used_until_they_end() {
    let origin = Origin::guarded(tokens).await;
    let (package, _) = origin.push("1.0.0", "a: 1\n").await;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "secret\n").unwrap();
    let with = json!({ "user": "reader", "password-file": secret.path() });
    let harness = proxy(&origin, &with).await;
    let pulled = harness.get("/hub/charts/org-1.0.0.tgz").await;
    assert!(pulled.body == package, "{}", pulled.text());
    let asked = origin.asked();
    assert_eq!(asked.iter().filter(|line| line.contains("/token")).count(), 1, "{asked:?}");
    // Without a password the server of tokens gives none, and the client hears of it.
    let harness = proxy(&origin, &json!({})).await;
    let pulled = harness.get("/v2/hub/org/manifests/1.0.0").await;
    assert_eq!(pulled.status, StatusCode::BAD_GATEWAY);
    assert!(pulled.text().contains("its server of tokens answered 401"), "{}", pulled.text());
}

#[tokio::test]
async fn a_password_goes_to_no_server_that_the_configuration_does_not_name() {
    let origin = Origin::guarded(|request, _| {
        (request.uri().path() != "/token").then(|| {
            let challenge = "Bearer realm=\"https://tokens.evil.example/token\"";
            let mut response = StatusCode::UNAUTHORIZED.into_response();
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            response
        })
    })
    .await;
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "secret\n").unwrap();
    let with = json!({ "user": "reader", "password-file": secret.path() });
    let harness = proxy(&origin, &with).await;
    let pulled = harness.get("/v2/hub/org/manifests/1.0.0").await;
    assert_eq!(pulled.status, StatusCode::BAD_GATEWAY);
    let text = pulled.text();
    assert!(text.contains("its tokens come from `tokens.evil.example`"), "{text}");
    assert!(text.contains("token-hosts"), "{text}");
}

#[tokio::test]
async fn a_virtual_repository_asks_an_oci_upstream_for_no_name_of_its_own() {
    let origin = Origin::new().await;
    let (theirs, manifest) = origin.push("1.0.0", "theirs: 1\n").await;
    let mut options = upstream(&format!("http://{}/public", origin.address), &json!({}));
    let item = json!({ "path": "all", "members": ["own", "hub"] });
    options.virtuals = vec![serde_json::from_value(item).unwrap()];
    let harness = Harness::with(options).await;
    assert!(harness.get("/all/charts/org-1.0.0.tgz").await.body == theirs);
    assert!(harness.get("/v2/all/org/manifests/1.0.0").await.body == manifest);
    let index = harness.get("/all/index.yaml").await.json();
    assert_eq!(index["entries"]["org"][0]["version"], "1.0.0");
    // From now on the name is one of this registry.
    let body = Body::from(package("org", "0.1.0", "own: 1\n"));
    let request = axum::http::Request::post("/api/own/charts").body(body).unwrap();
    assert_eq!(harness.send(request).await.status, StatusCode::CREATED);
    origin.asked();
    for path in [
        "/all/charts/org-1.0.0.tgz",
        "/all/charts/org-7.0.0.tgz",
        "/v2/all/org/manifests/1.0.0",
        "/v2/all/org/manifests/7.0.0",
        "/v2/all/org/manifests/latest",
    ] {
        assert_eq!(harness.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let tags = harness.get("/v2/all/org/tags/list").await.json();
    assert_eq!(tags["tags"], json!(["0.1.0"]));
    assert_eq!(origin.asked(), [""; 0], "nobody hears the names of charts here");
}
