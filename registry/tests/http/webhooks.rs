//! Webhooks: every event once it happened, in order, signed, whatever the receiver does.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chart_registry::webhooks::{Pace, Webhook, WebhookSettings, sign};
use chart_registry::{Options, Registry};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::harness::Harness;
use crate::support::package;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

const FAST: Pace = Pace {
    renew: Duration::from_millis(30),
    takeover: Duration::from_mins(1),
    keep: Duration::from_millis(5),
    answer: Duration::from_mins(1),
    first_wait: Duration::from_millis(1),
    longest_wait: Duration::from_millis(20),
};

/// What a receiver does with a request.
#[derive(Debug, Clone, Copy)]
enum Does {
    Answer(StatusCode),
    Hang,
}

#[derive(Clone)]
struct Got {
    headers: HeaderMap,
    body: Bytes,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// A receiver that does as it is told, one request after the other, and then takes everything.
struct Receiver {
    address: SocketAddr,
    script: Arc<Mutex<VecDeque<Does>>>,
    got: Arc<Mutex<Vec<Got>>>,
    number: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    async fn new(script: &[Does]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(script.iter().copied().collect::<VecDeque<_>>()));
        let got = Arc::new(Mutex::new(Vec::new()));
        let (sender, number) = watch::channel(0);
        let (next, into) = (Arc::clone(&script), Arc::clone(&got));
        let router = Router::new().fallback(move |request: Request| {
            let (next, into, sender) = (Arc::clone(&next), Arc::clone(&into), sender.clone());
            async move { take(request, (&next, &into), &sender).await }
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, script, got, number, task }
    }

    fn then(&self, does: Does) {
        self.script.lock().unwrap().push_back(does);
    }

    /// The events, once the last of them has this subject. One whose answer came too late on a
    /// machine that does much else comes again, with the same number: it counts once.
    async fn wait_for_last(&self, subject: &str) -> Vec<Got> {
        let mut seen = self.number.clone();
        let is_there = |got: &[Got]| subjects(got).last().is_some_and(|last| last == subject);
        let wait = seen.wait_for(|_| is_there(&self.got.lock().unwrap()));
        tokio::time::timeout(Duration::from_mins(1), wait).await.unwrap().unwrap();
        let mut got = self.got.lock().unwrap().clone();
        got.dedup_by(|one, other| one.header("webhook-id") == other.header("webhook-id"));
        got
    }

    /// The requests, once there are as many.
    async fn wait_for(&self, number: usize) -> Vec<Got> {
        let mut seen = self.number.clone();
        let wait = seen.wait_for(|seen| *seen >= number);
        tokio::time::timeout(Duration::from_mins(1), wait).await.unwrap().unwrap();
        self.got.lock().unwrap().clone()
    }

    fn hook(&self, storage: &Path, more: &Value) -> Webhook {
        let file = storage.join("secret");
        std::fs::write(&file, SECRET).unwrap();
        let mut hook = json!({
            "name": "ci", "url": format!("http://{}/hook?key=1", self.address), "secret-file": file,
        });
        for (key, value) in more.as_object().unwrap() {
            hook[key] = value.clone();
        }
        serde_json::from_value(hook).unwrap()
    }
}

async fn take(
    request: Request,
    (script, got): (&Mutex<VecDeque<Does>>, &Mutex<Vec<Got>>),
    number: &watch::Sender<usize>,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    got.lock().unwrap().push(Got { headers: parts.headers, body });
    number.send_modify(|number| *number += 1);
    let does = script.lock().unwrap().pop_front();
    match does {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(Does::Answer(status)) => status.into_response(),
        Some(Does::Hang) => std::future::pending().await,
    }
}

fn options(hooks: Vec<Webhook>) -> Options {
    let webhooks = WebhookSettings { hooks, pace: FAST };
    Options { webhooks, ..Options::default() }
}

async fn publish(harness: &Harness, repository: &str, version: &str) {
    let body = axum::body::Body::from(package("org", version, "a: 1\n"));
    let request = Request::post(format!("/api{repository}/charts")).body(body).unwrap();
    let answer = harness.send(request).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
}

fn subjects(got: &[Got]) -> Vec<String> {
    got.iter().map(|it| it.json()["subject"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the report of the webhooks says so.
async fn wait_until(harness: &Harness, so: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let report = harness.get("/-/v1/webhooks").await.json();
            if so(&report) {
                return report;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait).await.unwrap()
}

async fn delivering(harness: &Harness) {
    wait_until(harness, |report| report["delivering"] == true).await;
}

#[tokio::test]
async fn events_come_in_order_as_signed_cloud_events() {
    let files = tempfile::tempdir().unwrap();
    let receiver = Receiver::new(&[]).await;
    let more = json!({
        "repositories": ["team"], "kinds": ["publish", "yank"], "source": "https://charts.example/",
    });
    let harness = Harness::with(options(vec![receiver.hook(files.path(), &more)])).await;
    delivering(&harness).await;
    publish(&harness, "", "0.9.0").await;
    publish(&harness, "/teams", "0.9.1").await;
    publish(&harness, "/team", "1.0.0").await;
    let why = r#"{"reason":"it breaks"}"#;
    harness.send_text("PUT", "/-/v1/versions/team/org/1.0.0/deprecation", why).await;
    harness.send_text("PUT", "/-/v1/versions/team/org/1.0.0/yank", why).await;
    publish(&harness, "/team/a", "1.1.0").await;

    let got = receiver.wait_for(3).await;
    assert_eq!(subjects(&got), ["org/1.0.0", "org/1.0.0", "org/1.1.0"]);
    let event = got[1].json();
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["type"], "chart-registry.yank");
    assert_eq!(event["source"], "https://charts.example/team");
    assert_eq!(event["sequence"], "0000000000000005");
    assert_eq!(event["data"]["reason"], "it breaks");
    assert!(event["data"].get("actor").is_none(), "{event}");
    assert_eq!(got[2].json()["source"], "https://charts.example/team/a");
    assert_eq!(got[0].header("content-type"), "application/cloudevents+json; charset=utf-8");
    let ids: Vec<_> = got.iter().map(|it| it.json()["id"].clone()).collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
    for it in &got {
        let (id, time) = (it.header("webhook-id"), it.header("webhook-timestamp"));
        assert_eq!(it.json()["id"], id);
        let expected = sign(SECRET.as_bytes(), id, time.parse().unwrap(), &it.body);
        assert_eq!(it.header("webhook-signature"), expected);
    }
}

#[tokio::test]
async fn a_receiver_that_fails_and_hangs_gets_the_same_event_again_and_slows_nobody_down() {
    let files = tempfile::tempdir().unwrap();
    let bad = Does::Answer(StatusCode::INTERNAL_SERVER_ERROR);
    let slow = Does::Answer(StatusCode::TOO_MANY_REQUESTS);
    let receiver =
        Receiver::new(&[bad, Does::Hang, slow, Does::Answer(StatusCode::BAD_REQUEST)]).await;
    let dead = Receiver::new(&[Does::Hang; 100]).await;
    let mut other = dead.hook(files.path(), &json!({}));
    other.name = String::from("dead").try_into().unwrap();
    let pace = Pace { answer: Duration::from_secs(1), ..FAST };
    let hooks = vec![receiver.hook(files.path(), &json!({})), other];
    let webhooks = WebhookSettings { hooks, pace };
    let harness = Harness::with(Options { webhooks, ..Options::default() }).await;
    delivering(&harness).await;
    // Receivers hang, and publishes go on.
    for minor in 0..20 {
        publish(&harness, "", &format!("1.{minor}.0")).await;
    }
    let got = receiver.wait_for(5).await;
    let ids: Vec<_> = got.iter().map(|it| it.header("webhook-id").to_owned()).collect();
    assert!(ids[..5].iter().all(|id| *id == ids[0]), "{ids:?}");
    let taken: Vec<_> = (0..20).map(|minor| format!("org/1.{minor}.0")).collect();
    assert_eq!(subjects(&receiver.wait_for_last("org/1.19.0").await), taken);

    let report = wait_until(&harness, |report| report["webhooks"][0]["behind"] == 0).await;
    let (ci, dead) = (&report["webhooks"][0], &report["webhooks"][1]);
    assert_eq!((&ci["name"], &ci["delivered"]), (&json!("ci"), &json!(20)));
    assert!(ci["failed"].as_u64() >= Some(4), "{ci}");
    assert_eq!((&dead["name"], &dead["behind"]), (&json!("dead"), &json!(20)));
    let said = dead["lastError"].as_str().unwrap();
    assert!(said.contains("did not answer") && !said.contains("key=1"), "{said}");
    assert!(!dead["url"].as_str().unwrap().contains("key"), "{dead}");
    let metrics = harness.get("/metrics").await.text();
    assert!(metrics.contains("chart_registry_webhook_behind{webhook=\"dead\"} 20"), "{metrics}");
    let delivered = "chart_registry_webhook_attempts_total{webhook=\"ci\",result=\"delivered\"} 20";
    assert!(metrics.contains(delivered), "{metrics}");
}

#[tokio::test]
async fn a_receiver_that_refuses_an_event_may_be_let_off() {
    let files = tempfile::tempdir().unwrap();
    let receiver = Receiver::new(&[Does::Answer(StatusCode::UNPROCESSABLE_ENTITY)]).await;
    let hook = receiver.hook(files.path(), &json!({ "on-refusal": "skip" }));
    let harness = Harness::with(options(vec![hook])).await;
    delivering(&harness).await;
    publish(&harness, "", "1.0.0").await;
    publish(&harness, "", "1.1.0").await;
    assert_eq!(subjects(&receiver.wait_for(2).await), ["org/1.0.0", "org/1.1.0"]);
    let report = wait_until(&harness, |report| report["webhooks"][0]["delivered"] == 1).await;
    assert_eq!(report["webhooks"][0]["skipped"], 1);
    // What may pass is never let off.
    receiver.then(Does::Answer(StatusCode::NOT_FOUND));
    publish(&harness, "", "1.2.0").await;
    assert_eq!(subjects(&receiver.wait_for(4).await)[2..], ["org/1.2.0", "org/1.2.0"]);
}

#[tokio::test]
async fn nothing_is_lost_or_told_twice_across_restarts_and_a_new_webhook_begins_now() {
    let files = tempfile::tempdir().unwrap();
    let receiver = Receiver::new(&[]).await;
    let quiet = Harness::new().await;
    publish(&quiet, "", "0.1.0").await;
    let storage = quiet.storage.path().to_owned();

    let hook = receiver.hook(files.path(), &json!({}));
    let registry = Registry::open_with(&storage, options(vec![hook.clone()])).await.unwrap();
    registry.publish(package("org", "1.0.0", "")).await.unwrap();
    // Whether it was told already does not matter: it is told in the end.
    registry.close().await;
    drop(registry);
    let without = Registry::open(&storage).await.unwrap();
    without.publish(package("org", "1.1.0", "")).await.unwrap();
    without.close().await;
    drop(without);

    let again = Registry::open_with(&storage, options(vec![hook])).await.unwrap();
    again.publish(package("org", "1.2.0", "")).await.unwrap();
    // The first registry may have ended before it delivered at all, then the webhook is new.
    let got = receiver.wait_for(1).await;
    let first = subjects(&got)[0].clone();
    let all = ["org/1.0.0", "org/1.1.0", "org/1.2.0"];
    let from = all.iter().position(|subject| *subject == first).unwrap();
    let got = receiver.wait_for(all.len() - from).await;
    assert_eq!(subjects(&got), all[from..]);
    again.close().await;
    let leases = std::fs::read_dir(storage.join("lease")).unwrap().count();
    assert!(leases <= 10, "{leases} leases stay");
}

#[tokio::test]
async fn of_several_processes_one_delivers_and_another_one_goes_on_when_it_ends() {
    let files = tempfile::tempdir().unwrap();
    let receiver = Receiver::new(&[]).await;
    let hook = receiver.hook(files.path(), &json!({}));
    let first = Harness::with(options(vec![hook.clone()])).await;
    delivering(&first).await;
    let second = Registry::open_with(first.storage.path(), options(vec![hook])).await.unwrap();
    for minor in 0..5 {
        publish(&first, "", &format!("1.{minor}.0")).await;
    }
    receiver.wait_for(5).await;
    first.registry.close().await;
    second.publish(package("org", "2.0.0", "")).await.unwrap();
    let got = receiver.wait_for_last("org/2.0.0").await;
    let expected = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "2.0.0"];
    assert_eq!(subjects(&got), expected.map(|version| format!("org/{version}")));
    second.close().await;
}

#[tokio::test]
async fn the_turn_of_a_process_that_died_is_taken_over_where_it_ended() {
    let files = tempfile::tempdir().unwrap();
    let receiver = Receiver::new(&[]).await;
    let harness = Harness::new().await;
    for minor in 0..4 {
        publish(&harness, "", &format!("1.{minor}.0")).await;
    }
    let lease = |number: u32| harness.storage.path().join(format!("lease/webhooks-{number:016}"));
    let record = r#"{"nonce":"a","released":false,"positions":{"ci":2,"other":1}}"#;
    std::fs::write(lease(6), record).unwrap();
    // The last record cannot be read: the one before it counts.
    std::fs::write(lease(7), "damaged").unwrap();
    let hooks = vec![receiver.hook(files.path(), &json!({}))];
    let pace = Pace { takeover: Duration::from_millis(300), ..FAST };
    let webhooks = WebhookSettings { hooks, pace };
    let options = Options { webhooks, ..Options::default() };
    let registry = Registry::open_with(harness.storage.path(), options).await.unwrap();
    let got = receiver.wait_for(2).await;
    assert_eq!(subjects(&got), ["org/1.2.0", "org/1.3.0"]);
    registry.close().await;
    let mut files: Vec<_> = std::fs::read_dir(harness.storage.path().join("lease"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let last = std::fs::read(files.last().unwrap()).unwrap();
    let last: Value = serde_json::from_slice(&last).unwrap();
    assert_eq!(last["released"], true);
    // What this process does not know stays.
    assert_eq!(last["positions"], json!({ "ci": 4, "other": 1 }));
}

#[tokio::test]
async fn a_webhook_without_a_usable_secret_stops_the_start_and_readers_are_not_asked_for_one() {
    let storage = tempfile::tempdir().unwrap();
    let receiver = Receiver::new(&[]).await;
    let hook = receiver.hook(storage.path(), &json!({}));
    std::fs::write(&hook.secret_file, "short").unwrap();
    let directory = storage.path().join("data");
    let error = Registry::open_with(&directory, options(vec![hook.clone()])).await.err().unwrap();
    assert!(error.to_string().contains("shorter than 16 bytes"), "{error}");
    let options = Options { writable: false, ..options(vec![hook]) };
    assert!(Registry::open_with(&directory, options).await.is_ok());
}
