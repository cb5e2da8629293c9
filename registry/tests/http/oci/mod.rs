//! The OCI distribution API, endpoint by endpoint, as the specification's table has them.

mod blobs;
mod charts;
mod manifests;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chart_format::digest::Sha256;
use serde_json::{Value, json};

use crate::harness::{Answer, Harness};

pub(crate) const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const HELM_CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
pub(crate) const HELM_CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
pub(crate) const HELM_PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::of(bytes).prefixed()
}

pub(crate) fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}

/// The code in an answer in the OCI dialect.
pub(crate) fn code(answer: &Answer) -> String {
    answer.json()["errors"][0]["code"].as_str().unwrap_or_default().to_owned()
}

impl Harness {
    pub(crate) async fn send_bytes(
        &self,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_vec())).unwrap()).await
    }

    /// Pushes a blob in one request.
    pub(crate) async fn push_blob(&self, name: &str, bytes: &[u8]) {
        let path = format!("/v2/{name}/blobs/uploads/?digest={}", digest(bytes));
        let answer = self.send_bytes(("POST", &path), &[], bytes).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }

    pub(crate) async fn put_manifest(
        &self,
        name: &str,
        reference: &str,
        (media_type, bytes): (&str, &[u8]),
    ) -> Answer {
        let path = format!("/v2/{name}/manifests/{reference}");
        self.send_bytes(("PUT", &path), &[("content-type", media_type)], bytes).await
    }

    /// Pushes an image of two blobs, and gives its manifest.
    pub(crate) async fn push_image(&self, name: &str, tag: &str, extra: &Value) -> Vec<u8> {
        for blob in [&b"{}"[..], b"layer"] {
            self.push_blob(name, blob).await;
        }
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": descriptor("application/x-config", b"{}"),
            "layers": [descriptor("text/plain", b"layer")],
        });
        for (key, value) in extra.as_object().unwrap() {
            manifest[key] = value.clone();
        }
        let bytes = serde_json::to_vec(&manifest).unwrap();
        let answer = self.put_manifest(name, tag, (IMAGE, &bytes)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        bytes
    }

    /// Pushes a chart as Helm does: blobs, then a manifest with a time of its own.
    pub(crate) async fn helm_push(
        &self,
        (name, tag): (&str, &str),
        (package, provenance): (&[u8], Option<&[u8]>),
        created: &str,
    ) -> (Answer, Vec<u8>) {
        let config = br#"{"name":"org"}"#;
        let mut layers = vec![descriptor(HELM_CHART, package)];
        for blob in [&config[..], package].into_iter().chain(provenance) {
            self.push_blob(name, blob).await;
        }
        if let Some(provenance) = provenance {
            // Helm sorts layers by digest, so that either may come first.
            layers.insert(0, descriptor(HELM_PROVENANCE, provenance));
        }
        let manifest = json!({
            "schemaVersion": 2,
            "config": descriptor(HELM_CONFIG, config),
            "layers": layers,
            "annotations": { "org.opencontainers.image.created": created },
        });
        let bytes = serde_json::to_vec(&manifest).unwrap();
        (self.put_manifest(name, tag, (IMAGE, &bytes)).await, bytes)
    }
}

#[tokio::test]
async fn the_version_check_answers_and_errors_are_said_in_the_dialect() {
    let harness = Harness::new().await;
    let version = harness.get("/v2/").await;
    assert_eq!((version.status, version.text().as_str()), (StatusCode::OK, "{}"));
    assert_eq!(version.header("docker-distribution-api-version"), "registry/2.0");
    for (method, path, status, expected) in [
        ("GET", "/v2/x/tags/list", 404, "NAME_UNKNOWN"),
        ("GET", "/v2/x/manifests/none", 404, "MANIFEST_UNKNOWN"),
        ("GET", "/v2/x/manifests/sha256:00", 400, "DIGEST_INVALID"),
        ("GET", "/v2/x/manifests/a%2Bb", 400, "TAG_INVALID"),
        ("GET", "/v2/x/blobs/sha256:zz", 400, "DIGEST_INVALID"),
        ("GET", "/v2/X/tags/list", 400, "NAME_INVALID"),
        ("GET", "/v2/x/referrers/nothing", 400, "DIGEST_INVALID"),
        ("PUT", "/v2/x/tags/list", 405, "UNSUPPORTED"),
        ("GET", "/v2/x/nothing", 404, "NAME_UNKNOWN"),
    ] {
        let answer = harness.request(method, path).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.text());
        assert_eq!(code(&answer), expected, "{method} {path}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
    }
    let head = harness.request("HEAD", "/v2/x/manifests/none").await;
    assert_eq!((head.status, head.body.len()), (StatusCode::NOT_FOUND, 0));
}

#[tokio::test]
async fn a_server_that_takes_no_writes_says_denied() {
    let options = chart_registry::Options { writable: false, ..chart_registry::Options::default() };
    let harness = Harness::with(options).await;
    for (method, path) in [
        ("POST", "/v2/x/blobs/uploads/"),
        ("PUT", "/v2/x/manifests/1.0.0"),
        ("DELETE", "/v2/x/manifests/1.0.0"),
    ] {
        let answer = harness.request(method, path).await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::FORBIDDEN, "DENIED"));
    }
}
