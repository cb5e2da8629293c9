//! What happens when nodes are emptied: budgets neither block that nor cost a channel its quorum, and pods of a kind are
//! spread.

use serde_json::Value;

use super::assert_none;
use super::renders::{RENDERS, Render, name};

/// Workloads of a network with more than one pod of their kind, by what tells their pods from others.
const SPREAD: &[&str] = &["peer", "orderer", "chaincode", "kafka", "zookeeper"];

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn is_pod_maker(object: &Value) -> bool {
    matches!(object["kind"].as_str(), Some("StatefulSet" | "Deployment"))
}

fn labels_hold(wanted: &Value, labels: &Value) -> bool {
    let wanted = wanted.as_object().expect("labels");
    !wanted.is_empty() && wanted.iter().all(|(key, value)| labels[key] == *value)
}

/// The namespace and the labels of the pods that an object selects by `spec.selector.matchLabels`.
fn pods_of(render: &Render, budget: &Value) -> u64 {
    let makers = render.first.iter().filter(|it| is_pod_maker(it));
    let selected = makers.filter(|it| {
        it["metadata"]["namespace"] == budget["metadata"]["namespace"]
            && labels_hold(
                &budget["spec"]["selector"]["matchLabels"],
                &it["spec"]["template"]["metadata"]["labels"],
            )
    });
    selected.filter_map(|it| it["spec"]["replicas"].as_u64()).sum()
}

fn budgets(render: &Render) -> impl Iterator<Item = &Value> {
    render.first.iter().filter(|it| it["kind"] == "PodDisruptionBudget")
}

fn has_budget(render: &Render, namespace: &str, budget: &str) -> bool {
    budgets(render).any(|it| {
        text(it, "/metadata/namespace") == namespace && text(it, "/metadata/name") == budget
    })
}

#[test]
fn a_budget_is_of_two_or_more_pods_and_lets_one_go() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        for budget in budgets(render) {
            let spec = &budget["spec"];
            let lets_go = spec["maxUnavailable"] == 1 && spec["minAvailable"].is_null();
            let broken = spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow";
            if pods_of(render, budget) < 2 || !lets_go || !broken {
                faults.push(format!("{}: {}", render.sample.row.name, name(budget)));
            }
        }
    }
    assert_none("nodes can be emptied", &faults);
}

#[test]
fn orderers_have_a_budget_exactly_where_their_channels_can_spare_one() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        let network = &render.sample.first.network;
        for organization in &network.organizations {
            let orders = |channel: &&chart_builder::model::Channel| {
                channel.consensus.votes()
                    && channel.consenters.iter().any(|it| it.organization == organization.name)
            };
            let mut channels = network.channels.iter().filter(orders);
            let spare = channels.all(|channel| {
                u64::try_from(channel.consenters.len()).is_ok_and(|all| all > channel.quorum())
            });
            let wanted = organization.orderers.len() > 1 && spare;
            let there = has_budget(render, &organization.namespace, "orderers");
            if wanted != there {
                let network = &render.sample.row.name;
                faults.push(format!("{network}: {}: {there}", organization.name));
            }
            let wanted = organization.peers.len() > 1;
            if wanted != has_budget(render, &organization.namespace, "peers") {
                faults.push(format!("{}: peers of {}", render.sample.row.name, organization.name));
            }
        }
    }
    assert_none("budgets follow from quorums", &faults);
}

#[test]
fn pods_of_a_kind_are_spread_over_nodes_and_zones_and_nothing_waits_for_it() {
    let mut faults = Vec::new();
    for render in RENDERS.iter() {
        for maker in render.first.iter().filter(|it| is_pod_maker(it)) {
            let template = &maker["spec"]["template"];
            let labels = &template["metadata"]["labels"];
            let constraints = template["spec"]["topologySpreadConstraints"].as_array();
            let constraints = constraints.map_or(&[][..], Vec::as_slice);
            let own = constraints.iter().all(|it| {
                it["whenUnsatisfiable"] == "ScheduleAnyway"
                    && labels_hold(&it["labelSelector"]["matchLabels"], labels)
            });
            let keys: Vec<&str> = constraints.iter().map(|it| text(it, "/topologyKey")).collect();
            let wanted = if SPREAD.contains(&text(labels, "/app.kubernetes.io~1component")) {
                &["kubernetes.io/hostname", "topology.kubernetes.io/zone"][..]
            } else {
                &[]
            };
            if keys != wanted || !own {
                faults.push(format!("{}: {}: {keys:?}", render.sample.row.name, name(maker)));
            }
        }
    }
    assert_none("one node or zone does not take all pods of a kind", &faults);
}
