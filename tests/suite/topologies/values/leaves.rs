//! Every setting that a chart has, from the values.yaml that ships with it, and another value for each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use suite::workspace;

/// A setting: the curated chart that has it, and its keys; a name that differs between networks is `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Leaf {
    pub(super) chart: String,
    pub(super) path: Vec<String>,
}

impl std::fmt::Display for Leaf {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.chart, self.path.join("."))
    }
}

/// The library that every network uses: its settings stand at the top of a network's values.
pub(super) const NETWORK: &str = "fabric-network";

/// What is no setting: facts are the guard's, what is global is the network's.
const NO_SETTINGS: &[&str] = &["facts", "global"];

/// Settings of all curated charts with their defaults.
pub(super) fn of_charts() -> BTreeMap<Leaf, Value> {
    let mut leaves = BTreeMap::new();
    for file in workspace::files_like("charts/", "/values.yaml") {
        let parts: Vec<&str> = file.split('/').collect();
        let [_, chart, _] = parts[..] else { continue };
        let values = read(&workspace::read(&file));
        for (key, value) in values.as_object().into_iter().flatten() {
            if !NO_SETTINGS.contains(&key.as_str()) {
                collect(chart, vec![key.clone()], value, &mut leaves);
            }
        }
    }
    leaves
}

/// Settings that a network's values have of their own: all that is global and no fact, and what `helm test` does.
pub(super) fn of_network(values: &Value) -> BTreeMap<Leaf, Value> {
    let mut leaves = BTreeMap::new();
    let mut values = values.clone();
    if let Some(global) = values["global"].as_object_mut() {
        global.remove("fabric");
    }
    // Which chaincodes there are is no setting.
    if values["tests"]["transactions"].as_object().is_some_and(Map::is_empty) {
        values["tests"].as_object_mut().expect("a mapping").remove("transactions");
    }
    for key in ["global", "tests"].iter().filter(|key| !values[**key].is_null()) {
        collect(NETWORK, vec![(*key).to_owned()], &values[*key], &mut leaves);
    }
    leaves
}

fn collect(chart: &str, path: Vec<String>, value: &Value, leaves: &mut BTreeMap<Leaf, Value>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let path = path.iter().chain([key]).cloned().collect();
                collect(chart, path, value, leaves);
            }
        }
        value => {
            leaves.insert(Leaf { chart: chart.to_owned(), path }, value.clone());
        }
    }
}

pub(super) fn read(text: &str) -> Value {
    yaml_serde::from_str(text).expect("values are YAML")
}

/// How a changed value shows.
pub(super) enum Mark {
    /// This text stands in the manifest.
    Text(String),
    /// The manifest is another one.
    Difference,
}

/// Settings with a few words, and another word for each.
const WORDS: &[(&str, &str)] = &[
    ("pullPolicy", "Never"),
    ("networkPolicy.mode", "operations"),
    ("daemon.mode", "restore"),
    ("daemon.form", "DOCKER_OPTS"),
    ("externalTrafficPolicy", "Local"),
    ("dind.bridge", "10.70.0.1/24"),
];

/// Numbers that templates compute with, or that have a small largest value.
const COMPUTED: &[&str] = &["weight", "replicas", "attempts", "port"];

/// Another value of the same type, and how it shows.
pub(super) fn another(
    leaf: &Leaf,
    default: &Value,
    number: usize,
    nodes: &[String],
) -> (Value, Mark) {
    // Helm writes whole numbers from a million on with an exponent.
    let number = 700_000 + number;
    let word = format!("sentinel{number}");
    let path = leaf.path.join(".");
    let key = leaf.path.last().map_or("", String::as_str);
    if let Some((_, other)) = WORDS.iter().find(|(end, _)| path.ends_with(end)) {
        return (json!(other), Mark::Difference);
    }
    let value = match default {
        Value::Bool(value) => return (json!(!value), Mark::Difference),
        Value::Number(value) if COMPUTED.contains(&key) => {
            return (json!(value.as_i64().unwrap_or(0) + 1), Mark::Difference);
        }
        Value::Number(_) => return (json!(number), Mark::Text(number.to_string())),
        Value::String(_) if key == "digest" => json!(format!("sha256:{number:064}")),
        Value::String(text) => json!(other_text(text, number)),
        Value::Array(items) if items.iter().any(Value::is_number) => {
            json!([&items[..], &[json!(1000 + number % 1000)]].concat())
        }
        Value::Array(items) => json!([&items[..], &[item(key, &word)]].concat()),
        _ if path == "global.exposure.addresses" => {
            let hosts = nodes.iter().map(|it| (it.clone(), json!(word)));
            Value::Object(hosts.collect::<Map<_, _>>())
        }
        _ if ["peers", "orderers", "nodes"].contains(&key) && leaf.path.len() == 1 => {
            let nodes = nodes.iter().map(|it| (it.clone(), json!({"podAnnotations": {"a": word}})));
            Value::Object(nodes.collect::<Map<_, _>>())
        }
        _ if path.ends_with("networkPolicy.more") => json!({"peer": {"egress": [{"to": [{
            "podSelector": {"matchLabels": {"a": word}}}]}]}}),
        _ if leaf.path.ends_with(&["image".to_owned()]) || key == "previousImage" => {
            json!({"repository": word})
        }
        _ => json!({word.clone(): word}),
    };
    if value.is_array() && !value.to_string().contains(&number.to_string()) {
        return (value, Mark::Difference);
    }
    let shown = if value.to_string().contains(&word) { word } else { number.to_string() };
    (value, Mark::Text(shown))
}

/// Quantities and durations keep their unit, paths their beginning.
fn other_text(text: &str, number: usize) -> String {
    let unit = text.trim_start_matches(|it: char| it.is_ascii_digit());
    match unit {
        _ if text.starts_with('/') => format!("/sentinel{number}"),
        unit if unit.len() < text.len() && unit.bytes().all(|it| it.is_ascii_alphabetic()) => {
            format!("{number}{unit}")
        }
        _ => format!("sentinel{number}"),
    }
}

/// An item for a list of objects or of words.
fn item(key: &str, word: &str) -> Value {
    match key {
        "tolerations" => json!({"key": word}),
        "apiServer" => json!({"cidr": word, "port": 443}),
        "parentRefs" => json!({"name": word}),
        _ => json!(word),
    }
}

/// The keys of all leaves, for a look at what a test knows.
pub(super) fn names(leaves: &BTreeMap<Leaf, Value>) -> BTreeSet<Leaf> {
    leaves.keys().cloned().collect()
}
