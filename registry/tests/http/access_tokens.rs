//! Tokens of an authorization server as `ChartMuseum` knows it: they mean the repositories that they
//! name, and callers without one are told where to get it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chart_registry::{Anonymous, AuthorizationServer, Declared, IdentityOptions, Options};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness};
use crate::issuer::{Issuer, Key, now};
use crate::support::package;

const REALM: &str = "https://auth.example/token";
const SERVICE: &str = "charts.example";

/// A registry that knows the server with a key, with a chart in each of these repositories.
async fn registry(key: &Key, anonymous: Option<Anonymous>, declared: &Value) -> Harness {
    let declared: Declared = serde_json::from_value(declared.clone()).unwrap();
    let identity = IdentityOptions::new(anonymous, &declared, None).unwrap();
    let server = AuthorizationServer::new(REALM, SERVICE, key.pem().as_bytes()).unwrap();
    let identity = identity.with_authorization_server(server);
    let harness = Harness::with(Options { identity, ..Options::default() }).await;
    for path in ["repo", "team", "team/a"] {
        let token = key.token(&claims(path, &["push"]));
        let answer = publish(&harness, path, ("seed", &token)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{path}: {}", answer.text());
    }
    harness
}

async fn usual(key: &Key) -> Harness {
    registry(key, None, &json!({})).await
}

fn claims(name: &str, actions: &[&str]) -> Value {
    json!({
        "sub": "ci", "iat": now() - 10, "exp": now() + 300,
        "access": [{ "type": "artifact-repository", "name": name, "actions": actions }],
    })
}

/// The same claims with one of them changed.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims("team", &["pull", "push"]);
    claims[name] = value;
    claims
}

async fn get(harness: &Harness, path: &str, token: &str) -> Answer {
    harness.request_with("GET", path, &[("authorization", &format!("Bearer {token}"))]).await
}

async fn delete(harness: &Harness, path: &str, token: &str) -> Answer {
    harness.request_with("DELETE", path, &[("authorization", &format!("Bearer {token}"))]).await
}

/// A page as a browser gets it.
async fn page(harness: &Harness, path: &str, token: &str) -> String {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("accept", "text/html")];
    let answer = harness.request_with("GET", path, &headers).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.text()
}

/// Publishes a chart; `repo` is the root.
async fn publish(harness: &Harness, path: &str, (name, token): (&str, &str)) -> Answer {
    let path = if path == "repo" { String::new() } else { format!("/{path}") };
    let post = Request::post(format!("/api{path}/charts"))
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(package(name, "1.0.0", "")));
    harness.send(post.unwrap()).await
}

/// What a caller is told who needs another token.
fn told(answer: &Answer) -> Vec<&str> {
    let all = answer.headers.get_all("www-authenticate").iter();
    all.map(|value| value.to_str().unwrap()).collect()
}

fn challenge(name: &str, action: &str) -> String {
    format!(
        "Bearer realm=\"{REALM}\",service=\"{SERVICE}\",scope=\"artifact-repository:{name}:{action}\""
    )
}

/// What a token without an end, and one for another service, are answered.
pub(crate) async fn unending_and_misdirected() -> [StatusCode; 2] {
    let key = Key::new("any", "ES256");
    let harness = usual(&key).await;
    let mut unending = claims("team", &["pull"]);
    unending.as_object_mut().unwrap().remove("exp");
    let misdirected = with("aud", json!("elsewhere.example"));
    let [unending, misdirected] = [unending, misdirected].map(|claims| key.token(&claims));
    let path = "/team/index.yaml";
    [get(&harness, path, &unending).await.status, get(&harness, path, &misdirected).await.status]
}

#[tokio::test]
async fn a_token_allows_what_it_names_and_nothing_else() {
    let key = Key::new("any", "ES256");
    let harness = usual(&key).await;
    let (pull, push) = (claims("team", &["pull"]), claims("team", &["push"]));
    let (pull, push) = (key.token(&pull), key.token(&push));
    for path in ["/team/index.yaml", "/api/team/charts", "/team/charts/seed-1.0.0.tgz"] {
        assert_eq!(get(&harness, path, &pull).await.status, StatusCode::OK, "{path}");
        get(&harness, path, &push).await.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    }
    for path in ["/index.yaml", "/team/a/index.yaml", "/other/index.yaml", "/api/team/a/charts"] {
        get(&harness, path, &pull).await.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    }
    assert_eq!(publish(&harness, "team", ("x", &push)).await.status, StatusCode::CREATED);
    for path in ["repo", "team/a", "teams"] {
        let answer = publish(&harness, path, ("x", &push)).await;
        answer.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    }
    publish(&harness, "team", ("y", &pull)).await.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    let gone = delete(&harness, "/api/team/charts/x/1.0.0", &push).await;
    assert_eq!(gone.status, StatusCode::OK, "{}", gone.text());
    let there = delete(&harness, "/api/team/a/charts/seed/1.0.0", &push).await;
    there.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    let tags = get(&harness, "/v2/team/seed/tags/list", &pull).await;
    assert_eq!(tags.status, StatusCode::OK, "{}", tags.text());
    let me = get(&harness, "/-/v1/identity/team", &push).await.json();
    let expected = json!({
        "subject": "access_token:ci", "via": "access_token", "permissions": ["publish", "delete"]
    });
    assert_eq!(me, expected);
}

#[tokio::test]
async fn the_root_is_one_repository_and_shows_nothing_of_those_below() {
    let key = Key::new("any", "ES256");
    let harness = usual(&key).await;
    let root = key.token(&claims("repo", &["pull", "push"]));
    assert_eq!(get(&harness, "/index.yaml", &root).await.status, StatusCode::OK);
    for path in ["/team/index.yaml", "/-/v1/changes/team", "/-/ui/team"] {
        let answer = get(&harness, path, &root).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let team = key.token(&claims("team", &["pull"]));
    for (path, token, hidden) in [("", &root, "/team"), ("/team", &team, "team/a")] {
        let feed = get(&harness, &format!("/-/v1/changes{path}?since=0"), token).await;
        let lines: Vec<Value> =
            feed.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0]["events"][0]["repo"], path.trim_start_matches('/'));
        for query in ["", "?q=seed"] {
            let text = page(&harness, &format!("/-/ui{path}{query}"), token).await;
            assert!(text.contains("seed") && !text.contains(hidden), "{path}{query}: {text}");
        }
    }
}

#[tokio::test]
async fn a_token_that_is_worth_nothing_is_refused_and_the_caller_told_where_to_get_one() {
    let (key, other) = (Key::new("any", "ES256"), Key::new("any", "ES256"));
    let harness = usual(&key).await;
    assert_eq!(
        get(&harness, "/team/index.yaml", &key.token(&with("aud", json!(SERVICE)))).await.status,
        StatusCode::OK
    );
    let entry = |entry: Value| with("access", json!([entry]));
    let kind = |kind: &str| json!({ "type": kind, "name": "team", "actions": ["pull"] });
    let named = |name: &str, actions: Value| json!({ "type": "artifact-repository", "name": name, "actions": actions });
    let mut unending = claims("team", &["pull"]);
    unending.as_object_mut().unwrap().remove("exp");
    let pull = claims("team", &["pull"]);
    let parts = key.token(&pull);
    let unsigned = parts.rsplit_once('.').unwrap().0.to_owned() + ".";
    let tokens = [
        ("by another key", other.token(&pull)),
        ("ended", key.token(&with("exp", json!(now() - 120)))),
        ("early", key.token(&with("nbf", json!(now() + 600)))),
        ("without an end", key.token(&unending)),
        ("for another service", key.token(&with("aud", json!("elsewhere.example")))),
        ("for nobody", key.token(&with("aud", json!([])))),
        ("of another kind", key.token(&entry(kind("repository")))),
        ("with a star", key.token(&entry(named("*", json!(["pull"]))))),
        ("of the path above", key.token(&entry(named("", json!(["pull"]))))),
        ("for all below", key.token(&entry(named("team/*", json!(["pull"]))))),
        ("for any action", key.token(&entry(named("team", json!(["*"]))))),
        ("for no list", key.token(&entry(named("team", json!("pull"))))),
        ("without access", key.token(&with("access", json!(null)))),
        ("without a signature", unsigned),
        ("with a header for none", key.signed(&json!({ "alg": "none" }), &pull)),
        ("with a secret", key.signed(&json!({ "alg": "HS256" }), &pull)),
    ];
    for (what, token) in tokens {
        let answer = get(&harness, "/team/index.yaml", &token).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}: {}", answer.text());
        assert_eq!(told(&answer)[0], challenge("team", "pull"), "{what}");
        assert!(told(&answer)[1].starts_with("Basic "), "{what}");
    }
}

#[tokio::test]
async fn the_challenge_names_the_repository_and_what_is_missing_there() {
    let key = Key::new("any", "ES256");
    let harness = usual(&key).await;
    for (method, path, name, action) in [
        ("GET", "/index.yaml", "repo", "pull"),
        ("HEAD", "/team/index.yaml", "team", "pull"),
        ("GET", "/api/team/a/charts", "team/a", "pull"),
        ("POST", "/api/team/a/charts", "team/a", "push"),
        ("POST", "/api/prov", "repo", "push"),
        ("DELETE", "/api/team/charts/seed/1.0.0", "team", "push"),
    ] {
        let answer = harness.request(method, path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(told(&answer)[0], challenge(name, action), "{method} {path}");
    }
    let oci = harness.get("/v2/team/seed/tags/list").await;
    assert_eq!(oci.status, StatusCode::UNAUTHORIZED);
    assert!(!told(&oci).iter().any(|it| it.contains("artifact-repository")), "{:?}", told(&oci));
    let health = harness.get("/health").await;
    assert!(health.status == StatusCode::OK && told(&health).is_empty());
}

#[tokio::test]
async fn everybody_reads_where_that_is_chosen_and_issuers_go_on() {
    let (key, theirs) = (Key::new("any", "ES256"), Key::new("theirs", "ES256"));
    let issuer = Issuer::new(&[&theirs]).await;
    let declared = json!({ "issuers": [issuer.declared("team", "publish")] });
    let harness = registry(&key, Some(Anonymous::Read), &declared).await;
    assert_eq!(harness.get("/team/a/index.yaml").await.status, StatusCode::OK);
    let token = theirs.token(&issuer.claims());
    let answer = publish(&harness, "team/a", ("x", &token)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    publish(&harness, "repo", ("x", &token)).await.refused(StatusCode::FORBIDDEN, "forbidden");
    // Who has the key of the server is no issuer by that.
    let mut forged = claims("team", &["push"]);
    forged["iss"] = json!(issuer.url());
    let answer = publish(&harness, "team", ("z", &key.token(&forged))).await;
    answer.refused(StatusCode::UNAUTHORIZED, "unauthorized");
}
