//! Routes of the Gateway API: refused in words where the cluster does not know them, and to the node that they name else.

use serde_json::Value;
use suite::schema::{Schemas, TLS_ROUTE};

use super::objects::objects;
use super::{Helm, text};
use crate::network::{Network, replaced};

/// The article's network behind a gateway.
fn network() -> Network {
    let network = Network::of_example("article");
    let topology =
        std::fs::read_to_string(network.path().join("network.yaml")).expect("a topology");
    let exposure = "exposure:\n  type: gateway\n  domain: fabric.example.net\n  \
                    gateways: [{name: edge, namespace: gateways, listener: tls}]\nchannels:\n";
    network.write(&replaced(&topology, "channels:\n", exposure));
    network.builder(&["identities"]).success();
    network.builder(&["build", "--out", "dist"]).success();
    network
}

fn served(version: &str) -> String {
    format!("--api-versions=gateway.networking.k8s.io/{version}/TLSRoute")
}

#[test]
fn a_cluster_without_tls_routes_refuses_a_network_behind_a_gateway_in_words() {
    let network = network();
    let package = network.package("dist");
    for helm in Helm::each() {
        let template = ["template", "article", text(&package), "--namespace", "article"];
        let refused = helm.run(&template).failure();
        refused.says("the cluster knows no TLSRoute").says("--api-versions");
        let version = served("v1");
        let attached = ["--set-json", "org1.exposure.gateway.parentRefs=[]", &version];
        let refused = helm.run(&[&template[..], &attached].concat()).failure();
        refused.says("exposure.gateway.parentRefs is empty");
    }
}

#[test]
fn every_node_has_a_route_with_its_name_outside_to_a_port_of_its_service() {
    let network = network();
    let package = network.package("dist");
    for helm in Helm::each() {
        for version in ["v1", "v1alpha3", "v1alpha2"] {
            let version = served(version);
            let template = ["template", "article", text(&package), "--namespace", "article"];
            let rendered =
                objects(&helm.run(&[&template[..], &[&version]].concat()).success().stdout);
            let routes: Vec<_> = rendered.iter().filter(|it| it["kind"] == "TLSRoute").collect();
            let nodes = rendered.iter().filter(|it| it["kind"] == "StatefulSet").count();
            assert_eq!(routes.len(), nodes, "one route for each node");
            for route in routes {
                let faults = Schemas::parse(TLS_ROUTE).faults(route);
                assert!(faults.is_empty(), "{faults:#?}\n{route:#}");
                assert_leads_to_its_node(route, &rendered);
            }
        }
    }
}

fn assert_leads_to_its_node(route: &Value, rendered: &[Value]) {
    let namespace = route["metadata"]["namespace"].as_str().expect("a namespace");
    let backend = &route["spec"]["rules"][0]["backendRefs"][0];
    let node = backend["name"].as_str().expect("a Service");
    let host = format!("{node}.{namespace}.fabric.example.net");
    assert_eq!(route["spec"]["hostnames"], serde_json::json!([host]));
    let parent = serde_json::json!({"name": "edge", "namespace": "gateways", "sectionName": "tls"});
    assert_eq!(route["spec"]["parentRefs"], serde_json::json!([parent]));
    let service = rendered.iter().find(|it| {
        it["kind"] == "Service"
            && it["metadata"]["name"] == node
            && it["metadata"]["namespace"] == namespace
    });
    let ports = service.and_then(|it| it["spec"]["ports"].as_array()).expect("the node's Service");
    let port = ports.iter().find(|it| it["port"] == backend["port"]);
    let port = port.unwrap_or_else(|| panic!("{node} has no port {}", backend["port"]));
    assert!(port["name"] == "grpc" || port["name"] == "https", "{port}");
}

/// The profile of `Org1` in this `ConfigMap`, if it is there; both of its forms say the same.
fn profile(rendered: &[Value], name: &str) -> Option<Value> {
    let map = rendered.iter().find(|it| {
        it["kind"] == "ConfigMap"
            && it["metadata"]["name"] == name
            && it["metadata"]["namespace"] == "org1"
    })?;
    let form = |key: &str| map["data"][key].as_str().expect("a profile");
    let json: Value = serde_json::from_str(form("connection.json")).expect("JSON");
    let yaml: Value = yaml_serde::from_str(form("connection.yaml")).expect("YAML");
    assert_eq!(json, yaml);
    Some(json)
}

#[test]
fn clients_inside_are_told_of_every_member_and_need_no_other_name() {
    let network = Network::article();
    let package = network.package("dist");
    for helm in Helm::each() {
        let template = ["template", "article", text(&package), "--namespace", "article"];
        let rendered = objects(&helm.run(&template).success().stdout);
        assert!(profile(&rendered, "connection-profile-outside").is_none());
        let profile = profile(&rendered, "connection-profile").expect("a profile");
        for host in ["peer0.org1", "peer1.org1", "peer0.org2", "peer1.org2"] {
            assert_eq!(profile["peers"][host]["url"], format!("grpcs://{host}:7051"));
            assert!(profile["peers"][host]["grpcOptions"].is_null(), "the certificate has it");
        }
        let own = &profile["channels"]["mychannel"]["peers"]["peer1.org1"];
        let other = &profile["channels"]["mychannel"]["peers"]["peer0.org2"];
        assert!(own["eventSource"] == true && other["eventSource"] == false, "{profile:#}");
        assert_eq!(profile["organizations"]["Org2"]["mspid"], "Org2MSP");
        let root = |host: &str| profile["peers"][host]["tlsCACerts"]["pem"].clone();
        assert_ne!(root("peer0.org1"), root("peer0.org2"));
    }
}

#[test]
fn clients_outside_are_told_addresses_ports_and_other_names_only_where_they_need_them() {
    let network = network();
    let package = network.package("dist");
    let version = served("v1");
    let outside = |helm: &Helm, settings: &[&str]| {
        let template = ["template", "article", text(&package), "--namespace", "article", &version];
        let rendered = objects(&helm.run(&[&template[..], settings].concat()).success().stdout);
        profile(&rendered, "connection-profile-outside").expect("a profile")
    };
    for helm in Helm::each() {
        let plain = outside(&helm, &[]);
        let (peer, orderer) = (&plain["peers"]["peer0.org2"], &plain["orderers"]);
        assert_eq!(peer["url"], "grpcs://peer0.org2.fabric.example.net:443");
        assert!(peer["grpcOptions"].is_null(), "{peer}");
        let orderer = orderer.as_object().expect("orderers").values().next().expect("an orderer");
        assert!(orderer["url"].as_str().is_some_and(|it| it.ends_with(".fabric.example.net:443")));
        let settings = [
            "--set",
            "global.exposure.port=8443",
            "--set-json",
            r#"global.exposure.addresses={"peer0.org1":"203.0.113.7"}"#,
        ];
        let changed = outside(&helm, &settings);
        let peer = &changed["peers"]["peer0.org1"];
        assert_eq!(peer["url"], "grpcs://203.0.113.7:8443");
        assert_eq!(peer["grpcOptions"]["ssl-target-name-override"], "peer0.org1");
    }
}
