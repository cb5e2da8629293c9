//! The life of versions after their publication, as readers see it.

use chart_format::digest::Sha256;
use chart_registry_store::{
    Actor, Change, Event, PackageRef, PolicyEvent, Provenance, Timestamp, VersionEvent,
};
use proptest::prelude::*;
use serde_json::value::RawValue;

use crate::scratch_tests::{delete, publish};
use crate::{Admission, Policy, Standing, State, Usage};

pub(crate) fn change(name: &str, version: &str, change: Change) -> Event {
    Event::Version(VersionEvent {
        repo: String::new(),
        name: name.to_owned(),
        version: version.to_owned(),
        actor: Actor { sub: "anonymous".to_owned(), via: "test".to_owned() },
        request: String::new(),
        change,
    })
}

fn reason() -> String {
    "because".to_owned()
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_milliseconds(milliseconds)
}

/// Applies events, each in a commit of its own, a second apart.
fn after(state: State, events: Vec<Event>) -> State {
    events.into_iter().enumerate().fold(state, |state, (number, event)| {
        let number = number + 1;
        let seq = u64::try_from(number).unwrap();
        state.with_event(&event, seq, at(i64::try_from(number).unwrap() * 1_000)).unwrap()
    })
}

fn index(state: &State) -> String {
    let frames = state.repository("").index_frames();
    String::from_utf8(frames.flatten().collect()).unwrap()
}

fn yank() -> Change {
    Change::Yank { reason: reason() }
}

fn unyank() -> Change {
    Change::Unyank { reason: reason() }
}

#[test]
fn a_yanked_version_is_in_no_list_and_comes_back_as_it_was() {
    let published = vec![
        Event::Publish(publish("org", "1.0.0", "one")),
        Event::Publish(publish("org", "1.1.0", "two")),
    ];
    let before = after(State::default(), published);
    let line = before.repository("").find("org", "1.0.0").unwrap().text().unwrap();
    let yanked = before.with_event(&change("org", "1.0.0", yank()), 3, at(3_000)).unwrap();
    let repository = yanked.repository("");
    assert!(repository.find("org", "1.0.0").is_none());
    assert!(!index(&yanked).contains("1.0.0\""), "{}", index(&yanked));
    let entry = repository.find_package("org-1.0.0.tgz").unwrap();
    assert_eq!((entry.visible(), entry.available()), (false, true));
    assert_eq!(repository.available().count(), 2);
    // What is there is there: the same again is no news, other content is refused.
    let same = publish("org", "1.0.0", "one");
    assert_eq!(yanked.admit(&same), Admission::Same { package: same.package });
    assert!(matches!(yanked.admit(&publish("org", "1.0.0", "x")), Admission::Conflict { .. }));

    let back = yanked.with_event(&change("org", "1.0.0", unyank()), 4, at(4_000)).unwrap();
    assert_eq!(back.repository("").find("org", "1.0.0").unwrap().text().unwrap(), line);
    let entry = back.repository("").find("org", "1.0.0").unwrap().entry.clone();
    assert_eq!(entry.created, at(1_000));
    for (moment, visible) in
        [(999, false), (1_000, true), (3_000, false), (3_999, false), (4_000, true)]
    {
        assert_eq!(entry.visible_at(at(moment)), visible, "{moment}");
    }
}

#[test]
fn a_deprecated_version_says_so_in_the_index_until_it_is_not() {
    let state = after(State::default(), vec![Event::Publish(publish("org", "1.0.0", "one"))]);
    let deprecate = change("org", "1.0.0", Change::Deprecate { reason: "use org2".to_owned() });
    let deprecated = state.with_event(&deprecate, 2, at(2_000)).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&index(&deprecated)).unwrap();
    assert_eq!(parsed["entries"]["org"][0]["deprecated"], true);
    let repository = deprecated.repository("");
    assert_eq!(repository.find("org", "1.0.0").unwrap().entry.fate.deprecated(), Some("use org2"));
    // Twice, and while it is yanked: the key never stands twice.
    let events = vec![
        deprecate.clone(),
        change("org", "1.0.0", yank()),
        deprecate,
        change("org", "1.0.0", unyank()),
    ];
    let again = after(deprecated, events);
    assert_eq!(index(&again).matches("\"deprecated\"").count(), 1);
    let undeprecate = change("org", "1.0.0", Change::Undeprecate { reason: reason() });
    let plain = again.with_event(&undeprecate, 9, at(9_000)).unwrap();
    let line = |state: &State| state.repository("").find("org", "1.0.0").unwrap().text().unwrap();
    assert_eq!(line(&plain), line(&state));
}

#[test]
fn a_purged_version_never_comes_back() {
    let purge = change("org", "1.0.0", Change::Purge { reason: reason() });
    let events = vec![Event::Publish(publish("org", "1.0.0", "one")), purge];
    let state = after(State::default(), events);
    assert_eq!(state.admit(&publish("org", "1.0.0", "one")), Admission::Purged);
    let repository = state.repository("");
    let entry = repository.find_any("org", "1.0.0").unwrap();
    assert_eq!(entry.fate.standing(), Standing::Purged);
    assert!(repository.find_package("org-1.0.0.tgz").is_none());
    assert_eq!(repository.usage(), Usage::default());
}

#[test]
fn holds_and_channels_change_no_byte_of_the_index() {
    let state = after(State::default(), vec![Event::Publish(publish("org", "1.0.0", "one"))]);
    let promote = Change::Promote { channel: "stable".to_owned(), reason: reason() };
    let events = vec![
        change("org", "1.0.0", Change::Hold { reason: "a lawsuit".to_owned() }),
        change("org", "1.0.0", promote),
    ];
    let held = after(state.clone(), events);
    assert_eq!(index(&held), index(&state));
    assert_eq!(held.repository("").hash(), state.repository("").hash());
    let repository = held.repository("");
    let fate = &repository.find("org", "1.0.0").unwrap().entry.fate;
    assert_eq!(fate.held(), Some("a lawsuit"));
    assert_eq!(fate.channels().collect::<Vec<_>>(), ["stable"]);
    assert!(fate.is_in_channel("stable") && !fate.is_in_channel("candidate"));
    let demote = Change::Demote { channel: "stable".to_owned(), reason: reason() };
    let events = vec![
        change("org", "1.0.0", Change::Unhold { reason: reason() }),
        change("org", "1.0.0", demote),
    ];
    let free = after(held, events);
    let repository = free.repository("");
    let fate = &repository.find("org", "1.0.0").unwrap().entry.fate;
    assert_eq!((fate.held(), fate.channels().count(), fate.turns().len()), (None, 0, 4));
}

#[test]
fn other_content_replaces_a_version_with_everything_that_was_said_about_it() {
    let signature = PackageRef { sha256: Sha256::of(b"signature"), size: 9 };
    let first = publish("org", "1.0.0", "one");
    let signed = Event::Provenance(Provenance {
        repo: String::new(),
        name: "org".to_owned(),
        version: "1.0.0".to_owned(),
        actor: first.actor.clone(),
        request: String::new(),
        provenance: signature,
        package: first.package.sha256,
        signer: None,
        oci: None,
    });
    let promote = Change::Promote { channel: "stable".to_owned(), reason: reason() };
    let events = vec![
        Event::Publish(first),
        signed,
        change("org", "1.0.0", promote),
        Event::Publish(publish("org", "1.0.0", "other")),
    ];
    let state = after(State::default(), events);
    let repository = state.repository("");
    let entry = repository.find("org", "1.0.0").unwrap().entry;
    assert_eq!(entry.content, Sha256::of(b"other"));
    assert_eq!((entry.provenance(), entry.fate.channels().count()), (None, 0));
    assert_eq!((entry.created, entry.born), (at(4_000), 4));
    assert_eq!(repository.usage(), Usage { versions: 1, bytes: 5 });
}

#[test]
fn usage_is_counted_below_a_path_and_not_beside_it() {
    let mut state = State::default();
    for (number, repo) in ["", "a", "a/b", "ab", "a-b"].into_iter().enumerate() {
        let mut event = publish("org", "1.0.0", "12345");
        event.repo = repo.to_owned();
        state = state.with_event(&Event::Publish(event), number as u64 + 1, at(0)).unwrap();
    }
    let versions = |prefix| state.usage(prefix).versions;
    assert_eq!((versions(""), versions("a"), versions("a/b"), versions("c")), (5, 2, 1, 0));
    assert_eq!(state.usage("a").bytes, 10);
}

#[test]
fn a_policy_of_a_later_program_stops_the_state_before_it() {
    let event = |document: &str| {
        Event::Policy(PolicyEvent {
            prefix: "a".to_owned(),
            actor: Actor { sub: "anonymous".to_owned(), via: "test".to_owned() },
            request: String::new(),
            document: Some(RawValue::from_string(document.to_owned()).unwrap()),
        })
    };
    let error = State::default().with_event(&event(r#"{"version":2}"#), 1, at(0)).unwrap_err();
    assert!(matches!(error, crate::ApplyError::NewerReader { .. }), "{error}");
    let state = after(State::default(), vec![event(r#"{"version":1,"quota":{"versions":1}}"#)]);
    assert_eq!(state.policy("a/b").0, "a");
    assert_eq!(*state.policy("b").1, Policy::default());
    let restored = State::from_checkpoint(&state.to_checkpoint().unwrap()).unwrap();
    assert_eq!(restored.policies(), state.policies());
}

/// Any change that a number stands for.
fn any_change(number: u8) -> Change {
    let channel = || "stable".to_owned();
    match number {
        0 => yank(),
        1 => unyank(),
        2 => Change::Deprecate { reason: reason() },
        3 => Change::Undeprecate { reason: reason() },
        4 => Change::Purge { reason: reason() },
        5 => Change::Hold { reason: reason() },
        6 => Change::Unhold { reason: reason() },
        7 => Change::Promote { channel: channel(), reason: reason() },
        _ => Change::Demote { channel: channel(), reason: reason() },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Counters, index and checkpoint agree after any life, also of one that nobody would admit.
    #[test]
    fn any_life_is_counted_listed_and_kept(
        steps in prop::collection::vec((0..4_u32, 0..11_u8), 1..60)
    ) {
        let mut state = State::default();
        for (number, (minor, kind)) in steps.into_iter().enumerate() {
            let version = format!("1.{minor}.0");
            let event = match kind {
                9 => Event::Publish(publish("org", &version, &version)),
                10 => delete("org", &version),
                kind => change("org", &version, any_change(kind)),
            };
            let seq = number as u64 + 1;
            state = state.with_event(&event, seq, at(i64::try_from(seq).unwrap())).unwrap_or(state);
            let repository = state.repository("");
            let mut usage = Usage::default();
            for entry in repository.available() {
                usage = Usage { versions: usage.versions + 1, bytes: usage.bytes + entry.package.size };
                let now = at(i64::MAX);
                prop_assert_eq!(entry.fate.standing_at(now), entry.fate.standing());
            }
            prop_assert_eq!(repository.usage(), usage);
            let parsed: serde_json::Value = serde_json::from_str(&index(&state)).unwrap();
            let listed = parsed["entries"]["org"].as_array().map_or(0, Vec::len) as u64;
            prop_assert_eq!(listed, repository.visible_versions());
        }
        let restored = State::from_checkpoint(&state.to_checkpoint().unwrap()).unwrap();
        prop_assert_eq!(restored.to_checkpoint().unwrap(), state.to_checkpoint().unwrap());
        prop_assert_eq!(restored.usage(""), state.usage(""));
        prop_assert_eq!(index(&restored), index(&state));
    }
}
