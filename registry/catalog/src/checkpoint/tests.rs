use std::sync::Arc;

use chart_registry_store::event::{QuarantineChange, QuarantineEvent};
use chart_registry_store::{Actor, Event, PackageRef, Provenance, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::scratch_tests::{delete, publish};

/// Step `number` of a history: mostly publishes, some deletions, versions in no order.
fn event(number: u64, (chart, minor, deletes): (usize, u32, bool)) -> Event {
    let name = ["a", "a-1", "b-2-c", "org"][chart];
    let version = format!("1.{minor}.{}", number % 3);
    if deletes {
        delete(name, &version)
    } else {
        Event::Publish(publish(name, &version, &format!("{name} {version}")))
    }
}

/// Applies an event unless it cannot have been admitted.
fn step(state: &State, event: &Event) -> State {
    let seq = state.head().seq + 1;
    let time = Timestamp::from_milliseconds(i64::try_from(seq).unwrap());
    state.with_event(event, seq, time).unwrap_or_else(|_| state.clone())
}

/// A package with a key that an import found, under one of a few digests.
fn found(number: u64) -> Event {
    let digit = u8::try_from(number % 5).unwrap();
    let (file, why) = (format!("x-{number}.tgz"), "a key".to_owned());
    Event::Quarantine(QuarantineEvent {
        repo: "team".to_owned(),
        package: Sha256::of(&[digit]),
        change: QuarantineChange::Found { file, why },
        actor: Actor { sub: "operator".to_owned(), via: "import".to_owned() },
        request: String::new(),
    })
}

#[test]
fn packages_that_are_not_served_are_kept() {
    let state = (0..7).fold(filled(), |state, number| step(&state, &found(number)));
    let restored = State::from_checkpoint(&state.to_checkpoint().unwrap()).unwrap();
    let packages = |state: &State| -> Vec<_> {
        state.quarantined("team").map(|(digest, it)| (digest, it.clone())).collect()
    };
    assert_eq!((packages(&state).len(), state.unsettled()), (5, 5));
    assert_eq!(packages(&restored), packages(&state));
    assert_eq!(state.quarantined("").count(), 0);
}

/// Everything that a client sees: bodies, lengths, validators.
fn bodies(state: &State) -> Vec<u8> {
    let repository = state.repository("");
    let mut seen = repository.hash().to_string().into_bytes();
    seen.extend(repository.index_frames().flatten());
    seen.extend(repository.listing_frames().flatten());
    seen.extend(repository.index_gzip().frames().concat());
    seen
}

fn filled() -> State {
    (0..40).fold(State::default(), |state, number| {
        let minor = u32::try_from(number * 7 % 40).unwrap();
        let chart = usize::try_from(number % 4).unwrap();
        step(&state, &event(number, (chart, minor, number % 9 == 8)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_checkpoint_and_the_commits_after_it_equal_the_full_replay(
        steps in prop::collection::vec((0..4_usize, 0..12_u32, prop::bool::weighted(0.3)), 1..80),
        at in 0..80_usize,
    ) {
        let mut replayed = State::default();
        let mut restored = None;
        for (number, choice) in steps.into_iter().enumerate() {
            let event = event(number as u64, choice);
            replayed = step(&replayed, &event);
            restored = restored.map(|state| step(&state, &event));
            if number == at {
                restored = Some(State::from_checkpoint(&replayed.to_checkpoint().unwrap()).unwrap());
            }
        }
        if let Some(restored) = restored {
            prop_assert_eq!(bodies(&restored), bodies(&replayed));
            prop_assert_eq!(restored.all_versions(), replayed.all_versions());
            // Entries, tombstones, borders of leaves: everything.
            prop_assert_eq!(restored.to_checkpoint().unwrap(), replayed.to_checkpoint().unwrap());
        }
    }
}

#[test]
fn a_cut_or_flipped_checkpoint_is_never_read() {
    let file = filled().to_checkpoint().unwrap();
    assert!(file.len() > 4_096, "{}", file.len());
    for length in (0..file.len()).step_by(17) {
        assert!(State::from_checkpoint(&file[..length]).is_err(), "{length}");
    }
    for at in 0..file.len() {
        let mut flipped = file.clone();
        flipped[at] ^= 1 << (at % 8);
        let error = State::from_checkpoint(&flipped).map(drop);
        assert!(matches!(error, Err(CheckpointError::Damaged { .. })), "{at}");
    }
}

#[test]
fn content_that_does_not_fit_is_refused_even_with_the_right_digest() {
    let file = filled().to_checkpoint().unwrap();
    let content = &file[..file.len() - DIGEST_BYTES];
    for length in (0..content.len()).step_by(13) {
        let cut = &content[..length];
        let sealed = [cut, Sha256::of(cut).as_bytes()].concat();
        assert!(State::from_checkpoint(&sealed).is_err(), "{length}");
    }
    let longer = [content, b"x"].concat();
    let sealed = [&longer[..], Sha256::of(&longer).as_bytes()].concat();
    assert!(State::from_checkpoint(&sealed).is_err());
}

#[test]
fn a_checkpoint_of_another_program_is_left_alone() {
    let file = filled().to_checkpoint().unwrap();
    let mut content = file[..file.len() - DIGEST_BYTES].to_vec();
    content[MAGIC.len()] += 1;
    let sealed = [&content[..], Sha256::of(&content).as_bytes()].concat();
    assert_eq!(State::from_checkpoint(&sealed).map(drop), Err(CheckpointError::OtherProgram));
}

#[test]
fn a_signature_is_kept_and_changes_no_body() {
    let state = filled();
    let repository = state.repository("");
    let entry = repository.versions("org").next().unwrap().entry.clone();
    let provenance = PackageRef { sha256: Sha256::of(b"signature"), size: 9 };
    let event = Event::Provenance(Provenance {
        repo: String::new(),
        name: entry.chart.to_string(),
        version: entry.version.to_string(),
        actor: Actor { sub: "anonymous".to_owned(), via: "test".to_owned() },
        request: String::new(),
        provenance,
        package: entry.package.sha256,
        signer: None,
        oci: None,
    });
    let signed = step(&state, &event);
    assert_eq!(bodies(&signed), bodies(&state));
    let restored = State::from_checkpoint(&signed.to_checkpoint().unwrap()).unwrap();
    let repository = restored.repository("");
    let kept = repository.find("org", &entry.version).unwrap().entry.provenance();
    assert_eq!(kept, Some(provenance));
    assert_eq!(restored.to_checkpoint().unwrap(), signed.to_checkpoint().unwrap());
    // A signature over other bytes cannot have been admitted.
    let Event::Provenance(event) = event else { panic!("no signature") };
    let other = Event::Provenance(Provenance { package: Sha256::of(b"other"), ..event });
    assert!(state.with_event(&other, 99, Timestamp::default()).is_err());
}

#[test]
fn an_empty_state_is_kept_too() {
    let restored = State::from_checkpoint(&State::default().to_checkpoint().unwrap()).unwrap();
    assert_eq!(restored.head(), State::default().head());
    assert_eq!(bodies(&restored), bodies(&State::default()));
    assert_eq!(Arc::strong_count(&restored.repository("")), 1);
}
