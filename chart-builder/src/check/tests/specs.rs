//! Runs `tests/specs`: each file is a topology that says what has to be found in it.
//!
//! A comment `#! FT103 error 7:3` expects a finding, in order; `#! after built.yaml` means that the network of that
//! file was built before.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::check::built::lock_of;
use crate::check::{Checked, check};
use crate::diagnostic::explanations;
use crate::diagnostic::report::{self, Style};
use crate::lock::Lock;
use crate::source::Source;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/specs")
}

fn source(name: &str) -> Source {
    let path = directory().join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    Source::new(name, text)
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| Path::new(name).extension().is_some_and(|it| it == "yaml"));
    names.sort();
    names
}

fn expectations(source: &Source) -> Vec<&str> {
    let lines = source.text().lines().filter_map(|line| line.strip_prefix("#! "));
    lines.filter(|line| !line.starts_with("after ")).collect()
}

fn run(source: &Source) -> Checked {
    let before = source.text().lines().find_map(|line| line.strip_prefix("#! after "));
    let lock = before.map_or_else(Lock::default, |before| {
        let built = check(&self::source(before), &Lock::default());
        lock_of(&built.network.expect("what was built has no errors"))
    });
    check(source, &lock)
}

fn found(source: &Source, checked: &Checked) -> Vec<String> {
    let found = checked.diagnostics.iter().map(|it| {
        let start = it.place.range.clone().unwrap_or_default().start;
        let at = source.position(start);
        format!("{} {} {}:{}", it.code, it.severity.word(), at.line, at.column)
    });
    found.collect()
}

#[test]
fn every_spec_gives_exactly_what_it_says() {
    let mut faults = String::new();
    for name in names() {
        let source = source(&name);
        let checked = run(&source);
        let found = found(&source, &checked);
        if found != expectations(&source) {
            let report = report::text(&source, &checked.diagnostics, Style::Plain);
            let found = found.join("\n#! ");
            faults.extend([&name, ":\n", &report, "\nfound:\n#! ", &found, "\n\n"]);
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn specs_expect_only_codes_that_are_explained() {
    let known: BTreeSet<_> = explanations().iter().map(|it| it.code).collect();
    for name in names() {
        for line in expectations(&source(&name)) {
            assert!(known.contains(&line[..5]), "{name}: {line}");
        }
    }
}

#[test]
fn one_run_reports_six_faults_and_more() {
    let source = source("wrong-input.yaml");
    assert!(run(&source).diagnostics.iter().count() >= 6);
}

#[test]
fn the_report_in_json_has_stable_fields() {
    let source = source("even-consenters.yaml");
    let json = report::json(&source, &run(&source).diagnostics);
    assert_eq!(json["warnings"], 1);
    let first = &json["diagnostics"][0];
    for field in ["code", "severity", "message", "why", "fix", "place", "related"] {
        assert!(!first[field].is_null() || field == "related", "{field}");
    }
    assert_eq!(first["place"]["line"], 8);
}

#[test]
fn the_article_has_at_most_fifteen_lines_and_no_faults() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/article/network.yaml");
    let text = fs::read_to_string(path).unwrap();
    assert!(text.lines().count() <= 15);
    let checked = check(&Source::new("network.yaml", text), &Lock::default());
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
}
