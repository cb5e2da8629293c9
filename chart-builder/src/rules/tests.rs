use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::check::built::lock_of;
use crate::check::{Checked, check};
use crate::diagnostic::report::{self, Style};
use crate::lock::Lock;
use crate::source::Source;

const EXAMPLE: &str = include_str!("example.yaml");

type Edits = &'static [(&'static str, &'static str)];

fn edited(edits: Edits) -> String {
    edits.iter().fold(EXAMPLE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example has no `{from}`");
        text.replacen(from, to, 1)
    })
}

fn run(case: &Case) -> (Source, Checked) {
    let lock = case.built.map_or_else(Lock::default, |edits| {
        let source = Source::new("built.yaml", edited(edits));
        let built = check(&source, &Lock::default());
        let report = || report::text(&source, &built.diagnostics, Style::Plain);
        lock_of(built.network.as_ref().unwrap_or_else(|| panic!("built: {}", report())))
    });
    let source = Source::new("network.yaml", edited(case.edits));
    let checked = check(&source, &lock);
    (source, checked)
}

fn codes(checked: &Checked) -> BTreeSet<&'static str> {
    checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn the_example_has_no_faults_before_and_after_its_build() {
    for case in [case(&[]), rebuilt(&[])] {
        let (source, checked) = run(&case);
        let report = report::text(&source, &checked.diagnostics, Style::Plain);
        assert!(checked.diagnostics.is_empty(), "{report}");
    }
}

#[test]
fn every_rule_fires_in_its_cases() {
    let mut faults = Vec::new();
    for rule in RULES {
        assert!(!rule.fires.is_empty(), "{} has no case that fires", rule.code);
        for case in rule.fires {
            let (source, checked) = run(case);
            let codes = codes(&checked);
            if !codes.contains(rule.code) || codes.iter().any(|code| code.starts_with("FT1")) {
                let report = report::text(&source, &checked.diagnostics, Style::Plain);
                faults.push(format!("{} on {:?}: {codes:?}\n{report}", rule.code, case.edits));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_rule_fires_in_its_near_misses() {
    let mut faults = Vec::new();
    for rule in RULES {
        assert!(!rule.near_misses.is_empty(), "{} has no near miss", rule.code);
        for case in rule.near_misses {
            let (_, checked) = run(case);
            if codes(&checked).contains(rule.code) {
                faults.push(format!("{} on {:?}", rule.code, case.edits));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_is_one_rule_in_the_list_and_codes_are_unique_and_sorted() {
    const SHARED: &[&str] = &[
        "context.rs",
        "couchdb.rs",
        "frozen.rs",
        "logs.rs",
        "mod.rs",
        "nodes.rs",
        "tests.rs",
        "volumes.rs",
    ];
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut files = 0;
    for entry in std::fs::read_dir(directory).expect("the rules can be listed") {
        let path = entry.expect("the rules can be listed").path();
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        if SHARED.contains(&name.as_str()) || path.extension().is_none_or(|it| it != "rs") {
            continue;
        }
        files += 1;
        let text = std::fs::read_to_string(&path).expect("a rule can be read");
        let rule = RULES.iter().find(|rule| text.contains(&format!("code: \"{}\"", rule.code)));
        let rule = rule.unwrap_or_else(|| panic!("{name} is not in RULES"));
        assert!(text.starts_with(&format!("//! {}: ", rule.code)), "{name} begins with its code");
    }
    assert_eq!(files, RULES.len());
    assert!(RULES.is_sorted_by(|left, right| left.code < right.code));
}

#[test]
fn every_finding_says_what_why_and_how() {
    for rule in RULES {
        assert!(!rule.title.is_empty() && rule.about.ends_with('.'), "{}", rule.code);
        for case in rule.fires {
            for found in &run(case).1.diagnostics {
                let texts = [&found.message, &found.why, &found.fix];
                assert!(texts.iter().all(|text| !text.trim().is_empty()), "{found:?}");
                assert!(!found.message.ends_with('.'), "{found:?}");
            }
        }
    }
}
