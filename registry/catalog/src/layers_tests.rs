//! Layers equal what is merged by hand, whatever lies between each other.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use chart_registry_store::{Change, Event, Timestamp, VersionEvent};
use flate2::bufread::GzDecoder;
use proptest::prelude::*;
use semver::Version;

use crate::scratch_tests::{actor, delete, publish};
use crate::{Layer, Layers, Repository, State};

const NAMES: [&str; 4] = ["a", "b", "common", "d"];

/// The state after a version was published, deleted or yanked, as far as it can be.
fn step(state: &State, kind: u8, (name, version, content): (&str, &str, &str)) -> State {
    let event = match kind {
        0 => delete(name, version),
        1 => Event::Version(VersionEvent {
            repo: String::new(),
            name: name.to_owned(),
            version: version.to_owned(),
            actor: actor(),
            request: String::new(),
            change: Change::Yank { reason: "bad".to_owned() },
        }),
        _ => Event::Publish(publish(name, version, content)),
    };
    let found = state.repository("").find_any(name, version).is_some();
    // Only what would have been admitted.
    let fits = if kind > 1 {
        let precedence = Version::parse(version).unwrap();
        state.repository("").at_precedence(name, &precedence).is_none()
    } else {
        found
    };
    let seq = state.all_versions() + 1;
    let time = Timestamp::from_milliseconds(i64::try_from(seq).unwrap());
    if fits { state.with_event(&event, seq, time).unwrap() } else { state.clone() }
}

/// By name and precedence, newest first, what decides: number of the layer, text of the version.
type Decided = BTreeMap<(String, std::cmp::Reverse<Version>), (usize, String)>;

fn precedence(version: &str) -> std::cmp::Reverse<Version> {
    let version = Version::parse(version).unwrap();
    std::cmp::Reverse(Version { build: semver::BuildMetadata::EMPTY, ..version })
}

/// What decides about each version, by going through all of them.
fn decided(layers: &[(Arc<Repository>, bool, bool)], mixed: &str) -> Decided {
    let mut all = Decided::new();
    let own = |name: &str| layers.iter().any(|(it, upstream, _)| !upstream && it.knows(name));
    for (number, (repository, upstream, _)) in layers.iter().enumerate() {
        for entry in repository.entries() {
            if *upstream && own(&entry.chart) && *entry.chart != *mixed {
                continue;
            }
            let key = (entry.chart.to_string(), precedence(&entry.version));
            all.entry(key).or_insert_with(|| (number, entry.version.to_string()));
        }
    }
    all.retain(|_, (number, _)| !layers[*number].2);
    all
}

fn index(repository: &Arc<Repository>) -> Vec<u8> {
    repository.index_frames().flatten().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn layers_show_what_the_first_of_them_decides(
        steps in prop::collection::vec((0..3_usize, 0..8_u8, 0..4_usize, 0..20_u32, 0..3_u32), 1..150),
        upstream in prop::array::uniform3(any::<bool>()),
        hidden in prop::array::uniform3(any::<bool>()),
    ) {
        let mut states = [State::default(), State::default(), State::default()];
        for (layer, kind, name, minor, twin) in steps {
            let end = ["", "-rc.1", "+b"][twin as usize];
            let version = format!("1.{minor}.0{end}");
            // Each layer has other bytes, so that it is seen whose are shown.
            let content = format!("{layer} {version}");
            states[layer] = step(&states[layer], kind, (NAMES[name], &version, &content));
        }
        let parts: Vec<_> = (0..3)
            .map(|at| (states[at].repository(""), upstream[at], hidden[at]))
            .collect();
        let layer = |(at, (repository, upstream, hidden)): (usize, &(Arc<Repository>, bool, bool))| {
            let layer = match upstream {
                true => Layer::upstream(&states[at], "", Arc::clone(repository)),
                false => Layer::own(&states[at], ""),
            };
            layer.hidden(*hidden)
        };
        let layers = Layers::new(parts.iter().enumerate().map(layer).collect(), ["common".to_owned()].into());
        let merged = layers.merged().unwrap();
        let expected = decided(&parts, "common");
        prop_assert_eq!(merged.entries().count(), expected.len());
        let mut published = Vec::new();
        for (((name, _), (number, version)), entry) in expected.iter().zip(merged.entries()) {
            prop_assert_eq!((&*entry.chart, &*entry.version), (name.as_str(), version.as_str()));
            let theirs = parts[*number].0.find_any(name, version).unwrap();
            prop_assert_eq!(entry.package, theirs.package);
            prop_assert_eq!(entry.visible(), theirs.visible());
            let found = layers.find_any(name, version).map(|(number, it)| (number, it.package));
            prop_assert_eq!(found, Some((*number, entry.package)));
            prop_assert!(layers.giving(name).contains(number));
            if entry.visible() {
                let content = format!("{number} {version}");
                let created = Some(entry.created);
                published.push(crate::scratch_tests::publish(name, version, &content));
                published.last_mut().unwrap().created = created;
            }
            let package = layers.find_package(&entry.file_name()).map(|(number, _)| number);
            prop_assert_eq!(package, entry.available().then_some(*number));
        }
        // The texts are those of a repository that has just these versions.
        let scratch = Repository::foreign(published.into_iter()).unwrap();
        prop_assert_eq!(
            String::from_utf8(index(&merged)).unwrap(),
            String::from_utf8(index(&scratch)).unwrap()
        );
        prop_assert_eq!(merged.index_length(), index(&merged).len() as u64);
        let mut text = Vec::new();
        GzDecoder::new(&merged.index_gzip().frames().concat()[..]).read_to_end(&mut text).unwrap();
        prop_assert_eq!(text, index(&merged));
        // Again of the same snapshots: the same, and nothing to be made.
        prop_assert_eq!(layers.merged().unwrap().hash(), merged.hash());
        prop_assert!(layers.is(&layers.clone()));
    }
}

fn filled(charts: &[&str], count: u32) -> State {
    let versions = charts.iter().flat_map(|name| (0..count).map(move |minor| (*name, minor)));
    versions.fold(State::default(), |state, (name, minor)| {
        let version = format!("1.{minor}.0");
        step(&state, 9, (name, &version, &version))
    })
}

#[test]
fn what_lies_alone_is_taken_leaf_by_leaf() {
    let (own, other) = (filled(&["a", "b", "m"], 40), filled(&["c", "x"], 40));
    let upstream = Layer::upstream(&other, "", other.repository(""));
    let layers = Layers::new(vec![Layer::own(&own, ""), upstream], Arc::default());
    let merged = layers.merged().unwrap();
    let known: Vec<_> = [&own, &other]
        .into_iter()
        .flat_map(|state| {
            let repository = state.repository("");
            repository.tree().leaves_from("").map(Arc::as_ptr).collect::<Vec<_>>()
        })
        .collect();
    let leaves = merged.tree().leaves_from("");
    let new = leaves.filter(|leaf| !known.contains(&Arc::as_ptr(leaf))).count();
    assert!(new <= 9, "{new} new leaves of {}", known.len());
    assert_eq!(merged.visible_versions(), 200);
    let whole = merged.tree().branches().iter().map(Arc::as_ptr);
    let theirs = [own.repository(""), other.repository("")];
    let theirs = theirs.iter().flat_map(|it| it.tree().branches()).map(Arc::as_ptr);
    let theirs: Vec<_> = theirs.collect();
    assert!(whole.filter(|branch| theirs.contains(branch)).count() > 5, "branches are shared, too");
}

#[test]
fn a_name_that_was_ever_published_here_comes_from_no_upstream() {
    let own = step(&step(&State::default(), 9, ("a", "1.0.0", "x")), 0, ("a", "1.0.0", ""));
    let other = step(&State::default(), 9, ("a", "99.0.0", "evil"));
    let of = |mixed: &[String]| {
        let upstream = Layer::upstream(&other, "", other.repository(""));
        // Whichever goes first.
        let layers = vec![upstream, Layer::own(&own, "")];
        Layers::new(layers, mixed.into()).merged().unwrap().visible_versions()
    };
    assert_eq!((of(&[]), of(&["b".to_owned()]), of(&["a".to_owned()])), (0, 0, 1));
}

#[test]
fn layers_of_other_snapshots_are_others() {
    let state = filled(&["a"], 3);
    let of = |state: &State| {
        Layers::new(vec![Layer::own(state, ""), Layer::own(state, "none")], Arc::default())
    };
    assert!(of(&state).is(&of(&state.clone())), "a repository without versions is the same");
    assert!(!of(&state).is(&of(&step(&state, 9, ("a", "2.0.0", "x")))));
    let hidden = Layers::new(
        vec![Layer::own(&state, "").hidden(true), Layer::own(&state, "none")],
        Arc::default(),
    );
    assert!(!of(&state).is(&hidden));
}
