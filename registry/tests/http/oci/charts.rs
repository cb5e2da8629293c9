//! One package, two protocols: what comes in by one way goes out by the other, byte for byte.

use axum::body::Body;
use axum::http::Request;
use axum::http::StatusCode;
use serde_json::json;

use super::{HELM_CHART, HELM_CONFIG, HELM_PROVENANCE, IMAGE, code, descriptor, digest};
use crate::harness::Harness;
use crate::support::package;

fn provenance(package: &[u8]) -> String {
    format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\napiVersion: v2\nname: org\n\
         version: 1.0.0\n\n...\nfiles:\n  org-1.0.0.tgz: {}\n\
         -----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n",
        digest(package)
    )
}

#[tokio::test]
async fn a_classic_upload_is_pulled_by_oci() {
    let harness = Harness::new().await;
    let package = package("org", "1.0.0+b1", "a: 1\n");
    let request = Request::post("/api/team/a/charts").body(Body::from(package.clone())).unwrap();
    assert_eq!(harness.send(request).await.status, StatusCode::CREATED);
    let harness = harness.restarted().await;
    let name = "team/a/org";
    let tags = harness.get(&format!("/v2/{name}/tags/list")).await.json();
    assert_eq!(tags["tags"], json!(["1.0.0_b1"]));
    let answer = harness.get(&format!("/v2/{name}/manifests/1.0.0_b1")).await;
    assert_eq!(answer.header("content-type"), IMAGE);
    assert_eq!(answer.header("docker-content-digest"), digest(&answer.body));
    let manifest = answer.json();
    assert_eq!(manifest["config"]["mediaType"], HELM_CONFIG);
    assert_eq!(manifest["layers"], json!([descriptor(HELM_CHART, &package)]));
    assert_eq!(manifest["annotations"]["org.opencontainers.image.version"], "1.0.0+b1");
    for part in [&manifest["config"], &manifest["layers"][0]] {
        let wanted = part["digest"].as_str().unwrap();
        let blob = harness.get(&format!("/v2/{name}/blobs/{wanted}")).await;
        assert_eq!(digest(&blob.body), wanted);
        assert_eq!(part["size"], blob.body.len());
        let other = harness.get(&format!("/v2/team/b/org/blobs/{wanted}")).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
    }
    let by_digest = format!("/v2/{name}/manifests/{}", digest(&answer.body));
    assert_eq!(harness.get(&by_digest).await.body, answer.body);
}

#[tokio::test]
async fn a_manifest_may_name_the_config_that_the_registry_made() {
    let harness = Harness::new().await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    let mut manifest = harness.get("/v2/org/manifests/1.0.0").await.json();
    manifest["annotations"] = json!({ "a": "b" });
    let config = format!("/v2/org/blobs/{}", manifest["config"]["digest"].as_str().unwrap());
    let made = harness.get(&config).await.body;
    let bytes = serde_json::to_vec(&manifest).unwrap();
    let answer = harness.put_manifest("org", "latest", (IMAGE, &bytes)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let harness = harness.restarted().await;
    assert_eq!(harness.get("/v2/org/manifests/latest").await.body, bytes);
    let stored = harness.get(&config).await;
    assert_eq!((stored.status, stored.body), (StatusCode::OK, made));
}

#[tokio::test]
async fn a_pushed_chart_is_in_the_index_when_it_is_answered() {
    let harness = Harness::new().await;
    let package = package("org", "1.0.0", "a: 1\n");
    let (answer, manifest) = harness.helm_push(("team/org", "1.0.0"), (&package, None), "1").await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(answer.header("docker-content-digest"), digest(&manifest));
    let index = harness.get("/team/index.yaml").await.json();
    assert_eq!(index["entries"]["org"][0]["digest"], digest(&package)["sha256:".len()..]);
    assert_eq!(harness.get("/team/charts/org-1.0.0.tgz").await.body, package);
    let harness = harness.restarted().await;
    let tagged = harness.get("/v2/team/org/manifests/1.0.0").await;
    assert_eq!(tagged.body, manifest);
}

#[tokio::test]
async fn the_same_chart_again_succeeds_and_its_tag_stays() {
    let harness = Harness::new().await;
    let package = package("org", "1.0.0", "a: 1\n");
    harness.post(package.clone()).await;
    let first = harness.get("/v2/org/manifests/1.0.0").await.body;
    let (answer, second) = harness.helm_push(("org", "1.0.0"), (&package, None), "1").await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(harness.get("/v2/org/manifests/1.0.0").await.body, first);
    assert_eq!(harness.get(answer.header("location")).await.body, second);
    let repeated = harness.put_manifest("org", "1.0.0", (IMAGE, &second)).await;
    assert_eq!(repeated.status, StatusCode::CREATED);
    let free = harness.put_manifest("org", "latest", (IMAGE, &second)).await;
    assert_eq!(free.status, StatusCode::CREATED, "{}", free.text());
    assert_eq!(harness.get("/v2/org/manifests/latest").await.body, second);
    let tags = harness.get("/v2/org/tags/list").await.json();
    assert_eq!(tags["tags"], json!(["1.0.0", "latest"]));
}

#[tokio::test]
async fn other_content_under_a_version_is_refused_both_ways() {
    let harness = Harness::new().await;
    let (one, two) = (package("org", "1.0.0", "a: 1\n"), package("org", "1.0.0", "a: 2\n"));
    harness.helm_push(("org", "1.0.0"), (&one, None), "1").await;
    assert_eq!(harness.post(two.clone()).await.status, StatusCode::CONFLICT);
    let before = harness.stored().len();
    let (answer, manifest) = harness.helm_push(("org", "1.0.0"), (&two, None), "1").await;
    assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::CONFLICT, "DENIED"));
    assert!(answer.text().contains(&digest(&one)) && answer.text().contains(&digest(&two)));
    let place = format!("/v2/org/manifests/{}", digest(&manifest));
    assert_eq!(harness.get(&place).await.status, StatusCode::NOT_FOUND);
    // The blob and its note; no manifest, no commit.
    assert!(harness.stored().len() <= before + 3);
    assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.body, one);
}

#[tokio::test]
async fn name_and_tag_say_what_the_chart_says() {
    let harness = Harness::new().await;
    let package = package("org", "1.0.0", "a: 1\n");
    for (name, tag) in [("other", "1.0.0"), ("org", "1.0.1"), ("org", "1.0.0_x")] {
        let (answer, _) = harness.helm_push((name, tag), (&package, None), "1").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name} {tag}");
        assert_eq!(code(&answer), "MANIFEST_INVALID");
    }
    let (answer, _) = harness.helm_push(("org", "1.0.0"), (b"no package", None), "1").await;
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (StatusCode::BAD_REQUEST, "MANIFEST_INVALID")
    );
    assert_eq!(harness.get("/index.yaml").await.json()["entries"], json!({}));
    harness.post(package).await;
    harness.push_blob("org", b"{}").await;
    let image = json!({
        "mediaType": IMAGE, "config": descriptor("application/x", b"{}"), "layers": [],
    });
    let bytes = serde_json::to_vec(&image).unwrap();
    let answer = harness.put_manifest("org", "1.0.0", (IMAGE, &bytes)).await;
    assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::CONFLICT, "DENIED"));
}

#[tokio::test]
async fn a_signature_comes_with_the_push_or_later() {
    let package = package("org", "1.0.0", "a: 1\n");
    let signature = provenance(&package);
    let harness = Harness::new().await;
    let signed = (&package[..], Some(signature.as_bytes()));
    let (answer, manifest) = harness.helm_push(("org", "1.0.0"), signed, "1").await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(harness.get("/charts/org-1.0.0.tgz.prov").await.text(), signature);
    assert_eq!(harness.get("/v2/org/manifests/1.0.0").await.body, manifest);

    for first_by_oci in [false, true] {
        let harness = Harness::new().await;
        if first_by_oci {
            harness.helm_push(("org", "1.0.0"), (&package, None), "1").await;
        } else {
            harness.post(package.clone()).await;
        }
        let first = harness.get("/v2/org/manifests/1.0.0").await;
        let request = Request::post("/api/prov").body(Body::from(signature.clone())).unwrap();
        assert_eq!(harness.send(request).await.status, StatusCode::CREATED);
        let second = harness.get("/v2/org/manifests/1.0.0").await.json();
        let layers =
            [descriptor(HELM_CHART, &package), descriptor(HELM_PROVENANCE, signature.as_bytes())];
        assert_eq!(second["layers"], json!(layers));
        let blob = harness.get(&format!("/v2/org/blobs/{}", digest(signature.as_bytes()))).await;
        assert_eq!(blob.text(), signature);
        let kept = format!("/v2/org/manifests/{}", digest(&first.body));
        assert_eq!(harness.restarted().await.get(&kept).await.body, first.body);
    }
}

#[tokio::test]
async fn deleting_a_version_takes_it_away_for_all_clients() {
    let package = package("org", "1.0.0", "a: 1\n");
    for by_digest in [false, true] {
        let harness = Harness::new().await;
        let (_, manifest) = harness.helm_push(("org", "1.0.0"), (&package, None), "1").await;
        let reference = if by_digest { digest(&manifest) } else { "1.0.0".to_owned() };
        let place = format!("/v2/org/manifests/{reference}");
        assert_eq!(harness.request("DELETE", &place).await.status, StatusCode::ACCEPTED);
        for path in [
            place.as_str(),
            "/v2/org/manifests/1.0.0",
            "/v2/org/tags/list",
            "/charts/org-1.0.0.tgz",
            &format!("/v2/org/blobs/{}", digest(&package)),
        ] {
            assert_eq!(harness.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let other = crate::support::package("org", "1.0.0", "a: 2\n");
        assert_eq!(harness.post(other).await.status, StatusCode::CONFLICT);
        let (answer, _) = harness.helm_push(("org", "1.0.0"), (&package, None), "2").await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.body, package);
    }
}

#[tokio::test]
async fn a_yanked_version_is_pulled_with_a_warning_and_not_listed() {
    let harness = Harness::new().await;
    let package = package("org", "1.0.0", "a: 1\n");
    harness.helm_push(("org", "1.0.0"), (&package, None), "1").await;
    harness.push_image("org", "other", &json!({})).await;
    let yank = Request::put("/-/v1/versions/org/1.0.0/yank")
        .header("content-type", "application/json")
        .body(Body::from(r#"{"reason":"it is broken"}"#))
        .unwrap();
    let answer = harness.send(yank).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    let tags = harness.get("/v2/org/tags/list").await.json();
    assert_eq!(tags["tags"], json!(["other"]));
    let pulled = harness.get("/v2/org/manifests/1.0.0").await;
    assert_eq!(pulled.status, StatusCode::OK);
    assert!(pulled.header("warning").starts_with("299 - \"the version is yanked"));
    let blob = harness.get(&format!("/v2/org/blobs/{}", digest(&package))).await;
    assert_eq!(blob.body, package);
}
