//! Tokens of issuers: what is taken, what is not, and keys that come and go.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_registry::{Anonymous, Declared, IdentityOptions, Options};
use ring::hmac;
use serde_json::{Value, json};

use crate::harness::{Answer, Harness};
use crate::issuer::{Issuer, Key, encoded, now};
use crate::support::package;

fn options(issuer: &Value) -> Options {
    let declared: Declared = serde_json::from_value(json!({ "issuers": [issuer] })).unwrap();
    let identity = IdentityOptions::new(None, &declared, None).unwrap();
    Options { identity, ..Options::default() }
}

async fn ask(harness: &Harness, path: &str, token: &str) -> Answer {
    harness.request_with("GET", path, &[("authorization", &format!("Bearer {token}"))]).await
}

/// The same claims with one of them changed.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

#[tokio::test]
async fn a_pipeline_publishes_with_the_token_of_its_issuer_and_is_named_in_the_journal() {
    let key = Key::new("one", "ES256");
    let issuer = Issuer::new(&[&key]).await;
    let harness = Harness::with(options(&issuer.declared("team", "publish"))).await;
    let token = key.token(&issuer.claims());
    let basic = format!("Basic {}", STANDARD.encode(format!("oidc:{token}")));
    let bearer = format!("Bearer {token}");
    for (credential, version) in [(&bearer, "1.0.0"), (&basic, "1.1.0")] {
        let post = Request::post("/api/team/a/charts").header("authorization", credential);
        let answer = harness.send(post.body(Body::from(package("x", version, ""))).unwrap()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    let post = Request::post("/api/other/charts").header("authorization", &bearer);
    let answer = harness.send(post.body(Body::from(package("x", "1.0.0", ""))).unwrap()).await;
    answer.refused(StatusCode::FORBIDDEN, "forbidden");
    let me = ask(&harness, "/-/v1/identity/team", &token).await.json();
    let subject = "ci:repo:acme/net:ref:refs/heads/main";
    let expected = json!({ "subject": subject, "via": "oidc:ci", "permissions": ["publish"] });
    assert_eq!(me, expected);
    for (name, bytes) in harness.stored() {
        assert!(!String::from_utf8_lossy(&bytes).contains(&token), "{name}");
    }
    let journal = std::fs::read_to_string(harness.storage.path().join("journal/0000000000000001"));
    let actor = format!(r#""actor":{{"sub":"{subject}","via":"oidc:ci"}}"#);
    assert!(journal.unwrap().contains(&actor));
    assert_eq!(issuer.asked(), 1, "the keys are asked for once");
    harness.get("/index.yaml").await.refused(StatusCode::UNAUTHORIZED, "unauthorized");
}

#[tokio::test]
async fn every_kind_of_key_signs() {
    let algorithms = ["ES256", "ES384", "EdDSA"];
    let keys: Vec<Key> = algorithms.iter().map(|name| Key::new(name, name)).collect();
    let issuer = Issuer::new(&keys.iter().collect::<Vec<_>>()).await;
    let harness = Harness::with(options(&issuer.declared("", "read"))).await;
    for key in &keys {
        let token = key.token(&issuer.claims());
        let answer = ask(&harness, "/index.yaml", &token).await;
        assert_eq!(answer.status, StatusCode::OK, "{}: {}", key.algorithm, answer.text());
        // Without its name every key is tried.
        let nameless = key.signed(&json!({ "alg": key.algorithm }), &issuer.claims());
        assert_eq!(ask(&harness, "/index.yaml", &nameless).await.status, StatusCode::OK);
    }
}

/// A token whose "signature" is a keyed digest with a key that everybody can see.
fn confused(key: &Key, claims: &Value) -> String {
    let header = json!({ "alg": "HS256", "kid": key.name });
    let text = |part: &Value| encoded(part.to_string().as_bytes());
    let message = format!("{}.{}", text(&header), text(claims));
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key.raw());
    let tag = hmac::sign(&secret, message.as_bytes());
    format!("{message}.{}", encoded(tag.as_ref()))
}

/// What is wrong, a token, and a word of the answer.
type Wrong = (&'static str, String, &'static str);

fn wrong_claims(key: &Key, claims: &Value) -> Vec<Wrong> {
    let changed = |name: &str, value: Value| key.token(&with(claims, name, value));
    let mut endless = claims.clone();
    endless.as_object_mut().unwrap().remove("exp");
    vec![
        ("audience", changed("aud", json!("https://other.example")), "another audience"),
        ("audiences", changed("aud", json!(["a", "b"])), "another audience"),
        ("no audience", changed("aud", Value::Null), "another audience"),
        ("expired", changed("exp", json!(now() - 120)), "expired"),
        ("no end", key.token(&endless), "has no end"),
        ("an end in words", changed("exp", json!("tomorrow")), "cannot be read"),
        ("early", changed("nbf", json!(now() + 120)), "not valid yet"),
        ("of tomorrow", changed("iat", json!(now() + 86_400)), "not valid yet"),
        ("issuer", changed("iss", json!("https://evil.example")), "does not know"),
        ("no issuer", changed("iss", Value::Null), "does not know"),
        ("subject", changed("sub", json!("a b")), "name a `subject`"),
        ("no subject", changed("sub", Value::Null), "name a `subject`"),
        ("long", changed("padding", json!("x".repeat(20_000))), "longer than"),
    ]
}

fn wrong_signatures(key: &Key, claims: &Value) -> Vec<Wrong> {
    let (stranger, unknown) = (Key::new("one", "ES256"), Key::new("none", "ES256"));
    let header = |fields: Value| {
        let mut header = json!({ "alg": "ES256", "kid": "one" });
        header.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        key.signed(&header, claims)
    };
    let own = json!({ "alg": "ES256", "jwk": stranger.public(), "jku": "https://evil.example" });
    let good = key.token(claims);
    let parts: Vec<&str> = good.split('.').collect();
    let swapped = encoded(with(claims, "repository", json!("acme/other")).to_string().as_bytes());
    let none = encoded(br#"{"alg":"none"}"#);
    vec![
        ("wrong key", stranger.token(claims), "does not hold"),
        ("unknown key", unknown.token(claims), "does not have"),
        ("own key", stranger.signed(&own, claims), "does not hold"),
        ("none", format!("{none}.{}.", parts[1]), "in a way that is not taken"),
        ("none with a signature", format!("{none}.{}.{}", parts[1], parts[2]), "not taken"),
        ("confusion", confused(key, claims), "not taken"),
        ("algorithm", header(json!({ "alg": "ES384" })), "does not hold"),
        ("other key", header(json!({ "kid": "wide" })), "does not hold"),
        ("extension", header(json!({ "crit": ["x"] })), "not taken"),
        ("claims", format!("{}.{swapped}.{}", parts[0], parts[2]), "does not hold"),
        ("cut", format!("{}.{}.{}", parts[0], parts[1], &parts[2][..80]), "does not hold"),
        ("no signature", format!("{}.{}.", parts[0], parts[1]), "does not hold"),
        ("no JSON", format!("{}.{}.{}", parts[0], encoded(b"x"), parts[2]), "cannot be read"),
    ]
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_told_and_it_lets_nobody_in() {
    let (key, wide) = (Key::new("one", "ES256"), Key::new("wide", "ES384"));
    let issuer = Issuer::new(&[&key, &wide]).await;
    let harness = Harness::with(options(&issuer.declared("", "read"))).await;
    let claims = issuer.claims();
    let wrong = wrong_claims(&key, &claims).into_iter().chain(wrong_signatures(&key, &claims));
    for (what, token, word) in wrong {
        let answer = ask(&harness, "/index.yaml", &token).await;
        answer.refused(StatusCode::UNAUTHORIZED, "unauthorized");
        let text = answer.text();
        assert!(text.contains(word), "{what}: {text}");
        assert!(!text.contains(&token), "{what}: {text}");
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{what}");
    }
    let good = key.token(&claims);
    assert_eq!(ask(&harness, "/index.yaml", &good).await.status, StatusCode::OK);
    let late = key.token(&with(&claims, "exp", json!(now() - 20)));
    assert_eq!(ask(&harness, "/index.yaml", &late).await.status, StatusCode::OK, "clocks differ");
    assert!(issuer.asked() <= 4, "unknown keys ask the issuer {} times", issuer.asked());
}

#[tokio::test]
async fn a_new_key_is_taken_at_once_and_unknown_ones_are_asked_for_a_few_times_only() {
    let (old, new) = (Key::new("old", "ES256"), Key::new("new", "EdDSA"));
    let issuer = Issuer::new(&[&old]).await;
    let harness = Harness::with(options(&issuer.declared("", "read"))).await;
    let claims = issuer.claims();
    let status = async |token: &str| ask(&harness, "/index.yaml", token).await.status;
    assert_eq!(status(&old.token(&claims)).await, StatusCode::OK);
    issuer.show(&[&new]);
    assert_eq!(status(&new.token(&claims)).await, StatusCode::OK);
    assert_eq!(issuer.asked(), 2);
    let withdrawn = old.token(&with(&claims, "jti", json!("another")));
    assert_eq!(status(&withdrawn).await, StatusCode::UNAUTHORIZED);
    for number in 0..20 {
        let header = json!({ "alg": "EdDSA", "kid": format!("invented-{number}") });
        assert_eq!(status(&new.signed(&header, &claims)).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(issuer.asked(), 4);
    assert_eq!(status(&new.token(&claims)).await, StatusCode::OK);
}

#[tokio::test]
async fn an_issuer_that_is_down_stops_nobody_whose_key_is_known_and_no_other_credential() {
    let key = Key::new("one", "ES256");
    let issuer = Issuer::new(&[&key]).await;
    let declared = issuer.declared("", "read");
    let known = Harness::with(options(&declared)).await;
    let mut with_admin = options(&declared);
    let declared: Declared = serde_json::from_value(json!({ "issuers": [declared] })).unwrap();
    let password = chart_registry::Password::from("secret");
    with_admin.identity =
        IdentityOptions::new(None, &declared, Some(("admin", &password))).unwrap();
    let fresh = Harness::with(with_admin).await;
    let claims = issuer.claims();
    assert_eq!(ask(&known, "/index.yaml", &key.token(&claims)).await.status, StatusCode::OK);
    drop(issuer);
    // Until the listener is gone, too.
    tokio::task::yield_now().await;
    let another = key.token(&with(&claims, "jti", json!("2")));
    assert_eq!(ask(&known, "/index.yaml", &another).await.status, StatusCode::OK);
    let unknown = ask(&fresh, "/index.yaml", &another).await;
    unknown.refused(StatusCode::BAD_GATEWAY, "upstream");
    assert!(unknown.text().contains("send the request again"), "{}", unknown.text());
    let basic = format!("Basic {}", STANDARD.encode("admin:secret"));
    let admin = fresh.request_with("GET", "/index.yaml", &[("authorization", &basic)]).await;
    assert_eq!(admin.status, StatusCode::OK);
}

#[tokio::test]
async fn rules_look_into_claims_name_callers_and_give_what_all_of_them_give() {
    let key = Key::new("one", "ES256");
    let issuer = Issuer::new(&[&key]).await;
    let mut declared = issuer.declared("team", "read");
    let grant = |below: &str| json!([{ "below": below, "permissions": ["publish"] }]);
    declared["rules"].as_array_mut().unwrap().extend([
        json!({ "claims": { "/realm/roles": "release" }, "subject": "release", "grants": grant("a") }),
        json!({ "claims": { "sub": "repo:acme/*" }, "grants": grant("b") }),
        json!({ "claims": { "repository": "acme/net", "admin": "true" }, "grants": grant("c") }),
    ]);
    let harness = Harness::with(options(&declared)).await;
    let who = async |claims: &Value, path: &str| {
        let me = ask(&harness, &format!("/-/v1/identity/{path}"), &key.token(claims)).await.json();
        (me["subject"].as_str().unwrap_or_default().to_owned(), me["permissions"].clone())
    };
    let plain = issuer.claims();
    let own = "ci:repo:acme/net:ref:refs/heads/main".to_owned();
    assert_eq!(who(&plain, "team").await, (own.clone(), json!(["read"])));
    assert_eq!(who(&plain, "a").await, (own.clone(), json!([])));
    assert_eq!(who(&plain, "b").await, (own.clone(), json!(["publish"])));
    assert_eq!(who(&plain, "c").await, (own, json!([])));
    let role = with(&plain, "realm", json!({ "roles": ["read", "release"] }));
    assert_eq!(who(&role, "a").await, ("release".to_owned(), json!(["publish"])));
    let admin = with(&plain, "admin", json!(true));
    assert_eq!(who(&admin, "c").await.1, json!(["publish"]));
    // One whom no rule means is known and may do nothing.
    let mut foreign = with(&plain, "sub", json!("repo:evil/acme"));
    foreign["repository"] = json!("evil/net");
    let answer = ask(&harness, "/team/index.yaml", &key.token(&foreign)).await;
    answer.refused(StatusCode::FORBIDDEN, "forbidden");
}

#[tokio::test]
async fn whoever_is_known_reads_where_everybody_does_and_a_wrong_token_does_not() {
    let key = Key::new("one", "ES256");
    let issuer = Issuer::new(&[&key]).await;
    let declared = json!({ "issuers": [issuer.declared("team", "publish")] });
    let declared: Declared = serde_json::from_value(declared).unwrap();
    let identity = IdentityOptions::new(Some(Anonymous::Read), &declared, None).unwrap();
    let harness = Harness::with(Options { identity, ..Options::default() }).await;
    let claims = issuer.claims();
    let status = async |token: &str| ask(&harness, "/other/index.yaml", token).await.status;
    assert_eq!(status(&key.token(&claims)).await, StatusCode::OK);
    let expired = key.token(&with(&claims, "exp", json!(now() - 120)));
    assert_eq!(status(&expired).await, StatusCode::UNAUTHORIZED);
    assert_eq!(harness.get("/other/index.yaml").await.status, StatusCode::OK);
}
