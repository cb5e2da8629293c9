//! Objects whose bytes are not what they were: nobody gets them, readers of everything else go on,
//! `verify` names them, and whoever sends the right bytes heals them.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use chart_format::digest::Sha256;
use chart_registry::{Options, Registry};
use chart_registry_store::simulation::{Faults, SimulatedBucket};
use chart_registry_store::{Key, Spool, Store};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use crate::commands::{answer, program};
use crate::harness::Harness;
use crate::oci::digest;
use crate::support::{incompressible, package};

fn path_of(bytes: &[u8]) -> String {
    let hex = Sha256::of(bytes).to_string();
    format!("objects/sha256/{}/{}", &hex[..2], &hex[2..])
}

fn file_of(harness: &Harness, bytes: &[u8]) -> PathBuf {
    harness.storage.path().join(path_of(bytes))
}

/// Larger than what is read at once.
fn large() -> Bytes {
    let package = package("large", "1.0.0", &incompressible(40_000));
    assert!(package.len() > 1 << 20, "{}", package.len());
    package
}

/// The same with a bit flipped, cut, emptied, and with something behind it.
fn damages(bytes: &[u8]) -> [(&'static str, Vec<u8>); 4] {
    let mut flipped = bytes.to_vec();
    let last = flipped.len() - 1;
    flipped[last] ^= 0x10;
    let grown = [bytes, b"x"].concat();
    [("flipped", flipped), ("cut", bytes[..last].to_vec()), ("empty", Vec::new()), ("grown", grown)]
}

/// Status and body; `None` for a body that ends before it is whole.
async fn get(registry: &Registry, path: &str) -> (StatusCode, Option<Bytes>) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = registry.router().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.ok();
    (status, body.map(http_body_util::Collected::to_bytes))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_object_is_a_fault_at_every_way_out_and_is_named_and_healed() {
    let harness = Harness::new().await;
    let whole = package("org", "1.0.0", "a: 1\n");
    let other = package("peer", "1.0.0", "a: 1\n");
    harness.post(whole.clone()).await;
    harness.post(other.clone()).await;
    let file = file_of(&harness, &whole);
    let ways = [
        "/charts/org-1.0.0.tgz".to_owned(),
        "/~latest=1/charts/org-1.0.0.tgz".to_owned(),
        "/api/charts/org/1.0.0/values".to_owned(),
        "/api/charts/org/1.0.0/templates".to_owned(),
        format!("/v2/org/blobs/{}", digest(&whole)),
    ];
    for read_before in [false, true] {
        for (name, damaged) in damages(&whole) {
            if read_before {
                assert_eq!(get(&harness.registry, &ways[0]).await.1, Some(whole.clone()));
            }
            std::fs::write(&file, &damaged).unwrap();
            let options = Options { writable: false, ..Options::default() };
            let fresh = Registry::open_with(harness.storage.path(), options).await.unwrap();
            for way in &ways {
                let (status, body) = get(&fresh, way).await;
                assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{name} {way}: {body:?}");
                let body = body.unwrap();
                assert!(!body.windows(16).any(|it| it == &whole[..16]), "{name} {way}: {body:?}");
            }
            // Who has read it a moment ago may have it in memory, whole; nobody gets other bytes.
            let (status, body) = get(&harness.registry, &ways[0]).await;
            let kept = status == StatusCode::OK && body == Some(whole.clone());
            assert!(kept || status == StatusCode::INTERNAL_SERVER_ERROR, "{name}: {status}");
            let file = harness.get("/charts/peer-1.0.0.tgz").await;
            assert_eq!((file.status, file.body), (StatusCode::OK, other.clone()), "{name}");
            assert!(harness.get("/index.yaml").await.text().contains("org-1.0.0.tgz"));
            let verified = answer(&program(&["verify", "--json"], harness.storage.path()));
            let place = path_of(&whole);
            let named = verified["faults"].as_array().unwrap().iter();
            assert!(named.clone().any(|fault| fault["where"] == *place), "{name}: {verified}");
            // The same bytes again are a success that heals.
            let again = harness.post(whole.clone()).await;
            let answered = (again.status, &again.json()["created"]);
            assert_eq!(answered, (StatusCode::CREATED, &json!(false)), "{name}: {}", again.text());
            let (status, body) = get(&harness.registry, &ways[0]).await;
            assert_eq!((status, body), (StatusCode::OK, Some(whole.clone())), "{name}");
        }
    }
    let verified = answer(&program(&["verify", "--json"], harness.storage.path()));
    assert_eq!(verified["faultCount"], 0, "{verified}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_damaged_object_that_is_streamed_nobody_gets_the_end() {
    let harness = Harness::new().await;
    let whole = large();
    assert_eq!(harness.post(whole.clone()).await.status, StatusCode::CREATED);
    let file = file_of(&harness, &whole);
    let ways =
        ["/charts/large-1.0.0.tgz".to_owned(), format!("/v2/large/blobs/{}", digest(&whole))];
    for read_before in [false, true] {
        let (name, damaged) = &damages(&whole)[0];
        if read_before {
            assert!(get(&harness.registry, &ways[0]).await.1 == Some(whole.clone()));
        }
        std::fs::write(&file, damaged).unwrap();
        for way in &ways {
            let (status, body) = get(&harness.registry, way).await;
            assert!(status == StatusCode::OK && body.is_none(), "{name} {way}");
        }
        // Nor a part of it, wherever the damage is: who puts parts together does not look.
        for (way, range) in ways.iter().zip(["bytes=0-99", "bytes=1000000-"]) {
            let answer = harness.request_with("GET", way, &[("range", range)]).await;
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{way} {range}");
        }
        assert_eq!(harness.post(whole.clone()).await.status, StatusCode::CREATED);
        for way in &ways {
            assert!(get(&harness.registry, way).await.1 == Some(whole.clone()), "{way}");
            let answer = harness.request_with("GET", way, &[("range", "bytes=1000000-")]).await;
            assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{way}");
            assert!(answer.body == whole[1_000_000..], "{way}");
        }
    }
}

#[tokio::test]
async fn manifests_and_signatures_are_looked_at_as_well() {
    let harness = Harness::new().await;
    let manifest = harness.push_image("team/tool", "1", &json!({})).await;
    std::fs::write(file_of(&harness, &manifest), "{}").unwrap();
    std::fs::write(file_of(&harness, b"layer"), "lager").unwrap();
    for path in [
        "/v2/team/tool/manifests/1".to_owned(),
        format!("/v2/team/tool/manifests/{}", digest(&manifest)),
        format!("/v2/team/tool/blobs/{}", digest(b"layer")),
    ] {
        let (status, body) = get(&harness.registry, &path).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}: {body:?}");
    }
    // Pushing the image again heals all of it.
    harness.push_image("team/tool", "1", &json!({})).await;
    let (status, body) = get(&harness.registry, "/v2/team/tool/manifests/1").await;
    assert_eq!((status, body.as_deref()), (StatusCode::OK, Some(&manifest[..])));
    let (_, body) =
        get(&harness.registry, &format!("/v2/team/tool/blobs/{}", digest(b"layer"))).await;
    assert_eq!(body.as_deref(), Some(&b"layer"[..]));
}

#[tokio::test]
async fn a_bucket_that_gives_other_bytes_is_not_believed() {
    let bucket = SimulatedBucket::new(Faults::None);
    let store = Store::on_client(Arc::new(bucket)).await.unwrap();
    let registry = Registry::on(store.clone(), Options::default()).await.unwrap();
    for whole in [package("org", "1.0.0", "a: 1\n"), large()] {
        let receipt = registry.publish(whole.clone()).await.unwrap();
        let path = format!("/{}", receipt.location);
        let key = Sha256::of(&whole);
        let (_, damaged) = damages(&whole).into_iter().next().unwrap();
        store.remove(Key::Object(key)).await.unwrap();
        // Where the store looks at the digest nothing is there to compare: it is taken as it comes.
        store.put_object(key, Spool::Memory(damaged.into())).await.unwrap();
        let (status, body) = get(&registry, &path).await;
        let refused = status == StatusCode::INTERNAL_SERVER_ERROR || body.is_none();
        assert!(refused, "{path}: {status}");
        registry.publish(whole.clone()).await.unwrap();
        assert!(get(&registry, &path).await.1 == Some(whole), "{path}");
    }
}
