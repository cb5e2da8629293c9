//! What happens to versions after they were published: yank, deprecate, hold, promote, purge.

use axum::http::StatusCode;
use serde_json::json;

use crate::harness::Harness;
use crate::support::package;

const WHY: &str = r#"{"reason":"it breaks \"peers\""}"#;

fn path(what: &str) -> String {
    format!("/-/v1/versions/org/1.0.0{what}")
}

async fn with_two_versions() -> Harness {
    let harness = Harness::new().await;
    for version in ["1.0.0", "1.1.0"] {
        let answer = harness.post(package("org", version, "a: 1\n")).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    harness
}

async fn changed(harness: &Harness, method: &str, what: &str) -> bool {
    let answer = harness.send_text(method, &path(what), WHY).await;
    assert_eq!(answer.status, StatusCode::OK, "{method} {what}: {}", answer.text());
    answer.json()["changed"] == true
}

#[tokio::test]
async fn a_yanked_version_is_listed_nowhere_and_downloaded_with_a_warning() {
    let harness = with_two_versions().await;
    let before = harness.get("/index.yaml").await;
    let file = harness.get("/charts/org-1.0.0.tgz").await;
    assert_eq!(file.header("warning"), "");
    assert!(changed(&harness, "PUT", "/yank").await);
    assert!(!changed(&harness, "PUT", "/yank").await, "again is no news");

    let versions = harness.get("/api/charts/org").await.json();
    assert_eq!(versions.as_array().unwrap().len(), 1);
    let index = harness.get("/index.yaml").await;
    assert_ne!(index.header("etag"), before.header("etag"));
    assert_eq!(harness.get("/api/charts/org/1.0.0").await.status, StatusCode::NOT_FOUND);
    let yanked = harness.get("/charts/org-1.0.0.tgz").await;
    assert_eq!(yanked.body, file.body);
    let warning = r#"299 - "the version is yanked: it breaks \"peers\"""#;
    assert_eq!(yanked.header("warning"), warning);

    // It is published: the same again is a success, other content is refused.
    let same = harness.post(package("org", "1.0.0", "a: 1\n")).await;
    assert_eq!((same.status, &same.json()["created"]), (StatusCode::CREATED, &json!(false)));
    let other = harness.post(package("org", "1.0.0", "a: 2\n")).await;
    other.refused(StatusCode::CONFLICT, "version-exists");

    let harness = harness.restarted().await;
    assert!(changed(&harness, "DELETE", "/yank").await);
    let after = harness.get("/index.yaml").await.json();
    assert_eq!(after["entries"], before.json()["entries"]);
    assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.header("warning"), "");
}

#[tokio::test]
async fn a_deprecated_version_says_so_in_index_and_download() {
    let harness = with_two_versions().await;
    assert!(changed(&harness, "PUT", "/deprecation").await);
    let version = harness.get("/api/charts/org/1.0.0").await.json();
    assert_eq!(version["deprecated"], true);
    let file = harness.get("/charts/org-1.0.0.tgz").await;
    assert!(file.header("warning").contains("deprecated: it breaks"), "{}", file.header("warning"));
    let life = harness.get(&path("")).await.json();
    assert_eq!(life["deprecated"], "it breaks \"peers\"");
    assert!(changed(&harness, "DELETE", "/deprecation").await);
    assert!(harness.get("/api/charts/org/1.0.0").await.json().get("deprecated").is_none());
}

#[tokio::test]
async fn a_held_version_cannot_be_taken_away() {
    let harness = with_two_versions().await;
    assert!(changed(&harness, "PUT", "/hold").await);
    let deleted = harness.request("DELETE", "/api/charts/org/1.0.0").await;
    deleted.refused(StatusCode::CONFLICT, "version-held");
    let purged = harness.send_text("POST", &path("/purge"), WHY).await;
    purged.refused(StatusCode::CONFLICT, "version-held");
    assert!(changed(&harness, "PUT", "/yank").await, "a yank takes nothing away");
    assert!(changed(&harness, "DELETE", "/hold").await);
    let deleted = harness.request("DELETE", "/api/charts/org/1.0.0").await;
    assert_eq!(deleted.status, StatusCode::OK);
}

#[tokio::test]
async fn a_purged_version_never_comes_back_and_its_record_stays() {
    let harness = with_two_versions().await;
    assert!(changed(&harness, "POST", "/purge").await);
    assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.status, StatusCode::NOT_FOUND);
    let again = harness.post(package("org", "1.0.0", "a: 1\n")).await;
    again.refused(StatusCode::CONFLICT, "version-purged");
    let yank = harness.send_text("PUT", &path("/yank"), WHY).await;
    yank.refused(StatusCode::NOT_FOUND, "not-found");
    let harness = harness.restarted().await;
    let life = harness.get(&path("")).await.json();
    assert_eq!((&life["standing"], &life["history"][0]["op"]), (&json!("purged"), &json!("purge")));
    assert_eq!(life["history"][0]["by"], "anonymous");
}

#[tokio::test]
async fn promotion_is_recorded_with_who_when_and_why_and_changes_no_byte() {
    let harness = with_two_versions().await;
    let (index, file) =
        (harness.get("/index.yaml").await, harness.get("/charts/org-1.0.0.tgz").await);
    assert!(changed(&harness, "PUT", "/channels/stable").await);
    assert!(!changed(&harness, "PUT", "/channels/stable").await);
    let life = harness.get(&path("")).await.json();
    assert_eq!(life["channels"], json!(["stable"]));
    let turn = &life["history"][0];
    assert_eq!((&turn["op"], &turn["channel"]), (&json!("promote"), &json!("stable")));
    assert_eq!((&turn["by"], &turn["seq"]), (&json!("anonymous"), &json!(3)));
    assert_eq!(harness.get("/index.yaml").await.body, index.body);
    assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.body, file.body);
    let name = harness.send_text("PUT", &path("/channels/Stable!"), WHY).await;
    name.refused(StatusCode::BAD_REQUEST, "bad-request");
    assert!(changed(&harness, "DELETE", "/channels/stable").await);
}

#[tokio::test]
async fn a_change_without_a_reason_or_of_nothing_is_refused() {
    let harness = with_two_versions().await;
    let long = format!(r#"{{"reason":"{}"}}"#, "x".repeat(1_001));
    for body in ["", "{}", r#"{"reason":" "}"#, r#"{"reason":"a\nb"}"#, &long, r#"{"reson":"a"}"#] {
        let answer = harness.send_text("PUT", &path("/yank"), body).await;
        answer.refused(StatusCode::BAD_REQUEST, "bad-request");
    }
    let absent = harness.send_text("PUT", "/-/v1/versions/org/9.0.0/yank", WHY).await;
    absent.refused(StatusCode::NOT_FOUND, "not-found");
    assert_eq!(harness.get("/api/charts/org").await.json().as_array().unwrap().len(), 2);
}
