//! Names that are easily taken for each other: whoever publishes the first version under a name hears
//! of a chart beside it that is spelled almost the same.
//!
//! A registry with a million charts must not be read for that, so the names that could be meant are
//! made and looked up: one letter less or doubled, two letters swapped, a dash more or less, and signs
//! that look alike. It is a hint and refuses nothing; who may take a name is a matter of policies.
//!
//! Left out: charts of other repositories, and other letters in place of a letter.

use std::collections::BTreeSet;

use chart_registry_catalog::Repository;

/// Longest name that is compared; what is longer is hardly a slip of the hand.
const MAX_BYTES: usize = 63;

/// Shorter names differ in one letter too often.
const MIN_BYTES: usize = 4;

/// Signs that look alike in some typeface.
const ALIKE: &[(&str, &str)] =
    &[("0", "o"), ("1", "l"), ("1", "i"), ("l", "i"), ("rn", "m"), ("vv", "w")];

/// A chart of the repository whose name is almost this one.
pub(crate) fn similar(repository: &Repository, name: &str) -> Option<String> {
    if !(MIN_BYTES..=MAX_BYTES).contains(&name.len()) || !name.is_ascii() {
        return None;
    }
    candidates(name).into_iter().find(|candidate| repository.knows(candidate))
}

/// What people are told of it.
pub(crate) fn warning(name: &str, other: &str) -> String {
    format!(
        "`{name}` is a new name, and the repository has a chart `{other}`: see that this one is meant"
    )
}

/// Names that somebody may have meant, without the name itself.
fn candidates(name: &str) -> BTreeSet<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut candidates = BTreeSet::new();
    for at in 0..letters.len() {
        let (before, rest) = (&name[..at], &name[at + 1..]);
        let letter = letters[at];
        candidates.insert(format!("{before}{rest}"));
        candidates.insert(format!("{before}{letter}{letter}{rest}"));
        if at > 0 {
            candidates.insert(format!("{before}-{letter}{rest}"));
        }
        if let Some(next) = letters.get(at + 1) {
            candidates.insert(format!("{before}{next}{letter}{}", &name[at + 2..]));
        }
    }
    candidates.insert(name.replace('-', ""));
    candidates.insert(format!("{name}s"));
    for (one, other) in ALIKE {
        for (from, to) in [(one, other), (other, one)] {
            for (at, _) in name.match_indices(from) {
                candidates.insert(format!("{}{to}{}", &name[..at], &name[at + from.len()..]));
            }
        }
    }
    candidates.remove(name);
    candidates
}

#[cfg(test)]
mod tests {
    use super::candidates;

    #[test]
    fn slips_of_the_hand_are_found_from_both_sides() {
        let pairs = [
            ("postgres", "postgress"),
            ("postgres", "postgers"),
            ("fabric-org", "fabricorg"),
            ("fabric-orderer", "fabric-order-er"),
            ("network", "networks"),
            ("tool", "to0l"),
            ("harbor", "harb0r"),
            ("modern", "modem"),
            ("cilium", "ciiium"),
        ];
        for (one, other) in pairs {
            assert!(candidates(one).contains(other), "{one} -> {other}");
            assert!(candidates(other).contains(one), "{other} -> {one}");
        }
    }

    #[test]
    fn other_names_are_not_and_the_search_is_small() {
        for (one, other) in [("kafka", "kafta"), ("org1", "org2"), ("peer", "orderer")] {
            assert!(!candidates(one).contains(other), "{one} -> {other}");
        }
        let long = "a-chart-with-a-name-that-is-as-long-as-names-of-charts-can-ever";
        let found = candidates(long);
        assert!(found.len() < 400 && !found.contains(long), "{}", found.len());
    }
}
