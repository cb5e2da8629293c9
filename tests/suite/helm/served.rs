//! The example's chart out of a served repository, through everything that a Helm user does before a cluster.

use std::fs;

use serde_json::Value;
use suite::kube::ApiServer;
use suite::oracles::Oracle;
use suite::process::run;
use tempfile::TempDir;

use super::Helm;
use crate::network::Network;
use crate::server::Server;

/// A registry that holds the article's chart.
struct Repository {
    network: Network,
    server: Server,
    _storage: TempDir,
}

impl Repository {
    fn start() -> Option<Self> {
        let curl = Oracle::system("curl")?;
        let network = Network::article();
        let storage = tempfile::tempdir().expect("a directory");
        let server = Server::registry(storage.path());
        let data = format!("@{}", network.package("dist").display());
        let url = format!("{}/api/charts", server.url());
        let mut upload = curl.command(network.path());
        run(upload.args(["--silent", "--show-error", "--fail", "--data-binary", &data, &url]))
            .success();
        Some(Self { network, server, _storage: storage })
    }
}

#[test]
fn repo_add_search_pull_show_template_lint_and_dry_run_succeed() {
    let Some(repository) = Repository::start() else { return };
    for helm in Helm::each() {
        helm.run(&["repo", "add", "preview", repository.server.url()]).success();
        let found = helm.run(&["search", "repo", "preview", "--output", "json"]).success().stdout;
        let found: Value = serde_json::from_str(&found).expect("JSON");
        assert_eq!(found[0]["name"], "preview/article", "{found}");
        helm.run(&["pull", "preview/article", "--destination", "."]).success();
        let package = repository.network.package("dist");
        let pulled = helm.home().join(package.file_name().expect("a file name"));
        assert_eq!(fs::read(&pulled).expect("what Helm pulled"), fs::read(&package).expect("ours"));
        helm.run(&["show", "values", "preview/article"]).success().says("global:");
        let release = ["article", "preview/article", "--namespace", "article"];
        helm.run(&[&["template"], &release[..]].concat()).success().says("kind: StatefulSet");
        let pulled = pulled.to_str().expect("a path in UTF-8");
        helm.run(&["lint", "--strict", pulled]).success();
        helm.run(&["lint", "--strict", "--with-subcharts", pulled]).success();
        let server = ApiServer::start();
        let dry_run = [&["install", "--dry-run=client"], &release[..]].concat();
        helm.run_at(&server, &dry_run).success().says("kind: StatefulSet");
    }
}
