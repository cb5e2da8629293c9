//! Settings of people who run the network, as far as the topology gives them; the curated charts have the defaults.

use chart_format::yaml::{Map, Node};

use super::LowerError;
use super::monitoring;
use super::view::View;
use crate::model::{
    ChaincodeTest, Image, Images, Network, PullPolicy, Quantities, Resources, Rollout,
};

pub(super) fn images(images: &Images) -> Map {
    let policy = match images.pull_policy {
        PullPolicy::IfNotPresent => "IfNotPresent",
        PullPolicy::Always => "Always",
        PullPolicy::Never => "Never",
    };
    let secrets: Vec<Node> = images.pull_secrets.iter().map(Node::from).collect();
    let mut map =
        Map::new().with_comment("registry", "For images that name none, for example a mirror.", "");
    for (component, its) in &images.components {
        map.insert(component.key(), image(its));
        map.comment(component.key(), format!("For {}.", component.purpose()));
    }
    map.with("pullPolicy", policy).with_comment(
        "pullSecrets",
        "Names of Secrets, in every namespace.",
        secrets,
    )
}

pub(super) fn image(image: &Image) -> Map {
    let mut map = Map::new();
    if !image.registry.is_empty() {
        map.insert("registry", &image.registry);
    }
    map.insert("repository", &image.repository);
    map.insert("tag", &image.tag);
    if let Some(digest) = &image.digest {
        map.insert("digest", digest);
    }
    map
}

/// Who reaches whom, as far as the cluster decides it.
pub(super) fn network_policy(network: &Network) -> Map {
    let label = |key: &str, value: &str| Map::new().with(key, value);
    let dns = Map::new()
        .with("namespace", label("kubernetes.io/metadata.name", "kube-system"))
        .with("pods", label("k8s-app", "kube-dns"))
        .with_comment(
            "addresses",
            "Ranges of servers that are no pods; here the one of NodeLocal DNSCache.",
            vec![Node::from("169.254.20.10/32")],
        )
        .with_comment("ports", "Where the pods listen; OpenShift's at 5353.", vec![Node::from(53)]);
    let api_server = network.cluster.api_server.map(|server| {
        let range = server.range.to_string();
        Node::from(Map::new().with("cidr", range).with("port", i64::from(server.port)))
    });
    Map::new()
        .with_comment(
            "mode",
            "derived: pods reach, and are reached by, what Fabric needs and nothing else; operations: only operations \
             endpoints are closed; off: no policies. Applications in other namespaces need `clients`.",
            "derived",
        )
        .with_comment("dns", "Who answers names.", dns)
        .with_comment(
            "apiServer",
            "Where pods reach the API server, behind its Service: cidr, port; empty: ports 443 and 6443 of everywhere.",
            api_server.into_iter().collect::<Vec<_>>(),
        )
        .with_comment(
            "monitoring",
            "Labels of namespaces that read metrics; empty: none.",
            monitoring::readers(network.monitoring.as_ref()),
        )
        .with_comment(
            "clients",
            "Labels of namespaces whose pods call peers, orderers and CA servers; empty: none.",
            Map::new(),
        )
        .with_comment(
            "more",
            "Rules of your own, by component: peer: {ingress: [], egress: []}.",
            Map::new(),
        )
}

/// A map of nodes with what the topology says about their resources.
pub(super) fn nodes<'a>(nodes: impl Iterator<Item = (&'a str, &'a Resources)>) -> Map {
    let mut map = Map::new();
    for (name, wanted) in nodes {
        map.insert(name, node(wanted));
    }
    map
}

/// Settings of nodes: what all of them share stands under `defaults`, where one `--set` changes it for all, and the rest
/// at each node under `key`.
pub(super) fn of_nodes((key, comment): (&str, &str), nodes: &Map) -> Map {
    let all: Vec<&Map> = nodes.iter().filter_map(|entry| entry.value.as_map()).collect();
    let shared = shared(&all);
    let own: Map = nodes
        .iter()
        .filter_map(|entry| Some((entry.key.clone(), without(entry.value.as_map()?, &shared))))
        .collect();
    let mut settings = Map::new();
    if !shared.is_empty() {
        settings = settings.with_comment("defaults", "Settings that all of them share.", shared);
    }
    settings.with_comment(key, comment, own)
}

/// What is equal in all maps, at every depth.
fn shared(maps: &[&Map]) -> Map {
    let mut shared = Map::new();
    let Some((first, others)) = maps.split_first() else { return shared };
    for entry in *first {
        let values = others.iter().map(|it| it.get(&entry.key)).collect::<Option<Vec<_>>>();
        let Some(values) = values else { continue };
        let below = entry.value.as_map().and_then(|own| {
            let others = values.iter().map(|it| it.as_map());
            std::iter::once(Some(own)).chain(others).collect::<Option<Vec<_>>>()
        });
        match below {
            Some(below) => {
                let below = self::shared(&below);
                if !below.is_empty() {
                    shared.insert(&entry.key, below);
                }
            }
            None if values.iter().all(|value| **value == entry.value) => {
                shared.insert(&entry.key, entry.value.clone());
            }
            None => {}
        }
    }
    shared
}

/// A map without what stands in `shared` as well.
fn without(map: &Map, shared: &Map) -> Map {
    let mut rest = Map::new();
    for entry in map {
        match (shared.get(&entry.key), entry.value.as_map()) {
            (Some(Node::Map(shared)), Some(own)) => {
                let own = without(own, shared);
                if !own.is_empty() {
                    rest.insert(&entry.key, own);
                }
            }
            (Some(_), _) => {}
            (None, _) => {
                rest.insert(&entry.key, entry.value.clone());
            }
        }
    }
    rest
}

/// Stands above the settings of rollouts.
pub(super) const ROLLOUT: &str = "How a release replaces the pods that it changes.";

/// How the topology wants pods to be replaced.
pub(super) fn rollout(network: &Network) -> Map {
    Map::new().with("oneByOne", network.rollout == Rollout::OneByOne)
}

/// What the topology says about the resources of a container.
pub(super) fn node(wanted: &Resources) -> Map {
    let resources = resources(wanted);
    if resources.is_empty() { Map::new() } else { Map::new().with("resources", resources) }
}

/// Only what the topology gives: the rest comes from the chart.
pub(super) fn resources(resources: &Resources) -> Map {
    let mut map = Map::new();
    for (key, wanted) in [("requests", &resources.requests), ("limits", &resources.limits)] {
        let quantities = quantities(wanted);
        if !quantities.is_empty() {
            map.insert(key, quantities);
        }
    }
    map
}

fn quantities(quantities: &Quantities) -> Map {
    let mut map = Map::new();
    if let Some(cpu) = &quantities.cpu {
        map.insert("cpu", cpu);
    }
    if let Some(memory) = &quantities.memory {
        map.insert("memory", memory);
    }
    map
}

/// What `helm test` does: one transaction for each chaincode, with the functions of the canary unless told otherwise.
pub(super) fn tests(view: &View<'_>) -> Result<Map, LowerError> {
    let transaction = |test: &ChaincodeTest| {
        let map = Map::new()
            .with("enabled", true)
            .with("invoke", &test.invoke)
            .with("query", &test.query);
        match &test.expect {
            Some(expect) => map.with("expect", expect),
            None => map,
        }
    };
    let chaincodes = view.chaincodes()?.into_iter();
    let transactions: Map = chaincodes.map(|it| (it.name.clone(), transaction(&it.test))).collect();
    Ok(Map::new()
        .with("enabled", true)
        .with_comment("deadlineSeconds", "Until a test gives up.", 120)
        .with_comment(
            "transactions",
            "By chaincode: what is invoked, and the query that gives @VALUE@ back, or answers what `expect` says.",
            transactions,
        ))
}
