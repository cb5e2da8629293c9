//! What it costs to find out who a caller is: the same reads without a credential, with Basic auth,
//! and with a token, in one run.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::beside::{median, spent};
use crate::client::Client;
use crate::packages::package;
use crate::programs::{Server, program};

/// Rounds of each; they take turns.
const ROUNDS: usize = 7;

/// Users that are declared beside the one who asks, and tokens beside the one that is sent.
const OTHERS: usize = 1_000;

const PASSWORD: &str = "correct horse battery staple";

pub(crate) async fn authorize(storage: &Path) -> Value {
    {
        let registry = Server::registry(storage);
        let mut client = Client::connect(registry.address).await;
        let answer = client.post("/api/charts", &package("authorized", "1.0.0")).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.status);
    }
    let config = storage.with_extension("yaml");
    std::fs::write(&config, declared()).unwrap();
    let token = tokens(storage);
    let registry = Server::registry_with(storage, &["--config", &config.display().to_string()]);
    let basic = STANDARD.encode(format!("asker:{PASSWORD}"));
    let ways = [
        ("without", String::new()),
        ("basic", format!("authorization: Basic {basic}\r\n")),
        ("token", format!("authorization: Bearer {token}\r\n")),
        (
            "token_as_password",
            format!("authorization: Basic {}\r\n", STANDARD.encode(format!("x:{token}"))),
        ),
    ];
    let path = "/charts/authorized-1.0.0.tgz";
    for (name, header) in &ways {
        let mut client = Client::connect(registry.address).await;
        assert_eq!(client.get(path, header).await.status, 200, "{name}");
    }
    let mut record = Map::new();
    for (name, header) in ways.iter().cycle().take(ways.len() * ROUNDS) {
        let sample = spent(&registry, (path, header), 16, None);
        let samples = record.entry(*name).or_insert_with(|| json!([]));
        samples.as_array_mut().unwrap().push(sample.into());
    }
    let medians: Vec<f64> = ways.iter().map(|(name, _)| median(&numbers(&record[*name]))).collect();
    let extra = |at: usize| medians[at] - medians[0];
    json!({
        "authorization_request_processor_ms": record,
        "authorization_processor_ms": {
            "basic": extra(1), "token": extra(2), "token_as_password": extra(3),
        },
    })
}

fn numbers(samples: &Value) -> Vec<f64> {
    samples.as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect()
}

/// A configuration with many users, where reading is free.
fn declared() -> String {
    let mut child = Command::new(program())
        .arg("password")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
    let hash = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let hash = hash.trim();
    let user = |name: &str| {
        format!(
            "    - name: {name}\n      password: {hash}\n      grants:\n        - below: \"\"\n          permissions: [read]\n"
        )
    };
    let others: String = (0..OTHERS).map(|number| user(&format!("user-{number}"))).collect();
    format!("anonymous: read\nidentity:\n  users:\n{}{others}", user("asker"))
}

/// Issues many tokens; the last one.
fn tokens(storage: &Path) -> String {
    let mut token = String::new();
    for _ in 0..OTHERS / 100 {
        let output = Command::new(program())
            .args(["token", "create", "--data"])
            .arg(storage)
            .env("RUST_LOG", "warn")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().clone_into(&mut token);
    }
    token
}
