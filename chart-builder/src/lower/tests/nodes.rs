//! Settings of nodes.

use chart_format::yaml::go_json;

use super::value;
use crate::example;
use crate::model::Quantities;

#[test]
fn a_limit_of_one_node_is_a_setting_of_that_node() {
    let mut network = example::article();
    network.organizations[0].peers[1].resources.limits =
        Quantities { cpu: None, memory: Some("2Gi".to_owned()) };
    let node = value(&network, &["org1", "peers"]);
    let json = go_json(&node);
    assert_eq!(json, r#"{"peer0":{},"peer1":{"resources":{"limits":{"memory":"2Gi"}}}}"#);
}

#[test]
fn what_all_nodes_share_is_a_setting_of_all_of_them() {
    let mut network = example::article();
    let limits = |memory: &str| Quantities { cpu: None, memory: Some(memory.to_owned()) };
    for (peer, memory) in network.organizations[0].peers.iter_mut().zip(["2Gi", "3Gi"]) {
        peer.resources.limits = limits(memory);
        peer.resources.requests = limits("1Gi");
    }
    let settings = |key| go_json(&value(&network, &["org1", key]));
    assert_eq!(settings("defaults"), r#"{"resources":{"requests":{"memory":"1Gi"}}}"#);
    assert_eq!(
        settings("peers"),
        r#"{"peer0":{"resources":{"limits":{"memory":"2Gi"}}},"peer1":{"resources":{"limits":{"memory":"3Gi"}}}}"#
    );
}
