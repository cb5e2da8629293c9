//! Checks objects against the schemas of one version of Kubernetes: types, words, required and unknown fields.
//!
//! Covers what those schemas use (`type`, `enum`, `$ref`, `properties`, `additionalProperties`, `items`, `required`,
//! `oneOf`); a document with another keyword is refused, so that nothing is passed over silently. Left out: `format`, and
//! what the API server checks in code.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a route of the Gateway API has, as far as the charts write it: the schemas of Kubernetes know nothing of it.
/// Its names and what it requires are those of `v1`, which asks for more than the versions before.
pub const TLS_ROUTE: &str = include_str!("tls-route.json");

/// Keywords that say nothing about a document, beside those of the vendor.
const ANNOTATIONS: &[&str] = &["description", "format", "default", "title"];

/// The definitions of one version of Kubernetes.
#[derive(Debug)]
pub struct Schemas {
    definitions: Value,
    /// Name of the definition by `apiVersion` and `kind`.
    kinds: BTreeMap<(String, String), String>,
}

impl Schemas {
    /// Reads a document of definitions; panics when it is none.
    pub fn parse(text: &str) -> Self {
        let mut document: Value = serde_json::from_str(text).expect("definitions are JSON");
        let definitions = document["$defs"].take();
        let mut kinds = BTreeMap::new();
        for (name, definition) in definitions.as_object().expect("definitions by name") {
            let known = definition["x-kubernetes-group-version-kind"].as_array();
            for known in known.into_iter().flatten() {
                let word = |key: &str| known[key].as_str().unwrap_or_default();
                let version = match word("group") {
                    "" => word("version").to_owned(),
                    group => format!("{group}/{}", word("version")),
                };
                kinds.insert((version, word("kind").to_owned()), name.clone());
            }
        }
        Self { definitions, kinds }
    }

    /// With the kinds of another document; panics when both know a definition of one name.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let Value::Object(others) = other.definitions else { return self };
        let own = self.definitions.as_object_mut().expect("definitions by name");
        for (name, definition) in others {
            assert!(!own.contains_key(&name), "two definitions are called {name}");
            own.insert(name, definition);
        }
        self.kinds.extend(other.kinds);
        self
    }

    /// Every fault of an object, with its place; an unknown kind is one.
    pub fn faults(&self, object: &Value) -> Vec<String> {
        let word = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
        let kind = (word("apiVersion"), word("kind"));
        let Some(name) = self.kinds.get(&kind) else {
            return vec![format!("there is no kind {} of {}", kind.1, kind.0)];
        };
        let mut check = Check { definitions: &self.definitions, faults: Vec::new() };
        check.value(&self.definitions[name], object, "");
        check.faults
    }
}

/// One walk through an object.
struct Check<'a> {
    definitions: &'a Value,
    faults: Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, schema: &Value, value: &Value, place: &str) {
        for (keyword, rule) in schema.as_object().expect("a schema is a mapping") {
            match keyword.as_str() {
                "$ref" => {
                    let name = rule.as_str().and_then(|it| it.strip_prefix("#/$defs/"));
                    let name = name.unwrap_or_else(|| panic!("a reference to elsewhere: {rule}"));
                    self.value(&self.definitions[name], value, place);
                }
                "type" | "enum" | "oneOf" => {
                    let fits = match keyword.as_str() {
                        "type" => has_type(rule, value),
                        "enum" => rule.as_array().is_some_and(|words| words.contains(value)),
                        _ => self.fits_one(rule, value),
                    };
                    if !fits {
                        self.faults.push(format!("{place}: {value} is not {rule}"));
                    }
                }
                "required" => self.require(rule, value, place),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.value(rule, item, &format!("{place}/{index}"));
                    }
                }
                // Read together, by `fields`.
                "properties" | "additionalProperties" => {}
                other if other.starts_with("x-") || ANNOTATIONS.contains(&other) => {}
                other => panic!("the schemas use `{other}`, which this check does not know"),
            }
        }
        self.fields(schema, value, place);
    }

    fn fields(&mut self, schema: &Value, value: &Value, place: &str) {
        for (key, field) in value.as_object().into_iter().flatten() {
            let place = format!("{place}/{key}");
            let (known, other) = (&schema["properties"][key], &schema["additionalProperties"]);
            if known.is_object() {
                self.value(known, field, &place);
            } else if other.is_object() {
                self.value(other, field, &place);
            } else if *other == Value::Bool(false) {
                self.faults.push(format!("{place}: unknown field"));
            }
        }
    }

    fn require(&mut self, keys: &Value, value: &Value, place: &str) {
        let Some(map) = value.as_object() else { return };
        for key in keys.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if map.get(key).is_none_or(Value::is_null) {
                self.faults.push(format!("{place}: `{key}` is missing"));
            }
        }
    }

    fn fits_one(&self, rules: &Value, value: &Value) -> bool {
        let fits = |rule: &Value| {
            let mut check = Check { definitions: self.definitions, faults: Vec::new() };
            check.value(rule, value, "");
            check.faults.is_empty()
        };
        rules.as_array().is_some_and(|rules| rules.iter().any(fits))
    }
}

fn has_type(rule: &Value, value: &Value) -> bool {
    let fits = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("null") => value.is_null(),
        other => panic!("a type that this check does not know: {other:?}"),
    };
    match rule {
        Value::Array(names) => names.iter().any(fits),
        name => fits(name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(object: &Value) -> Vec<String> {
        let definitions = json!({"$defs": {
            "Word": {"type": ["string", "null"], "enum": ["a", "b", null]},
            "Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
            "Thing": {
                "type": "object", "additionalProperties": false, "required": ["kind", "words"],
                "properties": {
                    "apiVersion": {"type": "string"},
                    "kind": {"type": "string"},
                    "words": {"type": "array", "items": {"$ref": "#/$defs/Word"}},
                    "labels": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Quantity"}},
                },
                "x-kubernetes-group-version-kind": [{"group": "g", "version": "v1", "kind": "Thing"}],
            },
        }});
        Schemas::parse(&definitions.to_string()).faults(object)
    }

    #[test]
    fn an_object_that_fits_has_no_faults() {
        let thing = json!({"apiVersion": "g/v1", "kind": "Thing", "words": ["a", null], "labels": {"x": 1, "y": "2"}});
        assert_eq!(faults(&thing), [""; 0]);
    }

    #[test]
    fn every_fault_is_named_with_its_place() {
        let thing = json!({"apiVersion": "g/v1", "kind": "Thing", "words": ["c", 1], "labels": {"x": []}, "colour": 1});
        let found = faults(&thing).join("\n");
        for fault in ["/words/0", "/words/1", "/labels/x", "/colour: unknown field"] {
            assert!(found.contains(fault), "{fault}\n{found}");
        }
        assert!(
            faults(&json!({"apiVersion": "g/v1", "kind": "Thing"}))[0]
                .contains("`words` is missing")
        );
        assert!(faults(&json!({"apiVersion": "g/v2", "kind": "Thing"}))[0].contains("no kind"));
    }
}
