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
    assert!((90..=160).contains(&percent), "predicted {percent} % of {stored} bytes");
}

/// Every package of a build by its file's name.
fn packages(built: &Built) -> Vec<(String, Vec<u8>)> {
    built.charts.iter().map(|it| (it.file_name(), it.packed.bytes.clone())).collect()
}

#[test]
fn a_layout_that_the_command_names_is_frozen_where_the_topology_says_none() {
    let site = Site::new();
    let per_owner = Options { layout: Some(Layout::PerOwner), ..Options::default() };
    let first = site.build(per_owner).unwrap();
    let names: Vec<_> = packages(&first).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["article-org1-1.0.0.tgz", "article-org2-1.0.0.tgz", "article-orderer-1.0.0.tgz"]
    );
    assert_eq!(first.frozen.lock.organizations["Org1"].release, "article-org1");
    assert_eq!(packages(&site.first_build()), packages(&first), "the lock remembers");
    site.topology(&TOPOLOGY.replace("fabric:", "release: {layout: umbrella}\nfabric:"));
    let findings = site.findings();
    assert!(findings[0].starts_with("FT401 the layout was built as `per-owner`"), "{findings:?}");
    assert!(findings[0].contains("--change-layout"), "{findings:?}");
}

#[test]
fn a_layout_changes_when_it_is_asked_for_and_nothing_else_of_the_lock_does() {
    let site = Site::new();
    let before = site.first_build();
    let moved =
        Options { layout: Some(Layout::PerOwner), change_layout: true, ..Options::default() };
    let after = site.build(moved).unwrap();
    assert_eq!(after.moved_from, Some(Layout::Umbrella));
    assert_eq!(after.charts.len(), 3);
    assert_eq!(after.frozen.lock, before.frozen.lock.with_layout(Layout::PerOwner));
    assert_eq!(site.build(moved).unwrap().moved_from, None, "it has moved");
}

/// Copies files of `public/` whose paths begin with one of these.
fn copy_public(from: &Site, to: &Site, beginnings: &[&str]) {
    let public = from.directory.public().unwrap();
    for (path, bytes) in public.iter() {
        if beginnings.iter().any(|beginning| path.starts_with(beginning)) {
            let target = to.root.path().join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, bytes).unwrap();
        }
    }
}

/// The article's network seen by the owner of Org2: everybody else is elsewhere.
fn seen_by_org2() -> String {
    TOPOLOGY
        .replace(
            "{name: Org1, peers: 2}",
            "{name: Org1, external: {anchors: [\"peer0.example.net:443\"]}}",
        )
        .replace(
            "{name: Orderer, orderers: 3}",
            "{name: Orderer, external: {orderers: [\"orderer0.example.net:7050\"]}}",
        )
}

#[test]
fn a_member_elsewhere_is_on_the_channel_and_in_no_chart() {
    let elsewhere = Site::new();
    let site = Site::empty();
    site.topology(&TOPOLOGY.replace(
        "{name: Org2, peers: 2}",
        "{name: Org2, external: {anchors: [\"peer0.example.net:443\"]}}",
    ));
    site.identities();
    let missing = site.findings();
    assert!(missing[0].contains("FT901 the roots of external organization `Org2`"), "{missing:?}");
    copy_public(&elsewhere, &site, &["public/Org2/msp/"]);
    let built = site.first_build();
    let names = built.charts[0].chart.metadata.dependencies.iter().map(|it| it.key().to_owned());
    assert!(names.collect::<Vec<_>>().iter().all(|alias| alias != "org2"));
    let block = built.frozen.material.channels["mychannel"].genesis.clone();
    let block = fabric_artifacts::block::Block::read(&block).unwrap();
    let org2 = block.configuration.applications.iter().find(|it| it.name == "Org2").unwrap();
    assert_eq!((org2.anchors[0].host.as_str(), org2.anchors[0].port), ("peer0.example.net", 443));
    assert!(!site.root.path().join("private/Org2").exists(), "no key is made for it");
}

#[test]
fn a_channel_that_is_ordered_elsewhere_begins_with_the_block_that_was_given() {
    let whole = Site::new();
    let block = whole.first_build().frozen.material.channels["mychannel"].genesis.clone();
    let site = Site::empty();
    site.topology(&seen_by_org2());
    site.identities();
    copy_public(&whole, &site, &["public/Org1/msp/", "public/Orderer/msp/"]);
    let missing = site.findings();
    assert!(
        missing[0].starts_with("FT904") && missing[0].contains("peer channel fetch 0"),
        "{missing:?}"
    );
    let file = site.root.path().join(paths::genesis_block("mychannel"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, b"no block").unwrap();
    assert!(site.findings()[0].starts_with("FT906"));
    copy_public(&whole, &site, &["public/channels/"]);
    let built = site.first_build();
    assert_eq!(built.frozen.material.channels["mychannel"].genesis, block);
    let aliases = built.charts[0].chart.metadata.dependencies.iter().map(|it| it.key().to_owned());
    assert_eq!(
        aliases.collect::<Vec<_>>(),
        ["fabric-network", "org2", "chaincode-canary", "fabric-dns"]
    );
    assert_eq!(packages(&site.first_build()), packages(&built), "and stays");
    fs::remove_file(&file).unwrap();
    assert!(site.findings()[0].starts_with("FT904"), "the lock wants this block");
}

#[test]
fn a_domain_that_comes_later_is_in_the_certificates_of_peers_and_not_of_frozen_consenters() {
    let site = Site::new();
    site.first_build();
    site.topology(
        &TOPOLOGY.replace(
            "channels:",
            "exposure: {type: ingress, domain: fabric.example.net}\nchannels:",
        ),
    );
    assert!(site.findings()[0].contains("does not cover `peer0.org1.fabric.example.net`"));
    site.identities();
    let built = site.first_build();
    let certificate = |organization: &str, node: &str| {
        let pem = &built.frozen.material.organizations[organization].nodes[node].tls;
        fabric_artifacts::x509::Certificate::from_pem(pem).unwrap()
    };
    let outside = |host: &str| vec![host.to_owned()];
    let peer = certificate("Org1", "peer1");
    assert!(peer.missing_names(&outside("peer1.org1.fabric.example.net")).is_empty());
    let orderer = certificate("Orderer", "orderer0");
    assert!(!orderer.missing_names(&outside("orderer0.orderer.fabric.example.net")).is_empty());
}
