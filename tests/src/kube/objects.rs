//! The objects: create, read, replace, patch, delete.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::http::{Answer, Request};
use super::{discovery, protobuf};

/// Objects by their path, with one counter for versions.
#[derive(Default)]
pub(super) struct Objects {
    stored: BTreeMap<String, Value>,
    counter: u64,
}

impl Objects {
    /// Every object of a kind.
    pub(super) fn of_kind(&self, kind: &str) -> Vec<Value> {
        self.stored.values().filter(|object| object["kind"] == kind).cloned().collect()
    }

    /// Carries out one request.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let path = request.path.trim_end_matches('/');
        let collection = discovery::kind_of(path);
        match (request.method.as_str(), collection) {
            ("GET", Some((version, kind))) => self.list(request, version, kind),
            ("POST", Some((version, kind))) => self.create(request, version, kind),
            ("GET", None) => self.read(path),
            ("PUT", None) => self.replace(request),
            ("PATCH", None) => self.patch(request),
            ("DELETE", None) => self.delete(path),
            (method, _) => Answer::failure(405, "MethodNotAllowed", &format!("{method} {path}")),
        }
    }

    fn list(&self, request: &Request, version: &str, kind: &str) -> Answer {
        let prefix = format!("{}/", request.path);
        let wanted = request.query.get("labelSelector").map_or("", String::as_str);
        let items: Vec<&Value> = self
            .stored
            .iter()
            .filter(|(path, object)| path.starts_with(&prefix) && selected(object, wanted))
            .map(|(_, object)| object)
            .collect();
        Answer::ok(&json!({
            "kind": format!("{kind}List"), "apiVersion": version,
            "metadata": { "resourceVersion": self.counter.to_string() }, "items": items,
        }))
    }

    fn read(&self, path: &str) -> Answer {
        self.stored.get(path).map_or_else(|| missing(path), Answer::ok)
    }

    fn create(&mut self, request: &Request, version: &str, kind: &str) -> Answer {
        let mut object = body(request);
        object["apiVersion"] = json!(version);
        object["kind"] = json!(kind);
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let path = format!("{}/{name}", request.path);
        if self.stored.contains_key(&path) {
            return Answer::failure(409, "AlreadyExists", &format!("{kind} {name} already exists"));
        }
        Answer::json(201, &self.store(&path, object))
    }

    fn replace(&mut self, request: &Request) -> Answer {
        match self.stored.get(&request.path) {
            None => missing(&request.path),
            Some(old) => {
                let mut object = body(request);
                for key in ["apiVersion", "kind"] {
                    object[key] = old[key].clone();
                }
                Answer::ok(&self.store(&request.path, object))
            }
        }
    }

    /// Server-side apply brings the whole object; the other kinds of patch are merged, which is enough for Helm's.
    fn patch(&mut self, request: &Request) -> Answer {
        let patch = body(request);
        let applied = request.content_type.starts_with("application/apply-patch");
        match (self.stored.get(&request.path).cloned(), applied) {
            (_, true) => Answer::ok(&self.store(&request.path, patch)),
            (Some(mut object), false) => {
                merge(&mut object, patch);
                Answer::ok(&self.store(&request.path, object))
            }
            (None, false) => missing(&request.path),
        }
    }

    fn delete(&mut self, path: &str) -> Answer {
        match self.stored.remove(path) {
            Some(_) => {
                Answer::ok(&json!({ "kind": "Status", "apiVersion": "v1", "status": "Success" }))
            }
            None => missing(path),
        }
    }

    fn store(&mut self, path: &str, mut object: Value) -> Value {
        self.counter += 1;
        let uid = self.stored.get(path).map(|old| old["metadata"]["uid"].clone());
        let metadata = &mut object["metadata"];
        metadata["uid"] = uid.unwrap_or_else(|| json!(format!("uid-{}", self.counter)));
        metadata["resourceVersion"] = json!(self.counter.to_string());
        let namespace = path.split("/namespaces/").nth(1).and_then(|rest| rest.split_once('/'));
        if let Some((namespace, _)) = namespace {
            metadata["namespace"] = json!(namespace);
        }
        self.stored.insert(path.to_owned(), object.clone());
        object
    }
}

fn missing(path: &str) -> Answer {
    let name = path.rsplit('/').next().unwrap_or_default();
    Answer::failure(404, "NotFound", &format!("\"{name}\" not found"))
}

/// The object in a body: JSON, YAML of server-side apply, or Kubernetes' protobuf of a Secret.
fn body(request: &Request) -> Value {
    if request.content_type.contains("protobuf") {
        return protobuf::secret(&request.body).expect("Helm sends only Secrets as protobuf");
    }
    yaml_serde::from_slice(&request.body).expect("a body in JSON or YAML")
}

/// RFC 7386.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            target.as_object_mut().expect("an object").remove(&key);
        } else {
            merge(&mut target[&key], value);
        }
    }
}

/// Whether labels meet a selector of equalities: `owner=helm,name=x`.
fn selected(object: &Value, selector: &str) -> bool {
    selector.split(',').filter(|term| !term.is_empty()).all(|term| {
        let (key, value) = term.split_once('=').unwrap_or((term, ""));
        object["metadata"]["labels"][key] == value.trim_start_matches('=')
    })
}
