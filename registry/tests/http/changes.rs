//! The change feed: every change once, in order, and nothing of other repositories.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness};
use crate::support::package;

async fn publish(harness: &Harness, repository: &str, version: &str) {
    let body = Body::from(package("org", version, "a: 1\n"));
    let answer =
        harness.send(Request::post(format!("/api{repository}/charts")).body(body).unwrap()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_feed_tells_each_change_once_and_goes_on_where_it_ended() {
    let harness = Harness::new().await;
    publish(&harness, "", "1.0.0").await;
    publish(&harness, "/team", "1.0.0").await;
    publish(&harness, "/team/a", "1.0.0").await;
    harness.send_text("PUT", "/-/v1/policy", r#"{"version":1}"#).await;
    let why = r#"{"reason":"it breaks"}"#;
    harness.send_text("PUT", "/-/v1/versions/team/org/1.0.0/yank", why).await;

    let all = harness.get("/-/v1/changes?since=0").await;
    assert_eq!(all.header("x-registry-seq"), "5");
    let seen: Vec<_> = lines(&all)
        .iter()
        .map(|line| (line["seq"].clone(), line["events"][0]["op"].clone()))
        .collect();
    let publish_at = |seq: u64| (json!(seq), json!("publish"));
    assert_eq!(seen, [publish_at(1), publish_at(2), publish_at(3), (json!(5), json!("yank"))]);
    let event = &lines(&all)[3]["events"][0];
    assert_eq!((&event["repo"], &event["reason"]), (&json!("team"), &json!("it breaks")));
    assert!(event.get("actor").is_none() && event.get("request").is_none(), "{event}");

    let team = harness.get("/-/v1/changes/team?since=2").await;
    let repos: Vec<_> = lines(&team).iter().map(|it| it["events"][0]["repo"].clone()).collect();
    assert_eq!(repos, [json!("team/a"), json!("team")]);
    let part = harness.get("/-/v1/changes?since=0&limit=2").await;
    assert_eq!((lines(&part).len(), part.header("x-registry-seq")), (2, "2"));
    let rest = harness.get("/-/v1/changes?since=5").await;
    assert_eq!((lines(&rest).len(), rest.header("x-registry-seq")), (0, "5"));
    let bad = harness.get("/-/v1/changes?since=x").await;
    assert_eq!(bad.json()["code"], "bad-request");

    let head = harness.get("/-/v1/head").await.json();
    assert_eq!((&head["seq"], &head["head"]), (&json!(5), &lines(&all)[3]["head"]));
}

#[tokio::test]
async fn who_waits_hears_of_a_change_at_once() {
    let harness = Harness::new().await;
    publish(&harness, "", "1.0.0").await;
    // The answer of one who is not told is empty, however long it takes.
    let waiting = harness.get("/-/v1/changes?since=1&wait=60");
    let (answer, ()) = tokio::join!(waiting, publish(&harness, "", "1.1.0"));
    assert_eq!(lines(&answer)[0]["seq"], 2);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_nothing_gets_nothing_in_the_end() {
    let harness = Harness::new().await;
    let answer = harness.get("/-/v1/changes?since=0&wait=5").await;
    assert_eq!((lines(&answer).len(), answer.header("x-registry-seq")), (0, "0"));
}
