//! Virtual repositories: several repositories under one name, with one answer for everybody.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bytes::Bytes;
use chart_registry::merged::VirtualRepository;
use chart_registry::{Declared, IdentityOptions, Options, Password, Registry};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness};
use crate::proxies::{Files, digest, index, versions};
use crate::support::package;

fn virtuals(more: &Value) -> Vec<VirtualRepository> {
    let mut item = json!({ "path": "all", "members": ["own", "shared", "mirror"] });
    for (key, value) in more.as_object().unwrap() {
        item[key] = value.clone();
    }
    vec![serde_json::from_value(item).unwrap()]
}

/// The members `own`, `shared` and `mirror`, of which the last one shows what `files` has.
fn options(files: &Files, more: &Value) -> Options {
    let url = format!("http://{}/helm", files.address);
    let proxy = json!({ "path": "mirror", "url": url, "refresh-seconds": 0 });
    let proxies = vec![serde_json::from_value(proxy).unwrap()];
    Options { proxies, virtuals: virtuals(more), ..Options::default() }
}

async fn publish(harness: &Harness, path: &str, package: &Bytes) -> Answer {
    let request = Request::post(format!("/api/{path}/charts")).body(Body::from(package.clone()));
    harness.send(request.unwrap()).await
}

/// Versions of a chart in an index; none when it has no such chart.
fn of_chart(index: &Value, name: &str) -> Vec<String> {
    let entries = index["entries"][name].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| entry["version"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_first_member_that_has_a_version_decides_about_it() {
    let files = Files::new().await;
    files.put("/helm/index.yaml", "entries: {}\n");
    let harness = Harness::with(options(&files, &json!({}))).await;
    let own = package("org", "1.0.0", "own: 1\n");
    let (same, other) = (package("org", "1.0.0", "shared: 1\n"), package("org", "1.1.0", "a: 1\n"));
    for (path, package) in [("own", &own), ("shared", &same), ("shared", &other)] {
        assert_eq!(publish(&harness, path, package).await.status, StatusCode::CREATED);
    }
    let shown = harness.get("/all/index.yaml").await.json();
    assert_eq!(versions(&shown), ["1.1.0", "1.0.0"]);
    assert_eq!(shown["entries"]["org"][1]["digest"], digest(&own));
    assert!(harness.get("/all/charts/org-1.0.0.tgz").await.body == own);
    assert!(harness.get("/all/charts/org-1.1.0.tgz").await.body == other);
    let newest = harness.get("/all/~latest=1/index.yaml").await.json();
    assert_eq!(versions(&newest), ["1.1.0"]);
    let values = harness.get("/api/all/charts/org/1.0.0/values").await;
    assert_eq!(values.text(), "own: 1\n");
    // What is taken away in the first one does not come from the second one.
    harness.request("DELETE", "/api/own/charts/org/1.0.0").await;
    assert_eq!(versions(&harness.get("/all/index.yaml").await.json()), ["1.1.0"]);
    assert_eq!(harness.get("/all/charts/org-1.0.0.tgz").await.status, StatusCode::NOT_FOUND);
    assert!(harness.get("/shared/charts/org-1.0.0.tgz").await.body == same);
    // A yanked version is in no list, and goes on for those who have it pinned.
    let yank = "/-/v1/versions/shared/org/1.1.0/yank";
    harness.send_text("PUT", yank, r#"{"reason":"bad"}"#).await;
    assert_eq!(of_chart(&harness.get("/all/index.yaml").await.json(), "org"), [""; 0]);
    let pinned = harness.get("/all/charts/org-1.1.0.tgz").await;
    assert!(pinned.body == other && pinned.header("warning").contains("yanked"));
    let page = harness.get("/-/ui/all").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
}

#[tokio::test]
async fn a_name_of_this_registry_comes_from_no_upstream_unless_it_is_said() {
    let files = Files::new().await;
    let evil = package("org", "99.0.0", "evil: 1\n");
    let public = index(&[("99.0.0", "org-99.0.0.tgz", digest(&evil))]);
    files.put("/helm/index.yaml", public.replace("  org:", "  nginx: []\n  org:"));
    files.put("/helm/org-99.0.0.tgz", evil.clone());
    for (more, expected) in [
        (json!({}), vec!["1.0.0"]),
        // Where it stands in the order makes no difference.
        (json!({ "members": ["mirror", "own"] }), vec!["1.0.0"]),
        (json!({ "mixed-names": ["or*"] }), vec!["99.0.0", "1.0.0"]),
        (json!({ "members": ["mirror"] }), vec!["99.0.0"]),
    ] {
        let harness = Harness::with(options(&files, &more)).await;
        publish(&harness, "own", &package("org", "1.0.0", "own: 1\n")).await;
        files.asked();
        let shown = harness.get("/all/index.yaml").await.json();
        assert_eq!(versions(&shown), expected, "{more}");
        let pulled = harness.get("/all/charts/org-99.0.0.tgz").await;
        let there = expected.contains(&"99.0.0");
        let status = if there { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(pulled.status, status, "{more}");
        let asked = files.asked();
        assert_eq!(asked.iter().any(|path| path.ends_with("99.0.0.tgz")), there, "{asked:?}");
        let by_oci = harness.get("/v2/all/org/manifests/99.0.0").await;
        assert_eq!(by_oci.status, status, "{more}");
        let tags = harness.get("/v2/all/org/tags/list").await.json();
        assert_eq!(tags["tags"].as_array().unwrap().len(), expected.len(), "{tags}");
    }
    // A name stays this registry's own when all of its versions are gone.
    let harness = Harness::with(options(&files, &json!({}))).await;
    publish(&harness, "own", &package("org", "1.0.0", "own: 1\n")).await;
    harness.request("DELETE", "/api/own/charts/org/1.0.0").await;
    assert_eq!(of_chart(&harness.get("/all/index.yaml").await.json(), "org"), [""; 0]);
}

#[tokio::test]
async fn an_upstream_that_is_gone_leaves_what_is_known_of_it_and_a_warning() {
    let files = Files::new().await;
    let theirs = package("org", "2.0.0", "theirs: 1\n");
    files.put("/helm/index.yaml", index(&[("2.0.0", "org-2.0.0.tgz", digest(&theirs))]));
    files.put("/helm/org-2.0.0.tgz", theirs.clone());
    let harness = Harness::with(options(&files, &json!({}))).await;
    publish(&harness, "own", &package("a", "1.0.0", "")).await;
    assert!(harness.get("/all/charts/org-2.0.0.tgz").await.body == theirs);
    files.stop().await;
    let shown = harness.get("/all/index.yaml").await;
    assert!(shown.header("warning").starts_with("111 - "), "{}", shown.header("warning"));
    assert!(shown.header("warning").contains("mirror: "), "{}", shown.header("warning"));
    assert_eq!(versions(&shown.json()), ["2.0.0"]);
    assert!(harness.get("/all/charts/org-2.0.0.tgz").await.body == theirs);
    assert_eq!(harness.get("/v2/all/org/manifests/2.0.0").await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_replica_says_the_same_and_what_did_not_change_is_not_sent_again() {
    let files = Files::new().await;
    let theirs = package("zz", "2.0.0", "theirs: 1\n");
    let listed = index(&[("2.0.0", "zz-2.0.0.tgz", digest(&theirs))]);
    files.put("/helm/index.yaml", listed.replace("org", "zz"));
    files.put("/helm/zz-2.0.0.tgz", theirs);
    let options = options(&files, &json!({}));
    let first = Harness::with(options.clone()).await;
    for minor in 0..30 {
        let (member, version) = (["own", "shared"][minor % 2], format!("1.{minor}.0"));
        publish(&first, member, &package("org", &version, "a: 1\n")).await;
        // The second one is asked while it grows, the first one at the end.
        if minor == 11 {
            first.get("/all/index.yaml").await;
        }
    }
    let second = Registry::open_with(first.storage.path(), options).await.unwrap();
    let second = Harness {
        storage: tempfile::tempdir().unwrap(),
        router: second.router(),
        registry: second,
    };
    for path in ["/all/index.yaml", "/all/~latest=2/index.yaml", "/all/~full/index.yaml"] {
        let (one, two) = (first.get(path).await, second.get(path).await);
        assert_eq!((one.header("etag"), &one.body), (two.header("etag"), &two.body), "{path}");
        let known = [("if-none-match", one.header("etag"))];
        let again = second.request_with("GET", path, &known).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
    }
    // A publish elsewhere changes nothing here, one in a member does, and is there at once.
    let before = first.get("/all/index.yaml").await;
    publish(&first, "elsewhere", &package("org", "9.0.0", "")).await;
    assert_eq!(first.get("/all/index.yaml").await.header("etag"), before.header("etag"));
    publish(&first, "shared", &package("org", "9.0.0", "")).await;
    let after = first.get("/all/index.yaml").await;
    assert_eq!(versions(&after.json())[0], "9.0.0");
    // Another replica finds what it has not heard of yet.
    let pulled = second.get("/all/charts/org-9.0.0.tgz").await;
    assert_eq!(pulled.status, StatusCode::OK, "{}", pulled.text());
}

/// `alice` may read and write below `all` and read `shared`; `admin` may do everything.
fn with_alice(files: &Files, more: &Value) -> Options {
    // `password`, as the reference implementation of Argon2 hashes it.
    let hash =
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let declared: Declared = serde_json::from_value(json!({ "users": [{
        "name": "alice", "password": hash,
        "grants": [
            { "below": "all", "permissions": ["read", "publish", "delete"] },
            { "below": "shared", "permissions": ["read"] },
        ],
    }]}))
    .unwrap();
    let admin = Some(("admin", &Password::from("secret")));
    let identity = IdentityOptions::new(None, &declared, admin).unwrap();
    Options { identity, ..options(files, more) }
}

async fn ask(harness: &Harness, (method, path): (&str, &str), user: &str, body: Bytes) -> Answer {
    use base64::Engine;
    let password = if user == "alice" { "password" } else { "secret" };
    let engine = base64::engine::general_purpose::STANDARD;
    let basic = format!("Basic {}", engine.encode(format!("{user}:{password}")));
    let request = Request::builder().method(method).uri(path).header("authorization", basic);
    harness.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_caller_sees_the_members_that_it_may_read_and_the_others_still_decide() {
    let files = Files::new().await;
    let evil = package("secret", "99.0.0", "evil: 1\n");
    let public = index(&[("99.0.0", "secret-99.0.0.tgz", digest(&evil))]).replace("org", "secret");
    files.put("/helm/index.yaml", public);
    files.put("/helm/secret-99.0.0.tgz", evil);
    let harness = Harness::with(with_alice(&files, &json!({}))).await;
    let (kept, shared) = (package("org", "1.0.0", "kept: 1\n"), package("org", "1.0.0", "b: 1\n"));
    let more = package("org", "1.1.0", "b: 1\n");
    let secret = package("secret", "1.0.0", "kept: 1\n");
    for (path, package) in
        [("own", &kept), ("own", &secret), ("shared", &shared), ("shared", &more)]
    {
        let path = format!("/api/{path}/charts");
        let sent = ask(&harness, ("POST", &path), "admin", package.clone()).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text());
    }
    let get = async |user: &str, path: &str| ask(&harness, ("GET", path), user, Bytes::new()).await;
    let all = get("admin", "/all/index.yaml").await.json();
    assert_eq!((of_chart(&all, "org").len(), of_chart(&all, "secret").len()), (2, 1));
    let hers = get("alice", "/all/index.yaml").await;
    assert_eq!(of_chart(&hers.json(), "org"), ["1.1.0"]);
    assert_eq!(of_chart(&hers.json(), "secret"), [""; 0], "nor the public one in its place");
    assert!(!hers.text().contains("own"), "{}", hers.text());
    for path in [
        "/all/charts/org-1.0.0.tgz",
        "/all/charts/secret-1.0.0.tgz",
        "/all/charts/secret-99.0.0.tgz",
        "/v2/all/org/manifests/1.0.0",
        "/v2/all/secret/manifests/1.0.0",
        "/v2/all/secret/tags/list",
        "/api/all/charts/secret",
        "/-/v1/versions/all/org/1.0.0",
    ] {
        assert_eq!(get("alice", path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let blob = format!("/v2/all/secret/blobs/sha256:{}", digest(&secret));
    assert_eq!(get("alice", &blob).await.status, StatusCode::NOT_FOUND);
    assert!(get("admin", &blob).await.body == secret);
    let listed = get("alice", "/v2/_catalog").await.json();
    assert_eq!(listed["repositories"], json!(["all/org", "shared/org"]));
    let view = get("alice", "/all/~latest=9/index.yaml").await;
    assert_eq!(of_chart(&view.json(), "org"), ["1.1.0"]);
    let view = get("admin", "/all/~latest=9/index.yaml").await;
    assert_eq!(of_chart(&view.json(), "org"), ["1.1.0", "1.0.0"]);
}

#[tokio::test]
async fn whoever_wants_to_publish_hears_where() {
    let files = Files::new().await;
    files.put("/helm/index.yaml", "entries: {}\n");
    for (more, told) in [
        (json!({ "publish-to": "own" }), "publish to `own`"),
        // Of the members those that alice may read, and no proxy.
        (json!({}), "publish to `shared`"),
        (json!({ "members": ["own", "mirror"] }), "ask the registry's operator"),
    ] {
        let harness = Harness::with(with_alice(&files, &more)).await;
        let body = package("org", "1.0.0", "");
        for (method, path, told) in [
            ("POST", "/api/all/charts", told),
            ("POST", "/-/v1/releases/all", told),
            ("DELETE", "/api/all/charts/org/1.0.0", "change the version in "),
            ("PUT", "/-/v1/versions/all/org/1.0.0/yank", "change the version in "),
        ] {
            let answer = ask(&harness, (method, path), "alice", body.clone()).await;
            answer.refused(StatusCode::FORBIDDEN, "forbidden");
            let text = answer.text();
            assert!(text.contains(told), "{path}: {text}");
            assert!(!text.contains("`own`") || told.contains("`own`"), "{path}: {text}");
        }
        let pushed = ask(&harness, ("POST", "/v2/all/org/blobs/uploads/"), "alice", body).await;
        assert_eq!(pushed.status, StatusCode::FORBIDDEN);
        assert!(pushed.text().contains(told), "{}", pushed.text());
        assert!(!harness.stored().keys().any(|path| path.starts_with("journal/0")));
    }
}

#[tokio::test]
async fn whoever_wants_to_change_a_version_hears_where() {
    let files = Files::new().await;
    files.put("/helm/index.yaml", "entries: {}\n");
    let harness = Harness::with(options(&files, &json!({ "publish-to": "own" }))).await;
    publish(&harness, "own", &package("org", "1.0.0", "")).await;
    let why = r#"{"reason":"it is needed"}"#;
    for (method, what) in [
        ("PUT", "yank"),
        ("PUT", "deprecation"),
        ("PUT", "hold"),
        ("DELETE", "hold"),
        ("POST", "purge"),
    ] {
        let path = format!("/-/v1/versions/all/org/1.0.0/{what}");
        let answer = harness.send_text(method, &path, why).await;
        answer.refused(StatusCode::FORBIDDEN, "forbidden");
        let told = "change the version in `own` or `shared` or `mirror`";
        assert!(answer.text().contains(told), "{path}: {}", answer.text());
    }
    let hold = "/-/v1/versions/own/org/1.0.0/hold";
    assert_eq!(harness.send_text("PUT", hold, why).await.status, StatusCode::OK);
}

#[tokio::test]
async fn by_oci_a_member_gives_what_it_has() {
    let files = Files::new().await;
    files.put("/helm/index.yaml", "entries: {}\n");
    let harness = Harness::with(options(&files, &json!({}))).await;
    let package = package("org", "1.0.0", "a: 1\n");
    publish(&harness, "shared", &package).await;
    let image = harness.push_image("own/tool", "latest", &json!({})).await;
    let subject: Value = serde_json::from_slice(&image).unwrap();
    let about = json!({ "subject": {
        "mediaType": subject["mediaType"], "digest": crate::oci::digest(&image), "size": image.len(),
    }});
    let referrer = harness.push_image("own/tool", "about", &about).await;
    assert!(harness.get("/v2/all/tool/manifests/latest").await.body == image);
    let by_digest = format!("/v2/all/tool/manifests/{}", crate::oci::digest(&image));
    assert!(harness.get(&by_digest).await.body == image);
    let layer = format!("/v2/all/tool/blobs/{}", crate::oci::digest(b"layer"));
    assert_eq!(&harness.get(&layer).await.body[..], b"layer");
    let tags = harness.get("/v2/all/tool/tags/list").await.json();
    assert_eq!(tags, json!({ "name": "all/tool", "tags": ["about", "latest"] }));
    let path = format!("/v2/all/tool/referrers/{}", crate::oci::digest(&image));
    let referrers = harness.get(&path).await.json();
    assert_eq!(referrers["manifests"][0]["digest"], crate::oci::digest(&referrer));
    let chart = harness.get("/v2/all/org/manifests/1.0.0").await;
    let shared = harness.get("/v2/shared/org/manifests/1.0.0").await;
    assert!(chart.status == StatusCode::OK && chart.body == shared.body);
    assert_eq!(chart.header("docker-content-digest"), shared.header("docker-content-digest"));
    let missing = harness.get("/v2/all/org/manifests/9.9.9").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.text().contains("all/org"), "{}", missing.text());
    let names = harness.get("/v2/_catalog").await.json();
    assert_eq!(names["repositories"], json!(["all/org", "all/tool", "own/tool", "shared/org"]));
}

#[tokio::test]
async fn what_contradicts_itself_does_not_start() {
    let storage = tempfile::tempdir().unwrap();
    let virtuals = virtuals(&json!({ "members": [] }));
    let options = Options { virtuals, ..Options::default() };
    let told = Registry::open_with(storage.path(), options).await.err().unwrap().to_string();
    assert!(told.contains("`all` has no members: name the repositories to show"), "{told}");
}
