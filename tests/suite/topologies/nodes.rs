//! Every node has one Service of its own name, as the article has it: `peer0` of `org1` is `peer0.org1`.

use serde_json::Value;

use super::assert_none;
use super::renders::{RENDERS, name};

/// Whether a selector is of these labels alone.
fn selects(service: &Value, labels: &Value) -> bool {
    let selector = service["spec"]["selector"].as_object();
    selector.is_some_and(|it| !it.is_empty() && it.iter().all(|(key, value)| labels[key] == *value))
}

#[test]
fn every_node_has_one_service_of_its_name_that_leads_to_it_alone() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let nodes: Vec<&Value> =
            render.first.iter().filter(|it| it["kind"] == "StatefulSet").collect();
        for node in &nodes {
            let labels = |node: &Value| node["spec"]["template"]["metadata"]["labels"].clone();
            let own = render.first.iter().filter(|it| {
                it["kind"] == "Service"
                    && it["metadata"]["name"] == node["metadata"]["name"]
                    && it["metadata"]["namespace"] == node["metadata"]["namespace"]
            });
            let own: Vec<&Value> = own.collect();
            let led: Vec<String> = nodes
                .iter()
                .filter(|it| {
                    it["metadata"]["namespace"] == node["metadata"]["namespace"]
                        && own.iter().any(|service| selects(service, &labels(it)))
                })
                .map(|it| name(it))
                .collect();
            if own.len() != 1 || led != [name(node)] {
                let network = &render.sample.row.name;
                faults.push(format!(
                    "{network}: {}: {} Services to {led:?}",
                    name(node),
                    own.len()
                ));
            }
        }
    }
    assert_none("a node is reached by its name", &faults);
}
