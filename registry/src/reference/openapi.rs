//! The `OpenAPI` 3.1 document.
//!
//! A path of the table whose repository may be the root stands there twice, because a parameter of
//! `OpenAPI` is one segment that is not empty; what it says of longer paths stands in the parameter's
//! description.

use serde_json::{Map, Value, json};

use super::markdown::permission;
use super::{Body, CHAPTERS, Words};

const REPOSITORY: &str = "Path of a repository: up to eight segments with slashes between them, which \
                          are sent as they are. The root has paths of its own without it. Where the \
                          answer is an index or a package, a segment `~conditions` behind it chooses \
                          a view.";

/// The document.
pub fn openapi() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for chapter in CHAPTERS {
        for words in chapter.rows {
            for path in paths_of(words.path) {
                // To OpenAPI two paths that differ only in the names of their parameters are one.
                if paths.keys().any(|known| *known != path && shape(known) == shape(&path)) {
                    continue;
                }
                let operation = operation(words, &path, chapter.title);
                let item = paths.entry(path).or_insert_with(|| json!({}));
                item[words.method.to_ascii_lowercase()] = operation;
            }
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "chart-registry",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A registry of Helm charts. Every GET answers HEAD, too.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": CHAPTERS
            .iter()
            .map(|it| json!({ "name": it.title, "description": it.about }))
            .collect::<Vec<_>>(),
        "paths": paths,
        "components": components(),
    })
}

/// The paths that a path of the table stands for.
fn paths_of(path: &str) -> Vec<String> {
    let path = path.replace("/{view}", "");
    if !path.contains("/{repository}") {
        return vec![path];
    }
    vec![path.replace("/{repository}", ""), path]
}

/// A path without the names of its parameters.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|it| if it.starts_with('{') { "{}" } else { it });
    segments.collect::<Vec<_>>().join("/")
}

fn operation(words: &Words, path: &str, tag: &str) -> Value {
    let mut operation = json!({
        "operationId": name(words.method, path),
        "summary": words.summary,
        "tags": [tag],
        "x-permission": permission(words),
        "responses": responses(words),
    });
    let parameters: Vec<Value> = path_parameters(path).chain(query_parameters(words)).collect();
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = words.body {
        operation["requestBody"] = request_body(body);
    }
    operation
}

/// A name for programs that make code of the document.
fn name(method: &str, path: &str) -> String {
    let mut name = method.to_ascii_lowercase();
    for word in path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    // `/v2/` and the start page differ from others only in signs.
    if path.ends_with('/') { format!("{name}Root") } else { name }
}

fn path_parameters(path: &str) -> impl Iterator<Item = Value> {
    let names = path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let mut parameter =
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
        if name == "repository" {
            parameter["description"] = json!(REPOSITORY);
        }
        parameter
    })
}

fn query_parameters(words: &Words) -> impl Iterator<Item = Value> {
    words.query.iter().map(|(name, meaning)| {
        let mut parameter = json!({
            "name": name, "in": "query", "description": meaning, "schema": { "type": "string" },
        });
        // The name alone is enough, without a value.
        if ["dry-run", "force"].contains(name) {
            parameter["allowEmptyValue"] = json!(true);
        }
        parameter
    })
}

fn request_body(body: Body) -> Value {
    let bytes = || json!({});
    let form = |many: bool| {
        let file = json!({ "type": "string", "contentMediaType": "application/octet-stream" });
        let field = if many { json!({ "type": "array", "items": file }) } else { file };
        json!({ "schema": {
            "type": "object", "properties": { "chart": field, "prov": field }, "required": ["chart"],
        } })
    };
    let content = match body {
        Body::Package => json!({
            "application/gzip": bytes(), "multipart/form-data": form(false),
        }),
        Body::Release => json!({ "multipart/form-data": form(true) }),
        Body::Reason => json!({
            "application/json": { "schema": { "$ref": "#/components/schemas/Reason" } },
        }),
        Body::Json => json!({ "application/json": { "schema": { "type": "object" } } }),
        Body::Bytes(media_type) => json!({ media_type: bytes() }),
    };
    json!({ "required": true, "content": content })
}

fn responses(words: &Words) -> Value {
    let error = if words.path.starts_with("/v2/") { "OciRefused" } else { "Refused" };
    let mut responses = Map::new();
    for (status, media_type, meaning) in words.answers {
        let mut response = json!({ "description": meaning });
        if !media_type.is_empty() {
            response["content"] = json!({ *media_type: {} });
        }
        responses.insert(status.to_string(), response);
    }
    let reference = format!("#/components/responses/{error}");
    responses.insert("default".to_owned(), json!({ "$ref": reference }));
    Value::Object(responses)
}

fn components() -> Value {
    let text = json!({ "type": "string" });
    let response = |description: &str, schema: &str| {
        let reference = format!("#/components/schemas/{schema}");
        json!({
            "description": description,
            "content": { "application/json": { "schema": { "$ref": reference } } },
        })
    };
    json!({
        "schemas": {
            "Refusal": {
                "type": "object",
                "required": ["error", "code"],
                "properties": {
                    "error": { "type": "string", "description": "One sentence for people." },
                    "code": { "type": "string", "description": "Stable name of the reason." },
                    "what": text, "where": text, "fix": text,
                },
            },
            "OciErrors": {
                "type": "object",
                "required": ["errors"],
                "properties": { "errors": { "type": "array", "items": {
                    "type": "object",
                    "required": ["code"],
                    "properties": { "code": text, "message": text, "detail": {} },
                } } },
            },
            "Reason": {
                "type": "object",
                "required": ["reason"],
                "additionalProperties": false,
                "properties": { "reason": { "type": "string", "maxLength": 1000 } },
            },
        },
        "responses": {
            "Refused": response("The request was refused, or the registry failed.", "Refusal"),
            "OciRefused": response("The request was refused, or the registry failed.", "OciErrors"),
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::routes::ROUTES;

    fn operations(document: &Value) -> Vec<&Value> {
        let paths = document["paths"].as_object().unwrap();
        paths.values().flat_map(|item| item.as_object().unwrap().values()).collect()
    }

    #[test]
    fn every_route_is_in_the_document_with_its_permission() {
        let document = openapi();
        for route in ROUTES {
            // The path with its repository is always there; that of the root may be another one's.
            for path in paths_of(route.path).iter().rev().take(1) {
                let operation = &document["paths"][path][route.method.to_ascii_lowercase()];
                let expected = route.permission.map_or("none", crate::Permission::name);
                assert_eq!(operation["x-permission"], expected, "{} {path}", route.method);
                let declared = operation["parameters"]
                    .as_array()
                    .map_or(0, |list| list.iter().filter(|it| it["in"] == "path").count());
                assert_eq!(declared, path.matches('{').count(), "{path}");
                assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{path}");
            }
        }
    }

    #[test]
    fn names_of_operations_differ_and_paths_do_not_repeat() {
        let document = openapi();
        let operations = operations(&document);
        let names: BTreeSet<_> =
            operations.iter().map(|it| it["operationId"].to_string()).collect();
        assert_eq!(names.len(), operations.len());
        let paths = document["paths"].as_object().unwrap();
        let shapes: BTreeSet<_> = paths.keys().map(|path| shape(path)).collect();
        assert_eq!(shapes.len(), paths.len());
    }
}
