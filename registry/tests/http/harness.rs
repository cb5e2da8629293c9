//! A registry on a directory of its own, and requests to it.

use std::collections::BTreeMap;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use chart_registry::{Options, Registry};
use chart_registry_store::Store;
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) struct Harness {
    pub(crate) storage: TempDir,
    pub(crate) registry: Registry,
    pub(crate) router: Router,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Panics unless it is this refusal.
    pub(crate) fn refused(&self, status: StatusCode, code: &str) {
        let (text, json) = (self.text(), self.json());
        assert_eq!((self.status, json["code"].as_str()), (status, Some(code)), "{text}");
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Harness {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let storage = tempfile::tempdir().unwrap();
        let registry = Registry::open_with(storage.path(), options).await.unwrap();
        let router = registry.router();
        Self { storage, registry, router }
    }

    /// On a store of any kind; the directory beside it stays empty.
    pub(crate) async fn on(store: Store, options: Options) -> Self {
        let storage = tempfile::tempdir().unwrap();
        let registry = Registry::on(store, options).await.unwrap();
        let router = registry.router();
        Self { storage, registry, router }
    }

    /// On a storage that somebody wrote before.
    pub(crate) async fn prepared(options: Options, prepare: impl AsyncFnOnce(&Path)) -> Self {
        let storage = tempfile::tempdir().unwrap();
        prepare(storage.path()).await;
        let registry = Registry::open_with(storage.path(), options).await.unwrap();
        let router = registry.router();
        Self { storage, registry, router }
    }

    /// The same storage, opened again.
    pub(crate) async fn restarted(self) -> Self {
        let registry = Registry::open(self.storage.path()).await.unwrap();
        let router = registry.router();
        Self { storage: self.storage, registry, router }
    }

    /// Waits until the storage holds a file whose path begins so; fails after a minute.
    pub(crate) async fn wait_for_file(&self, beginning: &str) -> String {
        let wait = async {
            loop {
                let files = self.stored();
                if let Some(path) = files.keys().find(|path| path.starts_with(beginning)) {
                    return path.clone();
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_mins(1), wait).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn request(&self, method: &str, path: &str) -> Answer {
        self.request_with(method, path, &[]).await
    }

    pub(crate) async fn request_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).await
    }

    /// A request with a body, as `curl -X METHOD -d BODY` sends it.
    pub(crate) async fn send_text(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder().method(method).uri(path);
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(crate) async fn post(&self, package: impl Into<Body>) -> Answer {
        self.send(Request::post("/api/charts").body(package.into()).unwrap()).await
    }

    pub(crate) async fn post_form(&self, fields: &[(&str, &str, &[u8])]) -> Answer {
        self.post_form_to("/api/charts", fields).await
    }

    pub(crate) async fn post_form_to(&self, path: &str, fields: &[(&str, &str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, file_name, bytes) in fields {
            let head = format!(
                "--limit\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--limit--\r\n");
        let request = Request::post(path)
            .header("content-type", "multipart/form-data; boundary=limit")
            .body(Body::from(body));
        self.send(request.unwrap()).await
    }

    /// Every file of the storage with its bytes, without the empty layout.
    pub(crate) fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.storage.path(), "", &mut files);
        files.remove("FORMAT");
        files
    }
}

fn collect(root: &Path, below: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            collect(root, &path, files);
        } else {
            files.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
}
