//! Packages and requests that must be refused: a clear reason, and nothing stored.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use chart_registry::Options;
use flate2::Compression;

use crate::harness::{Answer, Harness};
use crate::support::{gzip, package};

const CHART_YAML: &str = "apiVersion: v2\nname: org\nversion: 1.2.3\n";

/// One entry of a tar archive, with nothing checked.
pub(crate) struct RawEntry<'a> {
    pub(crate) path: &'a str,
    pub(crate) kind: tar::EntryType,
    pub(crate) link: &'a str,
    pub(crate) content: &'a [u8],
}

pub(crate) fn file<'a>(path: &'a str, content: &'a str) -> RawEntry<'a> {
    RawEntry { path, kind: tar::EntryType::Regular, link: "", content: content.as_bytes() }
}

pub(crate) fn link(path: &str, kind: tar::EntryType) -> RawEntry<'_> {
    RawEntry { path, kind, link: "Chart.yaml", content: b"" }
}

pub(crate) fn archive(entries: &[RawEntry<'_>]) -> Bytes {
    let mut archive = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_ustar();
        // The checking setters refuse what these tests need.
        let fields = header.as_old_mut();
        fields.name[..entry.path.len()].copy_from_slice(entry.path.as_bytes());
        fields.linkname[..entry.link.len()].copy_from_slice(entry.link.as_bytes());
        header.set_entry_type(entry.kind);
        header.set_mode(0o644);
        header.set_size(entry.content.len() as u64);
        header.set_cksum();
        archive.append(&header, entry.content).unwrap();
    }
    gzip(&archive.into_inner().unwrap(), Compression::best())
}

pub(crate) fn private_key() -> String {
    let body = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G";
    // Split so that this file does not hold a key.
    format!("-----BEGIN {0} KEY-----\n{body}\n-----END {0} KEY-----\n", "PRIVATE")
}

fn bad_packages() -> Vec<(&'static str, Bytes, &'static str)> {
    let chart = || file("org/Chart.yaml", CHART_YAML);
    let zeros = "\0".repeat(4 << 20);
    let key = private_key();
    vec![
        ("no gzip", Bytes::from_static(b"PK\x03\x04 something else"), "bad-package"),
        ("gzip of something else", gzip(b"no archive", Compression::best()), "bad-package"),
        ("cut off", package("org", "1.2.3", "a: 1\n").slice(..60), "bad-package"),
        (
            "bomb",
            archive(&[
                chart(),
                file("org/a", &zeros),
                file("org/b", &zeros),
                file("org/c", &zeros),
            ]),
            "bad-package",
        ),
        ("parent path", archive(&[chart(), file("org/../../etc/x", "")]), "bad-package"),
        ("absolute path", archive(&[chart(), file("/etc/passwd", "")]), "bad-package"),
        ("symlink", archive(&[chart(), link("org/a", tar::EntryType::Symlink)]), "bad-package"),
        ("hard link", archive(&[chart(), link("org/a", tar::EntryType::Link)]), "bad-package"),
        ("device", archive(&[chart(), link("org/a", tar::EntryType::Char)]), "bad-package"),
        ("two Chart.yaml", archive(&[chart(), chart()]), "bad-package"),
        ("chart.yaml besides", archive(&[chart(), file("org/chart.yaml", "")]), "bad-package"),
        ("no Chart.yaml", archive(&[file("org/values.yaml", "")]), "bad-package"),
        ("other name", archive(&[file("other/Chart.yaml", CHART_YAML)]), "bad-package"),
        (
            "no version",
            archive(&[file("org/Chart.yaml", "apiVersion: v2\nname: org\n")]),
            "bad-package",
        ),
        ("key", archive(&[chart(), file("org/files/tls.txt", &key)]), "private-key"),
    ]
}

fn assert_refused(harness: &Harness, name: &str, answer: &Answer, code: &str) {
    assert!(answer.status.is_client_error(), "{name}: {} {}", answer.status, answer.text());
    let body = answer.json();
    assert_eq!(body["code"], code, "{name}: {body}");
    for field in ["error", "what", "where", "fix"] {
        let text = body[field].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{name}: {body} has no `{field}`");
    }
    assert_eq!(harness.stored().into_keys().collect::<Vec<_>>(), Vec::<String>::new(), "{name}");
}

#[tokio::test]
async fn bad_packages_are_refused_and_nothing_is_stored() {
    let harness = Harness::new().await;
    for (name, package, code) in bad_packages() {
        let answer = harness.post(package.clone()).await;
        assert_refused(&harness, name, &answer, code);
        let answer = harness.post_form(&[("chart", "c.tgz", &package)]).await;
        assert_refused(&harness, name, &answer, code);
    }
    assert_eq!(harness.get("/index.yaml").await.json()["entries"], serde_json::json!({}));
}

#[tokio::test]
async fn a_file_name_with_another_version_is_refused() {
    let harness = Harness::new().await;
    let package = package("org", "1.2.3", "a: 1\n");
    let answer = harness.post_form(&[("chart", "org-1.2.4.tgz", &package)]).await;
    assert_refused(&harness, "file name", &answer, "bad-package");
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("org-1.2.4.tgz") && error.contains("1.2.3"), "{error}");
}

#[tokio::test]
async fn forms_without_a_package_with_two_or_with_bad_provenance_are_refused() {
    let harness = Harness::new().await;
    let package = package("org", "1.2.3", "a: 1\n");
    let none = harness.post_form(&[("other", "x", b"x")]).await;
    assert_refused(&harness, "none", &none, "no-package");
    let two =
        harness.post_form(&[("chart", "a.tgz", &package), ("chart", "b.tgz", &package)]).await;
    assert_refused(&harness, "two", &two, "bad-request");
    let prov = harness.post_form(&[("chart", "a.tgz", &package), ("prov", "a.prov", b"x")]).await;
    assert_refused(&harness, "prov", &prov, "bad-provenance");
    let empty = harness.post(Body::empty()).await;
    assert_refused(&harness, "empty", &empty, "no-package");
    let broken = Request::post("/api/charts").header("content-type", "multipart/form-data");
    let broken = harness.send(broken.body(Body::from("x")).unwrap()).await;
    assert_refused(&harness, "broken form", &broken, "bad-request");
}

#[tokio::test]
async fn a_package_over_the_limit_is_refused_announced_or_not() {
    let options = Options { max_upload_bytes: 300 << 10, ..Options::default() };
    let harness = Harness::with(options).await;
    let large = vec![0x1f_u8; 301 << 10];
    let announced = Request::post("/api/charts").header("content-length", large.len());
    let announced = harness.send(announced.body(Body::from(large.clone())).unwrap()).await;
    assert_eq!(announced.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_refused(&harness, "announced", &announced, "too-large");

    let pieces = large.chunks(64 << 10).map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
    let stream = futures_util::stream::iter(pieces.collect::<Vec<_>>());
    let streamed = harness.post(Body::from_stream(stream)).await;
    assert_refused(&harness, "streamed", &streamed, "too-large");
    let form = harness.post_form(&[("chart", "x.tgz", &large)]).await;
    assert_refused(&harness, "form", &form, "too-large");
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let harness = Harness::new().await;
    let pieces = [
        Ok(Bytes::from(vec![0x1f_u8; 300 << 10])),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    let answer = harness.post(Body::from_stream(futures_util::stream::iter(pieces))).await;
    assert_refused(&harness, "broken off", &answer, "bad-request");
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_stands_still_is_given_up() {
    let harness = Harness::new().await;
    let answer = harness
        .post(Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>()))
        .await;
    assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
    assert_refused(&harness, "stands still", &answer, "too-slow");

    let form =
        Request::post("/api/charts").header("content-type", "multipart/form-data; boundary=x");
    let stream = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    let answer = harness.send(form.body(Body::from_stream(stream)).unwrap()).await;
    assert_refused(&harness, "form stands still", &answer, "too-slow");
}
