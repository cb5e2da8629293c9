//! The text between the entries of an index: one version per line, charts as lists.

/// What stands before the first entry of an index or listing.
pub(crate) fn glue_first(chart: &str) -> String {
    format!("\"{chart}\":[\n")
}

/// What stands between an entry of chart `before` and the next one, of chart `after`.
pub(crate) fn glue_between(before: &str, after: &str) -> String {
    if before == after { ",\n".to_owned() } else { format!("],\n{}", glue_first(after)) }
}
