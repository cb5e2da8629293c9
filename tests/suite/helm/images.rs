//! The annotation from which the registry of a cluster without a way out is filled names what the chart's objects name.

use std::collections::BTreeSet;

use chart_builder::images::ANNOTATION;
use serde_json::Value;

use super::objects::objects;
use super::{Helm, text};
use crate::network::{Network, replaced};

/// Every `image` below a value.
fn named(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("image").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| named(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        _ => {}
    }
}

/// The article's network with everything that has an image of its own, one chart for each owner and one for Kafka.
fn network() -> Network {
    let network = Network::of_example("article");
    let topology =
        std::fs::read_to_string(network.path().join("network.yaml")).expect("a topology");
    let kafka = "ordering: {type: kafka}\nchannels:\n";
    let topology = replaced(&topology, "channels:\n", kafka);
    let more = "{name: Org2, peers: {count: 2, stateDB: couchdb}, ca: true, cli: true}";
    let topology = replaced(&topology, "{name: Org2, peers: 2}", more);
    network.write(&replaced(&topology, "fabric:", "release: {layout: per-owner}\nfabric:"));
    network.builder(&["identities"]).success();
    network.builder(&["build", "--out", "dist"]).success();
    network
}

#[test]
fn each_chart_names_its_own_images_in_its_annotation() {
    let network = network();
    let charts = network.packages("dist");
    assert!(charts.len() > 3, "{charts:?}");
    let Some(helm) = Helm::each().pop() else { return };
    for package in charts {
        let shown = helm.run(&["show", "chart", text(&package)]).success().stdout;
        let chart: Value = yaml_serde::from_str(&shown).expect("YAML");
        let listed = chart["annotations"][ANNOTATION].as_str().expect("an annotation");
        let listed: Vec<Value> = yaml_serde::from_str(listed).expect("a list");
        assert!(listed.iter().all(|it| it["name"].is_string()), "{listed:?}");
        let listed: BTreeSet<String> =
            listed.iter().filter_map(|it| it["image"].as_str().map(str::to_owned)).collect();
        let name = chart["name"].as_str().expect("a name");
        let owner = name.strip_prefix("article-").expect("the name of a part");
        let namespace = if owner == "orderer" { "orgorderer1" } else { owner };
        let template = ["template", name, text(&package), "--namespace", namespace];
        let mut found = BTreeSet::new();
        for object in objects(&helm.run(&template).success().stdout) {
            named(&object, &mut found);
        }
        assert_eq!(listed, found, "{name}");
    }
}
