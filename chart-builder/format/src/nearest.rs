//! The known word that a typo was meant to be.

/// The candidate nearest to `word`: equal but for case and dashes, or within a third of its length.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST_TYPO_CHARACTERS: usize = 64;
    let plain = fold(word);
    if plain.len() > LONGEST_TYPO_CHARACTERS {
        return None;
    }
    let scored =
        candidates.into_iter().map(|candidate| (distance(&plain, &fold(candidate)), candidate));
    let (distance, candidate) = scored.min()?;
    let allowed = (plain.len().max(candidate.len()) / 3).max(1);
    (distance <= allowed).then_some(candidate)
}

fn fold(word: &str) -> Vec<char> {
    word.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// Edits between two words: insert, remove, replace, and swap of neighbours.
fn distance(left: &[char], right: &[char]) -> usize {
    let width = right.len() + 1;
    let mut rows: Vec<Vec<usize>> = vec![(0..width).collect()];
    for (at, here) in left.iter().enumerate() {
        let mut row = vec![at + 1; width];
        for (to, there) in right.iter().enumerate() {
            let above = &rows[at];
            let replaced = above[to] + usize::from(here != there);
            row[to + 1] = replaced.min(above[to + 1] + 1).min(row[to] + 1);
            let swapped = at > 0 && to > 0 && left[at - 1] == *there && right[to - 1] == *here;
            if swapped {
                row[to + 1] = row[to + 1].min(rows[at - 1][to - 1] + 1);
            }
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_that_was_meant() {
        let known = ["organizations", "ordering", "channels", "mspId"];
        assert_eq!(nearest("organisations", known), Some("organizations"));
        assert_eq!(nearest("chanels", known), Some("channels"));
        assert_eq!(nearest("msp-id", known), Some("mspId"));
        assert_eq!(nearest("orderign", known), Some("ordering"));
    }

    #[test]
    fn stays_silent_when_nothing_is_near() {
        assert_eq!(nearest("kubeVersion", ["name", "version"]), None);
        assert_eq!(nearest(&"x".repeat(10_000), ["name"]), None);
    }
}
