//! The table of the design of 2017: complete, and every test that it names exists.

use std::collections::BTreeSet;

use suite::workspace;

use super::assert_none;

const TABLE: &str = "docs/seed.md";

/// Points of the article and of its later parts.
const POINTS: usize = 49;

/// Cells of a row `| S1 | … |`.
fn rows() -> Vec<Vec<String>> {
    let text = workspace::read(TABLE);
    let rows = text.lines().filter(|line| line.starts_with("| S"));
    rows.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

#[test]
fn every_point_of_the_seed_has_its_row_in_order() {
    let numbers: Vec<String> = rows().iter().map(|row| row[0].clone()).collect();
    let expected: Vec<String> = (1..=POINTS).map(|number| format!("S{number}")).collect();
    assert_eq!(numbers, expected);
}

/// Names of the functions that are tests.
fn tests(sources: &str) -> BTreeSet<&str> {
    let marked = sources.split("#[test]\n").skip(1);
    marked
        .filter_map(|rest| {
            let line = rest.lines().map(str::trim).find(|line| !line.starts_with("#["))?;
            line.strip_prefix("fn ")?.split('(').next()
        })
        .collect()
}

#[test]
fn every_test_that_the_table_of_the_seed_names_exists() {
    let sources: String =
        workspace::files_like("", ".rs").iter().map(|name| workspace::read(name)).collect();
    let scenarios: BTreeSet<&str> =
        sources.split("name: \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let tests = tests(&sources);
    let mut faults = Vec::new();
    for row in rows() {
        let [point, .., shown] = row.as_slice() else { continue };
        let mut words = shown.split('`');
        while let (Some(before), Some(name)) = (words.next(), words.next()) {
            let exists = if before.ends_with("cluster: ") {
                scenarios.contains(name)
            } else {
                tests.contains(name)
            };
            if !exists {
                faults.push(format!("{point}: `{name}`"));
            }
        }
        if shown.is_empty() {
            faults.push(format!("{point} says neither a test nor a reason"));
        }
    }
    assert_none("a test that docs/seed.md names exists", &faults);
}
