//! The registry's certificate for development, with the commands that the program and its
//! documentation tell: stock Helm and curl trust it by its authority and by nothing else.

use suite::oracles::Oracle;
use suite::package;
use suite::process::run;

use crate::programs;
use crate::server::Server;

#[test]
fn helm_and_curl_trust_a_development_server_by_its_authority() {
    let Some(curl) = Oracle::system("curl") else { return };
    let folder = tempfile::tempdir().expect("a directory");
    let storage = folder.path().join("storage");
    let mut command = programs::command("chart-registry", folder.path());
    command.args(["serve", "--listen", "127.0.0.1:0", "--tls", "self-signed", "--storage"]);
    let server = Server::start(command.arg(&storage));
    let url = server.url();
    assert!(url.starts_with("https://"), "{url}");
    server.wait_for("--ca-file");
    let authority = folder.path().join("storage-tls/ca.crt");

    let chart = b"apiVersion: v2\nname: demo\nversion: 1.0.0\n";
    let package = folder.path().join("demo-1.0.0.tgz");
    std::fs::write(&package, package::pack_entries(&[("demo/Chart.yaml", chart)])).expect("a file");
    let upload = format!("@{}", package.display());
    let publish = format!("{url}/api/charts");
    let curl = |trust: bool| {
        let mut command = curl.command(folder.path());
        if trust {
            command.arg("--cacert").arg(&authority);
        }
        run(command
            .args(["--fail-with-body", "--silent", "--show-error", "--data-binary"])
            .args([&upload, &publish]))
    };
    curl(false).failure().says("certificate");
    curl(true).success();

    for helm in Oracle::helms() {
        let home = folder.path().join(helm.name());
        std::fs::create_dir(&home).expect("a home");
        let helm = |arguments: &[&str]| run(helm.command(&home).args(arguments));
        helm(&["repo", "add", "local", url]).failure().says("certificate");
        let file = authority.to_str().expect("a path in UTF-8");
        helm(&["repo", "add", "local", url, "--ca-file", file]).success();
        let pulled = home.to_str().expect("a path in UTF-8");
        helm(&["pull", "local/demo", "--destination", pulled]).success();
        let pulled = std::fs::read(home.join("demo-1.0.0.tgz")).expect("the pulled package");
        assert!(pulled == std::fs::read(&package).expect("the package"));
    }
}
