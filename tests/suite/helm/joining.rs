//! An organization joins a channel that is built: what Helm is told then, object by object, and what is refused on the way.

use std::collections::BTreeMap;

use serde_json::Value;

use super::objects::objects;
use super::{Helm, text};
use crate::network::{Network, replaced};

/// The article's network, and the version of it that a third organization joins.
fn joined(layout: &str) -> Network {
    let network = Network::of_example("article");
    let first = std::fs::read_to_string(network.path().join("network.yaml")).expect("a topology");
    let first = replaced(&first, "organizations:\n", &format!("{layout}organizations:\n"));
    network.write(&first);
    network.builder(&["identities"]).success();
    network.builder(&["build", "--out", "first"]).success();
    let third = "  - {name: Org3, peers: 1}\n  - {name: Orderer,";
    let second = replaced(&first, "  - {name: Orderer,", third);
    let second = replaced(&second, "members: [Org1, Org2]", "members: [Org1, Org2, Org3]");
    network.write(&replaced(&second, "version: 1.0.0", "version: 1.1.0"));
    network.builder(&["identities"]).success();
    network.builder(&["build", "--out", "second"]).failure().says("FT930");
    network.builder(&["sign"]).success();
    network.builder(&["build", "--out", "second"]).success();
    network
}

fn rendered(helm: &Helm, network: &Network, folder: &str) -> BTreeMap<String, Value> {
    let package = network.package(folder);
    let arguments = ["template", "article", text(&package), "--namespace", "article", "--no-hooks"];
    let rendered = objects(&helm.run(&arguments).success().stdout).into_iter();
    let name = |object: &Value| {
        let part = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        [part(&metadata["namespace"]), part(&object["kind"]), part(&metadata["name"])].join("/")
    };
    rendered.map(|object| (name(&object), object)).collect()
}

#[test]
fn only_new_objects_appear_and_only_converge_starts_anew() {
    for helm in Helm::each() {
        let network = joined("");
        let first = rendered(&helm, &network, "first");
        let second = rendered(&helm, &network, "second");
        let restarted = first.iter().filter(|(name, object)| {
            let now = second.get(*name).unwrap_or_else(|| panic!("{name} is gone"));
            now.pointer("/spec/template") != object.pointer("/spec/template")
        });
        let restarted: Vec<&String> = restarted.map(|(name, _)| name).collect();
        assert_eq!(restarted, ["org1/Deployment/converge", "org2/Deployment/converge"]);
        let new: Vec<&String> = second.keys().filter(|name| !first.contains_key(*name)).collect();
        assert!(new.iter().all(|name| name.starts_with("org3/")), "{new:?}");
        for workload in ["StatefulSet/peer0", "Deployment/converge", "Deployment/canary-1"] {
            assert!(second.contains_key(&format!("org3/{workload}")), "{new:?}");
        }
    }
}

#[test]
fn the_update_is_handed_to_the_members_before_and_never_to_the_one_that_joins() {
    let Some(helm) = Helm::each().pop() else { return };
    let network = joined("");
    let second = rendered(&helm, &network, "second");
    let state =
        |namespace: &str| second[&format!("{namespace}/ConfigMap/peers-desired-state")].clone();
    let update = |namespace: &str| {
        let state = state(namespace);
        let text = state["data"]["state"].as_str().expect("a text").to_owned();
        let line = text.lines().find(|line| line.starts_with("update "));
        let word = line.map(|line| line.split(' ').take(4).collect::<Vec<_>>().join(" "));
        (word, state["binaryData"]["mychannel.update-1.tx"].is_string())
    };
    assert_eq!(update("org1"), (Some("update mychannel 1 0".to_owned()), true));
    assert_eq!(update("org2"), (Some("update mychannel 1 1".to_owned()), true));
    assert_eq!(update("org3"), (None, false));
    let members = state("org1")["data"]["state"].to_string();
    assert!(members.contains("member mychannel Org3MSP peer0.org3:7051"), "{members}");
}

#[test]
fn owners_get_the_update_in_their_own_charts() {
    let network = joined("release: {layout: per-owner}\n");
    let mut names: Vec<String> = std::fs::read_dir(network.path().join("second"))
        .expect("packages")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.iter().any(|name| name.contains("org3")), "{names:?}");
    let Some(helm) = Helm::each().pop() else { return };
    let package = names.iter().find(|name| name.contains("org2")).expect("the chart of Org2");
    let package = network.path().join("second").join(package);
    let arguments = ["template", "article-org2", text(&package), "--namespace", "org2"];
    let said = helm.run(&arguments).success();
    assert!(said.stdout.contains("mychannel.update-1.tx"), "{said}");
    assert!(said.stdout.contains("update mychannel 1 1 "), "{said}");
}
