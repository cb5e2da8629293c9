//! What pods are told instead of asking cluster DNS.
//!
//! A configuration that several pods read counts for those that are told a host at all: each reads its own part of it.

use std::collections::BTreeMap;

use serde_json::Value;

/// Addresses by host.
pub(super) type Told = BTreeMap<String, String>;

/// What the readers of an object are told: the pods that it makes or that mount it; where nobody does, clients.
pub(super) fn of_readers(object: &Value, objects: &[Value]) -> Told {
    if is_for_others(object) {
        return objects.iter().filter_map(pod).flat_map(told).collect();
    }
    if let Some(pod) = pod(object) {
        return told(pod);
    }
    let namespace = &object["metadata"]["namespace"];
    let beside = || objects.iter().filter(|it| it["metadata"]["namespace"] == *namespace);
    let readers: Vec<&Value> =
        beside().filter_map(pod).filter(|it| mounts(it, &object["metadata"]["name"])).collect();
    if readers.is_empty() {
        let clients = beside().filter(|it| it["metadata"]["name"] == "host-aliases");
        return clients.flat_map(lines).collect();
    }
    readers.into_iter().flat_map(told).collect()
}

/// What names hosts that others dial: a preflight compares desired states, and a block 0 has anchors for peers.
fn is_for_others(object: &Value) -> bool {
    let mut files = object["binaryData"].as_object().into_iter().flatten();
    let labels = &object["spec"]["template"]["metadata"]["labels"];
    labels["app.kubernetes.io/component"] == "preflight"
        || files.any(|(file, _)| file.strip_suffix(".block").is_some())
}

/// The pod that an object is or makes.
fn pod(object: &Value) -> Option<&Value> {
    let spec = &object["spec"];
    let places = [&spec["template"]["spec"], spec];
    places.into_iter().find(|it| it["containers"].is_array())
}

fn told(pod: &Value) -> Told {
    let aliases = pod["hostAliases"].as_array().into_iter().flatten();
    // A broker is told that its own name is its loopback: for others it has its Service.
    let aliases = aliases.filter(|it| it["ip"] != "127.0.0.1");
    let each = aliases.flat_map(|alias| {
        let names = alias["hostnames"].as_array().into_iter().flatten();
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        names.map(move |name| (text(name), text(&alias["ip"])))
    });
    each.collect()
}

fn mounts(pod: &Value, map: &Value) -> bool {
    let volumes = pod["volumes"].as_array().into_iter().flatten();
    let projected = |volume: &Value| {
        let sources = volume["projected"]["sources"].as_array().into_iter().flatten();
        sources.into_iter().any(|it| it["configMap"]["name"] == *map)
    };
    volumes.into_iter().any(|it| it["configMap"]["name"] == *map || projected(it))
}

/// Lines of /etc/hosts.
fn lines(map: &Value) -> Vec<(String, String)> {
    let lines = map["data"]["hosts"].as_str().unwrap_or_default().lines();
    let each = lines.flat_map(|line| {
        let mut words = line.split_whitespace();
        let address = words.next().unwrap_or_default().to_owned();
        words.map(move |host| (host.to_owned(), address.clone()))
    });
    each.collect()
}
