//! Who may do what: credentials in every state against every row of the table of routes.

use std::fmt::Write;
use std::path::Path;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::digest::Sha256;
use chart_registry::{Anonymous, Declared, IdentityOptions, Options, Password, Permission, ROUTES};
use chart_registry_store::commit::READER;
use chart_registry_store::{
    Actor, Commit, Event, Head, Issued, Journal, RepositoryPath, Store, Timestamp, TokenChange,
    TokenEvent, TokenGrant,
};
use serde_json::json;

use crate::harness::{Answer, Harness};
use crate::support::package;
use crate::table::filled;

/// A token of the test, before the registry is opened.
#[derive(Clone, Copy)]
pub(crate) struct Given {
    pub(crate) id: &'static str,
    pub(crate) below: &'static str,
    pub(crate) permission: &'static str,
    pub(crate) expires: Option<i64>,
    pub(crate) revoked: bool,
}

pub(crate) const LIVE: Given = Given {
    id: "00000000000000a",
    below: "",
    permission: "administer",
    expires: None,
    revoked: false,
};

fn secret(id: &str) -> String {
    format!("{:0>43}", format!("secret-of-{id}"))
}

fn text(id: &str) -> String {
    format!("cr_{id}_{}", secret(id))
}

pub(crate) fn bearer(id: &str) -> String {
    format!("Bearer {}", text(id))
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn events(given: &Given) -> Vec<Event> {
    let actor = Actor { sub: "test".to_owned(), via: "storage".to_owned() };
    let event = |change| {
        let (id, actor, request) = (given.id.to_owned(), actor.clone(), String::new());
        Event::Token(TokenEvent { id, change, actor, request })
    };
    let below = RepositoryPath::parse(given.below).unwrap();
    let issued = Issued {
        subject: format!("holder-{}", given.id),
        secret: Sha256::of(secret(given.id).as_bytes()),
        grants: vec![TokenGrant { below, permissions: vec![given.permission.to_owned()] }],
        expires: given.expires.map(Timestamp::from_milliseconds),
    };
    let mut events = vec![event(TokenChange::Issue(issued))];
    if given.revoked {
        events.push(event(TokenChange::Revoke));
    }
    events
}

/// Writes tokens into the journal of a new storage.
pub(crate) async fn write(storage: &Path, tokens: &[Given]) {
    begin(storage, tokens.iter().flat_map(events).collect()).await;
}

/// Begins the journal of a new storage with a commit of these events.
pub(crate) async fn begin(storage: &Path, events: Vec<Event>) {
    begin_on(Store::open(storage).await.unwrap(), events).await;
}

/// The same with these tokens, on a store of any kind.
pub(crate) async fn write_on(store: Store, tokens: &[Given]) {
    begin_on(store, tokens.iter().flat_map(events).collect()).await;
}

async fn begin_on(store: Store, events: Vec<Event>) {
    let journal = Journal::new(store);
    let commit = Commit {
        seq: 1,
        prev: Head::EMPTY.hash,
        time: Timestamp::from_milliseconds(1_000),
        writer: "test".to_owned(),
        nonce: "0".repeat(32),
        min_reader: READER,
        events,
    };
    journal.append(&commit.seal().unwrap()).await.unwrap();
}

async fn closed(tokens: &[Given]) -> Harness {
    Harness::prepared(Options::default(), async |storage| write(storage, tokens).await).await
}

async fn ask(harness: &Harness, (method, path): (&str, &str), credential: &str) -> Answer {
    harness.request_with(method, path, &[("authorization", credential)]).await
}

fn is_let_in(answer: &Answer) -> bool {
    ![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status)
}

#[tokio::test]
async fn no_row_answers_without_a_credential_that_is_worth_something() {
    let other = Given { id: "00000000000000b", below: "other", ..LIVE };
    let expired = Given { id: "00000000000000c", expires: Some(2_000), ..LIVE };
    let revoked = Given { id: "00000000000000d", revoked: true, ..LIVE };
    let harness = closed(&[LIVE, other, expired, revoked]).await;
    let cut = &bearer(LIVE.id)[..40];
    let wrong = bearer(LIVE.id).replace("secret", "secrex");
    let (expired, revoked) = (bearer("00000000000000c"), bearer("00000000000000d"));
    let user = basic("admin", "secret");
    let worthless = [cut, &wrong, &expired, &revoked, &bearer("0123456789abcde"), "Digest x"];
    for route in ROUTES {
        let request = (route.method, filled(route.path));
        let request = (request.0, request.1.as_str());
        let Some(permission) = route.permission else {
            // What needs no permission asks for no credential, whether the thing is there or not.
            assert!(is_let_in(&ask(&harness, request, "Digest x").await), "{request:?}");
            continue;
        };
        let none = harness.request(request.0, request.1).await;
        assert_eq!(none.status, StatusCode::UNAUTHORIZED, "{request:?}");
        assert!(none.header("www-authenticate").starts_with("Basic realm="), "{request:?}");
        for credential in worthless {
            let answer = ask(&harness, request, credential).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{request:?} {credential}");
        }
        let narrow = ask(&harness, request, &bearer("00000000000000b")).await;
        let expected = permission == Permission::Enter;
        assert_eq!(is_let_in(&narrow), expected, "{request:?}: {}", narrow.text());
    }
    let answer = ask(&harness, ("GET", "/index.yaml"), &user).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_row_takes_its_permission_and_no_other() {
    let ids = ["00000000000000a", "00000000000000b", "00000000000000c", "00000000000000d"];
    let tokens = ids.iter().zip(Permission::ALL);
    let tokens: Vec<Given> = tokens
        .map(|(id, permission)| Given { id, below: "team", permission: permission.name(), ..LIVE })
        .collect();
    let harness = closed(&tokens).await;
    for route in ROUTES.iter().filter(|route| route.path.contains("{repository}")) {
        let needed = route.permission.unwrap();
        for (id, has) in ids.iter().zip(Permission::ALL) {
            let answer = ask(&harness, (route.method, &filled(route.path)), &bearer(id)).await;
            let expected = needed == has || [Permission::Enter].contains(&needed);
            let expected = expected || has == Permission::Administer;
            let name = format!("{} {} with {}", route.method, route.path, has.name());
            assert_eq!(is_let_in(&answer), expected, "{name}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_token_is_taken_from_helm_and_from_curl_and_names_the_actor() {
    let harness = closed(&[LIVE]).await;
    let post = Request::post("/api/charts").header("authorization", basic("any", &text(LIVE.id)));
    let bytes = package("x", "1.0.0", "");
    assert_eq!(
        harness.send(post.body(Body::from(bytes)).unwrap()).await.status,
        StatusCode::CREATED
    );
    let life = ask(&harness, ("GET", "/-/v1/identity/team"), &bearer(LIVE.id)).await.json();
    let all = ["read", "publish", "delete", "administer"];
    let via = format!("token:{}", LIVE.id);
    let expected = json!({ "subject": "holder-00000000000000a", "via": via, "permissions": all });
    assert_eq!(life, expected);
    let journal = std::fs::read_to_string(harness.storage.path().join("journal/0000000000000002"));
    let journal = journal.unwrap();
    assert!(journal.contains(&format!(r#""actor":{{"sub":"holder-{}","via":"{via}"}}"#, LIVE.id)));
}

#[tokio::test]
async fn a_token_is_issued_once_listed_without_its_secret_and_revoked() {
    let lead = Given { below: "team", ..LIVE };
    let harness = closed(&[lead]).await;
    let send = async |method: &str, path: &str, body: &str| {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", bearer(LIVE.id));
        harness.send(request.body(Body::from(body.to_owned())).unwrap()).await
    };
    let order = r#"{"subject":"ci","grants":[{"below":"team/a","permissions":["read"]}],"expires-in":"1h"}"#;
    let issued = send("POST", "/-/v1/tokens/team", order).await;
    assert_eq!(issued.status, StatusCode::CREATED, "{}", issued.text());
    assert_eq!(issued.header("cache-control"), "no-store");
    let token = issued.json()["token"].as_str().unwrap().to_owned();
    let id = issued.json()["id"].as_str().unwrap().to_owned();
    let credential = format!("Bearer {token}");
    let read = async |path| ask(&harness, ("GET", path), &credential).await.status;
    assert_eq!(read("/team/a/index.yaml").await, StatusCode::OK);
    assert_eq!(read("/team/index.yaml").await, StatusCode::FORBIDDEN);

    let list = send("GET", "/-/v1/tokens/team/a", "").await;
    assert_eq!(list.json()["tokens"][0]["id"], *id);
    assert_eq!(list.json()["tokens"][0]["by"], "holder-00000000000000a");
    assert_eq!(list.json()["tokens"][1], json!(null), "the lead's own token reaches further");
    // The secret part may hold underscores of its own.
    let secret = token.splitn(3, '_').nth(2).unwrap();
    assert_eq!(secret.len(), 43, "{token}");
    assert!(!list.text().contains(secret));
    for (name, bytes) in harness.stored() {
        assert!(!String::from_utf8_lossy(&bytes).contains(secret), "{name}");
    }

    send("DELETE", &format!("/-/v1/tokens/other/{id}"), "")
        .await
        .refused(StatusCode::FORBIDDEN, "forbidden");
    send("DELETE", "/-/v1/tokens/team/x", "").await.refused(StatusCode::NOT_FOUND, "not-found");
    let revoked = send("DELETE", &format!("/-/v1/tokens/team/{id}"), "").await;
    assert_eq!(revoked.json()["revoked"], true, "{}", revoked.text());
    assert_eq!(read("/team/a/index.yaml").await, StatusCode::UNAUTHORIZED);
    let again = send("DELETE", &format!("/-/v1/tokens/team/{id}"), "").await;
    assert_eq!(again.json()["seq"], revoked.json()["seq"]);

    for (order, code) in [
        (order.replace("team/a", "other"), "forbidden"),
        (order.replace("read", "write"), "bad-request"),
        (order.replace("1h", "1y"), "bad-request"),
        ("{".to_owned(), "bad-request"),
    ] {
        let answer = send("POST", "/-/v1/tokens/team", &order).await;
        assert_eq!(answer.json()["code"], code, "{order}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_dead_on_another_replica_and_after_a_restart() {
    let harness = closed(&[LIVE, Given { id: "00000000000000b", ..LIVE }]).await;
    let replica = chart_registry::Registry::open(harness.storage.path()).await.unwrap();
    let path = format!("/-/v1/tokens/{}", "00000000000000b");
    assert_eq!(ask(&harness, ("DELETE", &path), &bearer(LIVE.id)).await.status, StatusCode::OK);
    let dead = async {
        while replica.state().token("00000000000000b").unwrap().revoked.is_none() {
            tokio::task::yield_now().await;
        }
    };
    // A second on a machine that does nothing else, see `replicas`.
    tokio::time::timeout(std::time::Duration::from_mins(1), dead).await.unwrap();
    let harness = harness.restarted().await;
    let answer = ask(&harness, ("GET", "/index.yaml"), &bearer("00000000000000b")).await;
    answer.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    assert_eq!(
        ask(&harness, ("GET", "/index.yaml"), &bearer(LIVE.id)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_token_that_another_replica_issued_is_taken_at_once() {
    let harness = closed(&[LIVE]).await;
    let replica = chart_registry::Registry::open(harness.storage.path()).await.unwrap().router();
    let order = r#"{"subject":"ci","grants":[{"below":"","permissions":["read"]}]}"#;
    let request = Request::post("/-/v1/tokens").header("authorization", bearer(LIVE.id));
    let issued = harness.send(request.body(Body::from(order)).unwrap()).await.json();
    let credential = format!("Bearer {}", issued["token"].as_str().unwrap());
    let request = Request::get("/index.yaml").header("authorization", credential);
    let answer = tower::ServiceExt::oneshot(replica, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn nobody_unknown_gives_tokens_and_the_first_one_closes_the_registry() {
    let harness = Harness::new().await;
    let order = r#"{"subject":"ci","grants":[{"below":"","permissions":["read"]}]}"#;
    let refused = harness.send_text("POST", "/-/v1/tokens", order).await;
    refused.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    assert!(refused.text().contains("chart-registry token create"), "{}", refused.text());
    assert_eq!(harness.get("/index.yaml").await.status, StatusCode::OK);

    let harness = closed(&[LIVE]).await;
    harness.get("/index.yaml").await.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    assert_eq!(harness.get("/health").await.status, StatusCode::OK);
    let identity = IdentityOptions::new(Some(Anonymous::Read), &Declared::default(), None).unwrap();
    let options = Options { identity, ..Options::default() };
    let harness = Harness::prepared(options, async |storage| write(storage, &[LIVE]).await).await;
    assert_eq!(harness.get("/index.yaml").await.status, StatusCode::OK);
    let answer = harness.post(package("x", "1.0.0", "")).await;
    answer.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    let me = harness.get("/-/v1/identity").await.json();
    assert_eq!(me, json!({ "subject": "anonymous", "via": "http", "permissions": ["read"] }));
}

#[tokio::test]
async fn a_forbidden_repository_looks_like_one_that_does_not_exist() {
    let reader = Given { id: "00000000000000b", below: "other", permission: "read", ..LIVE };
    let harness = closed(&[LIVE, reader]).await;
    let post = Request::post("/api/team/charts").header("authorization", bearer(LIVE.id));
    let post = post.body(Body::from(package("x", "1.0.0", ""))).unwrap();
    assert_eq!(harness.send(post).await.status, StatusCode::CREATED);
    for path in ["/{}/index.yaml", "/{}/charts/x-1.0.0.tgz", "/api/{}/charts/x/1.0.0"] {
        for credential in [bearer("00000000000000b"), "Bearer x".to_owned()] {
            let one = ask(&harness, ("GET", &path.replace("{}", "team")), &credential).await;
            let other = ask(&harness, ("GET", &path.replace("{}", "none")), &credential).await;
            assert!(!is_let_in(&one));
            assert_eq!(one.text().replace("team", "none"), other.text());
        }
    }
}

fn with_users() -> Options {
    // `password`, as the reference implementation of Argon2 hashes it.
    let hash =
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let declared: Declared = serde_json::from_value(json!({ "users": [{
        "name": "alice",
        "password": hash,
        "grants": [{ "below": "team", "permissions": ["read"] }],
    }]}))
    .unwrap();
    let identity =
        IdentityOptions::new(None, &declared, Some(("admin", &Password::from("secret")))).unwrap();
    Options { identity, ..Options::default() }
}

#[tokio::test]
async fn declared_users_and_the_one_of_chartmuseum_log_in_with_passwords() {
    let harness = Harness::with(with_users()).await;
    for _ in 0..2 {
        let alice = ask(&harness, ("GET", "/team/index.yaml"), &basic("alice", "password")).await;
        assert_eq!(alice.status, StatusCode::OK);
    }
    let path = ("GET", "/index.yaml");
    let narrow = ask(&harness, path, &basic("alice", "password")).await;
    narrow.refused(StatusCode::FORBIDDEN, "forbidden");
    assert_eq!(ask(&harness, path, &basic("admin", "secret")).await.status, StatusCode::OK);
    assert_eq!(ask(&harness, path, &basic("", "")).await.status, StatusCode::UNAUTHORIZED);
    let wrong = ask(&harness, path, &basic("alice", "secret")).await;
    let unknown = ask(&harness, path, &basic("bob", "secret")).await;
    wrong.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    assert_eq!(wrong.text(), unknown.text());
}

#[tokio::test(start_paused = true)]
async fn guessing_ends_after_some_failures_and_holds_up_nobody_who_is_known() {
    let harness = Harness::with(with_users()).await;
    let path = ("GET", "/index.yaml");
    let mut statuses = String::new();
    for n in 0..22 {
        let answer = ask(&harness, path, &basic("bob", &format!("guess-{n}"))).await;
        write!(statuses, "{} ", answer.status.as_u16()).unwrap();
    }
    assert_eq!(statuses, format!("{}429 429 ", "401 ".repeat(20)));
    let answer = ask(&harness, path, &basic("alice", "password")).await;
    answer.refused(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts");
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(ask(&harness, path, &basic("admin", "secret")).await.status, StatusCode::OK);
}
