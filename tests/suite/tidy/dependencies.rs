//! Dependencies: direction, licences, sources, duplicates, and nothing unused.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use suite::process::run;
use suite::workspace;

use super::assert_none;

/// Workspace crate -> workspace crates that it may use outside of tests. `suite` may use all.
const DIRECTION: &[(&str, &[&str])] = &[
    ("chart-format", &[]),
    ("fabric-artifacts", &[]),
    ("fabric-canary", &[]),
    ("chart-builder", &["chart-format", "fabric-artifacts"]),
    ("chart-registry-store", &["chart-format"]),
    ("chart-registry-catalog", &["chart-format", "chart-registry-store"]),
    ("chart-registry", &["chart-format", "chart-registry-catalog", "chart-registry-store"]),
    ("chart-builder-cli", &["chart-builder", "chart-format", "chart-registry", "fabric-artifacts"]),
];

/// Licences that ask for no more than a notice.
const LICENCES: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unicode-3.0",
    "Zlib",
    "0BSD",
    "MIT-0",
    "BSL-1.0",
    "CC0-1.0",
    "Unlicense",
];

/// Names of which two versions are linked; the old one comes from a dependency that we cannot change.
const DUPLICATES: &[(&str, &str)] = &[
    ("base64", "0.22 by tonic"),
    ("bit-vec", "0.9 by bit-set of proptest"),
    ("crypto-common", "0.1 by crc-fast, below object_store"),
    ("digest", "0.10 by crc-fast, below object_store"),
    ("getrandom", "0.2 by ring"),
    ("spin", "0.9 by multer"),
    ("syn", "2 by most derive macros"),
    ("synstructure", "0.13 by the derive macros of x509-parser"),
];

/// Crates that must stay out: native code beyond `ring`, other TLS stacks, a second YAML writer.
const BANNED: &[&str] =
    &["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls", "serde_yml", "libyml"];

/// Crates of pure code: no runtime and no network below them.
const PURE: &[&str] = &["chart-format", "fabric-artifacts", "chart-builder"];

static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--locked", "--offline"]);
    command.args(["--filter-platform", "x86_64-unknown-linux-gnu"]).current_dir(workspace::root());
    serde_json::from_str(&run(&mut command).success().stdout).expect("cargo metadata is JSON")
});

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// Packages of the workspace.
fn members() -> impl Iterator<Item = &'static Value> {
    let ids: BTreeSet<&str> =
        list(&METADATA, "workspace_members").iter().filter_map(Value::as_str).collect();
    list(&METADATA, "packages").iter().filter(move |package| ids.contains(text(package, "id")))
}

/// Declared dependencies of a package; `kind` is null for normal ones, else "dev" or "build".
fn declared<'a>(package: &'a Value, kinds: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    list(package, "dependencies")
        .iter()
        .filter(|dependency| kinds.contains(&dependency["kind"].as_str().unwrap_or("normal")))
        .map(|dependency| text(dependency, "name"))
}

#[test]
fn dependencies_run_one_way() {
    let ours: BTreeSet<&str> = members().map(|package| text(package, "name")).collect();
    let mut faults = Vec::new();
    for package in members().filter(|package| text(package, "name") != "suite") {
        let name = text(package, "name");
        let Some((_, allowed)) = DIRECTION.iter().find(|(crate_name, _)| *crate_name == name)
        else {
            faults.push(format!("`{name}` is missing in the list of this test"));
            continue;
        };
        for used in declared(package, &["normal", "build"]) {
            if ours.contains(used) && !allowed.contains(&used) {
                faults.push(format!("`{name}` uses `{used}`"));
            }
        }
    }
    assert_none("dependencies of the workspace run one way", &faults);
}

#[test]
fn the_registry_never_knows_the_compiler() {
    let below = reachable("chart-registry");
    assert!(!below.contains("chart-builder"), "chart-registry reaches chart-builder");
}

#[test]
fn pure_crates_link_no_runtime() {
    let mut faults = Vec::new();
    for name in PURE {
        let below = reachable(name);
        for runtime in ["tokio", "hyper", "axum", "mio", "reqwest", "object_store"] {
            if below.contains(runtime) {
                faults.push(format!("`{name}` reaches `{runtime}`"));
            }
        }
    }
    assert_none("pure crates link no runtime", &faults);
}

/// Names of all packages below one, development dependencies left out.
fn reachable(name: &str) -> BTreeSet<String> {
    let nodes: BTreeMap<&str, &Value> =
        list(&METADATA["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();
    let names: BTreeMap<&str, &str> = list(&METADATA, "packages")
        .iter()
        .map(|package| (text(package, "id"), text(package, "name")))
        .collect();
    let root = members().find(|package| text(package, "name") == name).expect("a workspace crate");
    let mut waiting = vec![text(root, "id")];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        for dependency in nodes.get(id).map_or(&[][..], |node| list(node, "deps")) {
            let linked = list(dependency, "dep_kinds").iter().any(|kind| kind["kind"] != "dev");
            let next = text(dependency, "pkg");
            if linked && seen.insert(next) {
                waiting.push(next);
            }
        }
    }
    seen.iter().filter_map(|id| names.get(id)).map(|name| (*name).to_owned()).collect()
}

/// Packages that are really linked or built, as the lock resolves them for Linux.
fn resolved() -> impl Iterator<Item = &'static Value> {
    let ids: BTreeSet<&str> =
        list(&METADATA["resolve"], "nodes").iter().map(|node| text(node, "id")).collect();
    list(&METADATA, "packages").iter().filter(move |package| ids.contains(text(package, "id")))
}

#[test]
fn licences_are_allowed() {
    let mut faults = Vec::new();
    for package in resolved() {
        let licence = text(package, "license");
        if !allowed(licence) {
            faults.push(format!(
                "{} {}: `{licence}`",
                text(package, "name"),
                text(package, "version")
            ));
        }
    }
    assert_none("a dependency has a licence of the list", &faults);
}

/// Whether an SPDX expression can be met with licences of the list; the old form `A/B` means `A OR B`.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    split_outside(&expression, " OR ").iter().any(|choice| {
        split_outside(choice, " AND ").iter().all(|part| {
            let part = part.trim();
            match part.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
                Some(inner) => allowed(inner),
                None => LICENCES.contains(&part),
            }
        })
    })
}

/// Splits at a word that stands outside of parentheses.
fn split_outside<'a>(expression: &'a str, word: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (index, sign) in expression.char_indices() {
        depth += i32::from(sign == '(') - i32::from(sign == ')');
        if depth == 0 && index >= start && expression[index..].starts_with(word) {
            parts.push(&expression[start..index]);
            start = index + word.len();
        }
    }
    parts.push(&expression[start..]);
    parts
}

#[test]
fn licence_expressions_are_read_with_parentheses() {
    assert!(allowed("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(allowed("GPL-2.0/MIT"));
    assert!(!allowed("MIT AND GPL-3.0"));
    assert!(!allowed(""));
}

#[test]
fn sources_are_the_public_registry_or_this_tree() {
    let mut faults = Vec::new();
    for package in resolved() {
        let source = package["source"].as_str();
        let public = "registry+https://github.com/rust-lang/crates.io-index";
        if source.is_some_and(|source| source != public) {
            faults.push(format!("{}: {source:?}", text(package, "name")));
        }
    }
    assert_none("a dependency comes from the public registry", &faults);
}

#[test]
fn no_banned_crate_is_linked() {
    let mut faults = Vec::new();
    for package in resolved() {
        if BANNED.contains(&text(package, "name")) {
            faults.push(text(package, "name").to_owned());
        }
    }
    assert_none("these crates stay out", &faults);
}

#[test]
fn duplicates_are_known() {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in resolved() {
        versions.entry(text(package, "name")).or_default().insert(text(package, "version"));
    }
    let mut faults = Vec::new();
    for (name, versions) in &versions {
        let known = DUPLICATES.iter().any(|(duplicate, _)| duplicate == name);
        if versions.len() > 1 && !known {
            faults.push(format!("{name}: {versions:?}"));
        }
    }
    for (name, _) in DUPLICATES {
        if versions.get(name).is_none_or(|versions| versions.len() < 2) {
            faults.push(format!("{name} has one version: take it off the list"));
        }
    }
    assert_none(
        "a crate is linked in one version; exceptions stand in the list with who brings them",
        &faults,
    );
}

#[test]
fn every_declared_dependency_is_used() {
    let mut faults = Vec::new();
    for package in members() {
        let manifest = text(package, "manifest_path");
        let folder = manifest.trim_end_matches("Cargo.toml");
        let sources: String = walkdir::WalkDir::new(folder)
            .into_iter()
            .filter_entry(|entry| entry.depth() < 2 || !entry.path().join("Cargo.toml").exists())
            .flatten()
            .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "rs"))
            .map(|entry| std::fs::read_to_string(entry.path()).expect("a source file"))
            .collect();
        for dependency in list(package, "dependencies") {
            let name = dependency["rename"].as_str().unwrap_or(text(dependency, "name"));
            if !names_crate(&sources, &name.replace('-', "_")) {
                faults.push(format!("`{}` does not use `{name}`", text(package, "name")));
            }
        }
    }
    assert_none("a declared dependency is used", &faults);
}

/// Whether the sources name the crate in a path, a `use`, or an attribute.
fn names_crate(sources: &str, name: &str) -> bool {
    [format!("{name}::"), format!("use {name}"), format!("{name} as ")]
        .iter()
        .any(|form| sources.contains(form.as_str()))
}
