//! No secret is told: not by a log that tells everything, not by an answer, whatever is asked with
//! whatever credential. And what the audit log tells instead.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_registry::ROUTES;
use serde_json::Value;

use crate::issuer::{Issuer, Key, now};
use crate::logged::{Got, Logged, program};
use crate::rows::filled;
use crate::support::package;

const ADMIN_PASSWORD: &str = "plain-password-of-the-admin";
const PASSWORD: &str = "password-of-alice";
const HOOK_SECRET: &str = "secret-of-the-webhook-0123456789";
const PROXY_PASSWORD: &str = "password-for-the-upstream";
const BUCKET_KEY: &str = "secret-key-of-the-bucket";

/// Everything that nobody may hear, with its name.
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn add(&mut self, name: &str, text: &str) {
        self.0.push((name.to_owned(), text.to_owned()));
    }

    /// Panics when a text tells one of them.
    fn untold(&self, text: &str, place: &str) {
        for (name, secret) in &self.0 {
            assert!(!text.contains(secret.as_str()), "{place} tells {name}");
        }
    }
}

fn hash_of(password: &str) -> String {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut hashing = program(&["password"]);
    let mut hashing = hashing.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    hashing.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
    let output = hashing.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The configuration of a server that knows every kind of secret.
fn configuration(folder: &Path, issuer: &Issuer, hash: &str) -> String {
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let hook = write("hook.secret", HOOK_SECRET);
    let proxy = write("proxy.password", PROXY_PASSWORD);
    let nobody = issuer.url();
    let text = format!(
        "data: {}\nlog:\n  format: json\nidentity:\n  users:\n    - name: alice\n      \
         password: {hash}\n      grants:\n        - below: team\n          permissions: [read, publish]\n  \
         issuers:\n    - name: ci\n      issuer: {nobody}\n      audience: https://charts.example\n      \
         rules:\n        - claims: {{repository: acme/net}}\n          grants:\n            \
         - below: team\n              permissions: [publish]\nwebhooks:\n  - name: hook\n    \
         url: {nobody}/hook\n    secret-file: {hook}\nproxies:\n  - path: mirror\n    url: {nobody}/charts\n    \
         user: reader\n    password-file: {proxy}\n",
        folder.join("storage").display()
    );
    write("registry.yaml", &text)
}

fn basic(user: &str, password: &str) -> String {
    format!("authorization: Basic {}\r\n", STANDARD.encode(format!("{user}:{password}")))
}

fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

/// The text with another last character.
fn spoiled(text: &str) -> String {
    let last = if text.ends_with('A') { "B" } else { "A" };
    format!("{}{last}", &text[..text.len() - 1])
}

/// Every line of the audit log.
fn audited(log: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["target"] == "audit").collect()
}

fn first_token(storage: &str) -> String {
    let made = program(&["token", "create", "--data", storage, "--subject", "lead"]).output();
    String::from_utf8(made.unwrap().stdout).unwrap().trim().to_owned()
}

/// Asks every row with every credential, and gives what was answered to `judge`.
fn ask_everything(
    server: &Logged,
    credentials: &[String],
    secret: &str,
    judge: impl Fn(&Got, &str),
) {
    // One row gives callers what they have sent.
    for route in ROUTES.iter().filter(|route| route.path != "/-/v1/oci-token") {
        for credential in credentials {
            // The query is no place for a token; somebody will put one there.
            let first = format!("{} {}?access_token={secret}", route.method, filled(route.path));
            let got = server.ask(&first, credential, b"");
            judge(&got, &format!("{} {}", route.method, route.path));
        }
    }
}

/// What callers have who are let in, and who are not.
struct Given {
    token: String,
    signed: String,
    expired: String,
}

impl Given {
    fn new(storage: &str, issuer: &Issuer, key: &Key) -> Self {
        let mut claims = issuer.claims();
        let signed = key.token(&claims);
        claims["exp"] = (now() - 300).into();
        Self { token: first_token(storage), signed, expired: key.token(&claims) }
    }

    fn pairs(&self) -> [String; 3] {
        [basic("admin", ADMIN_PASSWORD), basic("alice", PASSWORD), basic("x", &self.token)]
    }

    /// Headers that are worth something, and headers that are worth nothing.
    fn headers(&self) -> Vec<String> {
        let good = [bearer(&self.token), bearer(&self.signed), basic("x", &self.signed)];
        let spoiled = spoiled(&self.token);
        let wrong = [bearer(&spoiled), bearer(&self.expired), basic("x", &spoiled)];
        self.pairs().into_iter().chain(good).chain(wrong).collect()
    }

    fn secrets(&self, hash: &str) -> Secrets {
        let mut secrets = Secrets(Vec::new());
        secrets.add("the token", self.token.splitn(3, '_').last().unwrap());
        secrets.add("the token with an error", &spoiled(&self.token));
        for (name, text) in [("the issuer's", &self.signed), ("the expired", &self.expired)] {
            secrets.add(&format!("{name} token"), text);
            let signature = text.rsplit('.').next().unwrap();
            secrets.add(&format!("the signature of {name} token"), signature);
        }
        for text in [ADMIN_PASSWORD, PASSWORD, HOOK_SECRET, PROXY_PASSWORD, BUCKET_KEY, hash] {
            secrets.add(text, text);
        }
        for pair in self.pairs() {
            secrets.add("a pair", pair.trim_start_matches("authorization: Basic ").trim());
        }
        secrets
    }
}

/// A publish and a refusal that the audit log has to tell, and a new token; gives its secret.
fn act(server: &Logged, given: &Given) -> String {
    let body = package("x", "1.0.0", "a: 1");
    let headers = format!("{}x-request-id: of-ci\r\n", bearer(&given.signed));
    let published = server.ask("POST /api/team/charts", &headers, &body);
    assert_eq!(published.status, 201, "{}", published.body);
    let denied = server.ask("POST /api/other/charts", &bearer(&given.signed), &body);
    assert_eq!(denied.status, 403, "{}", denied.body);
    let order = br#"{"subject":"new","grants":[{"below":"","permissions":["read"]}]}"#;
    let issued = server.ask("POST /-/v1/tokens", &bearer(&given.token), order);
    let issued: Value = serde_json::from_str(&issued.body).unwrap();
    issued["token"].as_str().unwrap().splitn(3, '_').last().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told_by_logs_or_answers_and_the_audit_log_tells_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let key = Key::new("one", "ES256");
    let issuer = Issuer::new(&[&key]).await;
    let hash = hash_of(PASSWORD);
    let config = configuration(folder.path(), &issuer, &hash);
    let storage = folder.path().join("storage");
    std::fs::create_dir(&storage).unwrap();
    let given = Given::new(storage.to_str().unwrap(), &issuer, &key);
    let mut secrets = given.secrets(&hash);
    let environment = [
        ("CHART_REGISTRY_BASIC_AUTH_USER", "admin"),
        ("CHART_REGISTRY_BASIC_AUTH_PASS", ADMIN_PASSWORD),
        ("AWS_ACCESS_KEY_ID", "id-of-the-bucket"),
        ("AWS_SECRET_ACCESS_KEY", BUCKET_KEY),
    ];
    let log = folder.path().join("registry.log");
    let server = Logged::start(&["--config", &config], &environment, &log);
    secrets.add("the new token", &act(&server, &given));
    ask_everything(&server, &given.headers(), &given.token, |got, place| {
        secrets.untold(&format!("{}\n{}", got.head, got.body), place);
    });
    // A wrong password takes its time, so it is asked once.
    let got = server.ask("GET /index.yaml", &basic("alice", "a-wrong-password"), b"");
    assert_eq!(got.status, 401);
    secrets.add("a wrong password", "a-wrong-password");
    let told = server.stop();
    secrets.untold(&told, "the log");
    assert!(told.len() > 100_000, "the log tells everything: {} bytes", told.len());
    audit_tells(&audited(&told));
}

/// The audit log has a publish, a refusal and an administrator's look at tokens.
fn audit_tells(lines: &[Value]) {
    let find = |path: &str, outcome: &str| {
        let is = |line: &&Value| line["path"] == path && line["outcome"] == outcome;
        lines.iter().find(is).unwrap_or_else(|| panic!("no line about {path}")).clone()
    };
    let publish = find("/api/team/charts", "done");
    for (field, expected) in [
        ("who", "ci:repo:acme/net:ref:refs/heads/main"),
        ("via", "oidc:ci"),
        ("client", "127.0.0.1"),
        ("permission", "publish"),
        ("method", "POST"),
        ("route", "/api/{repository}/charts"),
        ("repository", "team"),
        ("chart", "x"),
        ("version", "1.0.0"),
        ("request_id", "of-ci"),
    ] {
        assert_eq!(publish[field], expected, "{publish}");
    }
    assert_eq!((publish["status"].as_u64(), publish["seq"].is_u64()), (Some(201), true));
    let denied = find("/api/other/charts", "refused");
    assert_eq!(
        (&*denied["code"].to_string(), denied["status"].as_u64()),
        ("\"forbidden\"", Some(403))
    );
    assert_eq!(find("/-/v1/tokens/team/a", "done")["method"], "GET");
    let reads = lines.iter().filter(|line| line["permission"] == "read");
    assert!(reads.clone().count() > 0, "reads that are refused have a line");
    assert!(reads.clone().all(|line| line["outcome"] == "refused"), "others have none");
}

#[test]
fn a_bucket_that_cannot_be_reached_is_told_without_its_key() {
    let arguments = ["serve", "--data", "s3://charts/x?region=a&endpoint=http://127.0.0.1:9"];
    let output = program(&arguments)
        .env("AWS_ACCESS_KEY_ID", "id-of-the-bucket")
        .env("AWS_SECRET_ACCESS_KEY", BUCKET_KEY)
        .env("RUST_LOG", "trace")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(told.contains("charts") && !told.contains(BUCKET_KEY), "{told}");
}

#[test]
fn a_server_with_tls_does_not_tell_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (storage, tls) = (place("storage"), place("tls"));
    let arguments = ["--data", &storage, "--tls", "self-signed", "--tls-directory", &tls];
    let server = Logged::start(&arguments, &[], &folder.path().join("registry.log"));
    let pem = std::fs::read_to_string(folder.path().join("tls/server.pem")).unwrap();
    let told = server.stop();
    let lines = pem.lines().skip_while(|line| !line.contains("PRIVATE")).skip(1);
    let key: Vec<&str> = lines.take_while(|line| !line.contains("PRIVATE")).collect();
    assert!(!key.is_empty() && told.contains("listening"), "{told}");
    assert!(key.iter().all(|line| !told.contains(line)));
}
