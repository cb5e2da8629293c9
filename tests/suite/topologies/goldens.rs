//! What every topology is built to, kept: digests of all of them, and a small core as whole manifests to read.
//!
//! `UPDATE=1` writes the files anew, with `TOPOLOGIES` the lines of those alone. A digest tells that something changed and in which objects; what changed shows a
//! manifest of the core, or `git stash` and `helm template`. Left out of manifests: long texts, which are files of the
//! charts, certificates and blocks; they stand there as digests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chart_format::digest::Sha256;
use serde_json::Value;
use suite::topologies::{self, Row};
use suite::{golden, workspace};

use super::renders::{RENDERS, Render, name};
use super::samples::Package;
use super::{assert_none, parallel};

/// A line for each topology.
const DIGESTS: &str = "tests/topologies/digests.tsv";

/// Topologies whose whole manifest is kept: few objects each, and together most templates.
const CORE: &[&str] = &["n014", "n021", "n023", "n046"];

/// Longer texts are files that can be read elsewhere.
const LONGEST_TEXT: usize = 300;

/// Hexadecimal digits of an object's name and content in a line.
const SHORT: usize = 5;

fn digest(bytes: &[u8]) -> String {
    Sha256::of(bytes).to_string()
}

fn short(text: &str) -> String {
    digest(text.as_bytes()).chars().take(SHORT).collect()
}

/// One digest over all packages of a version.
fn of_packages(packages: &[Package]) -> String {
    let lines = packages.iter().map(|it| format!("{} {}\n", it.release, digest(&it.bytes)));
    digest(lines.collect::<String>().as_bytes())
}

/// Objects by name.
fn sorted(objects: &[Value]) -> BTreeMap<String, &Value> {
    objects.iter().map(|object| (name(object), object)).collect()
}

fn of_objects(objects: &[Value]) -> String {
    let lines = sorted(objects).into_values().map(|object| format!("{object}\n"));
    digest(lines.collect::<String>().as_bytes())
}

/// Name, packages and manifest of both versions, and for each object of the first its name and its content.
fn line(render: &Render) -> String {
    let sample = render.sample;
    let mut line = format!(
        "{}\t{}\t{}\t{}\t{}\t",
        sample.row.name,
        of_packages(&sample.first.packages),
        of_objects(&render.first),
        of_packages(&sample.second.packages),
        of_objects(&render.second),
    );
    let objects = sorted(&render.first).into_iter();
    let objects = objects.map(|(name, it)| format!("{}:{}", short(&name), short(&it.to_string())));
    line += &objects.collect::<Vec<_>>().join(" ");
    line
}

/// Which objects are not what the committed line says.
fn changes(render: &Render, kept: &str) -> Vec<String> {
    let mut kept: BTreeMap<&str, &str> = kept
        .rsplit('\t')
        .next()
        .into_iter()
        .flat_map(|objects| objects.split(' '))
        .filter_map(|object| object.split_once(':'))
        .collect();
    let mut changes = Vec::new();
    for (name, object) in sorted(&render.first) {
        match kept.remove(short(&name).as_str()) {
            None => changes.push(format!("{name} is new")),
            Some(content) if content != short(&object.to_string()) => {
                changes.push(format!("{name} changed"));
            }
            Some(_) => {}
        }
    }
    if !kept.is_empty() {
        changes.push(format!("{} objects are gone", kept.len()));
    }
    if changes.is_empty() {
        changes.push("packages or the successor changed".to_owned());
    }
    changes
}

/// The topology that a line is about.
fn name_of(line: &str) -> &str {
    line.split('\t').next().unwrap_or_default()
}

/// The file with these lines in the place of those of the same topologies. Lines of topologies that the table has no more go.
fn renewed(kept: &BTreeMap<&str, &str>, lines: &[String]) -> String {
    let renewed: BTreeMap<&str, &str> =
        lines.iter().map(|line| (name_of(line), line.as_str())).collect();
    let line = |row: &Row| {
        let name = row.name.as_str();
        renewed.get(name).or_else(|| kept.get(name)).map(|line| format!("{line}\n"))
    };
    topologies::rows().iter().filter_map(line).collect()
}

#[test]
fn every_topology_is_built_to_what_its_digests_say() {
    if RENDERS.is_empty() {
        return;
    }
    let renders: Vec<&Render> = RENDERS.iter().collect();
    let lines = parallel(&renders, |render| line(render));
    let kept = std::fs::read_to_string(workspace::path(DIGESTS)).unwrap_or_default();
    let kept: BTreeMap<&str, &str> = kept.lines().map(|line| (name_of(line), line)).collect();
    if std::env::var_os("UPDATE").is_some() {
        golden::check(DIGESTS, &renewed(&kept, &lines));
        return;
    }
    let mut faults = Vec::new();
    for (render, line) in renders.iter().zip(&lines) {
        let name = &render.sample.row.name;
        match kept.get(name.as_str()) {
            None => faults.push(format!("{name}: {DIGESTS} has no line")),
            Some(kept) if kept != line => {
                let changes = changes(render, kept).into_iter();
                faults.extend(changes.map(|change| format!("{name}: {change}")));
            }
            Some(_) => {}
        }
    }
    let rule = "what is built stays as it was: review the change and run this test with UPDATE=1";
    assert_none(rule, &faults);
}

/// An object to read: keys in order, long texts as digests.
fn readable(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > LONGEST_TEXT => {
            let lines = text.lines().count();
            Value::from(format!("({lines} lines, sha256 {})", &digest(text.as_bytes())[..16]))
        }
        Value::Object(map) => map.iter().map(|(key, it)| (key.clone(), readable(it))).collect(),
        Value::Array(items) => items.iter().map(readable).collect(),
        other => other.clone(),
    }
}

fn manifest(render: &Render) -> String {
    let row = &render.sample.row;
    let mut text =
        format!("# Generated, to be read as a diff: topology {} of the table.\n", row.name);
    for object in sorted(&render.first).into_values() {
        let object = yaml_serde::to_string(&readable(object)).expect("plain data");
        write!(text, "---\n{object}").expect("memory");
    }
    text
}

#[test]
fn the_manifests_of_the_core_are_as_they_were() {
    let names: BTreeSet<&str> = RENDERS.iter().map(|it| it.sample.row.name.as_str()).collect();
    for name in CORE.iter().filter(|name| names.contains(*name)) {
        let render = RENDERS.iter().find(|it| it.sample.row.name == **name);
        let manifest = manifest(render.expect("a topology of the core is in the table"));
        golden::check(&format!("tests/topologies/core/{name}.yaml"), &manifest);
    }
}
