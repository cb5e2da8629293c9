//! The registry's program as its clients see it: curl speaks HTTP, files are judged by their bytes.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use suite::oracles::Oracle;
use suite::package;
use suite::process::run;
use tempfile::TempDir;

use crate::server::Server;

/// Status code and body of an answer.
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn is(self, status: u16) -> Self {
        assert!(self.status == status, "expected {status}, got {}: {}", self.status, self.body);
        self
    }
}

/// A registry on a directory of its own, and curl.
struct Registry {
    curl: Oracle,
    folder: TempDir,
    server: Server,
}

impl Registry {
    fn start() -> Option<Self> {
        let curl = Oracle::system("curl")?;
        let folder = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(folder.path().join("storage")).expect("a storage directory");
        let server = Server::registry(&folder.path().join("storage"));
        Some(Self { curl, folder, server })
    }

    /// Starts the program again on the same storage.
    fn restart(&mut self) {
        self.server.kill();
        self.server = Server::registry(&self.folder.path().join("storage"));
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, bytes).expect("a file");
        file
    }

    /// curl with `arguments` on a path of the server.
    fn curl(&self, path: &str, arguments: &[&str]) -> Answer {
        let mut command = self.curl.command(self.folder.path());
        command.args(["--silent", "--show-error", "--max-time", "60", "--path-as-is"]);
        command.args(["--write-out", "\n%{http_code}"]).args(arguments);
        let outcome = run(command.arg(format!("{}{path}", self.server.url()))).success();
        let (body, status) = outcome.stdout.rsplit_once('\n').unwrap_or_default();
        Answer { status: status.parse().unwrap_or(0), body: body.to_owned() }
    }

    fn publish(&self, package: &[u8]) -> Answer {
        let file = self.file("upload.tgz", package);
        let data = format!("@{}", file.display());
        self.curl("/api/charts", &["--data-binary", &data])
    }

    /// Panics unless every chart is served as it was acknowledged.
    fn holds(&self, charts: &[(String, Vec<u8>)]) {
        for (name, package) in charts {
            assert_eq!(&self.download(&format!("/charts/{name}-1.0.0.tgz")), package, "{name}");
        }
    }

    fn download(&self, path: &str) -> Vec<u8> {
        let file = self.folder.path().join("download");
        let target = file.to_str().expect("a path in UTF-8").to_owned();
        self.curl(path, &["--output", &target]).is(200);
        std::fs::read(Path::new(&target)).expect("what curl wrote")
    }
}

/// A small chart that Helm would accept.
pub(crate) fn chart(name: &str, version: &str, word: &str) -> Vec<u8> {
    let metadata = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let values = format!("word: {word}\n");
    package::pack_entries(&[
        (&format!("{name}/Chart.yaml"), metadata.as_bytes()),
        (&format!("{name}/values.yaml"), values.as_bytes()),
    ])
}

fn sha256(bytes: &[u8]) -> String {
    chart_format::digest::Sha256::of(bytes).to_string()
}

#[test]
fn what_was_published_is_served_byte_for_byte_and_survives_a_kill() {
    let Some(mut registry) = Registry::start() else { return };
    let package = chart("demo", "1.0.0", "one");
    registry.publish(&package).is(201);
    for _ in 0..2 {
        assert_eq!(registry.download("/charts/demo-1.0.0.tgz"), package);
        let index = registry.curl("/index.yaml", &[]).is(200).body;
        assert!(
            index.contains(&sha256(&package)),
            "the index has not the digest of the bytes: {index}"
        );
        registry.restart();
    }
}

#[test]
fn a_form_upload_is_as_good_as_a_raw_one() {
    let Some(registry) = Registry::start() else { return };
    let package = chart("demo", "1.0.0", "one");
    let file = registry.file("demo-1.0.0.tgz", &package);
    registry.curl("/api/charts", &["--form", &format!("chart=@{}", file.display())]).is(201);
    assert_eq!(registry.download("/charts/demo-1.0.0.tgz"), package);
}

#[test]
fn the_same_content_again_succeeds_and_other_content_is_refused_with_both_digests() {
    let Some(registry) = Registry::start() else { return };
    let (first, second) = (chart("demo", "1.0.0", "one"), chart("demo", "1.0.0", "two"));
    registry.publish(&first).is(201);
    let again = registry.publish(&first);
    assert!((200..300).contains(&again.status), "{}: {}", again.status, again.body);
    let refused = registry.publish(&second).is(409);
    let told = refused.json().to_string();
    assert!(told.contains(&sha256(&first)) && told.contains(&sha256(&second)), "{told}");
    assert_eq!(registry.download("/charts/demo-1.0.0.tgz"), first);
}

#[test]
fn the_api_lists_shows_and_deletes() {
    let Some(registry) = Registry::start() else { return };
    for version in ["1.0.0", "1.1.0"] {
        registry.publish(&chart("demo", version, "x")).is(201);
    }
    let all = registry.curl("/api/charts", &[]).is(200).json();
    assert_eq!(all["demo"].as_array().map(Vec::len), Some(2), "{all}");
    let one = registry.curl("/api/charts/demo/1.0.0", &[]).is(200).json();
    assert_eq!(one["version"], "1.0.0");
    registry.curl("/api/charts/demo/1.0.0", &["--head"]).is(200);
    registry.curl("/api/charts/demo/1.0.0", &["--request", "DELETE"]).is(200);
    registry.curl("/api/charts/demo/1.0.0", &[]).is(404);
    registry.curl("/charts/demo-1.0.0.tgz", &[]).is(404);
    registry.curl("/health", &[]).is(200);
}

#[test]
fn bad_packages_are_refused_in_words_and_nothing_is_stored() {
    let Some(registry) = Registry::start() else { return };
    for (what, package) in bad_packages().into_iter().chain(packages_with_keys()) {
        let refused = registry.publish(&package);
        assert!(
            (400..500).contains(&refused.status),
            "{what}: {} {}",
            refused.status,
            refused.body
        );
        assert!(refused.json().is_object(), "{what}: {}", refused.body);
        let listed = registry.curl("/api/charts", &[]).is(200).json();
        assert_eq!(listed.as_object().map(serde_json::Map::len), Some(0), "{what} was stored");
    }
}

fn bad_packages() -> Vec<(&'static str, Vec<u8>)> {
    let metadata: &[u8] = b"apiVersion: v2\nname: demo\nversion: 1.0.0\n";
    let with = |path: &str, bytes: &[u8]| {
        package::pack_entries(&[("demo/Chart.yaml", metadata), (path, bytes)])
    };
    let zeros = vec![0_u8; 120 << 20];
    let bomb: Vec<(String, &[u8])> =
        (0..30).map(|number| (format!("demo/files/{number}"), &zeros[..4 << 20])).collect();
    let mut bomb: Vec<(&str, &[u8])> =
        bomb.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
    bomb.insert(0, ("demo/Chart.yaml", metadata));
    let plain = package::files(&chart("demo", "1.0.0", "x"));
    vec![
        ("not gzip", b"these bytes are no archive".to_vec()),
        ("an archive bomb", package::pack_entries(&bomb)),
        ("a file of 120 MiB", with("demo/files/large", &zeros)),
        ("a path with ..", with("demo/../../outside", b"x")),
        ("an absolute path", with("/etc/outside", b"x")),
        ("a link", package::pack_with_link(&plain, "demo/files/link", "/etc/passwd")),
        ("two Chart.yaml", with("demo/Chart.yaml", metadata)),
        ("another directory than the chart's name", {
            package::pack_entries(&[("other/Chart.yaml", metadata)])
        }),
    ]
}

/// A new key in each form that a package could hide it in; nothing when openssl is not there.
fn packages_with_keys() -> Vec<(&'static str, Vec<u8>)> {
    let Some(openssl) = Oracle::system("openssl") else { return Vec::new() };
    let folder = tempfile::tempdir().expect("a directory");
    let key = |form: &str| {
        let mut command = openssl.command(folder.path());
        command.args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        run(command.args(["-outform", form, "-out", "key"])).success();
        std::fs::read(folder.path().join("key")).expect("a key")
    };
    let (pem, der) = (key("PEM"), key("DER"));
    let holding = |bytes: &[u8]| {
        let metadata: &[u8] = b"apiVersion: v2\nname: demo\nversion: 1.0.0\n";
        package::pack_entries(&[("demo/Chart.yaml", metadata), ("demo/files/data", bytes)])
    };
    let encoded = STANDARD.encode([b"x", pem.as_slice()].concat());
    let nested = holding(&pem);
    vec![
        ("a private key as PEM", holding(&pem)),
        ("a private key as DER", holding(&der)),
        ("a private key as base64 of PEM, shifted by a byte", holding(encoded.as_bytes())),
        ("a private key inside of an archive", holding(&nested)),
    ]
}

/// Twenty rounds: many uploads run when the program is killed; each that was acknowledged is there afterwards.
#[test]
fn a_kill_during_publishes_loses_nothing_that_was_acknowledged() {
    let Some(mut registry) = Registry::start() else { return };
    let mut acknowledged: Vec<(String, Vec<u8>)> = Vec::new();
    for round in 0..20 {
        let fresh = acknowledged.len();
        acknowledged.extend(publish_until_killed(&mut registry, round));
        registry.restart();
        registry.holds(&acknowledged[fresh..]);
    }
    registry.holds(&acknowledged);
    assert!(acknowledged.len() >= 20, "only {} were acknowledged", acknowledged.len());
}

/// Publishes from four threads; kills the program after some answers, how many depends on the round.
fn publish_until_killed(registry: &mut Registry, round: usize) -> Vec<(String, Vec<u8>)> {
    let (sender, answers) = std::sync::mpsc::channel();
    let uploader = Uploader {
        curl: registry.curl.clone(),
        folder: registry.folder.path().to_owned(),
        url: format!("{}/api/charts", registry.server.url()),
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (sender, uploader) = (sender.clone(), &uploader);
            scope.spawn(move || {
                for number in 0..8 {
                    let name = format!("kill-{round}-{thread}-{number}");
                    uploader.upload(name).and_then(|done| sender.send(done).ok());
                }
            });
        }
        drop(sender);
        let mut kept = Vec::new();
        for answer in &answers {
            kept.push(answer);
            if kept.len() == 1 + round % 5 {
                registry.server.kill();
            }
        }
        kept
    })
}

struct Uploader {
    curl: Oracle,
    folder: PathBuf,
    url: String,
}

impl Uploader {
    /// Name and bytes of a new chart, if the server acknowledged it.
    fn upload(&self, name: String) -> Option<(String, Vec<u8>)> {
        let package = chart(&name, "1.0.0", "x");
        let file = self.folder.join(format!("{name}.tgz"));
        std::fs::write(&file, &package).expect("a package");
        let mut command = self.curl.command(&self.folder);
        command.args(["--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]);
        command.args(["--data-binary", &format!("@{}", file.display()), &self.url]);
        (run(&mut command).stdout == "201").then_some((name, package))
    }
}
