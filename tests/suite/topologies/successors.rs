//! From a version to the next: nothing that Kubernetes refuses to change, and no restart of what is not concerned.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::assert_none;
use super::renders::{RENDERS, Render, name};

/// Fields that Kubernetes never changes in an object that exists, by kind.
const IMMUTABLE: &[(&str, &[&str])] = &[
    (
        "StatefulSet",
        &[
            "/spec/serviceName",
            "/spec/selector",
            "/spec/volumeClaimTemplates",
            "/spec/podManagementPolicy",
        ],
    ),
    ("Deployment", &["/spec/selector"]),
    ("DaemonSet", &["/spec/selector"]),
    ("Job", &["/spec/selector", "/spec/template", "/spec/completions", "/spec/completionMode"]),
    ("Pod", &["/spec"]),
    ("Service", &["/spec/clusterIP", "/spec/clusterIPs", "/spec/ipFamilyPolicy"]),
    (
        "PersistentVolumeClaim",
        &[
            "/spec/accessModes",
            "/spec/storageClassName",
            "/spec/volumeName",
            "/spec/volumeMode",
            "/spec/selector",
        ],
    ),
    (
        "PersistentVolume",
        &[
            "/spec/nfs",
            "/spec/hostPath",
            "/spec/local",
            "/spec/csi",
            "/spec/nodeAffinity",
            "/spec/volumeMode",
        ],
    ),
    ("StorageClass", &["/provisioner", "/parameters", "/reclaimPolicy", "/volumeBindingMode"]),
    ("Secret", &["/type"]),
    ("RoleBinding", &["/roleRef"]),
    ("ClusterRoleBinding", &["/roleRef"]),
];

fn by_name(objects: &[Value]) -> BTreeMap<String, &Value> {
    objects.iter().map(|object| (name(object), object)).collect()
}

/// Objects that both versions have.
fn kept(render: &Render) -> Vec<(String, &Value, &Value)> {
    let second = by_name(&render.second);
    let first = by_name(&render.first).into_iter();
    first.filter_map(|(name, object)| Some((name.clone(), object, *second.get(&name)?))).collect()
}

/// Helm deletes the hook that is there before it makes this one.
fn is_made_anew(object: &Value) -> bool {
    let policy = object["metadata"]["annotations"]["helm.sh/hook-delete-policy"].as_str();
    policy.is_some_and(|it| it.split(',').any(|word| word == "before-hook-creation"))
}

#[test]
fn no_immutable_field_of_an_object_changes() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        for (name, first, second) in kept(render).into_iter().filter(|(_, _, it)| !is_made_anew(it))
        {
            let kind = first["kind"].as_str().unwrap_or_default();
            let fields = IMMUTABLE.iter().find(|(known, _)| *known == kind);
            for field in fields.map_or(&[][..], |(_, fields)| fields) {
                if first.pointer(field) != second.pointer(field) {
                    faults.push(format!("{}: {name}: {field}", render.sample.row.name));
                }
            }
            let same =
                ["data", "binaryData", "immutable"].iter().all(|it| first[*it] == second[*it]);
            if first["immutable"] == true && !same {
                faults.push(format!(
                    "{}: {name}: an immutable object changes",
                    render.sample.row.name
                ));
            }
        }
    }
    assert_none("an upgrade changes nothing that Kubernetes does not let change", &faults);
}

#[test]
fn objects_with_data_and_identity_stay() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let second = by_name(&render.second);
        let lasting = ["StatefulSet", "PersistentVolumeClaim", "PersistentVolume", "Service"];
        let stays = |it: &&Value| {
            lasting.iter().any(|kind| it["kind"] == *kind)
                && it["metadata"]["annotations"]["helm.sh/hook"].is_null()
        };
        for object in render.first.iter().filter(stays) {
            if !second.contains_key(&name(object)) {
                faults.push(format!("{}: {} is gone", render.sample.row.name, name(object)));
            }
        }
    }
    assert_none("a successor that takes nothing away keeps every node", &faults);
}

#[test]
fn a_version_restarts_the_processes_that_its_edit_concerns_and_no_other() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let changed = changed_workloads(render);
        for workload in changed.difference(&render.sample.successor.concerned) {
            let edit = render.sample.row.value("successor");
            faults.push(format!("{}: {workload} restarts for: {edit}", render.sample.row.name));
        }
    }
    assert_none("a process restarts only for what it reads", &faults);
}

/// `<organization>/<workload>` of every workload that both versions have with different pod templates.
fn changed_workloads(render: &Render) -> BTreeSet<String> {
    let network = &render.sample.first.network;
    let owner = |object: &Value| {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        let owner = network.organizations.iter().find(|it| it.namespace == namespace);
        owner.map_or(namespace, |it| it.name.as_str()).to_owned()
    };
    let workloads = ["StatefulSet", "Deployment", "DaemonSet"];
    kept(render)
        .into_iter()
        .filter(|(_, first, _)| workloads.iter().any(|kind| first["kind"] == *kind))
        .filter(|(_, first, second)| first["spec"]["template"] != second["spec"]["template"])
        .map(|(_, first, _)| {
            format!("{}/{}", owner(first), first["metadata"]["name"].as_str().unwrap_or_default())
        })
        .collect()
}
