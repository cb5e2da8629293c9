//! Reads of the registry beside nginx, which serves the same bytes from files.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::packages::package;
use crate::programs::Server;

/// Rounds of each case: the two servers take turns.
const ROUNDS: usize = 3;

/// A body that both serve.
struct Case {
    name: &'static str,
    path: String,
    header: &'static str,
    file: &'static str,
    connections: u32,
}

pub(crate) async fn beside(storage: &Path) -> Value {
    let folder = storage.with_extension("nginx");
    let root = folder.join("root");
    std::fs::create_dir_all(&root).unwrap();
    let registry = Server::registry(storage);
    let digest = publish(&registry).await;
    let cases = cases(&digest);
    for case in &cases {
        let mut client = Client::connect(registry.address).await;
        let answer = client.get(&case.path, case.header).await;
        assert_eq!(answer.status, 200, "{}", case.path);
        std::fs::write(root.join(case.file), answer.body).unwrap();
    }
    let Some(nginx) = Server::nginx(&root, &folder) else {
        return json!({ "beside": "not run: there is no nginx" });
    };
    let mut record = Map::new();
    for case in &cases {
        record.insert(case.name.to_owned(), measured(&registry, &nginx, case).await);
    }
    std::fs::remove_dir_all(&folder).unwrap();
    json!({ "beside": record })
}

/// Publishes the package that is read; its digest.
async fn publish(registry: &Server) -> String {
    let mut client = Client::connect(registry.address).await;
    let answer = client.post("/api/charts", &package("beside", "1.0.0")).await;
    // It is there already where this is measured again.
    assert!(matches!(answer.status, 200 | 201), "{}", answer.status);
    let receipt: Value = serde_json::from_slice(&answer.body).unwrap();
    receipt["digest"].as_str().unwrap().to_owned()
}

fn cases(digest: &str) -> Vec<Case> {
    let case = |name, path: &str, header, file, connections| Case {
        name,
        path: path.to_owned(),
        header,
        file,
        connections,
    };
    vec![
        case("index", "/index.yaml", "", "index.json", 4),
        case("index_gzip", "/index.yaml", "accept-encoding: gzip\r\n", "index.gz", 4),
        case("small_index", "/~chart=beside/index.yaml", "", "small.json", 16),
        case("package", "/charts/beside-1.0.0.tgz", "", "beside-1.0.0.tgz", 16),
        case("blob", &format!("/v2/beside/blobs/sha256:{digest}"), "", "blob", 16),
        case("manifest", "/v2/beside/manifests/1.0.0", "", "manifest", 16),
    ]
}

/// Processor time for each request, as each says for a full and for a conditional answer.
async fn measured(registry: &Server, nginx: &Server, case: &Case) -> Value {
    let file = format!("/{}", case.file);
    let tags = (tag(registry, &case.path, case.header).await, tag(nginx, &file, "").await);
    let mut record = Map::new();
    for (kind, conditional) in [("full", false), ("not_modified", true)] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let tag = |tag: &String| conditional.then(|| tag.clone());
            ours.push(spent(registry, (&case.path, case.header), case.connections, tag(&tags.0)));
            theirs.push(spent(nginx, (&file, ""), case.connections, tag(&tags.1)));
        }
        let ratio = median(&ours) / median(&theirs);
        let said = json!({ "registry_ms": ours, "nginx_ms": theirs, "ratio": ratio });
        record.insert(kind.to_owned(), said);
    }
    Value::Object(record)
}

async fn tag(server: &Server, path: &str, header: &str) -> String {
    let answer = Client::connect(server.address).await.get(path, header).await;
    answer.tag.unwrap()
}

/// Processor time of the server for one request, in milliseconds.
pub(crate) fn spent(
    server: &Server,
    request: (&str, &str),
    connections: u32,
    tag: Option<String>,
) -> f64 {
    let (path, header) = request;
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "-d3s", &format!("-c{connections}")]);
    if let Some((name, value)) = header.trim_end().split_once(": ") {
        wrk.args(["-H", &format!("{name}: {value}")]);
    }
    if let Some(tag) = tag {
        wrk.args(["-H", &format!("If-None-Match: {tag}")]);
    }
    wrk.arg(format!("http://{}{path}", server.address));
    let before = server.processor_ms();
    let output = wrk.output().unwrap();
    let spent = server.processor_ms() - before;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains("Non-2xx") && !said.contains("Socket errors"), "{path}: {said}");
    let line = said.lines().find(|line| line.contains("requests in")).unwrap();
    let requests: f64 = line.split_whitespace().next().unwrap().parse().unwrap();
    spent / requests
}

/// The middle one.
pub(crate) fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
