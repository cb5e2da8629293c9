//! Stock clients with credentials: where everybody may read and where nobody may, by the classic way
//! and by OCI. A client that has the right credential comes to send it, and another one is refused.

use std::fs;
use std::path::Path;

use suite::oracles::Oracle;
use suite::package;
use suite::process::{Outcome, run};
use tempfile::TempDir;

use super::{Helm, text};
use crate::programs;
use crate::server::Server;

/// A registry that knows a token, and the token.
struct Guarded {
    server: Server,
    token: String,
    folder: TempDir,
}

impl Guarded {
    /// A registry where everybody may do what `anonymous` says, and a token may do what `grant` says
    /// below `team`.
    fn start(anonymous: &str, grant: &str) -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let storage = folder.path().join("storage");
        fs::create_dir(&storage).expect("a directory");
        let storage = text(&storage);
        let grant = format!("team={grant}");
        let mut create = programs::command("chart-registry", folder.path());
        create.args(["token", "create", "--data", storage, "--subject", "ci", "--grant", &grant]);
        let token = run(&mut create).success().stdout.trim().to_owned();
        let mut serve = programs::command("chart-registry", folder.path());
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data", storage]);
        let server = Server::start(serve.args(["--anonymous", anonymous]));
        Self { server, token, folder }
    }

    fn host(&self) -> &str {
        self.server.url().trim_start_matches("http://")
    }

    /// The token, and a text that looks like it.
    fn wrong(&self) -> String {
        let end = if self.token.ends_with('A') { "B" } else { "A" };
        format!("{}{end}", &self.token[..self.token.len() - 1])
    }

    fn package(&self, version: &str) -> String {
        let metadata = format!("apiVersion: v2\nname: demo\nversion: {version}\n");
        let bytes = package::pack_entries(&[("demo/Chart.yaml", metadata.as_bytes())]);
        let file = self.folder.path().join(format!("demo-{version}.tgz"));
        fs::write(&file, bytes).expect("a package");
        text(&file).to_owned()
    }

    /// Publishes a package with curl, as the owner of a credential.
    fn publish(&self, curl: &Oracle, version: &str, credential: Option<&str>) -> Outcome {
        let data = format!("@{}", self.package(version));
        let mut command = curl.command(self.folder.path());
        command.args(["--silent", "--show-error", "--fail-with-body", "--data-binary", &data]);
        if let Some(credential) = credential {
            command.args(["--user", &format!("ci:{credential}")]);
        }
        run(command.arg(format!("{}/api/team/charts", self.server.url())))
    }
}

/// Pulls into a new directory of the home; succeeds when the package is there.
fn pull(helm: &Helm, arguments: &[&str]) -> Outcome {
    let folder = helm.home().join("pulled");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir(&folder).expect("a directory");
    helm.run(&[&["pull"], arguments, &["--destination", text(&folder)]].concat())
}

#[test]
fn a_closed_repository_opens_for_helm_and_curl_with_a_token_as_password() {
    let Some(curl) = Oracle::system("curl") else { return };
    let guarded = Guarded::start("none", "read,publish");
    let (url, token, wrong) = (guarded.server.url(), &guarded.token, &guarded.wrong());
    guarded.publish(&curl, "1.0.0", None).failure().says("401");
    guarded.publish(&curl, "1.0.0", Some(wrong)).failure().says("401");
    guarded.publish(&curl, "1.0.0", Some(token)).success();
    let repository = format!("{url}/team");
    for helm in Helm::each() {
        let add = |name: &str, credential: &[&str]| {
            helm.run(&[&["repo", "add", name, &repository], credential].concat())
        };
        add("none", &[]).failure().says("401");
        add("wrong", &["--username", "ci", "--password", wrong]).failure().says("401");
        add("team", &["--username", "ci", "--password", token]).success();
        helm.run(&["repo", "update"]).success();
        pull(&helm, &["team/demo"]).success();
        let passed = ["--username", "ci", "--password", token, "--pass-credentials"];
        add("passing", &passed).success();
        pull(&helm, &["passing/demo"]).success();
        pull(&helm, &[&["demo", "--repo", &repository], &passed[..]].concat()).success();
        pull(&helm, &["demo", "--repo", &repository]).failure().says("401");
    }
}

#[test]
fn a_closed_registry_opens_for_helm_after_a_login() {
    let Some(curl) = Oracle::system("curl") else { return };
    let guarded = Guarded::start("none", "read,publish");
    guarded.publish(&curl, "1.0.0", Some(&guarded.token)).success();
    let (host, token) = (guarded.host(), &guarded.token);
    for (number, helm) in Helm::each().into_iter().enumerate() {
        let login = |password: &str| {
            let credential = ["--username", "ci", "--password", password, "--plain-http"];
            helm.run(&[&["registry", "login", host], &credential[..]].concat())
        };
        let chart = format!("oci://{host}/team/demo");
        pull(&helm, &[&chart, "--plain-http"]).failure().says("credential");
        login(&guarded.wrong()).failure();
        login(token).success();
        pull(&helm, &[&chart, "--plain-http"]).success();
        let package = guarded.package(&format!("2.{number}.0"));
        let target = format!("oci://{host}/team");
        helm.run(&["push", &package, &target, "--plain-http"]).success();
        let elsewhere = format!("oci://{host}/other");
        helm.run(&["push", &package, &elsewhere, "--plain-http"]).failure().says("403");
        helm.run(&["registry", "logout", host]).success();
        helm.run(&["push", &package, &target, "--plain-http"]).failure().says("credential");
    }
}

#[test]
fn where_everybody_reads_a_push_asks_for_the_credential_and_a_pull_does_not() {
    let Some(skopeo) = Oracle::system("skopeo") else { return };
    let guarded = Guarded::start("read", "publish");
    let (host, token) = (guarded.host(), &guarded.token);
    let mut first = None;
    for (number, helm) in Helm::each().into_iter().enumerate() {
        let version = format!("1.{number}.0");
        let package = guarded.package(&version);
        let push = || helm.run(&["push", &package, &format!("oci://{host}/team"), "--plain-http"]);
        push().failure().says("credential");
        let login = |password: &str| {
            let credential = ["--username", "ci", "--password", password, "--plain-http"];
            helm.run(&[&["registry", "login", host], &credential[..]].concat())
        };
        login(&guarded.wrong()).failure().says("401");
        login(token).success();
        push().success();
        helm.run(&["registry", "logout", host]).success();
        let chart = format!("oci://{host}/team/demo");
        pull(&helm, &[&chart, "--version", &version, "--plain-http"]).success();
        first.get_or_insert(version);
    }
    let Some(version) = first else { return };
    let copy = |credential: &[&str]| {
        let mut command = skopeo.command(guarded.folder.path());
        command.args(["copy", "--quiet", "--insecure-policy", "--src-tls-verify=false"]);
        command.args(["--dest-tls-verify=false"]).args(credential);
        command.arg(format!("docker://{host}/team/demo:{version}"));
        run(command.arg(format!("docker://{host}/team/copies/demo:{version}")))
    };
    copy(&[]).failure();
    copy(&["--dest-creds", &format!("ci:{}", guarded.wrong())]).failure();
    copy(&["--dest-creds", &format!("ci:{token}")]).success();
    let copied =
        manifest(&skopeo, guarded.folder.path(), &format!("{host}/team/copies/demo:{version}"));
    assert!(copied.contains("vnd.cncf.helm.chart.content"), "{copied}");
}

/// The manifest of something that everybody may read.
fn manifest(skopeo: &Oracle, home: &Path, name: &str) -> String {
    let mut command = skopeo.command(home);
    let source = format!("docker://{name}");
    run(command.args(["inspect", "--raw", "--tls-verify=false", &source])).success().stdout
}
