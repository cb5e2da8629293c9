use super::*;

const OWNER: &str = r#"{"index":{"fields":["owner"]},"ddoc":"owner","name":"owner","type":"json"}"#;

/// A network whose chaincode has an index.
fn site() -> Site {
    let mut site = Site::new();
    site.network.chaincodes[0].indexes = Some("indexes".to_owned());
    site
}

fn public(site: &Site, files: &[(&str, &str)]) -> PublicFiles {
    let mut public = site.public();
    for (path, text) in files {
        public.insert((*path).to_owned(), text.as_bytes().to_vec());
    }
    public
}

fn findings(site: &Site, files: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let found = site.freeze_from(&public(site, files)).unwrap_err();
    found.iter().map(|it| (it.code, format!("{}; {}", it.message, it.fix))).collect()
}

#[test]
fn indexes_travel_in_the_package_and_change_its_id() {
    let site = site();
    let files =
        [("indexes/owner.json", OWNER), ("indexes/collections/secret/indexes/a.json", OWNER)];
    let frozen = site.freeze_from(&public(&site, &files)).unwrap();
    let package = &frozen.material.packages["canary"][&1];
    let mut expected = fabric_artifacts::ccaas::PackageInput::service("canary", 1);
    assert_ne!(package.id, expected.package().unwrap().id);
    let path = |path: &str| (path.to_owned(), OWNER.as_bytes().to_vec());
    expected.indexes =
        [path("indexes/owner.json"), path("collections/secret/indexes/a.json")].into();
    assert_eq!(package.id, expected.package().unwrap().id);
    assert_eq!(frozen.lock.chaincodes["canary"].package_id, package.id);
    assert_eq!(lock::read(&lock::write(&frozen.lock)).unwrap(), frozen.lock);
}

#[test]
fn an_empty_directory_and_what_is_no_index_are_refused() {
    let site = site();
    let found = findings(&site, &[("indexes-old/owner.json", OWNER)]);
    assert_eq!(found[0].0, codes::INDEXES);
    assert!(found[0].1.contains("no file in `indexes`"), "{found:?}");
    for file in [("indexes/README.md", "# Indexes"), ("indexes/owner.json", "[]")] {
        let found = findings(&site, &[file]);
        assert_eq!(found[0].0, codes::INDEXES, "{found:?}");
    }
}

#[test]
fn other_indexes_are_another_sequence() {
    let mut site = site();
    let first = [("indexes/owner.json", OWNER)];
    let frozen = site.freeze_from(&public(&site, &first)).unwrap();
    let (path, block) = frozen.new_blocks.first_key_value().unwrap();
    let path = site.root.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, block).unwrap();
    site.lock = frozen.lock;
    site.network.version = semver::Version::new(1, 0, 1);
    site.freeze_from(&public(&site, &first)).unwrap();
    let second = [("indexes/owner.json", OWNER), ("indexes/size.json", OWNER)];
    let found = findings(&site, &second);
    assert_eq!((found.len(), found[0].0), (1, codes::CHANGED_INDEXES), "{found:?}");
    assert!(found[0].1.contains("write `sequence: 2`"), "{found:?}");
    let id = site.lock.chaincodes["canary"].package_id.clone();
    let chaincode = &mut site.network.chaincodes[0];
    chaincode.sequence = 2;
    chaincode.previous = site.lock.chaincodes["canary"].previous_for(2, &site.network.version);
    let frozen = site.freeze_from(&public(&site, &second)).unwrap();
    // The files of the sequence before are gone; the lock still knows its id.
    assert_eq!(frozen.material.packages["canary"][&1].id, id);
    assert_ne!(frozen.material.packages["canary"][&2].id, id);
}

#[test]
fn indexes_for_a_sequence_without_any_are_another_sequence() {
    let mut site = Site::new();
    site.build();
    site.network.chaincodes[0].indexes = Some("indexes".to_owned());
    let found = findings(&site, &[("indexes/owner.json", OWNER)]);
    assert_eq!((found.len(), found[0].0), (1, codes::CHANGED_INDEXES), "{found:?}");
}
