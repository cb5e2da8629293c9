//! Versions of Fabric behind the values of the axis `line`.
//!
//! Lines that differ in little share a value, and rows take turns: pairs hold for the value, the proofs for every line.

use super::Row;

/// Values of the axis with the versions that rows take in turn.
const VERSIONS: &[(&str, &[&str])] = &[
    ("2.5", &["2.5.16"]),
    ("1.0-1.3", &["1.0", "1.1", "1.2", "1.3"]),
    ("1.4", &["1.4.12"]),
    ("2.0-2.2", &["2.2.15", "2.0", "2.1"]),
    ("2.3-2.4", &["2.4.0", "2.3", "2.4"]),
    ("3.0", &["3.0.0"]),
    ("3.1", &["3.1.5"]),
];

/// What `fabric.version` of a row says.
pub(super) fn version(row: &Row) -> &'static str {
    let line = row.value("line");
    let versions = VERSIONS.iter().find(|(name, _)| *name == line);
    let (_, versions) = versions.unwrap_or_else(|| panic!("no version is of line `{line}`"));
    let number = row.name.trim_start_matches(|it: char| !it.is_ascii_digit());
    let number: usize = number.parse().unwrap_or(0);
    // Every third row, so that a turn does not go with the values that alternate.
    versions[number / 3 % versions.len()]
}
