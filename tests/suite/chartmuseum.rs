//! What the table of differences says of `ChartMuseum`, asked of `ChartMuseum` itself where it is at hand.
//! What it says of us is `registry/tests/http/deviations.rs`.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use suite::oracles::Oracle;
use suite::package;
use suite::process::run;
use tempfile::TempDir;

use crate::registry::chart;

const DOCUMENT: &str = include_str!("../../docs/registry.md");

/// How long `ChartMuseum` may take to listen.
const PATIENCE: Duration = Duration::from_mins(1);

/// Ports that are tried: each was free a moment before.
const PORTS: usize = 5;

/// Rows that need other settings than the others.
const OTHER_SETTINGS: &[&str] = &[
    "a form over the quota",
    "a wrong password where everybody may read",
    "a bearer token without an end, or for another service",
];

/// A running `ChartMuseum`, and curl.
struct Museum {
    child: Child,
    url: String,
    curl: Oracle,
    folder: TempDir,
}

impl Museum {
    fn start(arguments: &[&str]) -> Option<Self> {
        let (curl, museum) = (Oracle::system("curl")?, Oracle::elsewhere("chartmuseum")?);
        for _ in 0..PORTS {
            if let Some(started) = Self::try_start(&museum, &curl, arguments) {
                return Some(started);
            }
        }
        panic!("chartmuseum does not start")
    }

    fn try_start(museum: &Oracle, curl: &Oracle, arguments: &[&str]) -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let folder = tempfile::tempdir().expect("a directory");
        let mut command = museum.command(folder.path());
        command.args(["--listen-host=127.0.0.1", "--storage=local", "--depth-dynamic"]);
        command.arg(format!("--port={}", address.port()));
        command.arg(format!("--storage-local-rootdir={}", folder.path().join("data").display()));
        command.args(arguments);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let url = format!("http://{address}");
        let child = child.expect("chartmuseum");
        let mut started = Self { child, url, curl: curl.clone(), folder };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if started.child.try_wait().expect("a child").is_some() {
                return None;
            }
            assert!(began.elapsed() < PATIENCE, "chartmuseum does not listen");
            std::thread::yield_now();
        }
        Some(started)
    }

    /// The status of an answer.
    fn ask(&self, path: &str, arguments: &[&str]) -> u16 {
        let mut command = self.curl.command(self.folder.path());
        command.args(["--silent", "--output", "answer", "--max-time", "60", "--path-as-is"]);
        command.args(["--write-out", "%{http_code}"]).args(arguments);
        let outcome = run(command.arg(format!("{}{path}", self.url))).success();
        outcome.stdout.parse().expect("a status")
    }

    /// A header of an answer, empty when it has none.
    fn header(&self, path: &str, header: &str, arguments: &[&str]) -> String {
        let mut command = self.curl.command(self.folder.path());
        command.args(["--silent", "--output", "answer", "--max-time", "60"]).args(arguments);
        command.arg("--write-out").arg(format!("%header{{{header}}}"));
        run(command.arg(format!("{}{path}", self.url))).success().stdout
    }

    /// The status of a form with a package in the field of a name.
    fn form(&self, field: &str, package: &[u8]) -> u16 {
        fs::write(self.folder.path().join("body"), package).expect("a file");
        self.ask("/api/charts", &["--form", &format!("{field}=@body")])
    }

    fn post(&self, path: &str, body: &[u8]) -> u16 {
        fs::write(self.folder.path().join("body"), body).expect("a file");
        self.ask(path, &["--data-binary", "@body"])
    }

    fn publish(&self, name: &str, version: &str, word: &str) -> u16 {
        self.post("/api/charts", &chart(name, version, word))
    }

    /// What it answers to the request of a row; `None` for a row that nobody thought of.
    fn answer(&self, row: &str) -> Option<u16> {
        let head = |path| self.ask(path, &["--head"]);
        let status = match row {
            "POST /api/charts, the same again" => self.publish("org", "1.0.0", "one"),
            "POST /api/charts, a version deleted before" => {
                self.publish("gone", "1.0.0", "one");
                self.ask("/api/charts/gone/1.0.0", &["--request", "DELETE"]);
                self.publish("gone", "1.0.0", "two")
            }
            "POST /api/charts, versions that differ behind the +" => {
                self.publish("twin", "1.0.0+a", "one");
                self.publish("twin", "1.0.0+b", "one")
            }
            "POST /api/charts, v1.2.3 beside 1.2.3" => {
                self.publish("loose", "1.2.3", "one");
                self.publish("loose", "v1.2.3", "one")
            }
            "POST /api/charts, a version like 1-rc" => self.publish("loose", "1-rc", "one"),
            "POST /api/charts, a name with capitals" => self.publish("Loose", "1.0.0", "one"),
            "POST /api/charts, links, bombs and private keys" => {
                let files = package::files(&chart("link", "1.0.0", "one"));
                let package = package::pack_with_link(&files, "link/files/a", "/etc/passwd");
                self.post("/api/charts", &package)
            }
            "POST /api/{repository}/charts, a path with capitals or more than eight segments" => {
                let deep = format!("/api{}/charts", "/a".repeat(9));
                let package = chart("org", "1.0.0", "one");
                self.post("/api/Team/charts", &package).max(self.post(&deep, &package))
            }
            "POST /api/prov, no provenance file" => self.post("/api/prov", b"x"),
            "POST /api/prov, package absent" => {
                let text = "-----BEGIN PGP SIGNED MESSAGE-----\n\nname: absent\nversion: 1.0.0\n\n\
                            ...\nfiles:\n  absent-1.0.0.tgz: sha256:00\n\
                            -----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n";
                self.post("/api/prov", text.as_bytes())
            }
            "GET /charts/{file}, another extension" => self.ask("/charts/org-1.0.0.zip", &[]),
            "HEAD /charts/{file}" => head("/charts/org-1.0.0.tgz"),
            "HEAD /index.yaml" => head("/index.yaml"),
            "HEAD /api/charts, /health, /info" => {
                head("/api/charts").min(head("/health")).min(head("/info"))
            }
            "GET //index.yaml" => self.ask("//index.yaml", &[]),
            "GET /charts/{file}, Range" => self.ask("/charts/org-1.0.0.tgz", &["--range", "0-3"]),
            "DELETE /api/charts/{name}/{version}, absent" => {
                self.ask("/api/charts/org/9.9.9", &["--request", "DELETE"])
            }
            "a method that a path does not take" => self.ask("/api/charts", &["--request", "PUT"]),
            _ => return None,
        };
        Some(status)
    }
}

impl Drop for Museum {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Rows of the table with the status that `ChartMuseum` is said to answer, as far as they say one.
fn rows() -> Vec<(&'static str, u16)> {
    let (_, table) = DOCUMENT.split_once("## Differences from ChartMuseum").expect("the table");
    let table = table.split("\n## ").next().unwrap_or_default();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let said = rows.filter_map(|(row, rest)| Some((row, rest.get(..3)?.parse().ok()?)));
    said.collect()
}

#[test]
fn chartmuseum_does_what_the_table_of_differences_says() {
    let Some(museum) = Museum::start(&[]) else { return };
    assert_eq!(museum.publish("org", "1.0.0", "one"), 201);
    let rows: Vec<_> =
        rows().into_iter().filter(|(row, _)| !OTHER_SETTINGS.contains(row)).collect();
    assert!(rows.len() >= 15, "{rows:?}");
    for (row, status) in rows {
        assert_eq!(museum.answer(row), Some(status), "{row}");
    }
}

#[test]
fn chartmuseum_takes_the_chosen_field_beside_the_usual_one() {
    let Some(museum) = Museum::start(&["--chart-post-form-field-name=package"]) else { return };
    assert_eq!(museum.form("package", &chart("org", "1.0.0", "one")), 201);
    assert_eq!(museum.form("chart", &chart("org", "2.0.0", "one")), 201);
    assert_eq!(museum.form("file", &chart("org", "3.0.0", "one")), 400);
}

#[test]
fn chartmuseum_names_the_allowed_origin_below_api_and_nowhere_else() {
    let origin = "https://console.example";
    let Some(museum) = Museum::start(&[&format!("--cors-alloworigin={origin}")]) else { return };
    let header = |path: &str, more: &[&str]| {
        let arguments = [&["--header", "Origin: https://elsewhere.example"], more].concat();
        museum.header(path, "access-control-allow-origin", &arguments)
    };
    assert_eq!(header("/api/charts", &[]), origin);
    assert_eq!(header("/api/charts/absent", &[]), origin);
    // The difference that the table tells.
    assert_eq!(header("/api/charts", &["--data", "x"]), origin);
    assert_eq!(header("/api/charts", &["--request", "OPTIONS"]), "");
    assert_eq!(header("/index.yaml", &[]), "");
}
