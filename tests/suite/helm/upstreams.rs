//! Real Helm against a proxy of a classic repository, one of an OCI registry, and virtual repositories
//! that show them beside an own one; then all of it again without the upstream.

use std::fs;

use serde_json::Value;
use suite::kube::ApiServer;
use suite::oracles::Oracle;
use suite::package;
use suite::process::{Outcome, run};
use tempfile::TempDir;

use super::{Helm, text};
use crate::programs;
use crate::server::Server;

/// A registry with upstreams, and the upstream.
struct Pair {
    upstream: Server,
    server: Server,
    curl: Oracle,
    folder: TempDir,
}

fn chart(name: &str, version: &str) -> Vec<u8> {
    let metadata = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-map\n";
    package::pack_entries(&[
        (format!("{name}/Chart.yaml").as_str(), metadata.as_bytes()),
        (format!("{name}/values.yaml").as_str(), format!("version: {version}\n").as_bytes()),
        (format!("{name}/templates/map.yaml").as_str(), template.as_bytes()),
    ])
}

impl Pair {
    fn start() -> Option<Self> {
        let curl = Oracle::system("curl")?;
        let folder = tempfile::tempdir().expect("a directory");
        let (there, here) = (folder.path().join("there"), folder.path().join("here"));
        for directory in [&there, &here] {
            fs::create_dir(directory).expect("a directory");
        }
        let upstream = Server::registry(&there);
        let url = upstream.url();
        let configuration = format!(
            "data: {}\nlisten: 127.0.0.1:0\nproxies:\n\
             - {{path: mirror, url: \"{url}/public\", refresh-seconds: 0}}\n\
             - {{path: hub, kind: oci, url: \"{url}/public\", refresh-seconds: 0}}\n\
             virtual:\n\
             - {{path: all, members: [own, mirror], publish-to: own}}\n\
             - {{path: every, members: [own, hub]}}\n",
            text(&here.join("storage"))
        );
        let file = here.join("registry.yaml");
        fs::write(&file, configuration).expect("a configuration");
        fs::create_dir(here.join("storage")).expect("a directory");
        let mut command = programs::command("chart-registry", &here);
        command.args(["serve", "--config"]).arg(&file);
        let server = Server::start(&mut command);
        let pair = Self { upstream, server, curl, folder };
        pair.publish(pair.upstream.url(), "public", ("demo", "1.0.0")).success();
        pair.publish(pair.upstream.url(), "public", ("demo", "1.1.0")).success();
        // A name of the registry itself, with a higher version outside.
        pair.publish(pair.upstream.url(), "public", ("inner", "9.0.0")).success();
        pair.publish(pair.server.url(), "own", ("inner", "1.0.0")).success();
        Some(pair)
    }

    fn publish(&self, url: &str, path: &str, (name, version): (&str, &str)) -> Outcome {
        let file = self.folder.path().join("package.tgz");
        fs::write(&file, chart(name, version)).expect("a package");
        let data = format!("@{}", text(&file));
        let url = format!("{url}/api/{path}/charts");
        let mut command = self.curl.command(self.folder.path());
        run(command.args([
            "--silent",
            "--show-error",
            "--fail-with-body",
            "--data-binary",
            &data,
            &url,
        ]))
    }

    fn host(&self) -> &str {
        self.server.url().trim_start_matches("http://")
    }

    /// Pulls what is there by every way, and compares it with what was published.
    fn pull_all(&self, helm: &Helm) {
        let by_oci = |path: &str| format!("oci://{}/{path}", self.host());
        for (source, name, version) in [
            (vec!["mirror/demo".to_owned()], "demo", "1.0.0"),
            (vec!["mirror/demo".to_owned()], "demo", "1.1.0"),
            (vec!["all/demo".to_owned()], "demo", "1.1.0"),
            (vec!["all/inner".to_owned()], "inner", "1.0.0"),
            (vec![by_oci("mirror/demo"), "--plain-http".to_owned()], "demo", "1.0.0"),
            (vec![by_oci("hub/demo"), "--plain-http".to_owned()], "demo", "1.0.0"),
            (vec![by_oci("all/demo"), "--plain-http".to_owned()], "demo", "1.1.0"),
            (vec![by_oci("every/demo"), "--plain-http".to_owned()], "demo", "1.0.0"),
            (vec![by_oci("every/inner"), "--plain-http".to_owned()], "inner", "1.0.0"),
        ] {
            let mut words: Vec<&str> = source.iter().map(String::as_str).collect();
            words.extend(["--version", version]);
            let pulled = pull(helm, &words, &format!("{name}-{version}.tgz"));
            assert_eq!(pulled, chart(name, version), "{} {words:?}", helm.oracle.name());
        }
    }
}

/// Pulls a chart and gives its bytes.
fn pull(helm: &Helm, source: &[&str], name: &str) -> Vec<u8> {
    let folder = helm.home().join("pulled");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir(&folder).expect("a directory");
    helm.run(&[&["pull", "--destination", text(&folder)], source].concat()).success();
    fs::read(folder.join(name)).expect("what Helm pulled")
}

fn found(helm: &Helm, repository: &str) -> Vec<(String, String)> {
    let words = ["search", "repo", repository, "--versions", "--output", "json"];
    let found: Value = serde_json::from_str(&helm.run(&words).success().stdout).expect("JSON");
    let field = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
    let list = found.as_array().expect("a list");
    list.iter().map(|it| (field(it, "name"), field(it, "version"))).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned())).collect()
}

#[test]
fn proxies_and_virtual_repositories_serve_helm_with_their_upstream_and_without() {
    let Some(mut pair) = Pair::start() else { return };
    let helms = Helm::each();
    for helm in &helms {
        for name in ["mirror", "all"] {
            let url = format!("{}/{name}", pair.server.url());
            helm.run(&["repo", "add", name, &url]).success();
        }
        helm.run(&["repo", "update"]).success();
        let mirror =
            [("mirror/demo", "1.1.0"), ("mirror/demo", "1.0.0"), ("mirror/inner", "9.0.0")];
        assert_eq!(found(helm, "mirror/"), pairs(&mirror));
        // The inner chart is that of this registry, whatever stands outside.
        let all = [("all/demo", "1.1.0"), ("all/demo", "1.0.0"), ("all/inner", "1.0.0")];
        assert_eq!(found(helm, "all/"), pairs(&all));
        pair.pull_all(helm);
        helm.run(&["show", "values", "all/inner"]).success().says("version: 1.0.0");
        let api = ApiServer::start();
        for source in ["mirror/demo", "all/demo"] {
            let words = ["install", "--dry-run=client", "demo", source];
            helm.run_at(&api, &words).success().says("kind: ConfigMap");
        }
        let oci = format!("oci://{}/all/demo", pair.host());
        let words = ["install", "--dry-run=client", "demo", &oci, "--plain-http"];
        helm.run_at(&api, &words).success().says("kind: ConfigMap");
        let package = helm.home().join("new-1.0.0.tgz");
        fs::write(&package, chart("new", "1.0.0")).expect("a package");
        let target = format!("oci://{}/all", pair.host());
        let push = ["push", text(&package), &target, "--plain-http"];
        helm.run(&push).failure().says("publish to `own`");
    }
    pair.upstream.kill();
    for helm in &helms {
        helm.run(&["repo", "update"]).success();
        assert_eq!(found(helm, "all/").len(), 3);
        pair.pull_all(helm);
        helm.run(&["pull", "mirror/inner", "--version", "9.0.0"]).failure();
    }
}
