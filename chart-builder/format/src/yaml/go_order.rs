//! The order in which Go's YAML library writes the keys of a mapping (its `sorter.go`).

use std::cmp::Ordering;

use super::tree::{Entry, Map};

/// The entries in Go's order of keys.
///
/// That order is not transitive (`01` < `0x1` < `1.1` < `01`), which the standard sort may answer
/// with a panic; inserting one by one cannot fail.
pub(super) fn sorted(map: &Map) -> Vec<&Entry> {
    let mut sorted: Vec<&Entry> = Vec::with_capacity(map.len());
    for entry in map {
        let place = sorted
            .partition_point(|other| natural_order(&other.key, &entry.key) != Ordering::Greater);
        sorted.insert(place, entry);
    }
    sorted
}

/// The order of keys: letters after everything else, runs of digits by their number.
fn natural_order(left: &str, right: &str) -> Ordering {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    for index in 0..left.len().min(right.len()) {
        let (a, b) = (left[index], right[index]);
        if a == b {
            continue;
        }
        return match (a.is_alphabetic(), b.is_alphabetic()) {
            (true, true) => a.cmp(&b),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => number_order(&left, &right, index),
        };
    }
    left.len().cmp(&right.len())
}

fn number_order(left: &[char], right: &[char], index: usize) -> Ordering {
    let digits_before = left[..index].iter().rev().take_while(|c| c.is_ascii_digit());
    let zero = left[index] == '0' || right[index] == '0';
    // A zero inside of a number counts; a leading one does not.
    let start = i64::from(zero && digits_before.into_iter().any(|digit| *digit != '0'));
    let (left_number, left_end) = number_at(left, index, start);
    let (right_number, right_end) = number_at(right, index, start);
    left_number
        .cmp(&right_number)
        .then(left_end.cmp(&right_end))
        .then(left[index].cmp(&right[index]))
}

fn number_at(text: &[char], index: usize, start: i64) -> (i64, usize) {
    let mut value = start;
    let mut end = index;
    while let Some(digit) = text.get(end).and_then(|digit| digit.to_digit(10)) {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        end += 1;
    }
    (value, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_and_letters_come_last() {
        let keys = ["name", "a10", "a2", "a02", "a1", "B", "1.10", "x_y", "x-y", "01"];
        let map: Map = keys.iter().map(|key| (*key, true)).collect();
        let order: Vec<&str> = sorted(&map).into_iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(order, ["1.10", "01", "B", "a1", "a2", "a02", "a10", "name", "x-y", "x_y"]);
    }

    #[test]
    fn an_order_that_runs_in_a_circle_is_no_panic() {
        let map: Map =
            (0..2000).map(|n| (format!("{}{n}", ["0x1fa", "1.1", "01"][n % 3]), true)).collect();
        assert_eq!(sorted(&map).len(), 2000);
    }
}
