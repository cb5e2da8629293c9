//! The node ports of the article, from its own file to the objects that Helm renders.

use std::collections::BTreeMap;

use super::objects::objects;
use super::{Helm, text};
use crate::network::Network;

/// `cluster-config.yaml` of the article, word for word in what it says.
const CLUSTER: &str = "\
OrdererOrgs:
  - Name: Orderer1
    Domain: orgorderer1
    Template:
      Count: 1

PeerOrgs:
  - Name: Org1
    Domain: org1
    Template:
      Count: 2
    Users:
      Count: 1
  - Name: Org2
    Domain: org2
    Template:
      Count: 2
    Users:
      Count: 1
";

#[test]
fn the_file_of_2017_gives_the_node_ports_of_2017() {
    let network = Network::empty();
    std::fs::write(network.path().join("cluster-config.yaml"), CLUSTER).expect("a file");
    network.builder(&["init", "--from", "cluster-config.yaml", "--name", "article"]).success();
    // Chaincodes of the article run in the engine of the node, and dial the peer by its name.
    let topology = std::fs::read_to_string(network.path().join("network.yaml")).expect("a file");
    let docker = "cluster: {runtime: docker}\n\
                  chaincode: {mode: docker-host, dns: off, acknowledge: [docker-socket]}\nchannels:\n";
    network.write(&topology.replace("channels:\n", docker));
    network.builder(&["identities"]).success();
    network.builder(&["build", "--out", "dist"]).success();
    let package = network.package("dist");
    for helm in Helm::each() {
        let template = ["template", "article", text(&package), "--namespace", "article"];
        let rendered = objects(&helm.run(&template).success().stdout);
        let mut ports = BTreeMap::new();
        for service in rendered.iter().filter(|it| it["spec"]["type"] == "NodePort") {
            for port in service["spec"]["ports"].as_array().expect("ports") {
                let (name, owner) =
                    (&service["metadata"]["name"], &service["metadata"]["namespace"]);
                let name = name.as_str().and_then(|it| it.strip_suffix("-external"));
                let (name, owner) = (name.expect("a name"), owner.as_str().expect("a namespace"));
                ports.insert(port["nodePort"].as_u64(), format!("{name}.{owner}:{}", port["port"]));
            }
        }
        let ports: Vec<_> =
            ports.iter().map(|(port, target)| (port.unwrap_or(0), target.as_str())).collect();
        assert_eq!(
            ports,
            [
                (30000, "ca.org1:7054"),
                (30001, "peer0.org1:7051"),
                (30002, "peer0.org1:7052"),
                (30003, "peer1.org1:7051"),
                (30004, "peer1.org1:7052"),
                (30100, "ca.org2:7054"),
                (30101, "peer0.org2:7051"),
                (30102, "peer0.org2:7052"),
                (30103, "peer1.org2:7051"),
                (30104, "peer1.org2:7052"),
                (32000, "orderer0.orgorderer1:7050"),
            ]
        );
    }
}
