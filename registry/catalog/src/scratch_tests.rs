//! After every step the snapshot equals one that is written from scratch.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use chart_format::digest::Sha256;
use chart_registry_store::{Actor, Delete, Event, Head, PackageRef, Publish, Timestamp};
use flate2::bufread::GzDecoder;
use proptest::prelude::*;
use semver::Version;
use serde_json::value::RawValue;

use crate::tree::FULL_VERSIONS;
use crate::{Admission, GzipFrames, Repository, State};

pub(crate) fn actor() -> Actor {
    Actor { sub: "anonymous".to_owned(), via: "test".to_owned() }
}

pub(crate) fn publish(name: &str, version: &str, content: &str) -> Publish {
    let chart = format!(
        r#"{{"name":"{name}","version":"{version}","apiVersion":"v2","annotations":{{"a":"{content}"}}}}"#
    );
    Publish {
        repo: String::new(),
        name: name.to_owned(),
        version: version.to_owned(),
        actor: actor(),
        request: String::new(),
        package: PackageRef { sha256: Sha256::of(content.as_bytes()), size: content.len() as u64 },
        content: Sha256::of(content.as_bytes()),
        force: false,
        created: None,
        chart: RawValue::from_string(chart).unwrap(),
        oci: None,
    }
}

pub(crate) fn delete(name: &str, version: &str) -> Event {
    let (name, version) = (name.to_owned(), version.to_owned());
    Event::Delete(Delete {
        repo: String::new(),
        name,
        version,
        actor: actor(),
        request: String::new(),
    })
}

/// What the index should hold: name, then precedence, to (created, content, visible).
#[derive(Default)]
struct Model {
    versions: BTreeMap<(String, Version), (Timestamp, String, bool)>,
    changed: Timestamp,
}

impl Model {
    fn step(&mut self, state: &State, (name, version): (&str, &str), deletes: bool) -> State {
        let seq = state.head().seq + 1;
        let time = Timestamp::from_milliseconds(self.changed.milliseconds() + 1);
        let key = (name.to_owned(), Version::parse(version).unwrap());
        let content = format!("{name} {version}");
        let event = match self.versions.get_mut(&key) {
            Some((_, _, visible)) if deletes && *visible => {
                *visible = false;
                delete(name, version)
            }
            Some((_, _, visible)) if !*visible => {
                *visible = true;
                Event::Publish(publish(name, version, &content))
            }
            Some(_) => return state.clone(),
            None => {
                self.versions.insert(key, (time, content.clone(), true));
                Event::Publish(publish(name, version, &content))
            }
        };
        self.changed = time;
        state.with_event(&event, seq, time).unwrap()
    }

    /// The newest of each chart are full, pre-releases counted apart.
    fn full(&self, (name, version): &(String, Version)) -> bool {
        let newer = self.versions.iter().filter(|((other, it), value)| {
            other == name && value.2 && it > version && it.pre.is_empty() == version.pre.is_empty()
        });
        newer.count() < FULL_VERSIONS
    }

    fn line(key: &(String, Version), value: &(Timestamp, String, bool), full: bool) -> String {
        let ((name, version), (created, content, _)) = (key, value);
        let digest = Sha256::of(content.as_bytes());
        let annotations =
            if full { format!(r#","annotations":{{"a":"{content}"}}"#) } else { String::new() };
        format!(
            r#"{{"name":"{name}","version":"{version}","apiVersion":"v2"{annotations},"urls":["charts/{name}-{version}.tgz"],"created":"{created}","digest":"{digest}"}}"#
        )
    }

    /// Lists of lines by chart, newest first.
    fn entries(&self, full: impl Fn(&(String, Version)) -> bool) -> String {
        let mut charts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (key, value) in self.versions.iter().rev().filter(|(_, value)| value.2) {
            charts.entry(&key.0).or_default().push(Self::line(key, value, full(key)));
        }
        let lists: Vec<_> = charts
            .iter()
            .map(|(name, lines)| format!("\"{name}\":[\n{}]", lines.join(",\n")))
            .collect();
        lists.join(",\n")
    }

    fn full_index(&self) -> String {
        self.framed(&self.entries(|_| true))
    }

    fn framed(&self, entries: &str) -> String {
        format!(r#"{{"apiVersion":"v1","generated":"{}","entries":{{{entries}}}}}"#, self.changed)
            + "\n"
    }

    fn index(&self) -> String {
        self.framed(&self.entries(|key| self.full(key)))
    }
}

fn text(frames: impl Iterator<Item = bytes::Bytes>) -> String {
    let bytes: Vec<u8> = frames.flatten().collect();
    String::from_utf8(bytes).unwrap()
}

/// Decodes one member and demands that nothing follows it.
fn gunzip_one_member(repository: &Repository) -> String {
    let body = repository.index_gzip();
    let bytes = body.frames().concat();
    assert_eq!(bytes.len() as u64, body.length());
    one_member(&bytes)
}

fn one_member(gzip: &[u8]) -> String {
    let mut decoder = GzDecoder::new(gzip);
    let mut text = String::new();
    decoder.read_to_string(&mut text).unwrap();
    assert!(decoder.into_inner().is_empty(), "a second member follows");
    text
}

fn assert_equals_scratch(repository: &Arc<Repository>, model: &Model) {
    let index = model.index();
    assert_eq!(text(repository.index_frames()), index);
    assert_eq!(repository.index_length(), index.len() as u64);
    assert_eq!(repository.index_frames().remaining(), index.len() as u64);
    assert_eq!(gunzip_one_member(repository), index);
    let full = model.full_index();
    assert_eq!(text(repository.full_frames()), full);
    assert_eq!(repository.full_frames().remaining(), full.len() as u64);
    let gzip = GzipFrames::new(repository.full_frames()).map(|frame| frame.unwrap());
    assert_eq!(one_member(&gzip.flatten().collect::<Vec<u8>>()), full);
    let listing = format!("{{{}}}\n", model.entries(|_| true));
    assert_eq!(text(repository.listing_frames()), listing);
    let page = repository.listing_page(0, usize::MAX).unwrap();
    assert_eq!(String::from_utf8(page).unwrap(), listing);
    let visible = model.versions.values().filter(|value| value.2).count() as u64;
    assert_eq!(repository.visible_versions(), visible);
    assert_eq!(repository.all_versions(), model.versions.len() as u64);
}

fn assert_lookups(repository: &Repository, model: &Model) {
    for (key @ (name, version), value) in &model.versions {
        let (version, line) = (version.to_string(), Model::line(key, value, true));
        let found = repository.find(name, &version).map(|found| found.text().unwrap());
        assert_eq!(found.as_deref(), value.2.then_some(line.as_bytes()));
        let file = repository.find_file(&format!("{name}-{version}.tgz"));
        let file = file.map(|found| found.text().unwrap());
        assert_eq!(file.as_deref(), value.2.then_some(line.as_bytes()));
        assert!(repository.find_any(name, &version).is_some());
        let listed: Vec<_> =
            repository.versions(name).map(|f| f.entry.version.to_string()).collect();
        let expected: Vec<_> = model
            .versions
            .iter()
            .rev()
            .filter(|((other, _), value)| other == name && value.2)
            .map(|((_, version), _)| version.to_string())
            .collect();
        assert_eq!(listed, expected);
        assert_eq!(repository.texts(name).unwrap().len(), expected.len());
    }
    assert!(repository.find("absent", "1.0.0").is_none());
    assert!(repository.versions("absent").next().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_equals_the_snapshot_from_scratch(
        steps in prop::collection::vec((0..4_usize, 0..30_u32, 0..3_u32, prop::bool::weighted(0.3)), 1..90)
    ) {
        let names = ["a", "a-1", "b-2-c", "org"];
        let (mut state, mut model) = (State::default(), Model::default());
        let mut hashes = BTreeMap::new();
        for (name, minor, pre, deletes) in steps {
            let version = match pre {
                0 => format!("1.{minor}.0"),
                pre => format!("1.{minor}.0-rc.{pre}"),
            };
            state = model.step(&state, (names[name], &version), deletes);
            let repository = state.repository("");
            assert_equals_scratch(&repository, &model);
            let before = hashes.insert(repository.hash(), model.index());
            assert!(before.is_none_or(|before| before == model.index()), "one validator, two texts");
        }
        assert_lookups(&state.repository(""), &model);
    }
}

#[test]
fn an_empty_repository_is_a_valid_index() {
    let repository = State::default().repository("");
    assert_equals_scratch(&repository, &Model::default());
    let index = text(repository.index_frames());
    assert_eq!(
        index,
        "{\"apiVersion\":\"v1\",\"generated\":\"1970-01-01T00:00:00.000Z\",\"entries\":{}}\n"
    );
}

#[test]
fn admission_compares_content_and_remembers_what_was_deleted() {
    let time = Timestamp::default();
    let first = publish("org", "1.0.0+a", "first");
    let state = State::default().with_event(&Event::Publish(first.clone()), 1, time).unwrap();
    assert_eq!(state.admit(&first), Admission::Same { package: first.package });

    let mut repacked = first.clone();
    repacked.package.sha256 = Sha256::of(b"other compressor");
    assert_eq!(state.admit(&repacked), Admission::Same { package: first.package });

    let other = publish("org", "1.0.0+a", "other");
    let conflict = Admission::Conflict { package: first.package, content: first.content };
    assert_eq!(state.admit(&other), conflict);
    let twin = publish("org", "1.0.0+b", "first");
    assert_eq!(state.admit(&twin), Admission::Twin { version: "1.0.0+a".to_owned() });
    assert_eq!(state.admit(&publish("org", "1.0.1", "other")), Admission::New);

    let state = state.with_event(&delete("org", "1.0.0+a"), 2, time).unwrap();
    assert_eq!(state.admit(&other), Admission::Deleted { content: first.content });
    assert_eq!(state.admit(&first), Admission::Returns { package: first.package });
    assert_eq!(state.admit(&repacked), Admission::Returns { package: first.package });
}

#[test]
fn a_version_that_comes_back_keeps_its_first_moment() {
    let first = Timestamp::from_milliseconds(1_000);
    let later = Timestamp::from_milliseconds(9_000);
    let event = Event::Publish(publish("org", "1.0.0", "x"));
    let state = State::default().with_event(&event, 1, first).unwrap();
    let state = state.with_event(&delete("org", "1.0.0"), 2, later).unwrap();
    let state = state.with_event(&event, 3, later).unwrap();
    let repository = state.repository("");
    let found = repository.find("org", "1.0.0").unwrap();
    assert_eq!((found.entry.created, found.entry.born), (first, 1));
}

#[test]
fn a_commit_of_a_later_program_stops_the_state_before_it() {
    let line = concat!(
        r#"{"v":1,"seq":1,"prev":"sha256:0000000000000000000000000000000000000000000000000000000000000000","#,
        r#""time":"2026-01-01T00:00:00.000Z","writer":"w","nonce":"n","min_reader":1,"events":[{"op":"sing"}]}"#,
        "\n"
    );
    let commit = chart_registry_store::SealedCommit::parse(1, line.into()).unwrap();
    let error = State::default().apply(&commit).unwrap_err();
    assert!(matches!(error, crate::ApplyError::NewerReader { seq: 1, .. }), "{error}");
    assert_eq!(State::default().head(), Head::EMPTY);
}
