//! The configuration file of `ChartMuseum`, as what its variables would say.
//!
//! As there, the case of keys does not matter, and `tls.cert: x` means the same as `cert` below `tls`.
//! A key that `ChartMuseum` does not know is skipped there, and a fault here: who mistypes
//! `basicauth` has an open server.

use std::path::Path;

use chart_format::nearest::nearest;

use super::{NAMES, Name, Said};
use crate::settings::document::{self, Entry, Misplaced, Node, Value};
use crate::settings::fault::{Fault, Place, Wrong};

/// Keys of storages that `storage.backend` chooses; they say nothing without it.
const OF_STORAGES: [&str; 9] = [
    "storage.alibaba",
    "storage.amazon",
    "storage.baidu",
    "storage.etcd",
    "storage.google",
    "storage.microsoft",
    "storage.openstack",
    "storage.oracle",
    "storage.tencent",
];

/// Reads a file; what cannot be read goes to `faults`, and the rest is returned.
pub(super) fn read(path: &Path, text: &str, faults: &mut Vec<Fault>) -> Said {
    let mut misplaced = Vec::new();
    let root = document::read(text, &mut misplaced);
    let mut found = Vec::new();
    match &root.value {
        Value::Map(entries) => walk("", entries, &mut found, &mut misplaced),
        Value::Null => {}
        Value::Scalar { .. } | Value::List(_) => {
            let wrong = Wrong::new("here stand no settings", "write them as `name: value`");
            misplaced.push((root.position, wrong));
        }
    }
    let place = |(line, column)| Place::File { path: path.to_owned(), line, column };
    let mut said = Said::new();
    for (name, node) in found {
        let text = match value(name, node) {
            Ok(text) if text.is_empty() => continue,
            Ok(text) => text,
            Err(wrong) => {
                misplaced.push((node.position, wrong));
                continue;
            }
        };
        if said.insert(name.name, (text, place(node.position))).is_some() {
            let what = format!("`{}` is written twice", name.key);
            misplaced.push((node.position, Wrong::new(what, "remove one of the two")));
        }
    }
    faults.extend(misplaced.into_iter().map(|(position, wrong)| wrong.at(place(position))));
    said
}

/// Matches the mappings of the file with the table.
fn walk<'a>(
    above: &str,
    entries: &'a [Entry],
    found: &mut Vec<(&'static Name, &'a Node)>,
    faults: &mut Vec<Misplaced>,
) {
    for entry in entries {
        let key = entry.key.to_lowercase();
        let key = if above.is_empty() { key } else { format!("{above}.{key}") };
        if let Some(name) = NAMES.iter().find(|name| name.key == key) {
            found.push((name, &entry.node));
            continue;
        }
        if OF_STORAGES.iter().any(|storage| is_at_or_below(&key, storage)) {
            continue;
        }
        let holds_others = NAMES.iter().any(|name| is_at_or_below(name.key, &key));
        match &entry.node.value {
            Value::Map(entries) if holds_others => walk(&key, entries, found, faults),
            Value::Null if holds_others => {}
            Value::Null | Value::Scalar { .. } | Value::List(_) | Value::Map(_) => {
                let keys = NAMES.iter().map(|name| name.key).filter(|key| !key.is_empty());
                let fix = match nearest(&key, keys) {
                    Some(near) => format!("write `{near}`, or remove it"),
                    None => "remove it: ChartMuseum does not read it either".to_owned(),
                };
                let what = format!("`{key}`: ChartMuseum has no such setting");
                faults.push((entry.position, Wrong::new(what, fix)));
            }
        }
    }
}

fn is_at_or_below(key: &str, above: &str) -> bool {
    key.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What the variable of a name would say; nothing where the file says nothing.
fn value(name: &Name, node: &Node) -> Result<String, Wrong> {
    let wrong = || {
        let fix = format!("write `{}: VALUE`", name.key);
        Wrong::new(format!("`{}`: here stands more than one value", name.key), fix)
    };
    match &node.value {
        Value::Null => Ok(String::new()),
        Value::Scalar { text, .. } => Ok(text.clone()),
        // The one setting with names of its own: repositories with their IDs.
        Value::Map(entries) if name.name == "ARTIFACT_HUB_REPO_ID" => {
            let pair = |entry: &Entry| match &entry.node.value {
                Value::Scalar { text, .. } if entry.key.is_empty() => Some(text.clone()),
                Value::Scalar { text, .. } => Some(format!("{}={text}", entry.key)),
                Value::Null | Value::List(_) | Value::Map(_) => None,
            };
            let pairs: Option<Vec<String>> = entries.iter().map(pair).collect();
            pairs.map(|pairs| pairs.join(",")).ok_or_else(wrong)
        }
        Value::List(_) | Value::Map(_) => Err(wrong()),
    }
}
