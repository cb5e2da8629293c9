//! The Kafka cluster: values of `fabric-kafka`.

use std::collections::BTreeSet;

use chart_format::yaml::{Map, Node};

use super::view::{View, claim};
use super::{Part, monitoring, settings};
use crate::model::{KafkaCluster, KafkaNode, Resources, names};
use crate::spec::quantity;

/// The heap of a Java machine whose memory has no limit, in MiB.
const UNLIMITED_HEAP_MEBIBYTES: u64 = 512;

/// None for a network without a cluster of its own.
pub(super) fn part(view: &View<'_>) -> Option<Part> {
    let cluster = view.network.kafka.as_ref()?;
    if !view.release.holds(&KafkaCluster::OWNER) {
        return None;
    }
    let facts = Map::new()
        .with("namespace", &cluster.namespace)
        .with("brokers", nodes(cluster, &cluster.brokers, 0))
        // ZooKeeper's numbers begin with 1.
        .with("zookeeper", nodes(cluster, &cluster.zookeeper, 1))
        .with("replicationFactor", i64::from(cluster.replication_factor))
        .with("minInsync", i64::from(cluster.min_insync))
        .with("messageMaxBytes", i64::from(cluster.message_max_bytes))
        .with("clients", clients(view));
    let mut own = Map::new();
    for (key, nodes) in [("brokers", &cluster.brokers), ("zookeeper", &cluster.zookeeper)] {
        if let Some(node) = nodes.first() {
            own.insert(key, knobs(&node.resources));
        }
    }
    let names: Vec<String> = cluster.nodes().map(|node| node.name.clone()).collect();
    let none = names.iter().map(|name| (name.clone(), Node::from(Map::new())));
    let readers = monitoring::readers(view.network.monitoring.as_ref());
    if !readers.is_empty() {
        own.insert("networkPolicy", Map::new().with("monitoring", readers));
    }
    own.insert("rollout", settings::rollout(view.network));
    own.comment("rollout", settings::ROLLOUT);
    let own = own.with_comment("nodes", "Settings of single nodes.", none.collect::<Map>());
    Some(Part {
        owner: KafkaCluster::OWNER,
        chart: "fabric-kafka",
        alias: names::KAFKA_ALIAS.to_owned(),
        comment: "Kafka and ZooKeeper".to_owned(),
        facts,
        settings: own,
        nodes: Some(("nodes", names)),
    })
}

fn nodes(cluster: &KafkaCluster, nodes: &[KafkaNode], first_id: u32) -> Map {
    let node = |node: &KafkaNode| {
        let facts = Map::new()
            .with("id", i64::from(node.index) + i64::from(first_id))
            .with("host", names::host(&node.name, &cluster.namespace))
            .with("claim", claim(&node.storage));
        (node.name.clone(), Node::from(facts))
    };
    nodes.iter().map(node).collect()
}

/// Namespaces of orderers: nobody else talks to brokers.
fn clients(view: &View<'_>) -> Vec<Node> {
    let organizations = view.network.organizations.iter().filter(|it| !it.orderers.is_empty());
    let namespaces: BTreeSet<&str> = organizations.map(|it| it.namespace.as_str()).collect();
    namespaces.into_iter().map(Node::from).collect()
}

fn knobs(resources: &Resources) -> Map {
    let mut knobs = Map::new().with("heapMebibytes", heap_mebibytes(resources));
    let resources = settings::resources(resources);
    if !resources.is_empty() {
        knobs.insert("resources", resources);
    }
    knobs
}

/// Half of the memory: the other half is for what Java and the kernel keep outside of the heap.
fn heap_mebibytes(resources: &Resources) -> i64 {
    let limit = resources.limits.memory.as_deref().and_then(quantity::milli);
    let half = limit.map(|milli| milli / 1000 / 2 / (1 << 20));
    let half = half.and_then(|half| u64::try_from(half).ok());
    let heap = half.unwrap_or(UNLIMITED_HEAP_MEBIBYTES).max(32);
    i64::try_from(heap).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;
    use crate::material::Material;
    use crate::model::{Network, Quantities};

    fn values(network: &Network) -> Option<Part> {
        let material = Material::default();
        let release = network.releases().remove(0);
        part(&View { network, material: &material, release: &release })
    }

    fn network() -> Network {
        Network { kafka: Some(example::kafka()), ..example::article() }
    }

    #[test]
    fn a_network_without_kafka_has_no_part_of_it() {
        assert!(values(&example::article()).is_none());
    }

    #[test]
    fn numbers_of_brokers_begin_with_0_and_those_of_zookeeper_with_1() {
        let facts = Node::from(values(&network()).unwrap().facts);
        let at = |keys: &[&str]| {
            let find = |node: Node, key: &&str| node.as_map()?.get(key).cloned();
            keys.iter().try_fold(facts.clone(), find)
        };
        assert_eq!(at(&["brokers", "kafka3", "id"]), Some(3.into()));
        assert_eq!(at(&["brokers", "kafka3", "host"]), Some("kafka3.kafka".into()));
        assert_eq!(at(&["zookeeper", "zookeeper0", "id"]), Some(1.into()));
        assert_eq!(at(&["clients"]), Some(vec![Node::from("orderer")].into()));
    }

    #[test]
    fn half_of_the_memory_is_the_heap() {
        let limited = |memory: Option<&str>| Resources {
            limits: Quantities { cpu: None, memory: memory.map(str::to_owned) },
            ..Resources::default()
        };
        assert_eq!(heap_mebibytes(&limited(Some("1Gi"))), 512);
        assert_eq!(heap_mebibytes(&limited(Some("300M"))), 143);
        assert_eq!(heap_mebibytes(&limited(Some("1Mi"))), 32, "Java does not start with less");
        assert_eq!(heap_mebibytes(&limited(None)), 512);
    }

    #[test]
    fn another_broker_changes_nothing_that_the_others_read() {
        let before = Node::from(values(&network()).unwrap().facts);
        let mut after = network();
        let cluster = after.kafka.as_mut().unwrap();
        let fifth = KafkaNode { name: names::broker(4), index: 4, ..cluster.brokers[0].clone() };
        cluster.brokers.push(fifth);
        let mut facts = values(&after).unwrap().facts;
        let mut brokers = facts.get("brokers").and_then(Node::as_map).cloned().unwrap();
        brokers = brokers
            .iter()
            .filter(|it| it.key != "kafka4")
            .map(|it| (it.key.clone(), it.value.clone()))
            .collect();
        facts.insert("brokers", brokers);
        assert_eq!(Node::from(facts), before);
    }
}
