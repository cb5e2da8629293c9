//! What went wrong elsewhere, and is told by a test here: published advisories about chart
//! repositories and clients, and private keys in every wrapping.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::Compression;
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::Harness;
use crate::hostile::{RawEntry, archive, file, link, private_key};
use crate::support::{gzip, package, package_of};

/// A package whose Chart.yaml says this name and version, in a directory of that name.
fn named(directory: &str, name: &str, version: &str) -> Bytes {
    let chart = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    archive(&[file(&format!("{directory}/Chart.yaml"), &chart)])
}

async fn assert_refused(harness: &Harness, name: &str, package: Bytes, code: &str) {
    let answer = harness.post(package).await;
    assert!(answer.status.is_client_error(), "{name}: {} {}", answer.status, answer.text());
    assert_eq!(answer.json()["code"], code, "{name}: {}", answer.text());
}

/// CVE-2019-1000009, CVE-2024-25620 and CVE-2026-35206: a name that is a path wrote elsewhere.
#[tokio::test]
async fn no_name_or_version_leads_out_of_its_repository() {
    let harness = Harness::new().await;
    for name in [
        "../proj1/x",
        "a/b",
        "..",
        ".",
        "\"a\\\\b\"",
        "-x",
        "\"a\\tb\"",
        "\"\"",
        "~latest=1",
        "%2e",
    ] {
        for directory in ["org", "x"] {
            assert_refused(&harness, name, named(directory, name, "1.0.0"), "bad-package").await;
        }
    }
    for version in ["../1", "1.0.0/../2", "\"1.0.0-\\u0000\"", "1-..", "latest", "\"\""] {
        assert_refused(&harness, version, named("org", "org", version), "bad-package").await;
    }
    assert!(harness.stored().is_empty());
}

/// CVE-2025-32386: an archive inflated to more than eight hundred times its size.
#[tokio::test]
async fn eight_bombs_at_the_same_time_are_refused() {
    let harness = Harness::new().await;
    let zeros = "\0".repeat(4 << 20);
    let chart = file("org/Chart.yaml", "apiVersion: v2\nname: org\nversion: 1.0.0\n");
    let names: Vec<String> = (0..24).map(|number| format!("org/{number}")).collect();
    let mut entries = vec![chart];
    entries.extend(names.iter().map(|name| file(name, &zeros)));
    let bomb = archive(&entries);
    assert!(bomb.len() < 128 << 10, "{}", bomb.len());
    let answers = join_all((0..8).map(|_| harness.post(bomb.clone()))).await;
    for answer in answers {
        assert_eq!(answer.json()["code"], "bad-package", "{}", answer.text());
    }
    assert!(harness.stored().is_empty());
}

/// CVE-2025-53547: a `Chart.lock` that is a link made Helm write and run a file elsewhere.
#[tokio::test]
async fn a_link_is_refused_whatever_it_is_called() {
    let harness = Harness::new().await;
    let chart = || file("org/Chart.yaml", "apiVersion: v2\nname: org\nversion: 1.0.0\n");
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link] {
        for path in ["org/Chart.lock", "org/charts/a.tgz", "org/templates/x.yaml"] {
            assert_refused(&harness, path, archive(&[chart(), link(path, kind)]), "bad-package")
                .await;
        }
    }
}

/// Two readers that take the size from two places see two archives.
#[tokio::test]
async fn an_entry_with_two_sizes_is_refused() {
    let harness = Harness::new().await;
    let pax = RawEntry {
        path: "org/PaxHeaders/x",
        kind: tar::EntryType::XHeader,
        link: "",
        content: b"11 size=3\n",
    };
    let chart = file("org/Chart.yaml", "apiVersion: v2\nname: org\nversion: 1.0.0\n");
    let entries = [chart, pax, file("org/values.yaml", "a: 1\n")];
    assert_refused(&harness, "sizes", archive(&entries), "bad-package").await;
}

/// CVE-2024-26147: Helm failed on an index with a chart without versions.
#[tokio::test]
async fn a_chart_without_versions_is_in_no_index() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    harness.post(package("gone", "1.0.0", "a: 1\n")).await;
    harness.request("DELETE", "/api/charts/gone/1.0.0").await;
    for path in ["/index.yaml", "/~latest=1/index.yaml"] {
        let entries = harness.get(path).await.json()["entries"].clone();
        assert_eq!(entries.as_object().unwrap().keys().collect::<Vec<_>>(), ["org"], "{path}");
    }
    assert!(!harness.get("/index.yaml?format=yaml").await.text().contains("gone"));
    assert_eq!(harness.get("/api/charts").await.json().as_object().unwrap().len(), 1);
}

/// CVE-2021-32690: Helm sent a password to the host that an absolute URL in an index named.
#[tokio::test]
async fn no_request_makes_the_index_name_a_host() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    let headers = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
    ];
    let index = harness.request_with("GET", "/index.yaml", &headers).await;
    assert_eq!(index.json()["entries"]["org"][0]["urls"], json!(["charts/org-1.0.0.tgz"]));
    assert!(!index.text().contains("evil"));
}

/// CVE-2023-2253: a list was reserved as large as the request said.
#[tokio::test]
async fn a_huge_limit_reserves_nothing() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    let most = u64::MAX;
    for path in [
        format!("/api/charts?limit={most}"),
        format!("/api/charts?offset={most}&limit={most}"),
        format!("/-/v1/changes?since={most}&limit={most}"),
        format!("/-/v1/changes?since=0&limit={most}"),
    ] {
        let answer = harness.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    }
}

/// CVE-2024-39897: what is stored once was served to whoever knew its digest.
#[tokio::test]
async fn what_another_repository_stores_is_absent_here() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    for path in [
        "/team/charts/org-1.0.0.tgz",
        "/api/team/charts/org/1.0.0",
        "/-/v1/versions/team/org/1.0.0",
    ] {
        assert_eq!(harness.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// A rebuilt index called everything new, and a retention rule deleted everything that it called old.
#[tokio::test]
async fn the_time_of_a_publication_outlives_everything() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    let created = harness.get("/api/charts/org/1.0.0").await.json()["created"].clone();
    harness.request("DELETE", "/api/charts/org/1.0.0").await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    let harness = harness.restarted().await;
    assert_eq!(harness.get("/api/charts/org/1.0.0").await.json()["created"], created);
}

fn tgz(path: &str, content: &[u8]) -> Bytes {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    builder.append_data(&mut header, path, content).unwrap();
    gzip(&builder.into_inner().unwrap(), Compression::default())
}

/// PKCS#12 around some data: a key store, whatever it is encrypted with.
fn key_store() -> Vec<u8> {
    let data = [0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    let mut store = vec![0x30, 3 + u8::try_from(data.len()).unwrap(), 0x02, 0x01, 0x03];
    store.extend_from_slice(&data);
    store
}

#[tokio::test]
async fn no_private_key_comes_in_however_it_is_wrapped() {
    let harness = Harness::new().await;
    let pem = private_key();
    let body = pem.lines().nth(1).unwrap();
    let der = STANDARD.decode(body).unwrap();
    let open_ssh = pem
        .replace("PRIVATE", "OPENSSH PRIVATE")
        .replace(body, &format!("b3BlbnNzaC1rZXktdjEA{body}"));
    let secret = format!("kind: Secret\ndata:\n  tls.key: {}\n", STANDARD.encode(&pem));
    let indented = format!("keys: |\n    {}\n", pem.trim_end().replace('\n', "\n    "));
    let subchart = package_of(
        "sub",
        &[
            ("Chart.yaml", b"apiVersion: v2\nname: sub\nversion: 1.0.0\n"),
            ("files/server.key", pem.as_bytes()),
        ],
    );
    let twice = tgz("inner.tgz", &tgz("x.key", pem.as_bytes()));
    let store = key_store();
    let cases: [(&str, &str, &[u8]); 9] = [
        ("PEM", "files/x.txt", pem.as_bytes()),
        ("OpenSSH", "files/id", open_ssh.as_bytes()),
        ("DER of PKCS#8", "files/x.der", &der),
        ("PKCS#12", "files/x.p12", &store),
        ("a Secret", "templates/secret.yaml", secret.as_bytes()),
        ("a block of values", "values.yaml", indented.as_bytes()),
        ("a subchart's archive", "charts/sub-1.0.0.tgz", &subchart),
        ("an archive in an archive", "files/x.tgz", &twice),
        ("Helm's documentation", "README.md", pem.as_bytes()),
    ];
    let chart: (&str, &[u8]) = ("Chart.yaml", b"apiVersion: v2\nname: org\nversion: 1.0.0\n");
    for (name, path, content) in cases {
        let answer = harness.post(package_of("org", &[chart, (path, content)])).await;
        assert_eq!(answer.json()["code"], "private-key", "{name}: {}", answer.text());
        let place = answer.json()["where"].as_str().unwrap().to_owned();
        assert!(place.contains(path), "{name}: `{place}` does not name `{path}`");
        let release = [("chart", "a.tgz", &package_of("org", &[chart, (path, content)])[..])];
        let answer = harness.post_form_to("/-/v1/releases", &release).await;
        assert_eq!(answer.json()["code"], "private-key", "{name}: {}", answer.text());
        // The key itself is in no answer.
        assert!(!answer.text().contains(&body[..16]), "{name}");
    }
    assert!(harness.stored().is_empty());
}

/// CVE-2023-2253: the number that a client asked for reserved memory.
#[tokio::test]
async fn no_number_of_names_or_tags_is_too_large_to_answer() {
    let harness = Harness::new().await;
    harness.push_image("team/tool", "1", &json!({})).await;
    for count in ["18446744073709551615", "99999999999999999999999999"] {
        let names = harness.get(&format!("/v2/_catalog?n={count}")).await;
        assert_eq!(names.json(), json!({ "repositories": ["team/tool"] }), "{count}");
        let tags = harness.get(&format!("/v2/team/tool/tags/list?n={count}")).await;
        assert_eq!(tags.json()["tags"], json!(["1"]), "{count}");
    }
    let negative = harness.get("/v2/_catalog?n=-1").await;
    assert_eq!(negative.status, StatusCode::BAD_REQUEST);
}

/// CVE-2024-39897: a digest that the storage knows was enough to read or to take over a blob.
#[tokio::test]
async fn a_blob_is_there_only_for_a_repository_that_has_it() {
    let harness = Harness::new().await;
    harness.push_image("team/tool", "1", &json!({})).await;
    let digest = crate::oci::digest(b"layer");
    for (name, status) in [("team/tool", StatusCode::OK), ("team/other", StatusCode::NOT_FOUND)] {
        let answer = harness.get(&format!("/v2/{name}/blobs/{digest}")).await;
        assert_eq!(answer.status, status, "{name}");
    }
    // Neither a mount from a place that does not have it, nor a manifest that names it, takes it over.
    let mount = format!("/v2/team/other/blobs/uploads/?mount={digest}&from=team/nothing");
    assert_eq!(harness.request("POST", &mount).await.status, StatusCode::ACCEPTED);
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": crate::oci::IMAGE,
        "config": crate::oci::descriptor("application/x-config", b"{}"),
        "layers": [crate::oci::descriptor("text/plain", b"layer")],
    });
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let answer = harness.put_manifest("team/other", "1", (crate::oci::IMAGE, &bytes)).await;
    assert_eq!(crate::oci::code(&answer), "MANIFEST_BLOB_UNKNOWN", "{}", answer.text());
}
