//! Provenance files: taken with the package or later, written once, served beside it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chart_format::digest::Sha256;
use flate2::Compression;

use crate::harness::{Answer, Harness};
use crate::support::{gzip, package};

/// A file as `helm package --sign` writes it; nobody checks the signature here.
fn provenance(file: &str, package: &[u8], signer: &str) -> String {
    let digest = Sha256::of(package);
    format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: org\n\
         version: 1.0.0\n\n...\nfiles:\n  {file}: sha256:{digest}\n\
         -----BEGIN PGP SIGNATURE-----\n\n{signer}\n-----END PGP SIGNATURE-----\n"
    )
}

async fn post(harness: &Harness, provenance: &str) -> Answer {
    let request = Request::post("/api/prov").body(Body::from(provenance.to_owned()));
    harness.send(request.unwrap()).await
}

const PATH: &str = "/charts/org-1.0.0.tgz.prov";

#[tokio::test]
async fn a_form_brings_package_and_provenance_in_any_order() {
    let package = package("org", "1.0.0", "a: 1\n");
    let signature = provenance("org-1.0.0.tgz", &package, "one");
    let chart = ("chart", "org-1.0.0.tgz", &package[..]);
    let prov = ("prov", "org-1.0.0.tgz.prov", signature.as_bytes());
    for fields in [[chart, prov], [prov, chart]] {
        let harness = Harness::new().await;
        let answer = harness.post_form(&fields).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        assert_eq!(answer.json()["digest"], Sha256::of(&package).to_string());
        let served = harness.get(PATH).await;
        assert_eq!(served.text(), signature);
        assert_eq!(served.header("content-type"), "application/pgp-signature");
        let again = harness.post_form(&fields).await;
        assert_eq!((again.status, &again.json()["created"]), (StatusCode::CREATED, &false.into()));
    }
}

#[tokio::test]
async fn provenance_comes_later_and_changes_no_index() {
    let harness = Harness::new().await;
    let package = package("org", "1.0.0", "a: 1\n");
    harness.post(package.clone()).await;
    assert_eq!(harness.get(PATH).await.status, StatusCode::NOT_FOUND);
    let index = harness.get("/index.yaml").await;
    let signature = provenance("org-1.0.0.tgz", &package, "one");
    let answer = post(&harness, &signature).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.json(), serde_json::json!({ "saved": true }));
    let after = harness.get("/index.yaml").await;
    assert_eq!((after.header("etag"), &after.body), (index.header("etag"), &index.body));

    let harness = harness.restarted().await;
    let served = harness.get(PATH).await;
    assert_eq!(served.text(), signature);
    let known = [("if-none-match", served.header("etag"))];
    let cached = harness.request_with("GET", PATH, &known).await;
    assert_eq!(cached.status, StatusCode::NOT_MODIFIED);
    let head = harness.request("HEAD", PATH).await;
    assert_eq!(head.header("content-length"), signature.len().to_string());
}

#[tokio::test]
async fn provenance_is_written_once_and_follows_its_version() {
    let harness = Harness::new().await;
    let package = package("org", "1.0.0", "a: 1\n");
    harness.post(package.clone()).await;
    let first = provenance("org-1.0.0.tgz", &package, "one");
    post(&harness, &first).await;
    let stored = harness.stored();
    let again = post(&harness, &first).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text());
    assert_eq!(harness.stored(), stored, "the same again writes nothing");
    let other = post(&harness, &provenance("org-1.0.0.tgz", &package, "two")).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert_eq!(other.json()["code"], "provenance-exists");
    assert_eq!(harness.get(PATH).await.text(), first);

    harness.request("DELETE", "/api/charts/org/1.0.0").await;
    assert_eq!(harness.get(PATH).await.status, StatusCode::NOT_FOUND);
    assert_eq!(post(&harness, &first).await.status, StatusCode::NOT_FOUND);
    harness.post(package).await;
    assert_eq!(harness.get(PATH).await.text(), first);
}

#[tokio::test]
async fn provenance_of_other_bytes_is_refused_and_nothing_is_stored() {
    let harness = Harness::new().await;
    let package = package("org", "1.0.0", "a: 1\n");
    let recompressed = {
        let mut tar = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(&package[..]);
        std::io::Read::read_to_end(&mut decoder, &mut tar).unwrap();
        gzip(&tar, Compression::none())
    };
    for (name, signature) in [
        ("other bytes", provenance("org-1.0.0.tgz", b"other", "one")),
        ("other name", provenance("org-1.0.1.tgz", &package, "one")),
        ("garbage", "x".to_owned()),
    ] {
        let fields: &[(&str, &str, &[u8])] =
            &[("chart", "org-1.0.0.tgz", &package), ("prov", "p", signature.as_bytes())];
        let answer = harness.post_form(fields).await;
        assert_eq!(answer.json()["code"], "bad-provenance", "{name}");
        assert!(harness.stored().is_empty(), "{name}");
    }
    let alone = post(&harness, &provenance("org-1.0.0.tgz", &package, "one")).await;
    assert_eq!(alone.status, StatusCode::NOT_FOUND, "no package yet");

    harness.post(package.clone()).await;
    let before = harness.stored();
    // The same content in another compression: the signature would not fit what is served.
    let signature = provenance("org-1.0.0.tgz", &recompressed, "one");
    let fields: &[(&str, &str, &[u8])] =
        &[("chart", "org-1.0.0.tgz", &recompressed), ("prov", "p", signature.as_bytes())];
    let answer = harness.post_form(fields).await;
    assert_eq!(answer.json()["code"], "bad-provenance", "{}", answer.text());
    assert_eq!(harness.stored(), before);
}

#[tokio::test]
async fn provenance_over_its_limit_is_refused() {
    let harness = Harness::new().await;
    let answer = post(&harness, &"x".repeat((256 << 10) + 1)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = post(&harness, "").await;
    assert_eq!(answer.json()["code"], "bad-provenance");
}
