//! A network from its topology to a cluster's door: built and published by the real programs, and
//! installed by real Helm out of the view that shows the network alone.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use chart_format::digest::Sha256;
use serde_json::Value;
use suite::package;
use suite::process::{Outcome, run};
use tempfile::TempDir;

use super::{Helm, text};
use crate::network::{Network, replaced};
use crate::programs;
use crate::server::Server;

/// The article's network in charts of their owners, built, and a registry.
struct Setting {
    network: Network,
    storage: TempDir,
    server: Server,
}

impl Setting {
    fn new() -> Self {
        let network = built(&["build", "--layout", "per-owner"]);
        let storage = tempfile::tempdir().expect("a directory");
        let server = Server::registry(storage.path());
        Self { network, storage, server }
    }

    fn url(&self, repository: &str) -> String {
        format!("{}/{repository}", self.server.url())
    }

    fn publish(&self, arguments: &[&str]) -> Outcome {
        publish(&self.network, arguments)
    }

    /// Number of the last journal entry.
    fn head(&self) -> u64 {
        let journal = fs::read_dir(self.storage.path().join("journal")).expect("a journal");
        let names = journal.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter_map(|name| name.parse().ok()).max().unwrap_or(0)
    }
}

fn built(arguments: &[&str]) -> Network {
    let network = Network::of_example("article");
    network.builder(&["identities"]).success();
    network.builder(arguments).success();
    network
}

fn publish(network: &Network, arguments: &[&str]) -> Outcome {
    network.builder(&[&["publish"], arguments].concat())
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a file name").to_string_lossy().into_owned()
}

/// Replaces a package by one with other content.
fn change(file: &Path) {
    let mut files = package::files(&fs::read(file).expect("a package"));
    let readme = files.iter_mut().find(|(path, _)| path.ends_with("/README.md"));
    readme.expect("a README").1.extend(b"\nOne line more.\n");
    fs::write(file, package::pack(&files)).expect("a package");
}

/// A signature's text around the lines that a registry reads, as `helm package --sign` writes them.
fn provenance(file: &Path) -> String {
    let digest = Sha256::of(&fs::read(file).expect("a package"));
    let name = file_name(file);
    format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: x\nversion: 1.0.0\n\n...\nfiles:\n  {name}: \
         sha256:{digest}\n-----BEGIN PGP SIGNATURE-----\n\naWQ=\n-----END PGP SIGNATURE-----\n"
    )
}

#[test]
fn a_network_appears_in_one_commit_and_helm_installs_it_from_its_own_view() {
    let setting = Setting::new();
    let packages = setting.network.packages("dist");
    assert!(packages.len() > 2, "{packages:?}");
    let signed = &packages[0];
    fs::write(format!("{}.prov", signed.display()), provenance(signed)).expect("a file");
    let url = setting.url("team/fabric");

    let tried = setting.publish(&["--to", &url, "--dry-run"]).success();
    assert_eq!((setting.head(), &*tried.stdout), (0, ""), "{tried}");
    tried.says("nothing was stored").says("possible  article-org1 1.0.0 sha256:");

    let published = setting.publish(&["--to", &url]).success();
    assert_eq!(setting.head(), 1, "all charts stand in one commit\n{published}");
    let published = published.says("with its signature").says("published article-org1 1.0.0");

    // A stranger in the same repository.
    let other = setting.network.path().join("other-1.0.0.tgz");
    let chart = b"apiVersion: v2\nname: other\nversion: 1.0.0\n";
    fs::write(&other, package::pack_entries(&[("other/Chart.yaml", chart)])).expect("a file");
    fs::create_dir(setting.network.path().join("others")).expect("a directory");
    fs::rename(&other, setting.network.path().join("others/other-1.0.0.tgz")).expect("a file");
    setting.publish(&["--to", &url, "--from", "others", "--all"]).success();

    let again = setting.publish(&["--to", &url, "--json"]).success();
    let told: Value = serde_json::from_str(&again.stdout).expect("JSON");
    let items = told["packages"].as_array().expect("a list");
    assert!(
        items.len() == packages.len() && items.iter().all(|it| it["created"] == false),
        "{told}"
    );
    assert_eq!(setting.head(), 2, "the same again writes nothing\n{again}");

    for helm in Helm::each() {
        let mut commands = published.stdout.lines();
        let add = commands.next().expect("a command");
        assert_eq!(add, format!("helm repo add article '{url}/~network=article' --force-update"));
        helm.run(&["repo", "add", "article", &format!("{url}/~network=article")]).success();
        let found = helm.run(&["search", "repo", "article", "--output", "json"]).success().stdout;
        let found: Value = serde_json::from_str(&found).expect("JSON");
        let names: Vec<&str> =
            found.as_array().into_iter().flatten().filter_map(|it| it["name"].as_str()).collect();
        assert!(names.len() == packages.len() && !names.contains(&"article/other"), "{names:?}");
        for install in commands.filter(|line| line.starts_with("helm upgrade --install ")) {
            let words: Vec<&str> = install.split(' ').collect();
            let [_, _, _, release, chart, _, version, _, namespace, ..] = words[..] else {
                panic!("{install}")
            };
            let arguments =
                ["template", release, chart, "--version", version, "--namespace", namespace];
            helm.run(&arguments).success().says("kind: ");
        }
        for package in &packages {
            let name = file_name(package);
            let chart = format!("article/{}", name.trim_end_matches("-1.0.0.tgz"));
            helm.run(&["pull", &chart, "--version", "1.0.0", "--destination", "."]).success();
            let pulled = fs::read(helm.home().join(&name)).expect("what Helm pulled");
            assert_eq!(pulled, fs::read(package).expect("ours"), "{name}");
        }
        let chart = format!("article/{}", file_name(signed).trim_end_matches("-1.0.0.tgz"));
        helm.run(&["pull", &chart, "--prov", "--destination", "."]).success();
        let pulled = helm.home().join(format!("{}.prov", file_name(signed)));
        assert_eq!(fs::read_to_string(pulled).expect("a signature"), provenance(signed));
    }
}

#[test]
fn other_bytes_under_a_version_are_refused_with_a_version_that_is_free() {
    let setting = Setting::new();
    let url = setting.url("team");
    setting.publish(&["--to", &url]).success();
    let package = setting.network.path().join("dist/article-org2-1.0.0.tgz");
    change(&package);
    let refused = setting.publish(&["--to", &url]).failure();
    assert_eq!((refused.code, setting.head()), (2, 1), "{refused}");
    refused.says("article-org2 1.0.0").says("`metadata.version`").says("1.0.1");
    setting.publish(&["--to", &url, "--dry-run"]).failure().says("article-org2 1.0.0");

    // What was not built is told before anybody is asked.
    let topology = fs::read_to_string(setting.network.path().join("network.yaml")).expect("a file");
    setting.network.write(&replaced(&topology, "version: 1.0.0}", "version: 1.0.1}"));
    setting.publish(&["--to", "http://127.0.0.1:1"]).failure().says("`chart-builder build`");
}

#[test]
fn nobody_publishes_without_a_credential_that_may() {
    let setting = Setting::new();
    let home = setting.network.path();
    let token = |name: &str, arguments: &[&str]| -> PathBuf {
        let mut command = programs::command("chart-registry", home);
        command.args(["token", "create", "--data"]).arg(setting.storage.path()).args(arguments);
        let file = home.join(name);
        fs::write(&file, run(&mut command).success().stdout).expect("a file");
        file
    };
    let reader = token("reader", &["--subject", "reader", "--grant", "team=read"]);
    let writer = token("writer", &["--subject", "ci", "--grant", "team=publish"]);
    let url = setting.url("team");
    // A token that the server does not know yet makes it look: from then on it is closed.
    setting.publish(&["--to", &url, "--token-file", text(&reader)]).failure().says("`reader`");
    setting.publish(&["--to", &url]).failure().says("--token-file");
    let unknown = home.join("unknown");
    fs::write(&unknown, "cr_0000000000000000_AAAA\n").expect("a file");
    setting
        .publish(&["--to", &url, "--token-file", text(&unknown)])
        .failure()
        .says("worth nothing");
    let elsewhere = setting.url("other");
    let writer = text(&writer);
    setting
        .publish(&["--to", &elsewhere, "--token-file", writer])
        .failure()
        .says("may not publish");
    assert_eq!(setting.head(), 2, "two tokens and nothing else");
    let secret = fs::read_to_string(writer).expect("a token");
    let secret = secret.trim();
    // A token is the password of any user, too.
    let mut basic = programs::command("chart-builder", home);
    basic.args(["publish", "--dry-run", "--to", &url, "--user", "ci"]);
    run(basic.env("CHART_BUILDER_PASSWORD", secret)).success();
    let mut command = programs::command("chart-builder", home);
    let published =
        run(command.args(["publish", "--to", &url]).env("CHART_BUILDER_TOKEN", secret)).success();
    let said = [published.stdout, published.stderr].concat();
    assert!(!said.contains(secret), "a secret is told");
}

#[test]
fn a_registry_below_a_path_and_behind_its_own_authority_is_found() {
    let network = built(&["build"]);
    let storage = tempfile::tempdir().expect("a directory");
    let mut command = programs::command("chart-registry", storage.path());
    command.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls",
        "self-signed",
        "--base-path",
        "a/helm",
    ]);
    let data = storage.path().join("data");
    let server = Server::start(command.arg("--data").arg(&data));
    let authority = storage.path().join("data-tls/ca.crt");
    let url = format!("{}/a/helm/team", server.url());
    publish(&network, &["--to", &url]).failure().says("--ca-file");
    publish(&network, &["--to", &url, "--ca-file", text(&authority)]).success();
    let beside = format!("{}/b/team", server.url());
    publish(&network, &["--to", &beside, "--ca-file", text(&authority)]).failure().says("404");
}

#[test]
fn a_registry_that_is_away_and_one_that_is_another_are_told_apart() {
    let network = built(&["build"]);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            // Whatever is asked, wholly or in part: the answer is the same.
            if stream.read(&mut request).is_err() {
                continue;
            }
            let body = r#"{"error":"not found"}"#;
            let head = format!(
                "HTTP/1.1 404 Not Found\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).ok();
        }
    });
    let other = publish(&network, &["--to", &format!("http://{address}/org")]).failure();
    other.says("no repository of a chart-registry").says("/api/charts").says("helm push");
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = closed.local_addr().expect("an address");
    drop(closed);
    let away = publish(&network, &["--to", &format!("http://{address}")]).failure();
    away.says("does not answer").says("nothing was sent");
}

#[test]
fn an_answer_that_is_lost_costs_nothing() {
    let setting = Setting::new();
    let upstream = setting.server.url().trim_start_matches("http://").to_owned();
    let (address, lost) = losing(upstream);
    let told = setting.publish(&["--to", &format!("http://{address}/team"), "--json"]).success();
    assert_eq!((lost.load(Ordering::SeqCst), setting.head()), (true, 1), "{told}");
    let told: Value = serde_json::from_str(&told.stdout).expect("JSON");
    let created = told["packages"].as_array().expect("a list").iter();
    assert!(created.clone().all(|package| package["created"] == false), "{told}");
}

/// A server before another one that keeps the first answer to a `POST` to itself.
fn losing(upstream: String) -> (std::net::SocketAddr, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let lost = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&lost);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&upstream).expect("the registry");
            let seen = Arc::clone(&seen);
            std::thread::spawn(move || pass(client, server, &seen));
        }
    });
    (address, lost)
}

fn pass(mut client: TcpStream, mut server: TcpStream, lost: &AtomicBool) {
    let (posted, posts) = mpsc::channel();
    let mut from = client.try_clone().expect("a stream");
    let mut to = server.try_clone().expect("a stream");
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if buffer.starts_with(b"POST ") {
                posted.send(()).ok();
            }
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        to.shutdown(Shutdown::Write).ok();
    });
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = server.read(&mut buffer) {
        if posts.try_recv().is_ok() && !lost.swap(true, Ordering::SeqCst) {
            client.shutdown(Shutdown::Both).ok();
            return;
        }
        if client.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
    client.shutdown(Shutdown::Write).ok();
}
