//! Values of what is reached from outside of the cluster.

use chart_format::yaml::go_json;

use super::*;
use crate::model::{ExposureKind, GatewayListener};

#[test]
fn exposure_follows_from_the_numbers_of_namespaces_and_the_indexes_of_nodes() {
    let mut network = example::article();
    assert_eq!(value(&network, &["org1", "facts", "exposure"]), Map::new().into());
    network.exposure.kind = ExposureKind::NodePort;
    let ports = value(&network, &["org2", "facts", "exposure", "nodePorts", "peer1"]);
    assert_eq!(ports, Map::new().with("grpc", 30103).with("chaincode", 30104).into());
    let ports = value(&network, &["orderer-orderers", "facts", "exposure", "nodePorts"]);
    let port = |port: i64| Map::new().with("grpc", port);
    let expected = Map::new().with("orderer0", port(32000));
    assert_eq!(ports, expected.with("orderer1", port(32001)).with("orderer2", port(32002)).into());
    network.exposure.kind = ExposureKind::Ingress;
    network.exposure.domain = Some("fabric.example.net".to_owned());
    let host = value(&network, &["org1", "facts", "exposure", "hosts", "peer0"]);
    assert_eq!(host, "peer0.org1.fabric.example.net".into());
    network.exposure.kind = ExposureKind::Gateway;
    let edge = GatewayListener {
        name: "edge".to_owned(),
        namespace: Some("gateways".to_owned()),
        section: None,
    };
    network.exposure.gateways = vec![edge];
    let parents = value(&network, &["orderer-orderers", "exposure", "gateway", "parentRefs"]);
    assert_eq!(go_json(&parents), r#"[{"name":"edge","namespace":"gateways"}]"#);
    assert_eq!(value(&network, &["org1", "facts", "exposure", "type"]), "gateway".into());
}

#[test]
fn clients_outside_are_told_of_every_node_and_whether_its_certificate_has_the_name() {
    let mut network = example::article();
    let outside = |network: &Network, node: &str| {
        go_json(&value(network, &["global", "fabric", "outside", "nodes", node]))
    };
    let everything = value(&network, &["global", "fabric", "outside"]);
    assert_eq!(everything, Map::new().into());
    assert_eq!(value(&network, &["global", "exposure"]), Node::default());
    network.exposure.kind = ExposureKind::NodePort;
    assert_eq!(outside(&network, "peer1.org2"), r#"{"port":30103}"#);
    network.exposure.kind = ExposureKind::LoadBalancer;
    assert_eq!(outside(&network, "orderer2.orderer"), r#"{"port":7050}"#);
    network.exposure.kind = ExposureKind::Ingress;
    network.exposure.domain = Some("fabric.example.net".to_owned());
    let expected = r#"{"host":"peer0.org1.fabric.example.net","named":false}"#;
    assert_eq!(outside(&network, "peer0.org1"), expected);
    assert_eq!(value(&network, &["global", "exposure", "port"]), 443.into());
}
