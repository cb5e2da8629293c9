//! Which lines differ between two texts: the shortest edit by Myers, within a budget.

/// Most edits that are looked for; texts that differ more are told as replaced.
const MAX_EDITS: usize = 1_000;

/// Lines around a difference that are told.
const CONTEXT: usize = 3;

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// It stands in both texts, at these places counted from 0.
    Kept(usize, usize),
    /// It was there before.
    Removed(usize),
    /// It came.
    Added(usize),
    /// Lines that stand in both are left out here.
    Gap,
}

/// The differences with some lines around them; `None` when the texts differ too much.
pub(crate) fn difference(before: &[&str], after: &[&str]) -> Option<Vec<Edit>> {
    let start = before.iter().zip(after).take_while(|(left, right)| left == right).count();
    let (rest_before, rest_after) = (&before[start..], &after[start..]);
    let pairs = rest_before.iter().rev().zip(rest_after.iter().rev());
    let end = pairs.take_while(|(left, right)| left == right).count();
    let inner_before = &rest_before[..rest_before.len() - end];
    let inner_after = &rest_after[..rest_after.len() - end];
    let mut edits: Vec<Edit> = (0..start).map(|at| Edit::Kept(at, at)).collect();
    let moved = |edit| match edit {
        Edit::Kept(left, right) => Edit::Kept(left + start, right + start),
        Edit::Removed(at) => Edit::Removed(at + start),
        Edit::Added(at) => Edit::Added(at + start),
        Edit::Gap => Edit::Gap,
    };
    edits.extend(shortest(inner_before, inner_after)?.into_iter().map(moved));
    let (left, right) = (before.len() - end, after.len() - end);
    edits.extend((0..end).map(|at| Edit::Kept(left + at, right + at)));
    Some(with_gaps(&edits))
}

/// The furthest places that each round reached, by diagonal.
struct Reached {
    rounds: Vec<Vec<usize>>,
    offset: usize,
}

fn shortest(before: &[&str], after: &[&str]) -> Option<Vec<Edit>> {
    let limit = (before.len() + after.len()).min(MAX_EDITS);
    let offset = limit + 1;
    let mut furthest = vec![0_usize; 2 * limit + 3];
    let mut rounds = Vec::new();
    for edits in 0..=limit {
        rounds.push(furthest[offset - edits..=offset + edits].to_vec());
        for diagonal in (offset - edits..=offset + edits).step_by(2) {
            let down = comes_from_above(&furthest, (diagonal, offset, edits));
            let mut x = if down { furthest[diagonal + 1] } else { furthest[diagonal - 1] + 1 };
            // Diagonals are counted from `offset`; a place beyond the texts ends the way.
            let Some(mut y) = (x + offset).checked_sub(diagonal) else { continue };
            while x < before.len() && y < after.len() && before[x] == after[y] {
                (x, y) = (x + 1, y + 1);
            }
            furthest[diagonal] = x;
            if x >= before.len() && y >= after.len() {
                let reached = Reached { rounds, offset };
                return Some(reached.way(before.len(), after.len()));
            }
        }
    }
    None
}

/// Whether the way to a diagonal adds a line; else it removes one.
fn comes_from_above(furthest: &[usize], (diagonal, offset, edits): (usize, usize, usize)) -> bool {
    diagonal == offset - edits
        || (diagonal != offset + edits && furthest[diagonal - 1] < furthest[diagonal + 1])
}

impl Reached {
    /// The edits from the beginning to the ends of both texts.
    fn way(&self, mut x: usize, mut y: usize) -> Vec<Edit> {
        let mut edits = Vec::new();
        for (round, kept) in self.rounds.iter().enumerate().rev() {
            let mut furthest = vec![0; 2 * self.offset + 1];
            let from = self.offset - round;
            furthest[from..from + kept.len()].copy_from_slice(kept);
            let diagonal = x + self.offset - y;
            let down = comes_from_above(&furthest, (diagonal, self.offset, round));
            let (to_x, to_y) = if round == 0 {
                (0, 0)
            } else {
                let previous = if down { diagonal + 1 } else { diagonal - 1 };
                let to_x = furthest[previous];
                (to_x, to_x + self.offset - previous)
            };
            let (start_x, start_y) = match (round, down) {
                (0, _) => (0, 0),
                (_, true) => (to_x, to_y + 1),
                (_, false) => (to_x + 1, to_y),
            };
            while x > start_x && y > start_y {
                (x, y) = (x - 1, y - 1);
                edits.push(Edit::Kept(x, y));
            }
            match (round, down) {
                (0, _) => {}
                (_, true) => edits.push(Edit::Added(to_y)),
                (_, false) => edits.push(Edit::Removed(to_x)),
            }
            (x, y) = (to_x, to_y);
        }
        edits.reverse();
        edits
    }
}

/// Leaves out lines that are far from any difference.
fn with_gaps(edits: &[Edit]) -> Vec<Edit> {
    let is_kept = |edit: &Edit| matches!(edit, Edit::Kept(..));
    let mut near = vec![false; edits.len()];
    for at in (0..edits.len()).filter(|at| !is_kept(&edits[*at])) {
        let end = (at + CONTEXT + 1).min(edits.len());
        near[at.saturating_sub(CONTEXT)..end].fill(true);
    }
    let mut told = Vec::new();
    for (edit, near) in edits.iter().zip(near) {
        if near {
            told.push(*edit);
        } else if told.last() != Some(&Edit::Gap) {
            told.push(Edit::Gap);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(before: &str, after: &str) -> String {
        let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
        let edits = difference(&before, &after).unwrap();
        let line = |edit| match edit {
            Edit::Kept(at, _) => format!(" {}", before[at]),
            Edit::Removed(at) => format!("-{}", before[at]),
            Edit::Added(at) => format!("+{}", after[at]),
            Edit::Gap => "~".to_owned(),
        };
        edits.into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn changed_lines_are_told_with_three_around_them() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        assert_eq!(told(before, &before.replace('5', "x")), "~\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n~");
        assert_eq!(told("a\n", "a\nb\n"), " a\n+b");
        assert_eq!(told("", "b\n"), "+b");
        assert_eq!(told("b\n", ""), "-b");
        assert_eq!(
            told("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n").matches(['+', '-']).count(),
            5
        );
    }

    #[test]
    fn texts_without_anything_in_common_are_no_edit() {
        let lines: Vec<String> = (0..4_000).map(|number| number.to_string()).collect();
        let (before, after) = lines.split_at(2_000);
        let texts = |lines: &[String]| lines.iter().map(String::clone).collect::<Vec<_>>();
        let (before, after) = (texts(before), texts(after));
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        let after: Vec<&str> = after.iter().map(String::as_str).collect();
        assert_eq!(difference(&before, &after), None);
    }

    proptest! {
        /// The edits lead from one text to the other, and no shorter ones do.
        #[test]
        fn edits_lead_from_one_text_to_the_other(
            before in prop::collection::vec("[ab]", 0..12),
            after in prop::collection::vec("[ab]", 0..12),
        ) {
            let before: Vec<&str> = before.iter().map(String::as_str).collect();
            let after: Vec<&str> = after.iter().map(String::as_str).collect();
            let edits = shortest(&before, &after).unwrap();
            let (mut x, mut y, mut changes) = (0, 0, 0);
            for edit in edits {
                match edit {
                    Edit::Kept(left, right) => {
                        prop_assert_eq!((left, right), (x, y));
                        prop_assert_eq!(before[left], after[right]);
                        (x, y) = (x + 1, y + 1);
                    }
                    Edit::Removed(left) => {
                        prop_assert_eq!(left, x);
                        (x, changes) = (x + 1, changes + 1);
                    }
                    Edit::Added(right) => {
                        prop_assert_eq!(right, y);
                        (y, changes) = (y + 1, changes + 1);
                    }
                    Edit::Gap => prop_assert!(false),
                }
            }
            prop_assert_eq!((x, y), (before.len(), after.len()));
            prop_assert_eq!(changes, before.len() + after.len() - 2 * common(&before, &after));
        }
    }

    /// Length of the longest common subsequence, in the plain way.
    fn common(before: &[&str], after: &[&str]) -> usize {
        let mut row = vec![0; after.len() + 1];
        for left in before {
            let mut diagonal = 0;
            for (at, right) in after.iter().enumerate() {
                let here = if left == right { diagonal + 1 } else { row[at].max(row[at + 1]) };
                diagonal = row[at + 1];
                row[at + 1] = here;
            }
        }
        row[after.len()]
    }
}
