//! Versions that are not written in full, as Helm packs, pushes and asks for them.

use std::fs;
use std::path::Path;

use super::{Helm, text};
use crate::server::Server;

const VERSIONS: [&str; 3] = ["1.2", "v1.19.1", "2024.01.05"];

/// Packs the chart with Helm itself, and gives the package's name and bytes.
fn packed(helm: &Helm, folder: &Path, version: &str) -> (String, Vec<u8>) {
    let chart = folder.join("demo");
    fs::create_dir_all(&chart).expect("a directory");
    let metadata = format!("apiVersion: v2\nname: demo\nversion: \"{version}\"\n");
    fs::write(chart.join("Chart.yaml"), metadata).expect("a file");
    helm.run(&["package", text(&chart), "--destination", text(folder)]).success();
    let name = format!("demo-{version}.tgz");
    let bytes = fs::read(folder.join(&name)).expect("the name that Helm gives it");
    (name, bytes)
}

/// What Helm pulls, which must have this name.
fn pulled(helm: &Helm, arguments: &[&str], name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a directory");
    let to = ["--destination", text(folder.path())];
    helm.run(&[&["pull"], arguments, &to].concat()).success();
    fs::read(folder.path().join(name)).expect("a package")
}

#[test]
fn charts_come_and_go_under_the_versions_that_their_authors_wrote() {
    for helm in Helm::each() {
        let storage = tempfile::tempdir().expect("a directory");
        let server = Server::registry(storage.path());
        let folder = tempfile::tempdir().expect("a directory");
        let oci = format!("oci://{}", server.url().trim_start_matches("http://"));
        let charts = VERSIONS.map(|version| packed(&helm, folder.path(), version));
        for (name, _) in &charts {
            let file = folder.path().join(name);
            helm.run(&["push", text(&file), &oci, "--plain-http"]).success();
        }
        let classic = ["demo", "--repo", server.url()];
        let tagged = format!("{oci}/demo");
        for (version, (name, bytes)) in VERSIONS.iter().zip(&charts) {
            let wanted = ["--version", version];
            assert!(pulled(&helm, &[&classic[..], &wanted].concat(), name) == *bytes, "{version}");
            let by_oci = [&[&tagged, "--plain-http"][..], &wanted].concat();
            assert!(pulled(&helm, &by_oci, name) == *bytes, "{version}");
        }
        let (name, bytes) = &charts[1];
        let newest = [&classic[..], &["--version", "<2000"]].concat();
        assert!(pulled(&helm, &newest, name) == *bytes, "a range finds it, too");
    }
}
