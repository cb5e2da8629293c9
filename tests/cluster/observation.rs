//! What can be seen of a running network: pods and who made them, heights, claims.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cluster::Cluster;
use crate::topology::{CHAINCODE, CHANNEL};

/// A pod that belongs to a workload. Pods of hooks and tests do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pod {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) uid: String,
    pub(crate) ready: bool,
    /// Since when conditions hold, by name; `Created` is when the object was made. RFC 3339, to the second.
    pub(crate) since: BTreeMap<String, String>,
}

/// The pods of a namespace by `<namespace>/<StatefulSet or Deployment>`, further ones of the same with a number behind it,
/// as in `org1/canary-1.2`; those that are going away are left out.
pub(crate) fn pods(cluster: &Cluster, namespace: &str) -> BTreeMap<String, Pod> {
    let alive = |pod: &Value| pod["metadata"]["deletionTimestamp"].is_null();
    let listed = cluster.list("pods", namespace).into_iter().filter(alive);
    let mut pods = BTreeMap::new();
    for (key, pod) in listed.filter_map(|pod| {
        let metadata = &pod["metadata"];
        let workload = workload(&metadata["ownerReferences"][0])?;
        let seen = Pod {
            name: text(&metadata["name"]),
            namespace: namespace.to_owned(),
            uid: text(&metadata["uid"]),
            ready: condition(&pod, "Ready"),
            since: since(&pod),
        };
        Some((format!("{namespace}/{workload}"), seen))
    }) {
        let mut further = (2..).map(|number| format!("{key}.{number}"));
        let mut free = key.clone();
        while pods.contains_key(&free) {
            free = further.next().unwrap_or_default();
        }
        pods.insert(free, pod);
    }
    pods
}

/// `peer0` for the pod `peer0-0`, `converge` for one of `converge-6d5f`; none for a Job.
fn workload(owner: &Value) -> Option<String> {
    let name = text(&owner["name"]);
    match owner["kind"].as_str()? {
        "StatefulSet" => Some(name),
        "ReplicaSet" => name.rsplit_once('-').map(|(deployment, _)| deployment.to_owned()),
        _ => None,
    }
}

fn since(pod: &Value) -> BTreeMap<String, String> {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    let holds = conditions.filter(|condition| condition["status"] == "True");
    let mut since: BTreeMap<String, String> =
        holds.map(|it| (text(&it["type"]), text(&it["lastTransitionTime"]))).collect();
    since.insert("Created".to_owned(), text(&pod["metadata"]["creationTimestamp"]));
    since
}

fn condition(object: &Value, kind: &str) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    let found = conditions.into_iter().flatten().find(|condition| condition["type"] == kind);
    found.is_some_and(|condition| condition["status"] == "True")
}

/// A text, empty where there is none.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The height of a channel as a peer itself tells it.
pub(crate) fn height(cluster: &Cluster, pod: &Pod, channel: &str) -> Result<u64, String> {
    let information = information(cluster, pod, channel)?;
    let height = information["height"].as_u64();
    height.ok_or_else(|| format!("{}/{} tells no height: {information}", pod.namespace, pod.name))
}

/// Height and newest hashes of a channel, asked within the peer's pod: no policy stands in the way.
pub(crate) fn information(cluster: &Cluster, pod: &Pod, channel: &str) -> Result<Value, String> {
    let Pod { name, namespace, .. } = pod;
    let exec = ["exec", name, "--namespace", namespace, "--container=peer", "--", "env"];
    let settings = ["CORE_PEER_ADDRESS=localhost:7051", "FABRIC_LOGGING_SPEC=error"];
    let ask = ["peer", "channel", "getinfo", "--channelID", channel];
    let outcome = cluster.kubectl(&[&exec[..], &settings, &ask].concat());
    let found = outcome.stdout.find('{').map(|at| outcome.stdout[at..].trim());
    let information: Option<Value> = found.and_then(|json| serde_json::from_str(json).ok());
    information
        .ok_or_else(|| format!("{namespace}/{name} tells nothing: {}", outcome.stderr.trim()))
}

/// The committed definition of the chaincode as `peer0` of an organization tells it, asked by the organization's converge.
pub(crate) fn definition(cluster: &Cluster, namespace: &str) -> Value {
    let query = format!(
        "CORE_PEER_ADDRESS=peer0:7051 peer lifecycle chaincode querycommitted -C {CHANNEL} -n {CHAINCODE} -O json"
    );
    let exec = ["exec", "deployment/converge", "--container=converge", "--namespace", namespace];
    let outcome = cluster.kubectl(&[&exec[..], &["--", "sh", "-c", &query]].concat()).success();
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}\n{outcome}"))
}

/// UIDs of objects of a kind by `<namespace>/<name>`.
pub(crate) fn uids(
    cluster: &Cluster,
    kind: &str,
    namespaces: &[String],
) -> BTreeMap<String, String> {
    let of = |namespace: &String| {
        let objects = cluster.list(kind, namespace);
        let named = objects.into_iter().map(|object| {
            let metadata = &object["metadata"];
            (format!("{namespace}/{}", text(&metadata["name"])), text(&metadata["uid"]))
        });
        named.collect::<Vec<_>>()
    };
    namespaces.iter().flat_map(of).collect()
}

/// Keys of `after` that are new there or have another value.
fn changed(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let differs = |(key, value): &(&String, &String)| before.get(*key) != Some(*value);
    after.iter().filter(differs).map(|(key, _)| key.clone()).collect()
}

/// Panics unless exactly these have a new UID or are new.
pub(crate) fn assert_changed(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    mut expected: Vec<String>,
) {
    expected.sort();
    let changed = changed(before, after);
    assert!(changed == expected, "new pods: {changed:?}\nexpected: {expected:?}");
}

/// What a reader needs to find out why a network is not as it should be.
pub(crate) fn print_state(cluster: &Cluster, namespaces: &[String]) {
    for namespace in namespaces {
        let say = |arguments: &[&str]| {
            let outcome = cluster.kubectl(arguments);
            println!("$ kubectl {}\n{}{}", arguments.join(" "), outcome.stdout, outcome.stderr);
        };
        say(&["get", "pods,pvc,jobs", "--namespace", namespace, "-o", "wide"]);
        say(&[
            "get",
            "events",
            "--namespace",
            namespace,
            "--sort-by=.lastTimestamp",
            "--field-selector=type!=Normal",
        ]);
        for pod in cluster.list("pods", namespace).iter().filter(|pod| !condition(pod, "Ready")) {
            let name = text(&pod["metadata"]["name"]);
            let logs = [
                "logs",
                &name,
                "--namespace",
                namespace,
                "--all-containers",
                "--prefix",
                "--tail=30",
            ];
            say(&["describe", "pod", &name, "--namespace", namespace]);
            say(&logs);
        }
    }
}
