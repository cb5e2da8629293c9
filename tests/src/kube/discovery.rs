//! What the server says that it serves: the kinds that our charts use.

use serde_json::{Value, json};

/// (group and version, plural, kind, lies in a namespace).
const RESOURCES: &[(&str, &str, &str, bool)] = &[
    ("v1", "configmaps", "ConfigMap", true),
    ("v1", "namespaces", "Namespace", false),
    ("v1", "persistentvolumeclaims", "PersistentVolumeClaim", true),
    ("v1", "pods", "Pod", true),
    ("v1", "secrets", "Secret", true),
    ("v1", "serviceaccounts", "ServiceAccount", true),
    ("v1", "services", "Service", true),
    ("apps/v1", "deployments", "Deployment", true),
    ("apps/v1", "statefulsets", "StatefulSet", true),
    ("batch/v1", "jobs", "Job", true),
    ("networking.k8s.io/v1", "networkpolicies", "NetworkPolicy", true),
    ("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", true),
    ("rbac.authorization.k8s.io/v1", "rolebindings", "RoleBinding", true),
    ("rbac.authorization.k8s.io/v1", "roles", "Role", true),
];

/// The document at a discovery path, if it is one.
pub(super) fn document(path: &str) -> Option<Value> {
    match path.trim_end_matches('/') {
        "/version" => Some(json!({
            "major": "1", "minor": "36", "gitVersion": "v1.36.3", "platform": "linux/amd64",
        })),
        "/api" => Some(json!({ "kind": "APIVersions", "versions": ["v1"] })),
        "/apis" => Some(json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups() })),
        "/api/v1" => Some(resources("v1")),
        other => {
            let version = other.strip_prefix("/apis/")?;
            let known = RESOURCES.iter().any(|(served, ..)| *served == version);
            known.then(|| resources(version))
        }
    }
}

/// Whether a path names an object or a collection of objects.
pub(super) fn is_object_path(path: &str) -> bool {
    path.starts_with("/api/v1/") || path.starts_with("/apis/")
}

/// Version and kind of what a collection's path holds.
pub(super) fn kind_of(collection: &str) -> Option<(&'static str, &'static str)> {
    let plural = collection.rsplit('/').next()?;
    RESOURCES
        .iter()
        .find(|(version, name, ..)| *name == plural && collection.contains(&format!("/{version}/")))
        .map(|(version, _, kind, _)| (*version, *kind))
}

fn groups() -> Vec<Value> {
    let mut versions: Vec<&str> =
        RESOURCES.iter().map(|(version, ..)| *version).filter(|it| it.contains('/')).collect();
    versions.dedup();
    versions
        .into_iter()
        .map(|group_version| {
            let (group, version) = group_version.split_once('/').unwrap_or_default();
            let entry = json!({ "groupVersion": group_version, "version": version });
            json!({ "name": group, "versions": [entry], "preferredVersion": entry })
        })
        .collect()
}

fn resources(version: &str) -> Value {
    let list: Vec<Value> = RESOURCES
        .iter()
        .filter(|(served, ..)| *served == version)
        .map(|(_, plural, kind, namespaced)| {
            json!({
                "name": plural, "singularName": "", "kind": kind, "namespaced": namespaced,
                "verbs": ["create", "delete", "get", "list", "patch", "update"],
            })
        })
        .collect();
    json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": list,
    })
}
