use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart_format::archive::{Limits, open};
use fabric_artifacts::x509::{Issuance, TEN_YEARS};
use flate2::Compression;
use flate2::write::GzEncoder;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use time::macros::datetime;

use super::*;
use crate::identities::{self, Request};

const TOPOLOGY: &str = "\
apiVersion: fabric-topology/v1
kind: FabricNetwork
metadata: {name: article, version: 1.0.0}
fabric: {version: 2.5.16}
organizations:
  - {name: Org1, peers: 2}
  - {name: Org2, peers: 2}
  - {name: Orderer, orderers: 3}
channels:
  - {name: mychannel, members: [Org1, Org2]}
chaincodes:
  - {name: canary, channel: mychannel, version: \"1.0\", sequence: 1, image: registry.example.com/fabric-canary:0.1.0}
";

/// A network directory with identities, not built yet.
struct Site {
    root: tempfile::TempDir,
    directory: NetworkDirectory,
}

impl Site {
    /// A directory without anything.
    fn empty() -> Self {
        let root = tempfile::tempdir().unwrap();
        let directory = NetworkDirectory::new(root.path());
        Self { root, directory }
    }

    fn new() -> Self {
        let site = Self::empty();
        site.topology(TOPOLOGY);
        site.identities();
        site
    }

    fn topology(&self, text: &str) {
        fs::write(self.root.path().join(paths::TOPOLOGY), text).unwrap();
    }

    /// Makes what is missing, with fixed randomness: the same on every call.
    fn identities(&self) {
        let source = self.directory.source().unwrap();
        let network = check::check(&source, &self.directory.lock().unwrap()).network.unwrap();
        let mut random = StdRng::from_seed([5; 32]);
        let issuance = Issuance {
            not_before: datetime!(2026-11-25 15:00 UTC),
            lifetime: TEN_YEARS,
            random: &mut random,
        };
        identities::provide(&self.directory, &network, &Request::default(), issuance).unwrap();
    }

    fn build(&self, options: Options) -> Result<Built, BuildError> {
        build(&self.directory, &CuratedCharts::embedded().unwrap(), options)
    }

    fn first_build(&self) -> Built {
        self.build(Options::default()).unwrap()
    }

    fn lock_text(&self) -> String {
        fs::read_to_string(self.root.path().join(paths::LOCK)).unwrap()
    }

    /// Codes and messages of a refused build.
    fn findings(&self) -> Vec<String> {
        match self.build(Options::default()) {
            Err(BuildError::Refused { diagnostics, .. }) => diagnostics
                .iter()
                .map(|it| format!("{} {} {}", it.code, it.message, it.fix))
                .collect(),
            Err(other) => panic!("expected findings, got {other}"),
            Ok(_) => panic!("expected findings, got a chart"),
        }
    }
}

const LOCKED: Options =
    Options { locked: true, update_charts: false, layout: None, change_layout: false };

#[test]
fn a_package_can_be_opened_and_is_what_it_says() {
    let built = Site::new().first_build();
    let opened = open(built.charts[0].packed.bytes.as_slice(), &Limits::HELM).unwrap();
    assert_eq!(opened.metadata.name.as_str(), "article");
    assert_eq!(opened.metadata.version.to_string(), "1.0.0");
    assert_eq!(
        opened.metadata.dependencies.len(),
        6,
        "network, three owners, a chaincode and the checks of names"
    );
}

#[test]
fn the_first_build_freezes_and_the_second_changes_nothing() {
    let site = Site::new();
    let first = site.first_build();
    let lock = site.lock_text();
    let genesis = fs::read(site.root.path().join(paths::genesis_block("mychannel"))).unwrap();
    let second = site.first_build();
    assert_eq!(second.charts[0].packed.bytes, first.charts[0].packed.bytes);
    assert_eq!(second.frozen.lock, first.frozen.lock);
    assert_eq!(site.lock_text(), lock);
    assert_eq!(
        fs::read(site.root.path().join(paths::genesis_block("mychannel"))).unwrap(),
        genesis
    );
    assert_eq!(site.build(LOCKED).unwrap().charts[0].packed.bytes, first.charts[0].packed.bytes);
}

#[test]
fn another_place_and_absent_or_unreadable_keys_give_the_same_bytes() {
    let site = Site::new();
    let built = site.first_build();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("with a longer name");
    copy_reversed(site.root.path(), &copy);
    fs::remove_dir_all(copy.join(paths::PRIVATE)).unwrap();
    let curated = CuratedCharts::embedded().unwrap();
    let directory = NetworkDirectory::new(&copy);
    assert_eq!(
        build(&directory, &curated, LOCKED).unwrap().charts[0].packed.bytes,
        built.charts[0].packed.bytes
    );
    fs::write(copy.join(paths::PRIVATE), "no directory").unwrap();
    assert_eq!(
        build(&directory, &curated, LOCKED).unwrap().charts[0].packed.bytes,
        built.charts[0].packed.bytes
    );
}

/// Copies a tree with other modes and in reverse order.
fn copy_reversed(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut entries: Vec<_> = fs::read_dir(from).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
    for entry in entries {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_reversed(&entry.path(), &target);
        } else {
            fs::write(&target, fs::read(entry.path()).unwrap()).unwrap();
            fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        }
    }
}

#[test]
fn a_locked_build_shows_what_would_be_frozen_and_writes_nothing() {
    let site = Site::new();
    let Err(BuildError::NotFrozen { diff }) = site.build(LOCKED) else {
        panic!("nothing is frozen yet")
    };
    assert!(diff.contains("+   mychannel:") && diff.contains("+     genesisSha256: "), "{diff}");
    assert!(!site.root.path().join(paths::LOCK).exists());
    assert!(!site.root.path().join("public/channels").exists());
    site.first_build();
    site.topology(&TOPOLOGY.replace("1.0.0", "1.1.0").replace("Org1, peers: 2", "Org1, peers: 3"));
    site.identities();
    let Err(BuildError::NotFrozen { diff }) = site.build(LOCKED) else { panic!("peer2 is new") };
    assert!(diff.contains("    Org1:\n") && diff.contains("+       peer2:\n"), "{diff}");
    assert!(!diff.contains("mychannel"), "{diff}");
}

#[test]
fn a_crash_between_block_and_lock_is_made_good() {
    let site = Site::new();
    let first = site.first_build();
    fs::remove_file(site.root.path().join(paths::LOCK)).unwrap();
    let again = site.first_build();
    assert_eq!(again.charts[0].packed.bytes, first.charts[0].packed.bytes);
}

#[test]
fn the_second_version_names_identities_first_and_keeps_the_block() {
    let site = Site::new();
    let first = site.first_build();
    site.topology(&TOPOLOGY.replace("1.0.0", "1.1.0").replace("Org1, peers: 2", "Org1, peers: 3"));
    let findings = site.findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert!(findings[0].contains("public/Org1/nodes/peer2/sign.pem"), "{findings:#?}");
    assert!(findings[0].contains("`chart-builder identities`"), "{findings:#?}");
    site.identities();
    let second = site.first_build();
    assert_eq!(second.frozen.material.channels, first.frozen.material.channels);
    assert!(second.frozen.lock.organizations["Org1"].nodes.contains_key("peer2"));
}

#[test]
fn findings_of_the_freeze_have_a_place_in_the_topology() {
    let site = Site::new();
    fs::remove_file(site.root.path().join("public/Org2/admin/sign.pem")).unwrap();
    let Err(BuildError::Refused { topology, diagnostics }) = site.build(Options::default()) else {
        panic!("a certificate is missing")
    };
    let text = crate::diagnostic::report::text(
        &topology,
        &diagnostics,
        crate::diagnostic::report::Style::Plain,
    );
    assert!(text.contains("network.yaml:7:"), "{text}");
}

#[test]
fn an_examination_finds_what_a_build_would_refuse() {
    let site = Site::new();
    let examined = || {
        let source = site.directory.source().unwrap();
        let (lock, public) = (site.directory.lock().unwrap(), site.directory.public().unwrap());
        let found = examine(&source, &lock, &public);
        found.iter().map(|it| it.code).collect::<Vec<_>>()
    };
    site.first_build();
    assert_eq!(examined(), [""; 0]);
    fs::remove_file(site.root.path().join(paths::genesis_block("mychannel"))).unwrap();
    fs::remove_file(site.root.path().join("public/Org2/admin/sign.pem")).unwrap();
    assert_eq!(examined(), ["FT901", "FT904"]);
    // Before the first identities there is nothing to compare with.
    fs::remove_dir_all(site.root.path().join(paths::PUBLIC)).unwrap();
    assert!(examined().contains(&"FT904"), "a lock without its certificates");
    fs::remove_file(site.root.path().join(paths::LOCK)).unwrap();
    assert_eq!(examined(), [""; 0]);
}

#[test]
fn keys_never_enter_a_chart() {
    let site = Site::new();
    let key = fs::read_to_string(site.root.path().join(paths::admin_key("Org1"))).unwrap();
    let charts = tempfile::tempdir().unwrap();
    copy_reversed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../charts"), charts.path());
    fs::write(charts.path().join("fabric-org/files/note.txt"), key).unwrap();
    let curated = CuratedCharts::read(charts.path()).unwrap();
    let error = build(&site.directory, &curated, Options::default()).unwrap_err().to_string();
    assert!(error.contains("fabric-org/files/note.txt` holds a private key"), "{error}");
    assert!(!site.root.path().join(paths::LOCK).exists(), "nothing is frozen by a failed build");
}

#[test]
fn a_second_build_at_the_same_time_is_refused() {
    let site = Site::new();
    let _exclusive = site.directory.take().unwrap();
    let error = site.build(Options::default()).unwrap_err().to_string();
    assert!(error.contains("is in use by another chart-builder"), "{error}");
}

/// Helm 4: `HELM4`, or the one that the test suite has fetched.
fn helm() -> Option<PathBuf> {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.oracles/helm4/helm");
    let path = std::env::var_os("HELM4").map_or(fetched, PathBuf::from);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("REQUIRE_ORACLES").is_none(), "{} is not there", path.display());
    println!("not run: {} is not there", path.display());
    None
}

#[test]
fn the_predicted_size_of_a_release_is_near_what_helm_stores() {
    let Some(helm) = helm() else { return };
    let site = Site::new();
    let built = site.first_build();
    let package = site.root.path().join("article.tgz");
    fs::write(&package, &built.charts[0].packed.bytes).unwrap();
    let rendered = Command::new(helm)
        .args(["template", "article", "--namespace", "article"])
        .arg(&package)
        .env("HOME", site.root.path())
        .output()
        .unwrap();
    assert!(rendered.status.success(), "{}", String::from_utf8_lossy(&rendered.stderr));
    // Helm's record: the root chart's files as base64, its values, and the rendered objects, in JSON.
    let mut record = GzEncoder::new(Vec::new(), Compression::best());
    let chart = &built.charts[0].chart;
    for file in chart.templates.values().chain(chart.files.values()).chain(&chart.schema) {
        record.write_all(STANDARD.encode(file).as_bytes()).unwrap();
    }
    record.write_all(chart.values.as_deref().unwrap()).unwrap();
    let objects = String::from_utf8(rendered.stdout).unwrap();
    record.write_all(serde_json::to_string(&objects).unwrap().as_bytes()).unwrap();
    let stored = STANDARD.encode(record.finish().unwrap()).len() as u64;
    let percent = built.charts[0].release_size.bytes * 100 / stored;
    // Templates and scripts of what this network leaves out count as well: tens of KiB, whatever its size.
    assert!((90..=130).contains(&percent), "predicted {percent} % of {stored} bytes");
}

#[cfg(test)]
#[path = "build_parts_tests.rs"]
mod parts;
