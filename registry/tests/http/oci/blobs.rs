//! Blobs: pushed whole, in parts, and from another repository; read whole and in parts.

use axum::http::StatusCode;
use chart_registry_store::{Algorithm, Digest};

use super::{code, digest};
use crate::harness::{Answer, Harness};

const NAME: &str = "team/a/image";

async fn begin(harness: &Harness) -> String {
    let answer =
        harness.send_bytes(("POST", &format!("/v2/{NAME}/blobs/uploads/")), &[], b"").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    assert_eq!(answer.header("range"), "0-0");
    answer.header("location").to_owned()
}

async fn patch(harness: &Harness, place: &str, range: Option<&str>, body: &[u8]) -> Answer {
    let headers: Vec<_> = range.map(|range| ("content-range", range)).into_iter().collect();
    harness.send_bytes(("PATCH", place), &headers, body).await
}

async fn read(harness: &Harness, digest: &str) -> Answer {
    harness.get(&format!("/v2/{NAME}/blobs/{digest}")).await
}

#[tokio::test]
async fn a_blob_comes_in_one_request_or_in_two() {
    let harness = Harness::new().await;
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
        for bytes in [&b""[..], b"blob", &vec![7; 400_000]] {
            let wanted = Digest::of(algorithm, bytes).to_string();
            let place = begin(&harness).await;
            let path = format!("{place}?digest={}", wanted.replace(':', "%3A"));
            let answer = harness.send_bytes(("PUT", &path), &[], bytes).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
            assert_eq!(answer.header("docker-content-digest"), wanted);
            let served = harness.get(answer.header("location")).await;
            assert_eq!((served.status, &served.body[..]), (StatusCode::OK, bytes));
            let path = format!("/v2/{NAME}/blobs/uploads/?digest={wanted}");
            let again = harness.send_bytes(("POST", &path), &[], bytes).await;
            assert_eq!(again.status, StatusCode::CREATED);
            assert_eq!(harness.get(&place).await.status, StatusCode::NOT_FOUND);
        }
    }
    let stored = harness.stored();
    assert!(stored.keys().all(|path| !path.starts_with("uploads/") && !path.starts_with("tmp/")));
}

#[tokio::test]
async fn bytes_with_another_digest_are_refused_and_not_served() {
    let harness = Harness::new().await;
    let wanted = digest(b"these");
    let place = begin(&harness).await;
    let one = format!("/v2/{NAME}/blobs/uploads/?digest={wanted}");
    for (method, path) in [("POST", one), ("PUT", format!("{place}?digest={wanted}"))] {
        let answer = harness.send_bytes((method, &path), &[], b"others").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(code(&answer), "DIGEST_INVALID");
    }
    assert_eq!(read(&harness, &wanted).await.status, StatusCode::NOT_FOUND);
    let place = begin(&harness).await;
    for query in ["", "?digest=", "?digest=sha256:00", "?digest=md5:00"] {
        let answer = harness.send_bytes(("PUT", &format!("{place}{query}")), &[], b"x").await;
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (StatusCode::BAD_REQUEST, "DIGEST_INVALID")
        );
    }
}

#[tokio::test]
async fn parts_come_in_order_and_any_process_goes_on() {
    let harness = Harness::new().await;
    let place = begin(&harness).await;
    let first = patch(&harness, &place, Some("0-4"), b"01234").await;
    assert_eq!((first.status, first.header("range")), (StatusCode::ACCEPTED, "0-4"));
    for range in ["0-4", "6-9", "4-5"] {
        let answer = patch(&harness, &place, Some(range), b"01234").await;
        assert_eq!(answer.status, StatusCode::RANGE_NOT_SATISFIABLE, "{range}");
        assert_eq!(code(&answer), "BLOB_UPLOAD_INVALID");
    }
    for (range, status) in
        [("5-9", "SIZE_INVALID"), ("x", "BLOB_UPLOAD_INVALID"), ("9-5", "BLOB_UPLOAD_INVALID")]
    {
        let answer = patch(&harness, &place, Some(range), b"5").await;
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (StatusCode::BAD_REQUEST, status),
            "{range}"
        );
    }
    // Another process, on the same storage.
    let harness = harness.restarted().await;
    let status = harness.get(&place).await;
    assert_eq!((status.status, status.header("range")), (StatusCode::NO_CONTENT, "0-4"));
    let second = patch(&harness, &place, None, b"5678").await;
    assert_eq!(second.header("range"), "0-8");
    let whole = b"0123456789";
    let path = format!("{place}?digest={}", digest(whole));
    let early = harness.send_bytes(("PUT", &path), &[("content-range", "8-8")], b"9").await;
    assert_eq!(early.status, StatusCode::RANGE_NOT_SATISFIABLE);
    let done = harness.send_bytes(("PUT", &path), &[("content-range", "9-9")], b"9").await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text());
    assert_eq!(&read(&harness, &digest(whole)).await.body[..], whole);
    assert!(harness.stored().keys().all(|path| !path.starts_with("uploads/")));
}

#[tokio::test]
async fn an_algorithm_that_is_announced_is_one_that_will_do() {
    let harness = Harness::new().await;
    for (algorithm, status) in [
        ("sha256", StatusCode::ACCEPTED),
        ("sha512", StatusCode::ACCEPTED),
        ("md5", StatusCode::BAD_REQUEST),
    ] {
        let path = format!("/v2/{NAME}/blobs/uploads/?digest-algorithm={algorithm}");
        let answer = harness.request("POST", &path).await;
        assert_eq!(answer.status, status, "{algorithm}: {}", answer.text());
    }
}

#[tokio::test]
async fn one_streamed_part_is_the_blob() {
    let harness = Harness::new().await;
    for bytes in [vec![1_u8; 1_000], vec![2; 3_000_000]] {
        let place = begin(&harness).await;
        assert_eq!(patch(&harness, &place, None, &bytes).await.status, StatusCode::ACCEPTED);
        let path = format!("{place}?digest={}", digest(&bytes));
        assert_eq!(harness.send_bytes(("PUT", &path), &[], b"").await.status, StatusCode::CREATED);
        assert_eq!(read(&harness, &digest(&bytes)).await.body, bytes);
    }
}

#[tokio::test]
async fn an_upload_is_cancelled_and_belongs_to_its_name() {
    let harness = Harness::new().await;
    let place = begin(&harness).await;
    patch(&harness, &place, None, b"x").await;
    let elsewhere = place.replace(NAME, "team/b/image");
    for (method, path) in [("GET", &elsewhere), ("DELETE", &elsewhere), ("PATCH", &elsewhere)] {
        let answer = harness.send_bytes((method, path), &[], b"x").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(code(&answer), "BLOB_UPLOAD_UNKNOWN");
    }
    assert_eq!(harness.request("DELETE", &place).await.status, StatusCode::NO_CONTENT);
    assert_eq!(harness.get(&place).await.status, StatusCode::NOT_FOUND);
    let other = format!("/v2/{NAME}/blobs/uploads/../../../../x");
    assert_ne!(harness.request("DELETE", &other).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn parts_of_a_blob_are_read() {
    let harness = Harness::new().await;
    harness.push_blob(NAME, b"0123456789").await;
    let path = format!("/v2/{NAME}/blobs/{}", digest(b"0123456789"));
    for (range, content_range, body) in [
        ("bytes=0-4", "bytes 0-4/10", "01234"),
        ("bytes=5-", "bytes 5-9/10", "56789"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=5-500", "bytes 5-9/10", "56789"),
    ] {
        let answer = harness.request_with("GET", &path, &[("range", range)]).await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(answer.header("content-range"), content_range);
        assert_eq!(answer.text(), body);
    }
    for range in ["bytes=500-0", "bytes=10-"] {
        let answer = harness.request_with("GET", &path, &[("range", range)]).await;
        assert_eq!(answer.status, StatusCode::RANGE_NOT_SATISFIABLE, "{range}");
    }
    let head = harness.request("HEAD", &path).await;
    assert_eq!((head.status, head.header("content-length")), (StatusCode::OK, "10"));
    assert_eq!(head.header("docker-content-digest"), digest(b"0123456789"));
    let tag = head.header("etag").to_owned();
    let again = harness.request_with("GET", &path, &[("if-none-match", &tag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_blob_is_mounted_from_where_it_is_and_nowhere_else() {
    let harness = Harness::new().await;
    harness.push_blob(NAME, b"shared").await;
    let wanted = digest(b"shared");
    let mount = |to: &str, from: &str| format!("/v2/{to}/blobs/uploads/?mount={wanted}{from}");
    let other = harness.get(&format!("/v2/b/blobs/{wanted}")).await;
    assert_eq!((other.status, code(&other).as_str()), (StatusCode::NOT_FOUND, "BLOB_UNKNOWN"));
    for from in ["", "&from=c", "&from=../team/a/image", "&from="] {
        let answer = harness.request("POST", &mount("b", from)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{from}");
        assert!(answer.header("location").starts_with("/v2/b/blobs/uploads/"));
    }
    let from = format!("&from={}", NAME.replace('/', "%2F"));
    let answer = harness.request("POST", &mount("b", &from)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    assert_eq!(harness.get(answer.header("location")).await.text(), "shared");
}

#[tokio::test]
async fn a_blob_that_waits_is_deleted_and_one_that_is_named_is_not() {
    let harness = Harness::new().await;
    harness.push_blob(NAME, b"alone").await;
    let path = format!("/v2/{NAME}/blobs/{}", digest(b"alone"));
    assert_eq!(harness.request("DELETE", &path).await.status, StatusCode::ACCEPTED);
    assert_eq!(harness.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(harness.request("DELETE", &path).await.status, StatusCode::NOT_FOUND);
    harness.push_image(NAME, "1", &serde_json::json!({})).await;
    let path = format!("/v2/{NAME}/blobs/{}", digest(b"layer"));
    let answer = harness.request("DELETE", &path).await;
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED")
    );
    assert_eq!(harness.get(&path).await.text(), "layer");
}

#[tokio::test]
async fn a_blob_over_the_limit_is_refused() {
    let options =
        chart_registry::Options { max_blob_bytes: 10, ..chart_registry::Options::default() };
    let harness = Harness::with(options).await;
    let path = format!("/v2/{NAME}/blobs/uploads/?digest={}", digest(b"01234567890"));
    let answer = harness.send_bytes(("POST", &path), &[], b"01234567890").await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let place = begin(&harness).await;
    assert_eq!(patch(&harness, &place, None, b"0123456789").await.status, StatusCode::ACCEPTED);
    let answer = patch(&harness, &place, None, b"0").await;
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID")
    );
}
