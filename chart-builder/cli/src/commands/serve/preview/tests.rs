use std::collections::BTreeMap;
use std::fs;

use chart_builder::curated::CuratedCharts;
use chart_builder::directory::{NetworkDirectory, paths};

use super::{Outcome, Preview, Release, preview_version};

const TOPOLOGY: &str = "\
apiVersion: fabric-topology/v1
kind: FabricNetwork
metadata: {name: article, version: 1.0.0}
fabric: {version: 2.5.16}
organizations:
  - {name: Org1, peers: 1}
  - {name: Orderer, orderers: 3}
channels:
  - {name: mychannel, members: [Org1]}
";

struct Site {
    root: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { root: tempfile::tempdir().unwrap() };
        site.topology(TOPOLOGY);
        site
    }

    fn topology(&self, text: &str) {
        fs::write(self.root.path().join(paths::TOPOLOGY), text).unwrap();
    }

    /// Makes a part of the network itself, as `identities` and `build` do.
    fn make(&self, part: &str) {
        if part == paths::LOCK {
            fs::write(self.root.path().join(part), "frozen").unwrap();
        } else {
            fs::create_dir_all(self.root.path().join(part).join("Org1")).unwrap();
        }
    }

    fn preview(&self) -> Preview {
        let directory = NetworkDirectory::new(self.root.path());
        Preview::open(directory, CuratedCharts::embedded().unwrap()).unwrap()
    }

    /// Every file outside of the preview.
    fn own_files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = walkdir::WalkDir::new(self.root.path()).into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file()).map(|entry| {
            let name = entry.path().strip_prefix(self.root.path()).unwrap().display().to_string();
            (name, fs::read(entry.path()).unwrap())
        });
        files.filter(|(name, _)| !name.starts_with(paths::PREVIEW)).collect()
    }
}

/// A look that has to give a new version, which is then taken as published.
fn published(preview: &mut Preview) -> Release {
    match preview.look().unwrap() {
        Outcome::Changed(release) => {
            preview.published(&release).unwrap();
            *release
        }
        other => panic!("expected a new version, got {other:?}"),
    }
}

fn name_and_version(release: &Release) -> (String, String) {
    (release.built.network.name.clone(), release.built.network.version.to_string())
}

#[test]
fn every_change_is_a_new_version_and_no_change_is_none() {
    let site = Site::new();
    let mut preview = site.preview();
    let first = published(&mut preview);
    assert_eq!(name_and_version(&first), ("article".to_owned(), "1.0.0-preview.1".to_owned()));
    assert!(matches!(preview.look().unwrap(), Outcome::Unchanged(_)));
    site.topology(&format!("# a comment\n{TOPOLOGY}"));
    assert!(matches!(preview.look().unwrap(), Outcome::Unchanged(_)), "the chart is the same");
    site.topology(&TOPOLOGY.replace("Org1, peers: 1", "Org1, peers: 2"));
    let second = published(&mut preview);
    assert_eq!(second.built.network.version.to_string(), "1.0.0-preview.2");
    assert_eq!(second.new_network, None);
    let genesis = |release: &Release| release.built.frozen.material.channels.clone();
    assert_eq!(genesis(&second), genesis(&first));
}

#[test]
fn the_network_itself_is_never_touched() {
    let site = Site::new();
    let before = site.own_files();
    published(&mut site.preview());
    assert_eq!(site.own_files(), before);
    let ignored = fs::read_to_string(site.root.path().join(".preview/.gitignore")).unwrap();
    assert_eq!(ignored, "*\n");
}

#[test]
fn the_next_run_goes_on_where_the_last_one_ended() {
    let site = Site::new();
    published(&mut site.preview());
    let mut preview = site.preview();
    assert!(matches!(preview.look().unwrap(), Outcome::Unchanged(_)));
    site.topology(&TOPOLOGY.replace("Org1, peers: 1", "Org1, peers: 2"));
    assert_eq!(published(&mut preview).built.network.version.to_string(), "1.0.0-preview.2");
}

#[test]
fn a_number_is_never_given_twice_even_when_publishing_failed() {
    let site = Site::new();
    let Outcome::Changed(lost) = site.preview().look().unwrap() else { panic!("a version") };
    let next = published(&mut site.preview());
    assert_eq!(lost.built.network.version.to_string(), "1.0.0-preview.1");
    assert_eq!(next.built.network.version.to_string(), "1.0.0-preview.2");
}

#[test]
fn a_fault_is_reported_and_what_was_published_stays() {
    let site = Site::new();
    let mut preview = site.preview();
    published(&mut preview);
    site.topology(&TOPOLOGY.replace("members: [Org1]", "members: [Org9]"));
    let Outcome::Faulty(text) = preview.look().unwrap() else { panic!("Org9 is nobody") };
    assert!(text.contains("Org9") && text.contains("network.yaml:9:"), "{text}");
    site.topology("no: topology\n");
    assert!(matches!(preview.look().unwrap(), Outcome::Faulty(_)));
    fs::remove_file(site.root.path().join(paths::TOPOLOGY)).unwrap();
    assert!(matches!(preview.look().unwrap(), Outcome::Faulty(_)), "an editor is at work");
    site.topology(TOPOLOGY);
    assert!(matches!(preview.look().unwrap(), Outcome::Unchanged(_)));
}

#[test]
fn an_edit_that_the_lock_forbids_begins_a_new_network() {
    let site = Site::new();
    let mut preview = site.preview();
    published(&mut preview);
    site.topology(&TOPOLOGY.replace("{name: Org1,", "{name: Org1, mspId: OtherMSP,"));
    let second = published(&mut preview);
    assert_eq!(name_and_version(&second), ("article-p2".to_owned(), "1.0.0-preview.2".to_owned()));
    let reason = second.new_network.unwrap();
    assert!(reason.contains("OtherMSP"), "{reason}");
    assert_eq!(second.built.network.organizations[0].namespace, "article-p2-org1");
    assert!(second.apply.iter().any(|it| it.contains("network-2/private/Org1/manifest.yaml")));
    assert!(matches!(preview.look().unwrap(), Outcome::Unchanged(_)));
}

#[test]
fn a_preview_never_meets_the_network_itself() {
    for part in [paths::LOCK, paths::PUBLIC, paths::PRIVATE] {
        let site = Site::new();
        site.make(part);
        let before = site.own_files();
        let release = published(&mut site.preview());
        assert_eq!(release.built.network.name, "article-p2", "{part}");
        assert_eq!(release.built.network.organizations[0].namespace, "article-p2-org1");
        assert!(release.apply.iter().all(|it| it.contains("/.preview/network-2/")), "{part}");
        assert!(release.new_network.is_some_and(|reason| reason.contains(part)), "{part}");
        assert_eq!(site.own_files(), before);
    }
}

#[test]
fn a_preview_gives_way_when_the_network_itself_is_made_later() {
    let site = Site::new();
    let mut preview = site.preview();
    assert_eq!(published(&mut preview).built.network.name, "article");
    site.make(paths::PUBLIC);
    let release = published(&mut preview);
    assert_eq!(name_and_version(&release), ("article-p2".to_owned(), "1.0.0-preview.2".to_owned()));
    drop(preview);
    assert!(matches!(site.preview().look().unwrap(), Outcome::Unchanged(_)), "it stays there");
}

#[test]
fn a_new_network_is_told_even_when_a_run_ends_before_it_is_published() {
    let site = Site::new();
    let mut preview = site.preview();
    published(&mut preview);
    site.topology(&TOPOLOGY.replace("{name: Org1,", "{name: Org1, mspId: OtherMSP,"));
    // The look began the network, and the process ended before the registry had the version.
    let Outcome::Changed(_) = preview.look().unwrap() else { panic!("a version") };
    drop(preview);
    let mut preview = site.preview();
    let reason = published(&mut preview).new_network.unwrap();
    assert!(reason.contains("OtherMSP"), "{reason}");
    site.topology(
        &TOPOLOGY.replace("{name: Org1, peers: 1", "{name: Org1, mspId: OtherMSP, peers: 2"),
    );
    assert_eq!(published(&mut preview).new_network, None, "told once");
}

#[test]
fn a_name_that_only_the_preview_makes_too_long_is_explained() {
    let site = Site::new();
    let long = "a-network-with-a-name-that-just-fits-into-one-release";
    assert_eq!(long.len(), 53);
    site.topology(&TOPOLOGY.replace("name: article", &format!("name: {long}")));
    site.make(paths::PUBLIC);
    let Outcome::Faulty(text) = site.preview().look().unwrap() else { panic!("too long") };
    assert!(text.contains("this preview network adds `-p2` to the name"), "{text}");
}

#[test]
fn a_second_preview_of_the_same_directory_is_refused() {
    let site = Site::new();
    let _first = site.preview();
    let directory = NetworkDirectory::new(site.root.path());
    let Err(error) = Preview::open(directory, CuratedCharts::embedded().unwrap()) else {
        panic!("two previews would give the same numbers")
    };
    assert!(error.to_string().contains("in use"), "{error}");
}

#[test]
fn a_preview_is_older_than_its_version_and_newer_than_what_was_before() {
    let version = |text: &str| semver::Version::parse(text).unwrap();
    let preview = |base: &str, number| preview_version(&version(base), number).unwrap();
    assert!(preview("1.0.0", 10) > preview("1.0.0", 9));
    assert!(preview("1.0.0", 10) < version("1.0.0"));
    assert_eq!(preview("1.0.0-rc.1+build", 2), version("1.0.0-rc.1.preview.2"));
}
