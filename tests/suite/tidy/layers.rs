//! What each layer may touch: pure code stays pure, and each truth has one place.

use super::assert_none;
use super::rust::production;

/// Directories whose code gets values and gives values.
const PURE: &[&str] = &[
    "chart-builder/format/src/",
    "chart-builder/fabric/src/",
    "chart-builder/src/model/",
    "chart-builder/src/spec/",
    "chart-builder/src/resolve/",
    "chart-builder/src/rules/",
    "chart-builder/src/diagnostic/",
    "chart-builder/src/lower/",
    "registry/catalog/src/",
];

/// What pure code never names: files, environment, clock, processes, network, chance.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "TcpStream",
    "TcpListener",
    "ToSocketAddrs",
    "SystemTime::now",
    "Instant::now",
    "OffsetDateTime::now",
    "rand::rng(",
    "SysRng",
    "OsRng",
    "tokio::",
];

/// Pure places that are excused, each with what and why.
const EXCUSED: &[(&str, &str, &str)] = &[];

#[test]
fn pure_code_does_no_input_or_output() {
    let mut faults = Vec::new();
    for source in production() {
        if !PURE.iter().any(|folder| source.name.starts_with(folder)) {
            continue;
        }
        for (index, line) in source.code() {
            for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                let excused =
                    EXCUSED.iter().any(|(name, what, _)| *name == source.name && what == word);
                if !excused {
                    faults.push(format!("{}:{}: `{word}`", source.name, index + 1));
                }
            }
        }
    }
    assert_none(
        "pure code reads no file, environment or clock and draws no random number",
        &faults,
    );
}

#[test]
fn only_render_knows_handlebars() {
    let mut faults = Vec::new();
    for source in production() {
        let named = source.code().any(|(_, line)| line.to_lowercase().contains("handlebars"));
        if named && source.name != "chart-builder/src/render.rs" {
            faults.push(source.name);
        }
    }
    assert_none("only chart-builder/src/render.rs names Handlebars", &faults);
}

#[test]
fn only_names_formats_hosts() {
    let mut faults = Vec::new();
    for source in production() {
        if source.name == "chart-builder/src/model/names.rs"
            || !source.name.starts_with("chart-builder/src/")
        {
            continue;
        }
        for (index, line) in source.code() {
            if line.contains("}.svc") || line.contains("\".svc") {
                faults.push(format!("{}:{}", source.name, index + 1));
            }
        }
    }
    assert_none("only chart-builder/src/model/names.rs makes host names", &faults);
}

#[test]
fn output_never_depends_on_the_order_of_a_hash_map() {
    let mut faults = Vec::new();
    for source in production() {
        if !source.name.starts_with("chart-builder/")
            || source.name.starts_with("chart-builder/canary/")
        {
            continue;
        }
        for (index, line) in source.code() {
            if line.contains("HashMap") || line.contains("HashSet") {
                faults.push(format!("{}:{}", source.name, index + 1));
            }
        }
    }
    assert_none("the compiler uses BTreeMap and BTreeSet", &faults);
}
