//! What network policies allow, by the semantics of Kubernetes: a small implementation of its own.
//!
//! A pod that no policy selects for a direction is open in it; rules add up; both ends have to agree. Pods reach each other
//! only through selectors here: an address range never stands for a pod. Left out: named ports, end ports, and expressions
//! other than `In`, which the charts do not use and which panic.

use serde_json::Value;

use crate::topologies::renders::name;

/// A pod as policies see it.
#[derive(Debug, Clone)]
pub(super) struct Pod {
    /// The object that it comes from.
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) labels: Value,
    /// The ports that it says it listens on.
    pub(super) ports: Vec<u16>,
}

/// Pods of all workloads, hooks among them.
pub(super) fn pods(objects: &[Value]) -> Vec<Pod> {
    let template = |object: &Value| match object["kind"].as_str() {
        Some("Pod") => Some(object.clone()),
        Some("StatefulSet" | "Deployment" | "DaemonSet" | "Job") => {
            Some(object["spec"]["template"].clone())
        }
        _ => None,
    };
    let pod = |object: &Value| {
        let template = template(object)?;
        Some(Pod {
            name: name(object),
            namespace: object["metadata"]["namespace"].as_str()?.to_owned(),
            labels: template["metadata"]["labels"].clone(),
            ports: ports(&template["spec"]),
        })
    };
    objects.iter().filter_map(pod).collect()
}

fn ports(spec: &Value) -> Vec<u16> {
    let lists = ["containers", "initContainers"].into_iter();
    let containers = lists.filter_map(|list| spec[list].as_array()).flatten();
    let ports = containers.filter_map(|it| it["ports"].as_array()).flatten();
    ports.filter_map(|it| u16::try_from(it["containerPort"].as_u64()?).ok()).collect()
}

/// The policies of a cluster.
pub(super) struct Policies<'a>(Vec<&'a Value>);

impl<'a> Policies<'a> {
    pub(super) fn of(objects: &'a [Value]) -> Self {
        Self(objects.iter().filter(|it| it["kind"] == "NetworkPolicy").collect())
    }

    /// Whether a packet from one pod to a port of another passes both ends.
    pub(super) fn allow(&self, from: &Pod, to: &Pod, port: (u16, &str)) -> bool {
        self.one_way("Egress", (from, to), port) && self.one_way("Ingress", (to, from), port)
    }

    /// Whether some policy closes this direction of a pod.
    pub(super) fn close(&self, direction: &str, pod: &Pod) -> bool {
        self.of_pod(direction, pod).next().is_some()
    }

    fn of_pod<'p>(&'p self, direction: &'p str, pod: &'p Pod) -> impl Iterator<Item = &'p Value> {
        self.0.iter().copied().filter(move |policy| {
            let types = policy["spec"]["policyTypes"].as_array().into_iter().flatten();
            policy["metadata"]["namespace"] == *pod.namespace
                && types.into_iter().any(|it| it == direction)
                && selects(&policy["spec"]["podSelector"], &pod.labels)
        })
    }

    /// Whether the policies of the first pod let it exchange packets with the other in this direction.
    fn one_way(&self, direction: &str, (pod, other): (&Pod, &Pod), port: (u16, &str)) -> bool {
        let (rules, peers) =
            if direction == "Egress" { ("egress", "to") } else { ("ingress", "from") };
        let mut policies = self.of_pod(direction, pod).peekable();
        if policies.peek().is_none() {
            return true;
        }
        policies.any(|policy| {
            let rules = policy["spec"][rules].as_array().into_iter().flatten();
            rules.into_iter().any(|rule| {
                opens(&rule["ports"], port) && leads_to(&rule[peers], &pod.namespace, other)
            })
        })
    }
}

fn opens(ports: &Value, (number, protocol): (u16, &str)) -> bool {
    let Some(ports) = ports.as_array().filter(|it| !it.is_empty()) else { return true };
    ports.iter().any(|it| {
        assert!(it["port"].is_u64() && it["endPort"].is_null(), "a port that is no number: {it}");
        it["port"] == number && it["protocol"].as_str().unwrap_or("TCP") == protocol
    })
}

fn leads_to(peers: &Value, own: &str, pod: &Pod) -> bool {
    let Some(peers) = peers.as_array().filter(|it| !it.is_empty()) else { return true };
    peers.iter().any(|peer| {
        let namespace = match &peer["namespaceSelector"] {
            Value::Null => peer["ipBlock"].is_null() && pod.namespace == own,
            selector => {
                let labels = serde_json::json!({"kubernetes.io/metadata.name": pod.namespace});
                selects(selector, &labels)
            }
        };
        namespace && (peer["podSelector"].is_null() || selects(&peer["podSelector"], &pod.labels))
    })
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let wanted = selector["matchLabels"].as_object().into_iter().flatten();
    let mut expressions = selector["matchExpressions"].as_array().into_iter().flatten();
    wanted.into_iter().all(|(key, value)| labels[key] == *value)
        && expressions.all(|it| {
            assert!(it["operator"] == "In", "an operator that is not understood: {it}");
            let key = it["key"].as_str().expect("a key");
            it["values"].as_array().is_some_and(|values| values.contains(&labels[key]))
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(namespace: &str, component: &str) -> Pod {
        let labels = json!({"c": component});
        let name = format!("{namespace}/{component}");
        Pod { name, namespace: namespace.to_owned(), labels, ports: vec![] }
    }

    fn policy(namespace: &str, spec: &Value) -> Value {
        json!({"kind": "NetworkPolicy", "metadata": {"namespace": namespace}, "spec": spec})
    }

    #[test]
    fn what_nobody_selects_is_open_and_what_is_selected_needs_a_rule() {
        let (a, b) = (pod("one", "a"), pod("two", "b"));
        assert!(Policies::of(&[]).allow(&a, &b, (1, "TCP")));
        let deny = policy("two", &json!({"podSelector": {}, "policyTypes": ["Ingress"]}));
        let objects = [deny.clone()];
        assert!(!Policies::of(&objects).allow(&a, &b, (1, "TCP")));
        assert!(Policies::of(&objects).allow(&b, &a, (1, "TCP")), "the other direction is open");
        let rule = json!({"from": [{"namespaceSelector": {"matchExpressions": [{
            "key": "kubernetes.io/metadata.name", "operator": "In", "values": ["one"]}]},
            "podSelector": {"matchLabels": {"c": "a"}}}], "ports": [{"port": 1}]});
        let allow = json!({"podSelector": {"matchLabels": {"c": "b"}}, "policyTypes": ["Ingress"],
            "ingress": [rule]});
        let objects = [deny, policy("two", &allow)];
        let policies = Policies::of(&objects);
        assert!(policies.allow(&a, &b, (1, "TCP")));
        assert!(!policies.allow(&a, &b, (1, "UDP")) && !policies.allow(&a, &b, (2, "TCP")));
        assert!(!policies.allow(&pod("one", "b"), &b, (1, "TCP")), "another component");
        assert!(!policies.allow(&pod("two", "a"), &b, (1, "TCP")), "another namespace");
    }

    #[test]
    fn both_ends_have_to_agree_and_ranges_are_no_pods() {
        let (a, b) = (pod("one", "a"), pod("one", "b"));
        let out = json!({"podSelector": {"matchLabels": {"c": "a"}}, "policyTypes": ["Egress"],
            "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]});
        let objects = [policy("one", &out)];
        assert!(!Policies::of(&objects).allow(&a, &b, (1, "TCP")));
        let near = json!({"podSelector": {}, "policyTypes": ["Egress"],
            "egress": [{"to": [{"podSelector": {"matchLabels": {"c": "b"}}}]}]});
        let objects = [policy("one", &out), policy("one", &near)];
        let policies = Policies::of(&objects);
        assert!(policies.allow(&a, &b, (7, "UDP")), "rules add up");
        assert!(!policies.allow(&a, &pod("two", "b"), (7, "UDP")), "a selector without namespaces");
    }
}
