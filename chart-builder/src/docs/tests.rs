use std::fs;
use std::path::Path;

use super::*;

/// Compares a committed document; `WRITE_DOCS=1` writes it instead.
fn compare(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("WRITE_DOCS").is_some() {
        fs::write(&path, generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/{name} is not what the code says: run `WRITE_DOCS=1 cargo test -p chart-builder docs` and commit it"
    );
}

#[test]
fn the_reference_of_the_topology_is_up_to_date() {
    compare("topology.md", &topology());
}

#[test]
fn the_list_of_diagnostics_is_up_to_date() {
    compare("diagnostics.md", &diagnostics());
}

#[test]
fn every_code_has_an_explanation_and_only_one() {
    let mut codes: Vec<_> = explanations().iter().map(|found| found.code).collect();
    assert!(codes.iter().all(|code| code.len() == 5 && code.starts_with("FT")));
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count);
}
