//! Policies by path: quotas, overwriting, channels, names, retention.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{Answer, Harness};
use crate::support::package;

async fn with_policy(path: &str, policy: &Value) -> Harness {
    let harness = Harness::new().await;
    let answer =
        harness.send_text("PUT", &format!("/-/v1/policy{path}"), &policy.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    harness
}

async fn publish(harness: &Harness, path: &str, package: impl Into<Body>) -> Answer {
    harness.send(Request::post(path).body(package.into()).unwrap()).await
}

#[tokio::test]
async fn the_policy_of_the_longest_path_decides_and_outlives_a_restart() {
    let harness = with_policy("", &json!({ "version": 1, "quota": { "versions": 7 } })).await;
    let team = json!({ "version": 1, "versions": "overwritable" }).to_string();
    harness.send_text("PUT", "/-/v1/policy/team", &team).await;
    let harness = harness.restarted().await;
    let at = |path: &'static str| {
        let harness = &harness;
        async move { harness.get(path).await.json() }
    };
    assert_eq!(at("/-/v1/policy/team/a").await["prefix"], "team");
    assert_eq!(at("/-/v1/policy/team/a").await["policy"]["versions"], "overwritable");
    assert_eq!(at("/-/v1/policy/other").await["policy"]["quota"]["versions"], 7);
    let again = harness.send_text("PUT", "/-/v1/policy/team", &team).await.json();
    assert_eq!(again["changed"], false);
    harness.request("DELETE", "/-/v1/policy/team").await;
    assert_eq!(at("/-/v1/policy/team/a").await["prefix"], "");
    let bad = harness.send_text("PUT", "/-/v1/policy/team", r#"{"version":1,"qota":{}}"#).await;
    bad.refused(StatusCode::BAD_REQUEST, "bad-policy");
    assert!(bad.text().contains("`qota`"), "{}", bad.text());
}

#[tokio::test]
async fn uploads_at_the_same_time_never_exceed_a_quota_together() {
    let harness = with_policy("", &json!({ "version": 1, "quota": { "versions": 100 } })).await;
    for number in 0..99 {
        let answer = harness.post(package("org", &format!("1.0.{number}"), "a: 1\n")).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    let uploads = (0..16).map(|number| {
        let package = package("org", &format!("2.0.{number}"), "a: 1\n");
        harness.post(package)
    });
    let answers = join_all(uploads).await;
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
    assert_eq!(taken, 1);
    for answer in answers.iter().filter(|answer| answer.status != StatusCode::CREATED) {
        answer.refused(StatusCode::INSUFFICIENT_STORAGE, "quota-exceeded");
    }
    // What is there is there, and what goes makes room.
    let same = harness.post(package("org", "1.0.0", "a: 1\n")).await;
    assert_eq!(same.status, StatusCode::CREATED);
    harness.request("DELETE", "/api/charts/org/1.0.1").await;
    let next = harness.post(package("org", "3.0.0", "a: 1\n")).await;
    assert_eq!(next.status, StatusCode::CREATED, "{}", next.text());
}

#[tokio::test]
async fn bytes_count_below_the_path_of_the_quota_and_not_beside_it() {
    let size = package("org", "1.0.0", "a: 1\n").len();
    let policy = json!({ "version": 1, "quota": { "bytes": size * 2 + size / 2 } });
    let harness = with_policy("/team", &policy).await;
    for (path, taken) in [("/team", true), ("/team/a", true), ("/team/b", false), ("/other", true)]
    {
        let path = format!("/api{path}/charts");
        let answer = publish(&harness, &path, package("org", "1.0.0", "a: 1\n")).await;
        assert_eq!(answer.status == StatusCode::CREATED, taken, "{path}: {}", answer.text());
        if !taken {
            answer.refused(StatusCode::INSUFFICIENT_STORAGE, "quota-exceeded");
        }
    }
}

#[tokio::test]
async fn a_version_changes_only_with_force_and_only_where_the_policy_lets_it() {
    let harness = with_policy("/dev", &json!({ "version": 1, "versions": "overwritable" })).await;
    let (first, other) = (package("org", "1.0.0", "a: 1\n"), package("org", "1.0.0", "a: 2\n"));
    for path in ["/api/charts", "/api/dev/charts"] {
        publish(&harness, path, first.clone()).await;
        publish(&harness, path, other.clone())
            .await
            .refused(StatusCode::CONFLICT, "version-exists");
    }
    let forced = publish(&harness, "/api/charts?force", other.clone()).await;
    forced.refused(StatusCode::CONFLICT, "version-exists");
    let forced = publish(&harness, "/api/dev/charts?force", other.clone()).await;
    assert_eq!(forced.status, StatusCode::CREATED, "{}", forced.text());
    assert_eq!(harness.get("/dev/charts/org-1.0.0.tgz").await.body, other);
    assert_eq!(harness.get("/charts/org-1.0.0.tgz").await.body, first);
    let life = harness.get("/-/v1/versions/dev/org/1.0.0").await.json();
    assert_eq!(life["history"][0]["force"], true);
    let harness = harness.restarted().await;
    assert_eq!(harness.get("/dev/charts/org-1.0.0.tgz").await.body, other);
}

#[tokio::test]
async fn channels_of_a_policy_are_entered_in_their_order() {
    let channels = json!({ "candidate": {}, "stable": { "after": "candidate" },
                           "lts": { "by": ["release"] } });
    let harness = with_policy("", &json!({ "version": 1, "channels": channels })).await;
    harness.post(package("org", "1.0.0", "a: 1\n")).await;
    let promote = |channel: &'static str| {
        let harness = &harness;
        let path = format!("/-/v1/versions/org/1.0.0/channels/{channel}");
        async move { harness.send_text("PUT", &path, r#"{"reason":"tested"}"#).await }
    };
    promote("stable").await.refused(StatusCode::CONFLICT, "wrong-channel");
    promote("other").await.refused(StatusCode::CONFLICT, "wrong-channel");
    promote("lts").await.refused(StatusCode::FORBIDDEN, "forbidden");
    assert_eq!(promote("candidate").await.status, StatusCode::OK);
    assert_eq!(promote("stable").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reserved_name_is_not_used_first_by_others() {
    let names = json!([{ "pattern": "fabric-*", "publishers": ["ci"] }]);
    let harness = with_policy("", &json!({ "version": 1, "names": names })).await;
    let reserved = harness.post(package("fabric-org", "1.0.0", "a: 1\n")).await;
    reserved.refused(StatusCode::FORBIDDEN, "name-reserved");
    assert_eq!(harness.post(package("org", "1.0.0", "a: 1\n")).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn retention_deletes_exactly_the_plan_that_somebody_saw() {
    let rules = json!([{ "charts": "*", "keep-newest": 2 }]);
    let harness = with_policy("", &json!({ "version": 1, "retention": rules })).await;
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "2.0.0-rc.1"] {
        harness.post(package("org", version, "a: 1\n")).await;
    }
    let why = r#"{"reason":"in use"}"#;
    harness.send_text("PUT", "/-/v1/versions/org/1.0.0/hold", why).await;
    let without = harness.request("POST", "/-/v1/retention").await;
    without.refused(StatusCode::BAD_REQUEST, "bad-request");
    let plan = harness.request("POST", "/-/v1/retention?dry-run").await.json();
    let versions: Vec<_> =
        plan["versions"].as_array().unwrap().iter().map(|it| it["version"].clone()).collect();
    assert_eq!((versions, &plan["deleted"]), (vec![json!("1.2.0"), json!("1.1.0")], &json!(false)));
    assert_eq!(harness.get("/api/charts/org").await.json().as_array().unwrap().len(), 5);

    // What came since is not in the plan.
    let path = format!("/-/v1/retention?plan={}", plan["plan"].as_str().unwrap());
    harness.post(package("org", "1.4.0", "a: 1\n")).await;
    harness.request("POST", &path).await.refused(StatusCode::CONFLICT, "policy-changed");
    let plan = harness.request("POST", "/-/v1/retention?dry-run").await.json();
    let path = format!("/-/v1/retention?plan={}", plan["plan"].as_str().unwrap());
    let done = harness.request("POST", &path).await.json();
    assert_eq!(done["deleted"], true, "{done}");
    let left = harness.get("/api/charts/org").await.json();
    let left: Vec<_> = left.as_array().unwrap().iter().map(|it| it["version"].clone()).collect();
    assert_eq!(left, [json!("2.0.0-rc.1"), json!("1.4.0"), json!("1.0.0")]);
}
