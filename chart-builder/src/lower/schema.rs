//! The schema of a network's values: settings are typed and closed, so that a misspelt key is refused, and nodes are the
//! ones of this network. The settings of each part are described by the schema of its curated chart, which Helm checks
//! as well; facts are open here, because the guard explains more than a schema can.

use chart_format::yaml::{Map, Node, go_json};

use super::view::View;
use super::{LowerError, Part};
use crate::model::Network;

/// `values.schema.json`, draft 7, without references to anywhere.
pub(super) fn schema(view: &View<'_>, parts: &[Part]) -> Result<String, LowerError> {
    let mut properties = Map::new()
        .with("global", global(view.network))
        .with("fabric-network", library(library(Map::new())));
    if view.release.has_organizations() {
        properties.insert("tests", tests(view)?);
    }
    for part in parts {
        properties.insert(part.alias.clone(), of_part(part));
    }
    let schema = closed(properties)
        .with("$schema", "http://json-schema.org/draft-07/schema#")
        .with("title", format!("Values of the network {}", view.network.name));
    let mut text = go_json(&schema.into());
    text.push('\n');
    Ok(text)
}

fn global(network: &Network) -> Map {
    let image = || {
        let text = || of_type("string");
        closed(
            Map::new()
                .with("registry", text())
                .with("repository", text())
                .with("tag", text())
                .with("digest", text()),
        )
    };
    let policies = ["IfNotPresent", "Always", "Never"].map(Node::from).to_vec();
    let components = network.images.components.keys();
    let images: Map =
        components.map(|component| (component.key().to_owned(), Node::from(image()))).collect();
    let images = images
        .with("registry", of_type("string"))
        .with("pullPolicy", Map::new().with("enum", policies))
        .with("pullSecrets", of_type("array").with("items", of_type("string")));
    let shared = Map::new()
        .with("fabric", of_type("object"))
        .with("images", closed(images))
        .with("networkPolicy", network_policy());
    closed(match super::exposure::addresses(network) {
        Some(settings) => shared.with("exposure", exposure(&settings)),
        None => shared,
    })
}

/// Of the settings that this kind of exposure has.
fn exposure(settings: &Map) -> Map {
    let kind = |key: &str| match key {
        "port" => of_type("integer").with("minimum", 1).with("maximum", 65535),
        "addresses" => of_type("object").with("additionalProperties", of_type("string")),
        _ => of_type("string"),
    };
    closed(settings.iter().map(|entry| (entry.key.clone(), Node::from(kind(&entry.key)))).collect())
}

fn network_policy() -> Map {
    let labels = || of_type("object").with("additionalProperties", of_type("string"));
    let texts = || of_type("array").with("items", of_type("string"));
    let modes = ["derived", "operations", "off"].map(Node::from).to_vec();
    let dns =
        Map::new().with("namespace", labels()).with("pods", labels()).with("addresses", texts());
    let dns = dns.with("ports", of_type("array").with("items", of_type("integer")));
    let list = || of_type("array").with("items", of_type("object"));
    let rules = Map::new().with("ingress", list()).with("egress", list());
    let server = Map::new().with("cidr", of_type("string")).with("port", of_type("integer"));
    closed(
        Map::new()
            .with("mode", Map::new().with("enum", modes))
            .with("dns", closed(dns))
            .with("apiServer", of_type("array").with("items", closed(server)))
            .with("monitoring", labels())
            .with("clients", labels())
            .with("more", of_type("object").with("additionalProperties", closed(rules))),
    )
}

fn tests(view: &View<'_>) -> Result<Map, LowerError> {
    let transaction = || {
        closed(
            Map::new()
                .with("enabled", of_type("boolean"))
                .with("invoke", of_type("string"))
                .with("query", of_type("string"))
                .with("expect", of_type("string")),
        )
    };
    let chaincodes = view.chaincodes()?.into_iter();
    let transactions: Map =
        chaincodes.map(|it| (it.name.clone(), Node::from(transaction()))).collect();
    Ok(closed(
        Map::new()
            .with("enabled", of_type("boolean"))
            .with("deadlineSeconds", of_type("integer").with("minimum", 1))
            .with("transactions", closed(transactions)),
    ))
}

/// Nodes that the network does not have are refused; the rest is the curated chart's schema.
fn of_part(part: &Part) -> Map {
    // A part cannot be left out: the network counts on it.
    let enabled = Map::new().with("enum", vec![Node::from(true)]);
    let mut properties = Map::new().with("enabled", enabled);
    if let Some((key, names)) = &part.nodes {
        let nodes: Map =
            names.iter().map(|name| (name.clone(), Node::from(of_type("object")))).collect();
        properties.insert(*key, closed(nodes));
    }
    of_type("object").with("properties", properties)
}

/// The key that Helm makes for a library: what is global, and the keys of its own libraries.
fn library(own: Map) -> Map {
    let mut properties = Map::new().with("global", of_type("object"));
    if !own.is_empty() {
        properties.insert("fabric-common", own);
    }
    closed(properties)
}

fn of_type(name: &str) -> Map {
    Map::new().with("type", name)
}

fn closed(properties: Map) -> Map {
    of_type("object").with("additionalProperties", false).with("properties", properties)
}
