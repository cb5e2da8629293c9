use std::sync::Arc;

use chart_registry_store::{Change, Event, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::life_tests::change;
use crate::scratch_tests::{delete, publish};
use crate::{Repository, State};

const SPECS: &[&str] = &[
    "latest=1",
    "latest=4",
    "chart=b-2-c",
    "chart=absent",
    "prefix=a",
    "prefix=a;latest=2",
    "network=net",
    "network=net;latest=1",
    "channel=stable",
    "at=1970-01-01T00:00:00.020Z",
    "at=1970-01-01T00:00:00.020Z;chart=a;latest=3",
];

fn spec(text: &str) -> ViewSpec {
    ViewSpec::parse(text).unwrap()
}

fn view(text: &str, base: &Arc<Repository>) -> View {
    View::new(spec(text), Arc::clone(base)).unwrap()
}

/// Everything that a client sees: bodies, lengths, validators.
fn bodies(repository: &Arc<Repository>) -> Vec<Vec<u8>> {
    vec![
        repository.index_frames().flatten().collect(),
        repository.full_frames().flatten().collect(),
        repository.index_gzip().frames().concat(),
        repository.hash().to_string().into_bytes(),
    ]
}

/// Step `number` of a history: its publishes say which network they are of.
fn event(number: u64, (chart, minor, kind): (usize, u32, u8)) -> Event {
    let name = ["a", "a-1", "b-2-c", "org"][chart];
    let version = match number % 4 {
        0 => format!("1.{minor}.0-rc.1"),
        _ => format!("1.{minor}.0"),
    };
    let mut publish = publish(name, &version, &format!("{name} {version}"));
    if minor % 3 == 0 {
        publish.chart = serde_json::value::RawValue::from_string(
            publish.chart.get().replace(r#"{"a""#, r#"{"fabric.network":"net","a""#),
        )
        .unwrap();
    }
    let reason = "test".to_owned();
    match kind {
        0 => delete(name, &version),
        1 => change(name, &version, Change::Promote { channel: "stable".to_owned(), reason }),
        2 => change(name, &version, Change::Yank { reason }),
        3 => change(name, &version, Change::Unyank { reason }),
        _ => Event::Publish(publish),
    }
}

/// Applies an event unless it cannot have been admitted.
fn step(state: &State, event: &Event, seq: u64) -> State {
    if let Event::Publish(publish) = event
        && state.admit(publish) != crate::Admission::New
    {
        return state.clone();
    }
    let time = Timestamp::from_milliseconds(i64::try_from(seq).unwrap());
    state.with_event(event, seq, time).unwrap_or_else(|_| state.clone())
}

/// The versions that a view shows by their definition, as `name version`.
fn expected(text: &str, base: &Repository) -> Vec<String> {
    let spec = spec(text);
    let mut taken = std::collections::BTreeMap::<(String, bool), usize>::new();
    let entries = base.tree().leaves_from("").flat_map(|leaf| leaf.entries());
    entries
        .filter(|entry| spec.at.map_or(entry.visible(), |at| entry.visible_at(at)))
        .filter(|entry| spec.chart.as_ref().is_none_or(|name| **name == *entry.chart))
        .filter(|entry| spec.prefix.as_ref().is_none_or(|it| entry.chart.starts_with(&**it)))
        .filter(|entry| spec.network.is_none() || entry.network() == Some("net"))
        .filter(|entry| spec.channel.is_none() || entry.fate.is_in_channel("stable"))
        .filter(|entry| {
            let number = taken.entry((entry.chart.to_string(), entry.stable())).or_default();
            *number += 1;
            spec.latest.is_none_or(|latest| *number <= latest)
        })
        .map(|entry| format!("{} {}", entry.chart, entry.version))
        .collect()
}

fn shown(repository: &Arc<Repository>) -> Vec<String> {
    let text: Vec<u8> = repository.index_frames().flatten().collect();
    let index: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let lists = index["entries"].as_object().unwrap();
    let entries = lists.values().flat_map(|list| list.as_array().unwrap());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    entries.map(|entry| text(&entry["name"]) + " " + &text(&entry["version"])).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_view_that_follows_equals_one_that_is_made_at_once(
        steps in prop::collection::vec((0..4_usize, 0..14_u32, 0..10_u8), 1..60),
    ) {
        let mut state = State::default();
        let empty = state.repository("");
        let mut views: Vec<View> = SPECS.iter().map(|text| view(text, &empty)).collect();
        for (number, choice) in steps.into_iter().enumerate() {
            let number = number as u64;
            state = step(&state, &event(number, choice), number + 1);
            let base = state.repository("");
            for (text, followed) in SPECS.iter().zip(&mut views) {
                // Not after each step, so that some changes come together.
                if (number + text.len() as u64).is_multiple_of(3) {
                    continue;
                }
                *followed = followed.updated(Arc::clone(&base)).unwrap();
                let made = view(text, &base);
                prop_assert_eq!(bodies(followed.repository()), bodies(made.repository()), "{}", text);
                prop_assert_eq!(shown(made.repository()), expected(text, &base), "{}", text);
            }
        }
    }
}

/// Charts with versions 1.0.0 to 1.29.0.
fn filled(charts: &[&str]) -> State {
    let versions = (0..30).flat_map(|minor| charts.iter().map(move |name| (name, minor)));
    versions.zip(1..).fold(State::default(), |state, ((name, minor), seq)| {
        let version = format!("1.{minor}.0");
        step(&state, &Event::Publish(publish(name, &version, &version)), seq)
    })
}

#[test]
fn a_view_changes_only_when_its_content_does() {
    let state = filled(&["a", "b"]);
    let before = view("latest=2;chart=b", &state.repository(""));
    let index: Vec<u8> = before.repository().index_frames().flatten().collect();
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    assert_eq!(index["generated"], "1970-01-01T00:00:00.060Z");
    let other = step(&state, &Event::Publish(publish("a", "2.0.0", "x")), 100);
    let after = before.updated(other.repository("")).unwrap();
    assert_eq!(bodies(after.repository()), bodies(before.repository()));
    let own = step(&other, &Event::Publish(publish("b", "2.0.0", "x")), 101);
    let after = after.updated(own.repository("")).unwrap();
    assert_ne!(after.repository().hash(), before.repository().hash());
}

#[test]
fn leaves_inside_of_a_range_are_those_of_the_repository() {
    let base = filled(&["a", "b", "c"]).repository("");
    let range = view("chart=b", &base);
    let whole: Vec<_> = base.tree().leaves_from("").map(Arc::as_ptr).collect();
    let leaves: Vec<_> = range.repository().tree().leaves_from("").collect();
    let cut = leaves.iter().filter(|leaf| !whole.contains(&Arc::as_ptr(leaf))).count();
    assert!(leaves.len() > 5 && cut <= 2, "{cut} of {}", leaves.len());
}

#[test]
fn a_change_makes_few_leaves_of_a_view_again() {
    let state = filled(&["a", "b", "c"]);
    for text in ["latest=20", "prefix=b", "at=1970-01-01T00:00:00.080Z"] {
        let before = view(text, &state.repository(""));
        let known: Vec<_> = before.repository().tree().leaves_from("").map(Arc::as_ptr).collect();
        let changed = step(&state, &Event::Publish(publish("b", "1.30.0", "x")), 100);
        let after = before.updated(changed.repository("")).unwrap();
        let leaves = after.repository().tree().leaves_from("");
        let new = leaves.filter(|leaf| !known.contains(&Arc::as_ptr(leaf))).count();
        assert!(new <= 3, "{text}: {new} leaves of {}", known.len());
    }
}

#[test]
fn the_newest_versions_of_a_view_have_all_fields() {
    let base = filled(&["a"]).repository("");
    let long_ago = view("at=1970-01-01T00:00:00.010Z", &base);
    let text: Vec<u8> = long_ago.repository().index_frames().flatten().collect();
    let index: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let list = index["entries"]["a"].as_array().unwrap();
    let full: Vec<bool> = list.iter().map(|entry| entry.get("annotations").is_some()).collect();
    assert_eq!(full, [vec![true; crate::tree::FULL_VERSIONS], vec![false; 8]].concat());
}

#[test]
fn a_deleted_version_is_there_at_a_moment_before() {
    let state = filled(&["a"]);
    let state = step(&state, &delete("a", "1.3.0"), 100);
    let base = state.repository("");
    let at = |text: &str| shown(view(text, &base).repository());
    assert!(at("at=1970-01-01T00:00:00.099Z").contains(&"a 1.3.0".to_owned()));
    assert!(!at("at=1970-01-01T00:00:00.100Z").contains(&"a 1.3.0".to_owned()));
    assert!(!at("latest=30").contains(&"a 1.3.0".to_owned()));
}
