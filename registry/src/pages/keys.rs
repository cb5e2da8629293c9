//! What differs between two documents, key by key.

use std::collections::{BTreeMap, BTreeSet};

use chart_format::yaml;
use serde_json::Value;

use super::words::short;

/// Most differences that are told of one document.
pub(crate) const MAX_KEYS: usize = 500;

/// Most leaves of a document that are compared.
const MAX_LEAVES: usize = 20_000;

/// Most characters of a value that are told.
const VALUE_CHARACTERS: usize = 300;

/// A key whose value is not the same in both documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyChange {
    /// The way to the value, as Helm's `--set` writes it.
    pub(crate) key: String,
    /// The value before.
    pub(crate) before: Option<String>,
    /// The value after.
    pub(crate) after: Option<String>,
}

/// The keys that differ, in order; those beyond [`MAX_KEYS`] are left out.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<KeyChange> {
    let (before, after) = (leaves(before), leaves(after));
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key));
    let gone = gone.map(|(key, value)| (key, Some(value), None));
    let come = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    let come = come.map(|(key, value)| (key, before.get(key), Some(value)));
    let mut changes: Vec<_> = gone.chain(come).collect();
    changes.sort_by(|left, right| left.0.cmp(right.0));
    let told = |value: Option<&String>| value.map(|text| short(text, VALUE_CHARACTERS));
    let change = |(key, before, after): (&String, _, _)| KeyChange {
        key: key.clone(),
        before: told(before),
        after: told(after),
    };
    changes.into_iter().take(MAX_KEYS).map(change).collect()
}

/// A YAML text as a document; a text that is none is told as one.
pub(crate) fn yaml_document(text: &str) -> Value {
    let limits = yaml::Limits { nodes: 100_000, ..yaml::Limits::VALUES };
    yaml::read(text, limits).unwrap_or(Value::Null)
}

/// The values of a document by the way to them.
fn leaves(document: &Value) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    collect(document, String::new(), &mut leaves);
    leaves
}

fn collect(value: &Value, way: String, leaves: &mut BTreeMap<String, String>) {
    if leaves.len() >= MAX_LEAVES {
        return;
    }
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let key = key.replace('.', "\\.");
                let way = if way.is_empty() { key } else { format!("{way}.{key}") };
                collect(value, way, leaves);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (label, value) in labels(list).into_iter().zip(list) {
                collect(value, format!("{way}[{label}]"), leaves);
            }
        }
        Value::Null if way.is_empty() => {}
        Value::String(text) => drop(leaves.insert(way, text.clone())),
        other => drop(leaves.insert(way, other.to_string())),
    }
}

/// What tells the items of a list apart: their aliases or names where each has one of its own, so
/// that an item that comes does not change all behind it; else their places.
fn labels(list: &[Value]) -> Vec<String> {
    let name = |value: &Value| {
        let text = value["alias"].as_str().or(value["name"].as_str());
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let names: Option<Vec<String>> = list.iter().map(name).collect();
    let distinct = |names: &Vec<String>| names.iter().collect::<BTreeSet<_>>().len() == list.len();
    names.filter(distinct).unwrap_or_else(|| (0..list.len()).map(|at| at.to_string()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_come_go_or_change_are_told_with_their_values() {
        let before = json!({ "a": { "b.c": 1, "same": [1, 2] }, "gone": {}, "text": "x" });
        let after = json!({ "a": { "b.c": 2, "same": [1, 2] }, "list": ["y"], "text": "x" });
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let told: Vec<_> = differences(&before, &after)
            .iter()
            .map(|it| format!("{} {} {}", it.key, text(&it.before), text(&it.after)))
            .collect();
        assert_eq!(told, ["a.b\\.c 1 2", "gone {} -", "list[0] - y"]);
        assert!(differences(&Value::Null, &Value::Null).is_empty());
        assert_eq!(yaml_document("# nothing\n"), Value::Null);
    }

    #[test]
    fn items_with_names_are_told_apart_by_them() {
        let before = json!([{ "name": "a", "v": 1 }, { "name": "b", "v": 1 }]);
        let after =
            json!([{ "name": "c", "v": 1 }, { "name": "a", "v": 2 }, { "name": "b", "v": 1 }]);
        let keys: Vec<_> = differences(&before, &after).into_iter().map(|it| it.key).collect();
        assert_eq!(keys, ["[a].v", "[c].name", "[c].v"]);
    }

    #[test]
    fn a_huge_document_is_told_in_part() {
        let list: Vec<_> = (0..30_000).collect();
        assert_eq!(differences(&json!({}), &json!(list)).len(), MAX_KEYS);
    }
}
