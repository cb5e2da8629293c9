//! How much memory old snapshots of a repository hold on to, because somebody still reads them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::repository::Repository;
use crate::tree::Branch;

/// For each of `old`, the bytes that it holds and that neither `present` nor those before it hold.
///
/// Costs time for the branches of all, and for the leaves of those that differ.
pub fn held_beyond(present: &[Arc<Repository>], old: &[Arc<Repository>]) -> Vec<u64> {
    // Many read the same snapshot.
    let mut known = BTreeSet::new();
    let different: Vec<bool> =
        old.iter().map(|repository| known.insert(place(repository))).collect();
    let different = || old.iter().zip(&different);
    let first = different().filter(|(_, first)| **first).map(|(repository, _)| repository);
    let of_old: BTreeSet<usize> = first.flat_map(branches).map(place).collect();
    let mut seen = BTreeSet::new();
    for branch in present.iter().flat_map(branches) {
        seen.insert(place(branch));
        // The leaves of a branch that is in both are never asked for.
        if !of_old.contains(&place(branch)) {
            seen.extend(branch.leaves().iter().map(place));
        }
    }
    let mut held = |repository| branches(repository).map(|it| held_by_branch(it, &mut seen)).sum();
    different().map(|(repository, first)| if *first { held(repository) } else { 0 }).collect()
}

fn held_by_branch(branch: &Arc<Branch>, seen: &mut BTreeSet<usize>) -> u64 {
    if !seen.insert(place(branch)) {
        return 0;
    }
    let leaves = branch.leaves().iter().filter(|leaf| seen.insert(place(leaf)));
    leaves.map(|leaf| leaf.held_bytes()).sum::<u64>() + branch.held_bytes()
}

fn branches(repository: &Arc<Repository>) -> impl Iterator<Item = &Arc<Branch>> {
    repository.tree().branches().iter()
}

fn place<T>(item: &Arc<T>) -> usize {
    Arc::as_ptr(item).addr()
}

#[cfg(test)]
mod tests {
    use chart_registry_store::{Event, Timestamp};

    use super::*;
    use crate::State;
    use crate::scratch_tests::publish;

    fn with(state: &State, number: u64) -> State {
        let version = format!("1.{number}.0");
        let event = Event::Publish(publish("a", &version, &version));
        state.with_event(&event, number + 1, Timestamp::default()).unwrap()
    }

    #[test]
    fn a_snapshot_holds_what_was_replaced_since_and_nothing_twice() {
        let state = (0..40).fold(State::default(), |state, number| with(&state, number));
        let old = state.repository("");
        let newer = with(&state, 40);
        let present = with(&newer, 41).repository("");
        let same = [Arc::clone(&present)];
        assert_eq!(held_beyond(&same, &same), [0]);
        let held = held_beyond(&same, &[Arc::clone(&old), Arc::clone(&old)]);
        assert!(held[0] > 0, "the leaf that was replaced");
        assert!(held[0] < old.index_length(), "leaves that are in both are not counted");
        assert_eq!(held[1], 0, "the same snapshot again");
        let everything = held_beyond(&[], &[old]);
        assert!(everything[0] > held[0], "with nobody else it holds all of it");
    }
}
