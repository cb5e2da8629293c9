//! One package in by every way and out by every way: the same bytes, whoever pushed and whoever pulls.
//!
//! In: raw POST, a form, the request of `helm cm-push`, `helm push` of both versions, `skopeo copy`,
//! `chart-builder publish`.
//! Out: curl, `helm pull` from the repository and by OCI with both versions, `skopeo copy`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use suite::oracles::Oracle;
use suite::package;
use suite::process::{Outcome, run};
use tempfile::TempDir;

use super::{Helm, text};
use crate::programs;
use crate::server::Server;

const PACKAGE: &str = "demo-1.0.0.tgz";
const NAME: &str = "team/a/demo";

/// The programs, and a directory where they find and leave files.
struct Clients {
    curl: Oracle,
    skopeo: Oracle,
    helms: Vec<Helm>,
    folder: TempDir,
}

/// How a package comes in.
#[derive(Debug, Clone, Copy)]
enum Way {
    Raw,
    Form,
    CmPush,
    Helm(usize),
    Skopeo,
    Builder,
}

fn chart(word: &str) -> Vec<u8> {
    let metadata: &[u8] = b"apiVersion: v2\nname: demo\nversion: 1.0.0\ndescription: a chart\n";
    let values = format!("word: {word}\n");
    package::pack_entries(&[("demo/Chart.yaml", metadata), ("demo/values.yaml", values.as_bytes())])
}

fn start() -> (TempDir, Server) {
    let storage = tempfile::tempdir().expect("a directory");
    let server = Server::registry(storage.path());
    (storage, server)
}

fn host(server: &Server) -> &str {
    server.url().trim_start_matches("http://")
}

impl Clients {
    fn find() -> Option<Self> {
        let (curl, skopeo) = (Oracle::system("curl")?, Oracle::system("skopeo")?);
        let folder = tempfile::tempdir().expect("a directory");
        Some(Self { curl, skopeo, helms: Helm::each(), folder })
    }

    fn curl(&self, arguments: &[&str]) -> Outcome {
        let common = ["--silent", "--show-error", "--fail-with-body", "--max-time", "60"];
        run(self.curl.command(self.folder.path()).args(common).args(arguments))
    }

    fn skopeo(&self, from: &str, to: &str) -> Outcome {
        let mut command = self.skopeo.command(self.folder.path());
        command.args(["copy", "--quiet", "--insecure-policy"]);
        run(command.args(["--src-tls-verify=false", "--dest-tls-verify=false", from, to]))
    }

    /// Sends a package in one way.
    fn send(&self, way: Way, server: &Server, package: &[u8]) -> Outcome {
        let file = self.folder.path().join(PACKAGE);
        fs::write(&file, package).expect("a package");
        let (file, url) = (text(&file).to_owned(), server.url());
        match way {
            Way::Raw => {
                let data = format!("@{file}");
                self.curl(&["--data-binary", &data, &format!("{url}/api/team/a/charts")])
            }
            Way::Form => {
                let field = format!("chart=@{file}");
                self.curl(&["--form", &field, &format!("{url}/api/team/a/charts")])
            }
            Way::CmPush => {
                // The plugin names the file by its path and sends `force` only when it is asked to.
                let field =
                    format!("chart=@{file};filename={PACKAGE};type=application/octet-stream");
                let agent = ["--user-agent", "Go-http-client/1.1"];
                let url = format!("{url}/api/team/a/charts");
                self.curl(&[&agent[..], &["--form", &field, &url]].concat())
            }
            Way::Helm(number) => {
                let target = format!("oci://{}/team/a", host(server));
                self.helms[number].run(&["push", &file, &target, "--plain-http"])
            }
            Way::Skopeo => {
                let layout = self.layout(package);
                self.skopeo(&layout, &format!("docker://{}/{NAME}:1.0.0", host(server)))
            }
            Way::Builder => {
                let folder = self.folder.path().join("release");
                fs::create_dir_all(&folder).expect("a directory");
                fs::write(folder.join(PACKAGE), package).expect("a package");
                let mut command = programs::command("chart-builder", self.folder.path());
                command.args(["publish", "--from", text(&folder), "--all", "--to"]);
                run(command.arg(format!("{url}/team/a")))
            }
        }
    }

    /// An OCI layout with the package, as skopeo writes it from another registry.
    fn layout(&self, package: &[u8]) -> String {
        let (_storage, server) = start();
        self.send(Way::Raw, &server, package).success();
        let folder = self.folder.path().join("layout");
        fs::remove_dir_all(&folder).ok();
        let layout = format!("oci:{}:1.0.0", text(&folder));
        self.skopeo(&format!("docker://{}/{NAME}:1.0.0", host(&server)), &layout).success();
        layout
    }

    /// What every way out gives, with its name.
    fn received(&self, server: &Server) -> Vec<(String, Vec<u8>)> {
        let classic = self.folder.path().join("classic.tgz");
        let url = format!("{}/team/a/charts/{PACKAGE}", server.url());
        self.curl(&["--output", text(&classic), &url]).success();
        let mut received = vec![("curl".to_owned(), read(&classic))];
        for helm in &self.helms {
            let oci = format!("oci://{}/{NAME}", host(server));
            for (way, source) in [
                ("oci", vec![oci.as_str(), "--plain-http"]),
                ("repository", vec!["demo", "--repo", &format!("{}/team/a", server.url())]),
            ] {
                let folder = helm.home().join(way);
                fs::remove_dir_all(&folder).ok();
                fs::create_dir(&folder).expect("a directory");
                let to = ["--version", "1.0.0", "--destination", text(&folder)];
                helm.run(&[&["pull"], &source[..], &to[..]].concat()).success();
                received.push((
                    format!("{} by {way}", helm.oracle.name()),
                    read(&folder.join(PACKAGE)),
                ));
            }
        }
        received.push(("skopeo".to_owned(), self.copied(server)));
        received
    }

    /// The layer in a copy that skopeo makes.
    fn copied(&self, server: &Server) -> Vec<u8> {
        let folder = self.folder.path().join("copy");
        fs::remove_dir_all(&folder).ok();
        let source = format!("docker://{}/{NAME}:1.0.0", host(server));
        self.skopeo(&source, &format!("oci:{}:1.0.0", text(&folder))).success();
        let index: Value = serde_json::from_slice(&read(&folder.join("index.json"))).expect("JSON");
        let manifest = blob(&folder, &index["manifests"][0]);
        let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
        blob(&folder, &manifest["layers"][0])
    }
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A blob of an OCI layout.
fn blob(layout: &Path, descriptor: &Value) -> Vec<u8> {
    let digest = descriptor["digest"].as_str().unwrap_or_default();
    let path: PathBuf = layout.join("blobs").join(digest.replace(':', "/"));
    read(&path)
}

#[test]
fn a_package_that_comes_in_by_any_way_goes_out_by_every_way_unchanged() {
    let Some(clients) = Clients::find() else { return };
    let helms = (0..clients.helms.len()).map(Way::Helm);
    let ways: Vec<Way> = [Way::Raw, Way::Form, Way::CmPush, Way::Skopeo, Way::Builder]
        .into_iter()
        .chain(helms)
        .collect();
    let (package, other) = (chart("one"), chart("two"));
    for way in &ways {
        let (_storage, server) = start();
        clients.send(*way, &server, &package).success();
        let index = clients.curl(&[&format!("{}/team/a/index.yaml", server.url())]).success();
        let digest = chart_format::digest::Sha256::of(&package).to_string();
        assert!(index.stdout.contains(&digest), "{way:?}: {}", index.stdout);
        for (out, bytes) in clients.received(&server) {
            assert!(bytes == package, "{out} gets other bytes than came in by {way:?}");
        }
        // Whoever sends the same again succeeds, and nobody replaces it.
        for again in &ways {
            clients.send(*again, &server, &package).success();
            clients.send(*again, &server, &other).failure();
        }
        assert!(clients.copied(&server) == package, "{way:?}: another push changed the bytes");
    }
}
