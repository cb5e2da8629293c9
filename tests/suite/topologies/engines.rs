//! Peers that start chaincodes themselves, as they are rendered: the engine that they call, what they tell chaincodes, and
//! that no other network has a way to an engine.

use serde_json::{Value, json};
use suite::topologies::Row;

use super::assert_none;
use super::renders::{RENDERS, Render, name};

/// Where a peer finds an engine, by the row's runtime; the others have none.
fn endpoint(row: &Row) -> Option<&'static str> {
    match row.value("runtime") {
        "ccaas" | "none" | "k8s-builder" => None,
        "dind" => Some("unix:///run/dind/docker.sock"),
        "docker-remote" => Some("tcp://build.example.org:2376"),
        _ => Some("unix:///host/var/run/docker.sock"),
    }
}

/// The peers of a render: object, containers, and a variable of the peer's own.
fn peers(render: &Render) -> impl Iterator<Item = &Value> {
    render.first.iter().filter(|it| {
        let labels = &it["spec"]["template"]["metadata"]["labels"];
        it["kind"] == "StatefulSet" && labels["app.kubernetes.io/component"] == "peer"
    })
}

fn containers(object: &Value) -> impl Iterator<Item = &Value> {
    let pod = &object["spec"]["template"]["spec"];
    let lists = ["containers", "initContainers"].into_iter();
    lists.filter_map(|list| pod[list].as_array()).flatten()
}

fn variable<'a>(peer: &'a Value, variable: &str) -> Option<&'a str> {
    let container = containers(peer).find(|it| it["name"] == "peer")?;
    let variables = container["env"].as_array()?.iter();
    let mut found = variables.filter(|it| it["name"] == variable);
    found.next().and_then(|it| it["value"].as_str())
}

#[test]
fn a_peer_calls_the_engine_of_its_mode_and_no_other_peer_calls_any() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        for peer in peers(render) {
            let called = variable(peer, "CORE_VM_ENDPOINT");
            if called != endpoint(&render.sample.row) {
                faults.push(format!("{}: {}: {called:?}", render.sample.row.name, name(peer)));
            }
        }
    }
    assert_none("peers know the engine that the topology names", &faults);
}

/// The socket is one of the node's files, and a directory in its place would be made silently without the type.
#[test]
fn the_socket_of_a_node_is_mounted_where_the_mode_says_so_and_nothing_else_of_any_node_is() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let row = &render.sample.row;
        let host = endpoint(row).is_some_and(|it| it.contains("/host/"));
        for object in render.first.iter().filter(|it| it["kind"] != "PersistentVolume") {
            let pod = object.pointer("/spec/template/spec").unwrap_or(&object["spec"]);
            let volumes = pod["volumes"].as_array().into_iter().flatten();
            let paths: Vec<&Value> =
                volumes.map(|it| &it["hostPath"]).filter(|it| !it.is_null()).collect();
            let component = &object["spec"]["template"]["metadata"]["labels"];
            let component = component["app.kubernetes.io/component"].as_str().unwrap_or_default();
            let wanted = match component {
                "peer" if host => vec![json!({"path": "/var/run/docker.sock", "type": "Socket"})],
                // What looks from inside of an engine, or changes its settings, is on the node by what it is for.
                _ if host => continue,
                _ => Vec::new(),
            };
            if paths != wanted.iter().collect::<Vec<_>>() {
                faults.push(format!("{}: {}: {paths:?}", row.name, name(object)));
            }
        }
    }
    assert_none("a network has of its nodes what the topology acknowledges", &faults);
}

#[test]
fn only_the_engine_beside_a_peer_has_all_rights() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let row = &render.sample.row;
        for object in &render.first {
            for container in containers(object) {
                let privileged = container["securityContext"]["privileged"] == true;
                let engine = container["name"] == "docker" && row.is("runtime", "dind");
                if privileged != engine {
                    faults.push(format!("{}: {}: {}", row.name, name(object), container["name"]));
                }
            }
        }
    }
    assert_none("rights are given to engines alone", &faults);
}

/// A short name depends on the search list of whoever runs the container: programs with musl never find `peer0.org1`.
#[test]
fn chaincodes_are_told_an_address_or_a_full_name() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let row = &render.sample.row;
        let domain = &render.sample.first.network.cluster_domain;
        for peer in peers(render).filter(|_| endpoint(row).is_some()) {
            let told = variable(peer, "CORE_PEER_CHAINCODEADDRESS")
                .or_else(|| variable(peer, "CORE_PEER_CHAINCODELISTENADDRESS"))
                .unwrap_or_default();
            let full = format!(".svc.{domain}:7052");
            let right = match row.value("runtime") {
                "dind" => told == "127.0.0.1:7052",
                "pod-ip" => told == "$(POD_IP):7052",
                "docker-remote" => told.ends_with(".example.org:30052"),
                _ => told.ends_with(&full),
            };
            if !right {
                faults.push(format!("{}: {} tells {told}", row.name, name(peer)));
            }
        }
    }
    assert_none("what chaincodes are told needs no search list", &faults);
}

#[test]
fn a_strategy_and_a_remote_engine_get_what_they_need() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let row = &render.sample.row;
        for peer in peers(render) {
            let node = peer["metadata"]["name"].as_str().unwrap_or_default();
            let has = |key: &str| variable(peer, key).unwrap_or_default().to_owned();
            let (servers, hosts) =
                (has("CORE_VM_DOCKER_HOSTCONFIG_DNS"), has("CORE_VM_DOCKER_HOSTCONFIG_EXTRAHOSTS"));
            let tls = [has("CORE_VM_DOCKER_TLS_ENABLED"), has("CORE_VM_DOCKER_TLS_CERT_FILE")];
            let right = match row.value("runtime") {
                "hostconfig" => servers == "10.96.0.10" && hosts.is_empty(),
                "extra-hosts" => {
                    servers.is_empty()
                        && hosts.starts_with(&format!("{node}."))
                        && hosts.contains(":10.96.")
                }
                "docker-remote" => {
                    let volumes = &peer["spec"]["template"]["spec"]["volumes"];
                    let volumes = volumes.as_array().into_iter().flatten();
                    let secret =
                        volumes.into_iter().any(|it| it["secret"]["secretName"] == "docker-client");
                    tls == ["true", "/etc/fabric/docker/tls.crt"] && secret
                }
                _ => servers.is_empty() && hosts.is_empty() && tls.iter().all(String::is_empty),
            };
            if !right {
                faults.push(format!("{}: {}: {servers} {hosts} {tls:?}", row.name, name(peer)));
            }
        }
    }
    assert_none("a peer tells its engine what its strategy is", &faults);
}
