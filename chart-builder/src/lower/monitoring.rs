//! What Prometheus and Grafana are told of a network: values of `fabric-monitoring`, and who may read metrics.

use std::collections::BTreeSet;

use chart_format::yaml::{Map, Node};
use fabric_artifacts::x509::Certificate;

use super::view::View;
use super::{LowerError, Part};
use crate::model::{KafkaCluster, Monitoring, Organization, Peer, names};

/// None for a network without monitoring, and for a release without organizations.
pub(super) fn part(view: &View<'_>) -> Result<Option<Part>, LowerError> {
    let Some(monitoring) = &view.network.monitoring else { return Ok(None) };
    if view.organizations().next().is_none() {
        return Ok(None);
    }
    let facts = Map::new()
        .with("namespace", &view.release.namespace)
        .with("peers", counts(view, |it| it.peers.len()))
        .with("orderers", counts(view, |it| it.orderers.len()))
        .with("authorities", authorities(view))
        .with("consensus", consensus(view))
        .with("couchdb", view.organizations().any(|it| it.peers.iter().any(Peer::has_couchdb)))
        .with("kafka", kafka(view))
        .with_comment(
            "certificates",
            "When each ends, as Unix time: Fabric has no metric for that.",
            certificates(view)?,
        );
    Ok(Some(Part {
        owner: view.release.owner.clone(),
        chart: "fabric-monitoring",
        alias: names::MONITORING_ALIAS.to_owned(),
        comment: "Targets, alerts and dashboards".to_owned(),
        facts,
        settings: settings(monitoring),
        nodes: None,
    }))
}

/// Labels of the namespace that reads metrics; none if the topology names none.
pub(super) fn readers(monitoring: Option<&Monitoring>) -> Map {
    let namespace = monitoring.and_then(|it| it.prometheus.as_ref());
    namespace.map_or_else(Map::new, |it| Map::new().with("kubernetes.io/metadata.name", it))
}

fn settings(monitoring: &Monitoring) -> Map {
    let labels: Map = monitoring
        .labels
        .iter()
        .map(|(name, value)| (name.clone(), Node::from(value.as_str())))
        .collect();
    let found = |enabled: bool| Map::new().with("enabled", enabled).with("labels", labels.clone());
    Map::new()
        .with("serviceMonitors", found(monitoring.service_monitors))
        .with("rules", found(monitoring.rules))
        .with("dashboards", Map::new().with("enabled", monitoring.dashboards))
}

/// Nodes by namespace, where there are some.
fn counts(view: &View<'_>, count: fn(&Organization) -> usize) -> Map {
    let counts = view.organizations().map(|it| (it.namespace.clone(), count(it)));
    let counts = counts.filter(|(_, count)| *count > 0);
    counts.map(|(it, count)| (it, Node::from(i64::try_from(count).unwrap_or(i64::MAX)))).collect()
}

fn authorities(view: &View<'_>) -> Vec<Node> {
    let organizations = view.organizations().filter(|it| it.ca.is_some());
    organizations.map(|it| Node::from(&it.namespace)).collect()
}

fn consensus(view: &View<'_>) -> Vec<Node> {
    let words: BTreeSet<_> = view.network.channels.iter().map(|it| it.consensus.word()).collect();
    words.into_iter().map(Node::from).collect()
}

/// The cluster whose exporter is asked: an owner's release leaves it to the release of the cluster.
fn kafka(view: &View<'_>) -> Map {
    let cluster = view.network.kafka.as_ref();
    let Some(cluster) = cluster.filter(|_| view.release.holds(&KafkaCluster::OWNER)) else {
        return Map::new();
    };
    Map::new()
        .with("namespace", &cluster.namespace)
        .with("brokers", i64::try_from(cluster.brokers.len()).unwrap_or(i64::MAX))
        .with("minInsync", i64::from(cluster.min_insync))
}

fn certificates(view: &View<'_>) -> Result<Vec<Node>, LowerError> {
    let mut list = Vec::new();
    for organization in view.organizations() {
        let its = view.certificates(&organization.name)?;
        let own = [("organization", "ca", &its.ca), ("organization", "tls-ca", &its.tls_ca)];
        let nodes = its.nodes.iter().flat_map(|(name, node)| {
            [(name.as_str(), "sign", &node.sign), (name.as_str(), "tls", &node.tls)]
        });
        let own = own.into_iter().chain([("admin", "sign", &its.admin)]);
        for (node, usage, pem) in own.chain(nodes) {
            let certificate = Certificate::from_pem(pem).map_err(|source| {
                let (organization, node) = (organization.name.clone(), node.to_owned());
                LowerError::Certificate { organization, node, source: Box::new(source) }
            })?;
            let facts = Map::new()
                .with("organization", &organization.name)
                .with("namespace", &organization.namespace)
                .with("node", node)
                .with("use", usage)
                .with("notAfter", certificate.not_after().unix_timestamp());
            list.push(Node::from(facts));
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use chart_format::yaml::go_json;

    use super::*;
    use crate::example;
    use crate::material::Material;
    use crate::model::Network;

    fn monitoring() -> Monitoring {
        Monitoring {
            service_monitors: true,
            rules: false,
            dashboards: true,
            labels: [("release".to_owned(), "prometheus".to_owned())].into(),
            prometheus: Some("monitoring".to_owned()),
        }
    }

    #[test]
    fn nothing_is_made_without_the_block() {
        let (network, material) = (example::article(), Material::default());
        let release = network.releases().remove(0);
        let view = View { network: &network, material: &material, release: &release };
        assert!(part(&view).unwrap().is_none());
    }

    #[test]
    fn nodes_are_counted_by_namespace_and_kafka_by_its_own() {
        let network = Network {
            monitoring: Some(monitoring()),
            kafka: Some(example::kafka()),
            ..example::article()
        };
        let material = Material::default();
        let release = network.releases().remove(0);
        let view = View { network: &network, material: &material, release: &release };
        let json = |map: Map| go_json(&Node::from(map));
        assert_eq!(json(counts(&view, |it| it.peers.len())), r#"{"org1":2,"org2":2}"#);
        assert_eq!(json(kafka(&view)), r#"{"brokers":4,"minInsync":2,"namespace":"kafka"}"#);
        assert_eq!(consensus(&view), [Node::from("etcdraft")]);
    }

    #[test]
    fn labels_find_targets_and_alerts_and_what_is_off_stays_off() {
        let json = go_json(&Node::from(settings(&monitoring())));
        let found = r#"{"enabled":true,"labels":{"release":"prometheus"}}"#;
        assert!(json.contains(&format!(r#""serviceMonitors":{found}"#)), "{json}");
        assert!(json.contains(r#""rules":{"enabled":false"#), "{json}");
    }

    #[test]
    fn only_the_namespace_of_prometheus_reads_metrics() {
        let label = r#"{"kubernetes.io/metadata.name":"monitoring"}"#;
        assert_eq!(go_json(&Node::from(readers(Some(&monitoring())))), label);
        assert!(readers(None).is_empty());
    }
}
