//! Private data collections: what converge is given for them, and that networks without any keep their scripts.

use serde_json::Value;

use super::objects::objects;
use super::{Helm, text};
use crate::network::{Network, replaced};

/// What adds the collections of the chaincode at hand to a command.
const FLAG: &str = "--collections-config \"$packages/$chaincode.collections.json\"";

/// The `ConfigMap` of this name in the namespace of Org1.
fn of_organization(objects: &[Value], name: &str) -> Value {
    let is = |it: &&Value| {
        it["kind"] == "ConfigMap"
            && it["metadata"]["name"] == name
            && it["metadata"]["namespace"] == "org1"
    };
    objects.iter().find(is).unwrap_or_else(|| panic!("no {name}")).clone()
}

/// What Helm makes of the network as it is written, built into the directory `out`.
fn rendered(helm: &Helm, network: &Network, out: &str) -> Vec<Value> {
    network.builder(&["identities"]).success();
    network.builder(&["build", "--out", out]).success();
    let package = network.package(out);
    let arguments = ["template", "article", text(&package), "--namespace", "article", "--no-hooks"];
    objects(&helm.run(&arguments).success().stdout)
}

#[test]
fn every_step_of_a_definition_names_its_collections() {
    for helm in Helm::each() {
        let network = Network::of_example("article");
        let topology =
            std::fs::read_to_string(network.path().join("network.yaml")).expect("a topology");
        let before = rendered(&helm, &network, "first");
        let scripts = of_organization(&before, "converge-scripts")["data"].clone();
        assert!(!scripts.to_string().contains("collections-config"), "{scripts}");

        let image = "image: fabric-canary:0.1.0";
        let collections = "collections: [{name: secret, members: [Org1], blockToLive: 100}]";
        let definition = format!("{image}, sequence: 2, {collections}");
        let with = replaced(&topology, image, &definition);
        network.write(&replaced(&with, "version: 1.0.0", "version: 1.1.0"));
        let after = rendered(&helm, &network, "second");
        let scripts = of_organization(&after, "converge-scripts")["data"].clone();
        let count =
            |script: &str| scripts[script].as_str().expect("a script").matches(FLAG).count();
        assert_eq!((count("definitions.sh"), count("legacy.sh")), (3, 1));
        let state = of_organization(&after, "peers-desired-state");
        let files = state["binaryData"].as_object().expect("files");
        assert!(files.keys().any(|name| name.ends_with(".collections.json")), "{:?}", files.keys());
    }
}
