//! The commands `identities` and `build` as a user meets them, and real Helm on what comes out.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chart_builder::diagnostic::report::Style;

use crate::commands::Terminal;

pub(super) const TOPOLOGY: &str = "\
apiVersion: fabric-topology/v1
kind: FabricNetwork
metadata: {name: article, version: 1.0.0}
fabric: {version: 2.5.16}
organizations:
  - {name: Org1, peers: 2}
  - {name: Orderer, orderers: 3}
channels:
  - {name: mychannel, members: [Org1]}
chaincodes:
  - {name: canary, channel: mychannel, version: \"1.0\", image: registry.example.com/fabric-canary:0.1.0}
";

/// What a command did.
struct Ended {
    code: u8,
    data: String,
    talk: String,
}

/// Runs the program's own main function on these arguments; `DIR` stands for the directory.
fn run(directory: &Path, arguments: &[&str]) -> Ended {
    let directory = directory.display().to_string();
    let arguments = arguments.iter().map(|argument| argument.replace("DIR", &directory).into());
    let (mut data, mut talk) = (Vec::new(), Vec::new());
    let code = {
        let mut terminal = Terminal { data: &mut data, talk: &mut talk, style: Style::Plain };
        crate::run(["chart-builder".into()].into_iter().chain(arguments), &mut terminal)
    };
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code, data: text(data), talk: text(talk) }
}

fn network() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("network.yaml"), TOPOLOGY).unwrap();
    directory
}

/// A network with identities and a first build, its files unpacked.
fn built() -> tempfile::TempDir {
    let directory = network();
    assert_eq!(run(directory.path(), &["identities", "DIR"]).code, 0);
    let ended = run(directory.path(), &["build", "DIR", "--unpacked"]);
    assert_eq!(ended.code, 0, "{}", ended.talk);
    directory
}

#[test]
fn identities_print_one_command_for_each_manifest() {
    let directory = network();
    let ended = run(directory.path(), &["identities", "DIR"]);
    assert_eq!(ended.code, 0, "{}", ended.talk);
    let root = directory.path().display();
    let command = |file: &str| format!("kubectl apply --server-side -f {root}/private/{file}\n");
    let commands = ["namespace.yaml", "Org1/manifest.yaml", "Orderer/manifest.yaml"].map(command);
    assert_eq!(ended.data, commands.concat());
    assert!(ended.talk.contains("made private/Org1/offline/ca.key"), "{}", ended.talk);
    let again = run(directory.path(), &["identities", "DIR"]);
    assert!(again.talk.contains("everything is there"), "{}", again.talk);
}

#[test]
fn build_prints_where_the_chart_is_and_what_to_run() {
    let directory = network();
    let refused = run(directory.path(), &["build", "DIR"]);
    assert_eq!(refused.code, 1);
    assert!(refused.talk.contains("FT901") && refused.talk.contains("chart-builder identities"));
    assert_eq!(run(directory.path(), &["identities", "DIR"]).code, 0);
    let ended = run(directory.path(), &["build", "DIR", "--out", "DIR/out"]);
    let package = directory.path().join("out/article-1.0.0.tgz");
    let digest = chart_format::digest::Sha256::of(&fs::read(&package).unwrap()).to_string();
    assert!(ended.talk.contains(&digest), "{}", ended.talk);
    assert_eq!(
        ended.data,
        format!(
            "helm upgrade --install article {} --namespace article --wait --timeout 10m\n\
             helm test article --namespace article --timeout 5m\n",
            package.display()
        )
    );
}

#[test]
fn a_locked_build_of_a_new_network_fails_with_the_difference() {
    let directory = network();
    assert_eq!(run(directory.path(), &["identities", "DIR"]).code, 0);
    let ended = run(directory.path(), &["build", "DIR", "--locked"]);
    assert_eq!(ended.code, 2);
    assert!(ended.talk.contains("network.lock would change"), "{}", ended.talk);
    assert!(ended.talk.contains("+   mychannel:"), "{}", ended.talk);
    assert!(!directory.path().join("dist").exists());
}

#[test]
fn the_unpacked_chart_and_the_package_hold_the_same_files() {
    let directory = built();
    let package = fs::read(directory.path().join("dist/article-1.0.0.tgz")).unwrap();
    let opened =
        chart_format::archive::open(package.as_slice(), &chart_format::archive::Limits::HELM)
            .unwrap();
    let dist = directory.path().join("dist");
    for file in &opened.entries {
        let bytes = fs::read(dist.join(&file.path)).unwrap();
        assert_eq!(chart_format::digest::Sha256::of(&bytes), file.digest, "{}", file.path);
    }
    let unpacked = walkdir::WalkDir::new(dist.join("article"))
        .into_iter()
        .filter(|entry| entry.as_ref().unwrap().file_type().is_file());
    assert_eq!(unpacked.count(), opened.entries.len());
}

/// The Helms at hand: `HELM3` and `HELM4`, or the ones that the test suite has fetched.
fn helms() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let at_hand = |variable: &str, place: &str| {
        let path = env::var_os(variable).map_or_else(|| root.join(place), PathBuf::from);
        if path.exists() {
            return Some(path);
        }
        assert!(env::var_os("REQUIRE_ORACLES").is_none(), "{} is not there", path.display());
        println!("not run: {} is not there", path.display());
        None
    };
    [("HELM3", ".oracles/helm3/helm"), ("HELM4", ".oracles/helm4/helm")]
        .into_iter()
        .filter_map(|(variable, place)| at_hand(variable, place))
        .collect()
}

#[test]
fn helm_lints_and_renders_what_was_built() {
    let directory = built();
    let package = directory.path().join("dist/article-1.0.0.tgz");
    let tree = directory.path().join("dist/article");
    for helm in helms() {
        for chart in [&package, &tree] {
            let path = chart.display().to_string();
            for arguments in [
                vec!["lint", "--strict", &path],
                vec!["template", "article", &path, "-n", "article"],
            ] {
                let output = Command::new(&helm)
                    .args(&arguments)
                    .env("HOME", directory.path())
                    .output()
                    .unwrap();
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{} {arguments:?}: {said}", helm.display());
            }
        }
    }
}

#[test]
fn an_unpacked_chart_never_takes_the_place_of_the_network_directory() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("article");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("network.yaml"), TOPOLOGY).unwrap();
    assert_eq!(run(&directory, &["identities", "DIR"]).code, 0);
    let ended = run(&directory, &["build", "DIR", "--unpacked", "--out", "DIR/.."]);
    assert_eq!(ended.code, 2, "{}", ended.talk);
    assert!(ended.talk.contains("holds the network directory"), "{}", ended.talk);
    for kept in ["network.yaml", "network.lock", "private/Org1/offline/ca.key"] {
        assert!(directory.join(kept).exists(), "{kept} is gone");
    }
}

#[test]
fn a_locked_build_has_nothing_to_commit() {
    let directory = built();
    let ended = run(directory.path(), &["build", "DIR", "--locked"]);
    assert_eq!(ended.code, 0, "{}", ended.talk);
    assert!(!ended.talk.contains("commit"), "{}", ended.talk);
}

#[test]
fn a_package_may_lie_beside_the_topology() {
    let directory = built();
    let ended = run(directory.path(), &["build", "DIR", "--out", "DIR", "--unpacked"]);
    assert_eq!(ended.code, 0, "{}", ended.talk);
    assert!(directory.path().join("article/Chart.yaml").exists());
    assert!(directory.path().join("network.yaml").exists());
}
