//! The text between the entries of an index: one version per line, charts as lists.

/// What stands before the first entry of an index or listing.
pub(crate) fn glue_first(chart: &str) -> String {
    format!("\"{chart}\":[\n")
}

/// Length of [`glue_between`], without writing it: sums are made of many stretches.
pub(crate) fn glue_length(before: &str, after: &str) -> u64 {
    let length = if before == after { 2 } else { after.len() + 8 };
    length as u64
}

/// What stands between an entry of chart `before` and the next one, of chart `after`.
pub(crate) fn glue_between(before: &str, after: &str) -> String {
    if before == after { ",\n".to_owned() } else { format!("],\n{}", glue_first(after)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_that_of_the_text() {
        for (before, after) in [("a", "a"), ("a", "b-1"), ("", "long-name"), ("a", "")] {
            assert_eq!(glue_length(before, after), glue_between(before, after).len() as u64);
        }
    }
}
