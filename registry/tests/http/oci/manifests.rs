//! Manifests of images and other artifacts: stored as they are, tagged, listed, referred to, deleted.

use axum::http::StatusCode;
use chart_registry_store::{Algorithm, Digest};
use serde_json::{Value, json};

use super::{IMAGE, INDEX, code, descriptor, digest};
use crate::harness::Harness;

const NAME: &str = "team/a/image";

#[tokio::test]
async fn a_manifest_comes_back_byte_for_byte_by_tag_and_digest() {
    let harness = Harness::new().await;
    let bytes = harness.push_image(NAME, "v1", &json!({ "unknown": { "field": [1] } })).await;
    for harness in [harness] {
        let harness = harness.restarted().await;
        for reference in ["v1".to_owned(), digest(&bytes)] {
            let path = format!("/v2/{NAME}/manifests/{reference}");
            let answer = harness.get(&path).await;
            assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &bytes[..]));
            assert_eq!(answer.header("content-type"), IMAGE);
            assert_eq!(answer.header("docker-content-digest"), digest(&bytes));
            let head = harness.request("HEAD", &path).await;
            assert_eq!(head.header("content-length"), bytes.len().to_string());
            assert_eq!(head.header("docker-content-digest"), digest(&bytes));
            let tag = format!("\"{}\"", digest(&bytes));
            let again = harness.request_with("GET", &path, &[("if-none-match", &tag)]).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        }
        let other = harness.get(&format!("/v2/team/b/image/manifests/{}", digest(&bytes))).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
        let index = harness.get("/team/a/index.yaml").await.json();
        assert_eq!(index["entries"], json!({}));
    }
}

#[tokio::test]
async fn a_digest_brings_tags_and_another_digest_is_refused() {
    let harness = Harness::new().await;
    let bytes = harness.push_image(NAME, "v1", &json!({ "artifactType": "x/y" })).await;
    let wide = Digest::of(Algorithm::Sha512, &bytes).to_string();
    let path = format!("{wide}?tag=a&tag=b");
    let answer = harness.put_manifest(NAME, &path, (IMAGE, &bytes)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let tags: Vec<_> = answer.headers.get_all("oci-tag").iter().collect();
    assert_eq!(tags, ["a", "b"]);
    assert_eq!(answer.header("docker-content-digest"), wide);
    assert_eq!(harness.get(answer.header("location")).await.body, bytes);
    let tagged = harness.get(&format!("/v2/{NAME}/manifests/a")).await;
    assert_eq!(tagged.header("docker-content-digest"), wide);
    let answer = harness.put_manifest(NAME, &digest(b"x"), (IMAGE, &bytes)).await;
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (StatusCode::BAD_REQUEST, "DIGEST_INVALID")
    );
    let answer = harness.put_manifest(NAME, &format!("{wide}?tag=-"), (IMAGE, &bytes)).await;
    assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::BAD_REQUEST, "TAG_INVALID"));
}

#[tokio::test]
async fn a_manifest_that_names_what_is_not_there_is_refused() {
    let harness = Harness::new().await;
    harness.push_blob("other", b"far").await;
    let missing = json!({
        "schemaVersion": 2, "mediaType": IMAGE,
        "config": descriptor("application/x-config", b"far"), "layers": [],
    });
    let bytes = serde_json::to_vec(&missing).unwrap();
    let answer = harness.put_manifest(NAME, "v1", (IMAGE, &bytes)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(code(&answer), "MANIFEST_BLOB_UNKNOWN");
    for (media_type, bytes) in [(IMAGE, &b"no json"[..]), ("text/html", b"{}x"), (INDEX, &bytes)] {
        let answer = harness.put_manifest(NAME, "v1", (media_type, bytes)).await;
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (StatusCode::BAD_REQUEST, "MANIFEST_INVALID")
        );
    }
    let large = vec![b' '; (4 << 20) + 1];
    let answer = harness.put_manifest(NAME, "v1", (IMAGE, &large)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(harness.get(&format!("/v2/{NAME}/tags/list")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn odd_manifests_are_taken() {
    let harness = Harness::new().await;
    let far = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    let padded = json!({ "annotations": { "pad": "x".repeat(3 << 20) } });
    harness.push_image(NAME, "large", &padded).await;
    harness.push_image(NAME, "none", &json!({ "layers": [] })).await;
    let layers = json!([descriptor(far, b"nobody has it"), descriptor("text/plain", b"layer")]);
    harness.push_image(NAME, "far", &json!({ "layers": layers })).await;
    let mut carried = descriptor("text/plain", b"carried");
    carried["data"] = json!("Y2FycmllZA==");
    harness.push_image(NAME, "data", &json!({ "layers": [carried] })).await;
    let blob = harness.get(&format!("/v2/{NAME}/blobs/{}", digest(b"carried"))).await;
    assert_eq!(blob.text(), "carried");
    let index = json!({
        "schemaVersion": 2, "mediaType": INDEX,
        "manifests": [descriptor(IMAGE, b"pushed later, or never")],
    });
    let bytes = serde_json::to_vec(&index).unwrap();
    let answer = harness.put_manifest(NAME, "index", (INDEX, &bytes)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
}

#[tokio::test]
async fn tags_are_listed_in_pages() {
    let harness = Harness::new().await;
    for tag in ["c", "B", "a", "a-b", "1.0.0_x"] {
        harness.push_image(NAME, tag, &json!({})).await;
    }
    let list = format!("/v2/{NAME}/tags/list");
    let all = harness.get(&list).await.json();
    assert_eq!(all, json!({ "name": NAME, "tags": ["1.0.0_x", "B", "a", "a-b", "c"] }));
    for (query, tags) in [
        ("?n=0", json!([])),
        ("?n=2", json!(["1.0.0_x", "B"])),
        ("?last=a", json!(["a-b", "c"])),
        ("?n=1&last=a", json!(["a-b"])),
        ("?last=nothing", json!([])),
        ("?n=99999999999999999999", all["tags"].clone()),
    ] {
        assert_eq!(harness.get(&format!("{list}{query}")).await.json()["tags"], tags, "{query}");
    }
    assert_eq!(harness.get(&format!("{list}?n=x")).await.status, StatusCode::BAD_REQUEST);
    let (mut seen, mut next) = (Vec::new(), format!("{list}?n=2"));
    loop {
        let page = harness.get(&next).await;
        seen.extend(page.json()["tags"].as_array().unwrap().clone());
        let Some((target, _)) = page.header("link").split_once('>') else { break };
        next = target.trim_start_matches('<').to_owned();
    }
    assert_eq!(Value::from(seen), all["tags"]);
}

#[tokio::test]
async fn referrers_are_found_before_and_after_their_subject() {
    let harness = Harness::new().await;
    let subject = digest(b"{}");
    let path = format!("/v2/{NAME}/referrers/{subject}");
    let none = harness.get(&path).await;
    assert_eq!((none.status, none.header("content-type")), (StatusCode::OK, INDEX));
    assert_eq!(none.json(), json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [] }));
    harness.push_blob(NAME, b"{}").await;
    let about = |kind: Option<&str>, note: &str| {
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE,
            "config": descriptor("application/x-config", b"{}"), "layers": [],
            "subject": descriptor(IMAGE, b"{}"), "annotations": { "note": note },
        });
        if let Some(kind) = kind {
            manifest["artifactType"] = json!(kind);
        }
        serde_json::to_vec(&manifest).unwrap()
    };
    for (kind, note) in [(Some("x/signature+json"), "1"), (None, "2")] {
        let bytes = about(kind, note);
        let answer = harness.put_manifest(NAME, &digest(&bytes), (IMAGE, &bytes)).await;
        assert_eq!(answer.header("oci-subject"), subject);
    }
    let all = harness.get(&path).await.json();
    assert_eq!(all["manifests"].as_array().map(Vec::len), Some(2));
    assert_eq!(harness.get(&path).await.header("oci-filters-applied"), "");
    let head = harness.request("HEAD", &path).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    let bad = harness.get(&format!("/v2/{NAME}/referrers/sha256:0")).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    for (kind, note) in
        [("x/signature%2Bjson", "1"), ("x/signature+json", "1"), ("application/x-config", "2")]
    {
        let answer = harness.get(&format!("{path}?artifactType={kind}")).await;
        assert_eq!(answer.header("oci-filters-applied"), "artifactType");
        let found = answer.json()["manifests"].clone();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{kind}");
        assert_eq!(found[0]["annotations"]["note"], note);
        assert_eq!((&found[0]["mediaType"], &found[0]["size"].is_u64()), (&json!(IMAGE), &true));
    }
    let bytes = about(None, "2");
    let place = format!("/v2/{NAME}/manifests/{}", digest(&bytes));
    assert_eq!(harness.request("DELETE", &place).await.status, StatusCode::ACCEPTED);
    let left = harness.restarted().await.get(&path).await.json();
    assert_eq!(left["manifests"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_subject_is_named_by_either_kind_of_digest() {
    let harness = Harness::new().await;
    let image = harness.push_image(NAME, "v1", &json!({})).await;
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
        let subject = Digest::of(algorithm, &image).to_string();
        let named = json!({ "mediaType": IMAGE, "digest": subject, "size": image.len() });
        let about = json!({ "subject": named, "annotations": { "of": subject } });
        let about = harness.push_image(NAME, algorithm.name(), &about).await;
        let list = harness.get(&format!("/v2/{NAME}/referrers/{subject}")).await.json();
        let found = list["manifests"].as_array().unwrap();
        assert_eq!(found.len(), 1, "{list}");
        assert_eq!(found[0]["digest"], digest(&about), "{list}");
    }
}

#[tokio::test]
async fn tags_and_manifests_are_deleted_at_once() {
    let harness = Harness::new().await;
    let bytes = harness.push_image(NAME, "a", &json!({})).await;
    harness.put_manifest(NAME, "b", (IMAGE, &bytes)).await;
    let place = |reference: &str| format!("/v2/{NAME}/manifests/{reference}");
    assert_eq!(harness.request("DELETE", &place("a")).await.status, StatusCode::ACCEPTED);
    assert_eq!(harness.get(&place("a")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(harness.request("DELETE", &place("a")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(harness.get(&place("b")).await.status, StatusCode::OK);
    let whole = digest(&bytes);
    assert_eq!(harness.request("DELETE", &place(&whole)).await.status, StatusCode::ACCEPTED);
    for reference in ["b", &whole] {
        assert_eq!(harness.get(&place(reference)).await.status, StatusCode::NOT_FOUND);
    }
    let blob = format!("/v2/{NAME}/blobs/{}", digest(b"layer"));
    assert_eq!(harness.get(&blob).await.status, StatusCode::NOT_FOUND);
    assert_eq!(harness.get(&format!("/v2/{NAME}/tags/list")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_catalogue_has_all_names_in_pages() {
    let harness = Harness::new().await;
    for name in ["b", "a/x", "a/y", "c/d/e"] {
        harness.push_image(name, "1", &json!({})).await;
    }
    harness.post(crate::support::package("org", "1.0.0", "a: 1\n")).await;
    let all = harness.get("/v2/_catalog").await.json();
    assert_eq!(all, json!({ "repositories": ["b", "org", "a/x", "a/y", "c/d/e"] }));
    let (mut seen, mut next) = (Vec::new(), "/v2/_catalog?n=2".to_owned());
    loop {
        let page = harness.get(&next).await;
        seen.extend(page.json()["repositories"].as_array().unwrap().clone());
        let Some((target, _)) = page.header("link").split_once('>') else { break };
        next = target.trim_start_matches('<').to_owned();
    }
    assert_eq!(Value::from(seen), all["repositories"]);
}
