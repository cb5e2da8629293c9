//! Facts are no settings: the guard names each one that is not what the chart was built with.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use suite::oracles::Oracle;

use super::charts;
use crate::topologies::assert_none;
use crate::topologies::renders::RENDERS;

/// The value with one leaf of it changed: the deepest one on the last branch.
fn changed(value: &Value) -> Value {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let mut map = map.clone();
            if let Some((_, last)) = map.iter_mut().next_back() {
                *last = changed(last);
            }
            Value::Object(map)
        }
        Value::Array(items) if !items.is_empty() => {
            let mut items = items.clone();
            if let Some(last) = items.last_mut() {
                *last = changed(last);
            }
            Value::Array(items)
        }
        Value::Object(_) => json!({"more": 1}),
        Value::Array(_) => json!([1]),
        Value::Bool(value) => json!(!value),
        Value::Number(value) => json!(value.as_i64().unwrap_or(0) + 1),
        other => json!(format!("{}x", other.as_str().unwrap_or_default())),
    }
}

#[test]
fn the_guard_names_every_fact_that_differs() {
    let (Some(helm), false) = (Oracle::helm4(), RENDERS.is_empty()) else { return };
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    let mut faults = Vec::new();
    for chart in charts() {
        let global = ("global".to_owned(), ["global".to_owned(), "fabric".to_owned()]);
        let parts = chart.aliases.iter();
        let parts = parts.map(|(name, alias)| (name.clone(), [alias.clone(), "facts".to_owned()]));
        for (name, place) in parts.chain([global]) {
            let facts = chart.values[&place[0]][&place[1]].as_object().cloned().unwrap_or_default();
            let full = |value: &Value| !matches!(value, Value::Object(it) if it.is_empty());
            let fresh: Map<String, Value> = facts
                .into_iter()
                .filter(|(key, value)| full(value) && seen.insert((name.clone(), key.clone())))
                .map(|(key, value)| (key, changed(&value)))
                .collect();
            if fresh.is_empty() {
                continue;
            }
            let path = place.join(".");
            let expected = fresh.keys().map(|key| format!("topology fact `{path}.{key}` is not"));
            let expected: Vec<String> = expected.collect();
            let values = json!({place[0].clone(): {place[1].clone(): fresh}});
            let outcome = chart.render(&helm, &values, &["--skip-schema-validation"]);
            let missing = expected.into_iter().filter(|it| !outcome.stderr.contains(it));
            faults.extend(missing.map(|it| format!("{}: {it}", chart.package.release)));
        }
    }
    assert!(seen.len() > 40, "only {} facts were changed", seen.len());
    assert_none("a fact that is not the compiled one is refused", &faults);
}
