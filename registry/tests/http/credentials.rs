//! Every kind of credential against every row of the table of routes, through the real server.

use std::path::Path;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::digest::Sha256;
use chart_registry::{Anonymous, Declared, IdentityOptions, Options, Permission, ROUTES};
use chart_registry_store::{
    Actor, Event, Issued, RepositoryPath, TokenChange, TokenEvent, TokenGrant,
};
use serde_json::json;

use crate::certificates::{Authority, ClientPair, Secured, declared};
use crate::harness::{Answer, Harness};
use crate::identity::begin;
use crate::issuer::{Issuer, Key};
use crate::support::package;
use crate::table::filled;

const SECRET: &str = "0123456789012345678901234567890123456789abc";

/// A token with one permission below `team`; its public name ends with the permission's number.
async fn write_tokens(storage: &Path) {
    let actor = Actor { sub: "test".to_owned(), via: "storage".to_owned() };
    let events = Permission::ALL.iter().enumerate().map(|(number, permission)| {
        let below = RepositoryPath::parse("team").unwrap();
        let change = TokenChange::Issue(Issued {
            subject: permission.name().to_owned(),
            secret: Sha256::of(SECRET.as_bytes()),
            grants: vec![TokenGrant { below, permissions: vec![permission.name().to_owned()] }],
            expires: None,
        });
        let (actor, request) = (actor.clone(), String::new());
        Event::Token(TokenEvent { id: format!("{number:0>15}"), change, actor, request })
    });
    begin(storage, events.collect()).await;
}

/// What a caller with one permission brings: a header, or a certificate.
struct Credential {
    kind: &'static str,
    has: Permission,
    header: String,
    certificate: Option<ClientPair>,
}

fn basic(user: &str, password: &str) -> String {
    format!("authorization: Basic {}\r\n", STANDARD.encode(format!("{user}:{password}")))
}

fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

/// One credential of each kind with one permission.
fn credentials(
    number: usize,
    has: Permission,
    (authority, issuer, key): (&Authority, &Issuer, &Key),
) -> Vec<Credential> {
    let mut claims = issuer.claims();
    claims["permission"] = json!(has.name());
    let (token, signed) = (format!("cr_{number:0>15}_{SECRET}"), key.token(&claims));
    let by = |kind, header| Credential { kind, has, header, certificate: None };
    let uri = format!("spiffe://acme/{}", has.name());
    let certificate = Some(authority.client(number as u64 + 1, &uri, 1));
    vec![
        by("token", bearer(&token)),
        by("token as password", basic("any", &token)),
        by("user", basic(has.name(), "password")),
        by("issuer", bearer(&signed)),
        by("issuer as password", basic("any", &signed)),
        Credential { kind: "certificate", has, header: String::new(), certificate },
    ]
}

/// Users, claims and certificates, each with one permission below `team`.
fn options(issuer: &Issuer) -> Options {
    // `password`, as the reference implementation of Argon2 hashes it.
    let hash =
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let names = Permission::ALL.map(Permission::name);
    let grants = |name: &str| json!([{ "below": "team", "permissions": [name] }]);
    let users = names.map(|name| json!({ "name": name, "password": hash, "grants": grants(name) }));
    let mut declared_issuer = issuer.declared("team", "read");
    let rule = |name| json!({ "claims": { "permission": name }, "grants": grants(name) });
    declared_issuer["rules"] = json!(names.map(rule));
    let certificates = names.map(|name| declared(&format!("spiffe://acme/{name}"), "team", name));
    let declared: Declared = serde_json::from_value(json!({
        "users": users, "issuers": [declared_issuer], "certificates": certificates,
    }))
    .unwrap();
    let identity = IdentityOptions::new(None, &declared, None).unwrap();
    Options { identity, ..Options::default() }
}

#[tokio::test]
async fn every_kind_of_credential_opens_the_rows_of_its_permission_and_no_others() {
    let (authority, key) = (Authority::new("clients"), Key::new("one", "ES256"));
    let issuer = Issuer::new(&[&key]).await;
    let server = Secured::new(options(&issuer), &authority, (true, None), write_tokens).await;
    for (number, has) in Permission::ALL.into_iter().enumerate() {
        for credential in credentials(number, has, (&authority, &issuer, &key)) {
            for route in ROUTES {
                let Some(needed) = route.permission else { continue };
                let path = filled(route.path);
                let got = server
                    .ask(credential.certificate.as_ref(), (route.method, &path), &credential.header)
                    .await;
                let (status, _, body) = got.unwrap();
                let allowed = needed == Permission::Enter
                    || (needed == credential.has || credential.has == Permission::Administer)
                        && route.path.contains("{repository}");
                let name = format!(
                    "{} {} with {} ({})",
                    route.method,
                    route.path,
                    credential.has.name(),
                    credential.kind
                );
                assert_eq!(status != 403, allowed, "{name}: {status} {body}");
                assert_ne!(status, 401, "{name}: {body}");
            }
        }
    }
}

#[tokio::test]
async fn a_mount_from_what_the_caller_may_not_read_is_an_upload_like_one_from_nowhere() {
    let harness = Harness::prepared(Options::default(), write_tokens).await;
    let token = |has: Permission| {
        let number = Permission::ALL.iter().position(|it| *it == has).unwrap();
        format!("Bearer cr_{number:0>15}_{SECRET}")
    };
    let (lead, publisher) = (token(Permission::Administer), token(Permission::Publish));
    let digest = Sha256::of(b"secret").prefixed();
    let path = format!("/v2/team/secret/image/blobs/uploads/?digest={digest}");
    let push = Request::post(path).header("authorization", &lead).body(Body::from("secret"));
    assert_eq!(harness.send(push.unwrap()).await.status, StatusCode::CREATED);
    let mount = async |credential: &str, from: &str| {
        let path = format!("/v2/team/b/image/blobs/uploads/?mount={digest}&from={from}");
        harness.request_with("POST", &path, &[("authorization", credential)]).await
    };
    let shape = |answer: &Answer| {
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        (answer.status, names, answer.text(), answer.header("range").to_owned())
    };
    let hidden = mount(&publisher, "team/secret/image").await;
    let absent = mount(&publisher, "team/none/image").await;
    assert_eq!(hidden.status, StatusCode::ACCEPTED, "{}", hidden.text());
    assert_eq!(shape(&hidden), shape(&absent));
    assert_eq!(mount(&lead, "team/secret/image").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_change_feed_tells_actors_to_administrators_only() {
    let harness = Harness::prepared(Options::default(), write_tokens).await;
    let ask = async |number: usize, method: &str, path: &str, body: Body| {
        let credential = format!("Bearer cr_{number:0>15}_{SECRET}");
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", credential).header("x-request-id", "of-ci");
        harness.send(request.body(body).unwrap()).await
    };
    let number = |has| Permission::ALL.iter().position(|it| *it == has).unwrap();
    let package = Body::from(package("x", "1.0.0", ""));
    let publish = ask(number(Permission::Publish), "POST", "/api/team/charts", package).await;
    assert_eq!(publish.status, StatusCode::CREATED, "{}", publish.text());
    let feed = async |has| {
        ask(number(has), "GET", "/-/v1/changes/team", Body::empty()).await.json()["events"][0]
            .clone()
    };
    let told = feed(Permission::Administer).await;
    let actor = json!({ "sub": "publish", "via": format!("token:{:0>15}", 1) });
    assert_eq!((&told["actor"], &told["request"]), (&actor, &json!("of-ci")));
    let told = feed(Permission::Read).await;
    assert_eq!(told["op"], "publish");
    assert!(told.get("actor").is_none() && told.get("request").is_none(), "{told}");
}

#[tokio::test]
async fn where_everybody_reads_the_version_check_asks_for_a_token_that_everybody_gets() {
    let identity = IdentityOptions::new(Some(Anonymous::Read), &Declared::default(), None).unwrap();
    let options = Options { identity, ..Options::default() };
    let harness = Harness::prepared(options, write_tokens).await;
    let asked = harness.get("/v2/").await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    let realm = r#"Bearer realm="http://localhost/-/v1/oci-token",service="chart-registry""#;
    assert_eq!(asked.header("www-authenticate"), realm);
    assert_eq!(asked.header("docker-distribution-api-version"), "registry/2.0");
    let with = async |method: &str, path: &str, credential: &str| {
        harness.request_with(method, path, &[("authorization", credential)]).await
    };
    let token = async |answer: Answer| {
        assert_eq!(answer.header("cache-control"), "no-store");
        format!("Bearer {}", answer.json()["token"].as_str().unwrap())
    };
    let nobody = token(harness.get("/-/v1/oci-token?scope=repository:x:pull").await).await;
    let publisher = format!("cr_{:0>15}_{SECRET}", 1);
    let pair = format!("Basic {}", STANDARD.encode(format!("any:{publisher}")));
    let known = token(with("GET", "/-/v1/oci-token", &pair).await).await;
    let upload = "/v2/team/image/blobs/uploads/";
    for (credential, status) in [(&nobody, 401), (&known, 202)] {
        assert_eq!(with("GET", "/v2/", credential).await.status, StatusCode::OK);
        assert_eq!(with("POST", upload, credential).await.status.as_u16(), status);
        assert_eq!(with("GET", "/index.yaml", credential).await.status, StatusCode::OK);
    }
    let wrong = format!("Basic {}", STANDARD.encode(format!("any:{publisher}x")));
    let refused = with("GET", "/-/v1/oci-token", &wrong).await;
    refused.refused(StatusCode::UNAUTHORIZED, "unauthorized");
    // Where the realm would not be encrypted nobody is sent there.
    let plain = harness.request_with("GET", "/v2/", &[("host", "charts.example")]).await;
    assert_eq!((plain.status, &plain.header("www-authenticate")[..5]), (StatusCode::OK, "Basic"));
}
