//! Release sets and dry runs: all or nothing, and nothing at all.

use axum::http::StatusCode;
use chart_format::digest::Sha256;
use serde_json::json;

use crate::harness::Harness;
use crate::support::package;

const PATH: &str = "/-/v1/releases/net";

fn provenance(file: &str, package: &[u8]) -> String {
    let digest = Sha256::of(package);
    format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: org\n\n...\nfiles:\n  {file}: \
         sha256:{digest}\n-----BEGIN PGP SIGNATURE-----\n\none\n-----END PGP SIGNATURE-----\n"
    )
}

#[tokio::test]
async fn a_new_name_that_is_almost_another_one_is_told_and_taken() {
    let harness = Harness::new().await;
    let send = async |name: &str, version: &str| {
        let package = package(name, version, "a: 1\n");
        let answer = harness.post_form_to(PATH, &[("chart", "x.tgz", &package)]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.json()["packages"][0]["warnings"].clone()
    };
    assert!(send("fabric-org", "1.0.0").await.is_null());
    let told = send("fabricorg", "1.0.0").await;
    assert!(told[0].as_str().unwrap().contains("a chart `fabric-org`"), "{told}");
    assert!(send("fabricorg", "1.0.1").await.is_null(), "it is new once");
    assert!(send("fabric-peer", "1.0.0").await.is_null());
}

#[tokio::test]
async fn a_release_appears_in_one_commit_and_a_retry_is_a_success() {
    let harness = Harness::new().await;
    let (org, orderer) = (package("org", "1.0.0", "a: 1\n"), package("orderer", "1.0.0", "a: 1\n"));
    let signature = provenance("orderer-1.0.0.tgz", &orderer);
    let fields: &[(&str, &str, &[u8])] = &[
        ("prov", "x", signature.as_bytes()),
        ("chart", "org-1.0.0.tgz", &org),
        ("chart", "orderer-1.0.0.tgz", &orderer),
    ];
    let answer = harness.post_form_to(PATH, fields).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let receipt = answer.json();
    assert_eq!((&receipt["seq"], &receipt["saved"]), (&json!(1), &json!(true)));
    assert_eq!(receipt["packages"][1]["name"], "orderer");
    assert_eq!(receipt["packages"][1]["digest"], Sha256::of(&orderer).to_string());
    assert_eq!(harness.get("/net/charts/org-1.0.0.tgz").await.body, org);
    assert_eq!(harness.get("/net/charts/orderer-1.0.0.tgz.prov").await.text(), signature);
    assert!(!harness.stored().contains_key("journal/0000000000000002"), "one commit");

    let stored = harness.stored();
    let again = harness.post_form_to(PATH, fields).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text());
    let created =
        [&again.json()["packages"][0]["created"], &again.json()["packages"][1]["created"]]
            .map(Clone::clone);
    assert_eq!(created, [json!(false), json!(false)]);
    assert_eq!(harness.stored(), stored);
}

#[tokio::test]
async fn a_release_with_one_bad_package_stores_nothing() {
    let harness = Harness::new().await;
    let first = package("org", "1.0.0", "a: 1\n");
    harness.post_form_to(PATH, &[("chart", "a.tgz", &first)]).await;
    let before = harness.stored();
    let (new, other) = (package("orderer", "1.0.0", "a: 1\n"), package("org", "1.0.0", "a: 2\n"));
    let conflict: &[(&str, &str, &[u8])] = &[("chart", "a.tgz", &new), ("chart", "b.tgz", &other)];
    harness.post_form_to(PATH, conflict).await.refused(StatusCode::CONFLICT, "version-exists");
    let garbage: &[(&str, &str, &[u8])] = &[("chart", "a.tgz", &new), ("chart", "b.tgz", b"x")];
    harness.post_form_to(PATH, garbage).await.refused(StatusCode::BAD_REQUEST, "bad-package");
    let twice: &[(&str, &str, &[u8])] = &[("chart", "a.tgz", &new), ("chart", "b.tgz", &new)];
    harness.post_form_to(PATH, twice).await.refused(StatusCode::BAD_REQUEST, "bad-request");
    let signature = provenance("absent-1.0.0.tgz", b"x");
    let stray: &[(&str, &str, &[u8])] = &[
        ("chart", "a.tgz", &new),
        ("chart", "b.tgz", &first),
        ("prov", "p", signature.as_bytes()),
    ];
    harness.post_form_to(PATH, stray).await.refused(StatusCode::BAD_REQUEST, "bad-provenance");
    let unknown: &[(&str, &str, &[u8])] = &[("chart", "a.tgz", &new), ("note", "", b"x")];
    harness.post_form_to(PATH, unknown).await.refused(StatusCode::BAD_REQUEST, "bad-request");
    harness.post_form_to(PATH, &[]).await.refused(StatusCode::BAD_REQUEST, "no-package");
    assert_eq!(harness.stored(), before);
}

#[tokio::test]
async fn a_release_over_a_quota_is_refused_as_a_whole() {
    let harness = Harness::new().await;
    let policy = json!({ "version": 1, "quota": { "versions": 1 } }).to_string();
    harness.send_text("PUT", "/-/v1/policy/net", &policy).await;
    let before = harness.stored();
    let (org, orderer) = (package("org", "1.0.0", "a: 1\n"), package("orderer", "1.0.0", "a: 1\n"));
    let fields: &[(&str, &str, &[u8])] = &[("chart", "a.tgz", &org), ("chart", "b.tgz", &orderer)];
    let answer = harness.post_form_to(PATH, fields).await;
    answer.refused(StatusCode::INSUFFICIENT_STORAGE, "quota-exceeded");
    assert_eq!(harness.stored(), before);
}

#[tokio::test]
async fn a_dry_run_decides_everything_and_stores_nothing() {
    let harness = Harness::new().await;
    let package_bytes = package("org", "1.0.0", "a: 1\n");
    let signature = provenance("org-1.0.0.tgz", &package_bytes);
    let fields: &[(&str, &str, &[u8])] =
        &[("chart", "a.tgz", &package_bytes), ("prov", "p", signature.as_bytes())];
    for path in ["/api/charts?dry-run", "/-/v1/releases?dry-run"] {
        let answer = harness.post_form_to(path, fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        assert_eq!(answer.json()["saved"], false, "{path}");
        assert_eq!(answer.json()["dryRun"], true, "{path}");
        assert!(harness.stored().is_empty(), "{path}");
    }
    harness.post(package_bytes).await;
    let before = harness.stored();
    let other = package("org", "1.0.0", "a: 2\n");
    let answer = harness.post_form_to("/api/charts?dry-run", &[("chart", "a.tgz", &other)]).await;
    answer.refused(StatusCode::CONFLICT, "version-exists");
    let alone = harness.send_text("POST", "/api/prov?dry-run", &signature).await;
    assert_eq!((alone.status, &alone.json()["saved"]), (StatusCode::OK, &json!(false)));
    assert_eq!(harness.stored(), before);
}
