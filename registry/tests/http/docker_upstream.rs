//! A proxy of Debian's docker-registry, where that is there.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::harness::Harness;
use crate::oci::{HELM_CHART, HELM_CONFIG, IMAGE, INDEX, descriptor, digest};
use crate::oci_upstreams::upstream;
use crate::support::package;

/// A docker-registry of Debian, if it is there.
struct Docker {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Docker {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Docker {
    #[expect(clippy::print_stderr, reason = "whoever reads the log must see what was not run")]
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().display();
        let text = format!(
            "version: 0.1\nlog: {{level: info, formatter: text}}\nstorage: {{filesystem: {{rootdirectory: {root}/data}}}}\nhttp: {{addr: '127.0.0.1:0'}}\n"
        );
        let file = folder.path().join("config.yml");
        std::fs::write(&file, text).unwrap();
        let started = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .stdin(Stdio::null())
            .spawn();
        let Ok(mut child) = started else {
            assert!(
                std::env::var_os("REQUIRE_ORACLES").is_none(),
                "`docker-registry` is not in PATH"
            );
            eprintln!("not run: a test asks `docker-registry`, which is not in PATH");
            return None;
        };
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.unwrap();
            let rest = line.split("listening on ").nth(1)?;
            let end = rest.find(|it: char| !(it.is_ascii_digit() || ".:".contains(it)));
            Some(rest[..end.unwrap_or(rest.len())].to_owned())
        });
        // Whoever writes into a pipe that nobody reads waits.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { child, address: address.unwrap(), _folder: folder })
    }

    async fn send(
        &self,
        (method, path): (&str, &str),
        kind: &str,
        body: &[u8],
    ) -> BTreeMap<String, String> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(&self.address).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: {kind}\r\n\
             content-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()
    }

    async fn push_blob(&self, name: &str, bytes: &[u8]) {
        let path = format!("/v2/{name}/blobs/uploads/");
        let begun = self.send(("POST", &path), "", b"").await;
        let place = begun["location"].split(&self.address).nth(1).unwrap().to_owned();
        let path = format!("{place}&digest={}", digest(bytes));
        self.send(("PUT", &path), "application/octet-stream", bytes).await;
    }

    async fn push_manifest(&self, name: &str, tag: &str, manifest: &[u8]) {
        let path = format!("/v2/{name}/manifests/{tag}");
        self.send(("PUT", &path), IMAGE, manifest).await;
    }
}

#[tokio::test]
async fn a_docker_registry_is_an_upstream_too() {
    let Some(mut docker) = Docker::start() else { return };
    let package = package("org", "1.0.0", "a: 1\n");
    let config = br#"{"name":"org","version":"1.0.0","apiVersion":"v2"}"#;
    let manifest = |layers: Value, more: Value| {
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE, "config": descriptor(HELM_CONFIG, config), "layers": layers,
        });
        for (key, value) in more.as_object().unwrap() {
            manifest[key] = value.clone();
        }
        serde_json::to_vec(&manifest).unwrap()
    };
    let chart = manifest(json!([descriptor(HELM_CHART, &package)]), json!({}));
    for bytes in [&config[..], &package[..], b"signature"] {
        docker.push_blob("charts/org", bytes).await;
    }
    docker.push_manifest("charts/org", "1.0.0", &chart).await;
    // It has no referrers: what is about a manifest stands under a tag made of its digest.
    let about = manifest(
        json!([descriptor("text/plain", b"signature")]),
        json!({ "subject": descriptor(IMAGE, &chart), "config": descriptor("a/b", config) }),
    );
    docker.push_manifest("charts/org", "about", &about).await;
    let mut listed = descriptor(IMAGE, &about);
    listed["artifactType"] = json!("a/b");
    let list = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [listed] });
    let fallback = digest(&chart).replace(':', "-");
    let path = format!("/v2/charts/org/manifests/{fallback}");
    docker.send(("PUT", &path), INDEX, &serde_json::to_vec(&list).unwrap()).await;

    let url = format!("http://{}/charts", docker.address);
    let harness = Harness::with(upstream(&url, &json!({}))).await;
    let tags = harness.get("/v2/hub/org/tags/list").await.json();
    assert_eq!(tags["tags"], json!(["1.0.0", "about", fallback]));
    assert!(harness.get("/hub/charts/org-1.0.0.tgz").await.body == package);
    assert!(harness.get("/v2/hub/org/manifests/1.0.0").await.body == chart);
    let path = format!("/v2/hub/org/referrers/{}", digest(&chart));
    let found = harness.get(&path).await.json();
    assert_eq!(found["manifests"][0]["digest"], digest(&about), "{found}");
    let missing = harness.get("/v2/hub/nothing/tags/list").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND, "{}", missing.text());
    docker.child.kill().unwrap();
    docker.child.wait().unwrap();
    assert!(harness.get("/hub/charts/org-1.0.0.tgz").await.body == package);
    let stale = harness.get("/v2/hub/org/manifests/1.0.0").await;
    assert!(stale.body == chart && stale.header("warning").starts_with("111"));
}
