//! Connection profiles inside of the cluster: who is said to own a peer owns it.

use serde_json::Value;

use super::dials::Dial;
use super::services::Cluster;
use super::{aliases, assert_none, each_version};
use crate::topologies::renders::name;

/// What is wrong with the peers of one profile.
fn faults(cluster: &Cluster<'_>, profile: &Value, objects: &[Value]) -> Vec<String> {
    let text = profile["data"]["connection.json"].as_str().unwrap_or_default();
    let connection: Value = serde_json::from_str(text).expect("a profile is JSON");
    let told = aliases::of_readers(profile, objects);
    let mut faults = Vec::new();
    for (organization, its) in connection["organizations"].as_object().into_iter().flatten() {
        for host in its["peers"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let dial = Dial {
                namespace: String::new(),
                host: host.to_owned(),
                port: 7051,
                address: told.get(host).cloned(),
                place: name(profile),
            };
            let owner = cluster.owner(&dial);
            if owner.is_some_and(|owner| owner != organization) {
                faults.push(format!("{}: {host} is not a peer of {organization}", name(profile)));
            }
        }
    }
    faults
}

#[test]
fn a_profile_names_the_owner_of_each_peer() {
    let mut found = Vec::new();
    each_version(|edit, cluster, objects| {
        for profile in objects.iter().filter(|it| it["metadata"]["name"] == "connection-profile") {
            let faults = faults(cluster, profile, objects).into_iter();
            found.extend(faults.map(|fault| format!("{edit}: {fault}")));
        }
    });
    assert_none("a profile names the owner of each peer", &found);
}

#[test]
fn a_test_of_an_owner_asks_its_own_nodes() {
    let mut found = Vec::new();
    each_version(|edit, cluster, objects| {
        for pod in objects.iter().filter(|it| it["kind"] == "Pod" && cluster.is_of_one_owner()) {
            let (namespace, own) = (&pod["metadata"]["namespace"], name(pod));
            if !own.contains("/test-channels-") {
                continue;
            }
            let told = aliases::of_readers(pod, objects);
            let environment = pod["spec"]["containers"][0]["env"].as_array().into_iter().flatten();
            let endpoints = environment.filter(|it| it["name"] == "ENDPOINTS");
            let lines = endpoints.filter_map(|it| it["value"].as_str()).flat_map(str::lines);
            for host in lines.filter_map(|line| line.rsplit_once(':')?.0.rsplit(' ').next()) {
                let dial = Dial {
                    namespace: String::new(),
                    host: host.to_owned(),
                    port: 0,
                    address: told.get(host).cloned(),
                    place: own.clone(),
                };
                if cluster.namespace(&dial) != namespace.as_str() {
                    found.push(format!("{edit}: {own} asks {host}"));
                }
            }
        }
    });
    assert_none("the test of an owner's release looks at its own nodes", &found);
}
