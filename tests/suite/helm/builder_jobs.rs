//! Chaincodes that peers start as Jobs: what the builder needs in the namespace, as Helm renders it.

use serde_json::{Value, json};

use super::objects::objects;
use super::{Helm, text};
use crate::network::Network;

const TOPOLOGY: &str = "\
apiVersion: fabric-topology/v1
kind: FabricNetwork
metadata: {name: jobs, version: 1.0.0}
fabric: {version: 2.5.16}
images: {pullSecrets: [registry]}
chaincode: {mode: k8s-builder}
organizations:
  - {name: Org1, peers: 1}
  - {name: Orderer, orderers: 3}
channels:
  - {name: mychannel, members: [Org1]}
";

fn find<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let it = objects.iter().find(|it| it["kind"] == kind && it["metadata"]["name"] == name);
    it.unwrap_or_else(|| panic!("no {kind} {name}"))
}

#[test]
fn jobs_of_the_builder_have_an_account_a_namespace_that_admits_them_and_a_peer_that_listens() {
    let network = Network::empty();
    network.write(TOPOLOGY);
    network.builder(&["identities"]).success();
    let manifest = network.path().join("private/Org1/manifest.yaml");
    let manifest = std::fs::read_to_string(manifest).expect("a manifest");
    assert!(manifest.contains("pod-security.kubernetes.io/enforce: baseline"), "{manifest}");
    network.builder(&["build", "--out", "dist"]).success();
    let package = network.package("dist");
    for helm in Helm::each() {
        let template = ["template", "jobs", text(&package), "--namespace", "jobs"];
        let rendered = objects(&helm.run(&template).success().stdout);
        let account = find(&rendered, "ServiceAccount", "chaincode");
        assert_eq!(account["imagePullSecrets"], json!([{"name": "registry"}]));
        let rules = &find(&rendered, "Role", "peers")["rules"];
        assert_eq!(rules[0]["verbs"], json!(["get", "list", "watch", "create"]));
        assert_eq!(rules[1]["verbs"], json!(["create", "patch"]), "nobody reads keys of others");
        // A peer launches chaincodes before it is ready.
        let service = find(&rendered, "Service", "peer0-chaincode");
        assert_eq!(service["spec"]["publishNotReadyAddresses"], true);
        let peer = find(&rendered, "StatefulSet", "peer0");
        assert_eq!(service["spec"]["selector"], peer["spec"]["selector"]["matchLabels"]);
        let environment = peer["spec"]["template"]["spec"]["containers"][0]["env"].as_array();
        let mut environment = environment.into_iter().flatten();
        let address = environment.find(|it| it["name"] == "CORE_PEER_CHAINCODEADDRESS");
        let address = address.map_or(&Value::Null, |it| &it["value"]);
        assert_eq!(*address, "peer0-chaincode.org1.svc.cluster.local:7052");
    }
}
