//! One package seen by OCI clients, through its life.

use chart_format::digest::Sha256;
use chart_registry_store::{
    Actor, Algorithm, BlobRef, Digest, Event, Manifest, OciEvent, PackageRef, Provenance,
    Timestamp, Unmanifest, Untag,
};

use super::*;
use crate::scratch_tests::{delete, publish};
use crate::{Repository, State};

fn actor() -> Actor {
    Actor { sub: "anonymous".to_owned(), via: "test".to_owned() }
}

fn step(state: &State, mut event: Event) -> State {
    let seq = state.head().seq + 1;
    let time = Timestamp::from_milliseconds(1_000);
    state.record_digests(&mut event, time);
    state.with_event(&event, seq, time).unwrap()
}

fn signature(state: &State) -> Event {
    signature_of(state, ("org", "1.0.0+b"))
}

fn signature_of(state: &State, (name, version): (&str, &str)) -> Event {
    let repository = state.repository("");
    let package = repository.find(name, version).unwrap().entry.package.sha256;
    let provenance = PackageRef { sha256: Sha256::of(b"signature"), size: 9 };
    Event::Provenance(Provenance {
        repo: String::new(),
        name: name.to_owned(),
        version: version.to_owned(),
        actor: actor(),
        request: String::new(),
        provenance,
        package,
        signer: None,
        oci: None,
    })
}

fn digest(text: &str) -> Digest {
    Digest::of(Algorithm::Sha512, text.as_bytes())
}

fn manifest(text: &str, chart: Option<&str>, tags: &[&str]) -> Event {
    Event::Oci(OciEvent::Manifest(Box::new(Manifest {
        repo: String::new(),
        name: "org".to_owned(),
        actor: actor(),
        request: String::new(),
        digest: digest(text),
        size: text.len() as u64,
        media_type: "a/b".to_owned(),
        artifact_type: Some("x/y".to_owned()),
        subject: Some(digest("subject")),
        blobs: vec![BlobRef { digest: digest("blob"), size: 4 }],
        chart: chart.map(str::to_owned),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    })))
}

fn published() -> State {
    step(&State::default(), Event::Publish(publish("org", "1.0.0+b", "package")))
}

fn kept(state: &State) -> State {
    State::from_checkpoint(&state.to_checkpoint().unwrap()).unwrap()
}

#[test]
fn a_published_chart_is_there_under_tag_and_digest() {
    for state in [published(), kept(&published())] {
        let shelf = state.shelf("", "org");
        assert_eq!(shelf.tags(), ["1.0.0_b"]);
        let named = shelf.tagged("1.0.0_b").unwrap();
        let Named::Made { digest, ref version, .. } = named else { panic!("pushed") };
        let bytes = shelf.written(&named).unwrap();
        assert_eq!((Sha256::of(&bytes), version.as_str()), (digest, "1.0.0+b"));
        assert!(shelf.manifest(&digest.into()).is_some());
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let config = Digest::parse(value["config"]["digest"].as_str().unwrap()).unwrap();
        let Some(Blob::Made(config_bytes)) = shelf.blob(&config) else { panic!("no config") };
        assert_eq!(Digest::of(Algorithm::Sha256, &config_bytes), config);
        assert_eq!(value["config"]["size"], config_bytes.len());
        let package = Digest::parse(value["layers"][0]["digest"].as_str().unwrap()).unwrap();
        assert_eq!(shelf.blob(&package), Some(Blob::Stored { size: 7 }));
        for (path, name) in [("", "other"), ("a", "org")] {
            let other = state.shelf(path, name);
            assert!(other.blob(&package).is_none() && other.manifest(&digest.into()).is_none());
            assert!(other.is_empty());
        }
    }
}

#[test]
fn a_later_signature_moves_the_tag_and_the_first_manifest_stays() {
    let state = published();
    let first = state.shelf("", "org").tagged("1.0.0_b").unwrap().digest();
    for pushed in [None, Some(manifest("envelope", Some("1.0.0+b"), &["1.0.0_b"]))] {
        let state = pushed.map_or_else(|| state.clone(), |event| step(&state, event));
        let signed = step(&state, signature(&state));
        for state in [signed.clone(), kept(&signed)] {
            let shelf = state.shelf("", "org");
            let named = shelf.tagged("1.0.0_b").unwrap();
            let Named::Made { digest, .. } = named else { panic!("pushed") };
            let bytes = shelf.written(&named).unwrap();
            assert_eq!(Sha256::of(&bytes), digest);
            assert!(String::from_utf8(bytes.into()).unwrap().contains(PROVENANCE_TYPE));
            assert_ne!(Digest::from(digest), first);
            assert!(shelf.manifest(&first).is_some());
            let provenance = Digest::from(Sha256::of(b"signature"));
            assert_eq!(shelf.blob(&provenance), Some(Blob::Stored { size: 9 }));
        }
    }
}

#[test]
fn what_wraps_a_chart_goes_and_comes_with_it() {
    let state = step(&published(), manifest("envelope", Some("1.0.0+b"), &["1.0.0_b", "latest"]));
    let envelope = digest("envelope");
    let shows = |state: &State| {
        let shelf = state.shelf("", "org");
        let tagged = ["1.0.0_b", "latest"].map(|tag| shelf.tagged(tag).map(|it| it.digest()));
        let found = shelf.manifest(&envelope).is_some() && shelf.blob(&digest("blob")).is_some();
        (tagged, found, shelf.tags(), shelf.referrers(digest("subject")).len())
    };
    let there = ([Some(envelope); 2], true, vec!["1.0.0_b".to_owned(), "latest".to_owned()], 1);
    assert_eq!(shows(&state), there);
    let gone = step(&state, delete("org", "1.0.0+b"));
    for state in [gone.clone(), kept(&gone)] {
        assert_eq!(shows(&state), ([None; 2], false, Vec::new(), 0));
    }
    let back = step(&gone, Event::Publish(publish("org", "1.0.0+b", "package")));
    assert_eq!(shows(&back), there);
}

#[test]
fn a_tag_that_becomes_a_version_belongs_to_the_chart() {
    let state = step(&State::default(), manifest("image", None, &["1.0.0_b", "other"]));
    assert_eq!(state.shelf("", "org").tags(), ["1.0.0_b", "other"]);
    let state = step(&state, Event::Publish(publish("org", "1.0.0+b", "package")));
    let shelf = state.shelf("", "org");
    assert!(matches!(shelf.tagged("1.0.0_b"), Some(Named::Made { .. })));
    assert!(matches!(shelf.tagged("other"), Some(Named::Stored(_))));
}

#[test]
fn manifests_tags_and_their_blobs_are_taken_away() {
    let state = step(&State::default(), manifest("image", None, &["a", "b"]));
    let name = |tag: &str| Untag {
        repo: String::new(),
        name: "org".to_owned(),
        actor: actor(),
        request: String::new(),
        tag: tag.to_owned(),
    };
    let untagged = step(&state, Event::Oci(OciEvent::Untag(name("a"))));
    assert_eq!(untagged.shelf("", "org").tags(), ["b"]);
    let needed = untagged.needed(Timestamp::default(), std::time::Duration::ZERO);
    assert!(needed.len() == 2 && needed.has(&digest("image")) && needed.has(&digest("blob")));
    let Untag { repo, name, actor, request, .. } = name("a");
    let event = Unmanifest { repo, name, actor, request, digest: digest("image") };
    let empty = step(&untagged, Event::Oci(OciEvent::Unmanifest(event)));
    let shelf = empty.shelf("", "org");
    assert!(shelf.is_empty() && shelf.tags().is_empty() && shelf.blob(&digest("blob")).is_none());
    assert!(shelf.referrers(digest("subject")).is_empty());
    assert_eq!(kept(&untagged).shelf("", "org").tags(), ["b"]);
}

#[test]
fn names_of_charts_and_of_other_things_are_one_list() {
    let state = step(&published(), manifest("image", None, &["a"]));
    let state = step(&state, Event::Publish(publish("a", "1.0.0", "a")));
    let state = step(&state, Event::Publish(publish("z", "1.0.0", "z")));
    assert_eq!(state.oci_names("", "", 9), ["a", "org", "z"]);
    assert_eq!(state.oci_names("", "b", 1), ["org"]);
    let state = step(&state, delete("org", "1.0.0+b"));
    assert_eq!(state.oci_names("", "", 9), ["a", "org", "z"]);
    assert!(state.oci_names("x", "", 9).is_empty());
}

/// Asserts that all parts of all versions are found by their digests, under their own name only.
fn assert_found(state: &State) {
    let repository = state.repository("");
    for entry in repository.entries() {
        let shelf = state.shelf("", &entry.chart);
        for manifest in std::iter::once(entry.oci.manifest).chain(entry.signed()) {
            let named = shelf.manifest(&manifest.into()).unwrap();
            assert_eq!(Sha256::of(&shelf.written(&named).unwrap()), manifest);
        }
        let (package, config) = (entry.package, entry.oci.config);
        for object in std::iter::once(package).chain(entry.provenance()) {
            let size = object.size;
            assert_eq!(shelf.blob(&object.sha256.into()), Some(Blob::Stored { size }));
        }
        assert!(matches!(shelf.blob(&config.into()), Some(Blob::Made(_))));
        let other = state.shelf("", "other");
        assert!(
            other.blob(&package.sha256.into()).is_none() && other.blob(&config.into()).is_none()
        );
        assert!(other.manifest(&entry.oci.manifest.into()).is_none());
    }
}

#[test]
fn parts_are_found_by_their_digests_in_charts_with_few_versions_and_with_many() {
    let mut events = vec![Event::Publish(publish("org", "1.0.0+b", "signed"))];
    let mut state = step(&State::default(), events[0].clone());
    events.push(signature(&state));
    for minor in 1..14 {
        for (name, count) in [("a", 14), ("a-few", 4), ("org", 14), ("z", 6)] {
            if minor < count {
                let version = format!("1.{minor}.0");
                let content = format!("{name} {version}");
                events.push(Event::Publish(publish(name, &version, &content)));
            }
        }
    }
    for event in &events[1..] {
        state = step(&state, event.clone());
        assert_found(&state);
    }
    assert_found(&kept(&state));
    let signed_late = step(&kept(&state), signature_of(&state, ("a", "1.3.0")));
    assert_found(&signed_late);
    assert_found(&kept(&signed_late));
}

#[test]
fn what_another_repository_shows_besides_is_no_part_of_ours() {
    let theirs = (0..9).map(|minor| publish("org", &format!("2.{minor}.0"), &format!("2.{minor}")));
    let foreign = Repository::foreign(theirs).unwrap();
    let mut state = published();
    for minor in 1..9 {
        let both = state.repository("").over(&foreign).unwrap();
        let shelf = state.shelf_of("", both, "org");
        assert_eq!(shelf.tags().len(), 9 + minor);
        assert_eq!(shelf.blob(&Sha256::of(b"2.3").into()), None);
        assert!(shelf.blob(&Sha256::of(b"package").into()).is_some());
        let version = format!("1.{minor}.0");
        state = step(&state, Event::Publish(publish("org", &version, &version)));
    }
}

#[test]
fn a_signature_comes_back_with_its_version() {
    let signed = step(&published(), signature(&published()));
    let tagged = |state: &State| state.shelf("", "org").tagged("1.0.0_b").map(|it| it.digest());
    assert!(tagged(&signed).is_some());
    let gone = step(&signed, delete("org", "1.0.0+b"));
    assert_eq!(tagged(&gone), None);
    let back = step(&gone, Event::Publish(publish("org", "1.0.0+b", "package")));
    assert_eq!(tagged(&back), tagged(&signed));
    assert_found(&back);
}
