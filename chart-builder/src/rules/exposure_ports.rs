//! FT700: node ports that would meet, or that nodes do not have.

use std::collections::BTreeMap;

use super::context::Organization;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{
    ExposureKind, HIGHEST_ORDERER, HIGHEST_PEER, MOST_ORGANIZATIONS, NamespaceMode,
};

pub(super) static RULE: Rule = Rule {
    code: "FT700",
    severity: Severity::Error,
    title: "node ports of the scheme of 2017 do not meet",
    about: "Organization N has the ports from 30000 + (N - 1) * 100 on: the Fabric CA, then two for each peer; orderers have those \
            from 32000 on. So N is the number at the end of the namespace, from 1 to 20 and there once; peers go to peer48; only one \
            organization has orderers, up to orderer767; and one network of a cluster has these ports.",
    fires: &[
        case(&[
            ("channels:\n", "exposure: {type: nodePort}\nchannels:\n"),
            ("namespace: org1\n", "namespace: first\n"),
        ]),
        case(&[
            ("channels:\n", "exposure: {type: nodePort}\nchannels:\n"),
            ("namespace: org2,", "namespace: org21,"),
        ]),
        case(&[
            ("channels:\n", "exposure: {type: nodePort}\nchannels:\n"),
            ("namespace: org2,", "namespace: partner1,"),
        ]),
        case(&[
            ("channels:\n", "exposure: {type: nodePort}\nchannels:\n"),
            ("namespace: org2, peers: 2", "namespace: org2, peers: 50"),
        ]),
        case(&[
            ("channels:\n", "exposure: {type: nodePort}\nchannels:\n"),
            ("  - {name: Orderer,", "  - {name: Second, orderers: 1}\n  - {name: Orderer,"),
        ]),
        case(&[
            ("channels:\n", "exposure: {type: nodePort}\nchannels:\n"),
            ("namespaces: plain", "namespaces: prefixed"),
        ]),
    ],
    near_misses: &[
        case(&[
            ("channels:\n", "exposure: {type: nodePort}\nchannels:\n"),
            ("namespace: org2, peers: 2", "namespace: org20, peers: 49"),
        ]),
        case(&[
            ("channels:\n", "exposure: {type: loadBalancer}\nchannels:\n"),
            ("namespace: org1\n", "namespace: first\n"),
        ]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if context.network.exposure.kind != ExposureKind::NodePort {
        return;
    }
    let exposure = KeyPath::root().key("exposure");
    if context.network.namespaces == NamespaceMode::Prefixed {
        let finding = Finding::at(
            exposure.key("type"),
            "a network with prefixed namespaces has the node ports of every other one".to_owned(),
            "prefixes are for several networks in a cluster, and a node port is there once in it",
            "use `type: loadBalancer` or `ingress`, or `namespaces: plain`",
        );
        findings.report(finding.rests_on(KeyPath::root().key("release")));
    }
    let mut numbers = BTreeMap::new();
    let mut ordering: Option<KeyPath> = None;
    for organization in context.organizations() {
        let mut found = Vec::new();
        if !organization.decided.peers.is_empty() || organization.decided.ca.is_some() {
            found.extend(of_peers(context, &organization, &mut numbers));
        }
        if !organization.decided.orderers.is_empty() {
            found.extend(of_orderers(&organization, ordering.as_ref()));
            ordering.get_or_insert_with(|| organization.path.key("orderers"));
        }
        for finding in found {
            findings.report(finding.beside(exposure.key("type"), "node ports are asked for here"));
        }
    }
}

fn of_peers(
    context: &Context<'_>,
    organization: &Organization<'_>,
    numbers: &mut BTreeMap<u32, String>,
) -> Option<Finding> {
    let decided = organization.decided;
    let key = if organization.said.namespace.is_some() { "namespace" } else { "name" };
    let path = organization.path.key(key);
    let number = context.network.number_of(decided);
    let Some(number) = number.filter(|number| (1..=MOST_ORGANIZATIONS).contains(number)) else {
        return Some(Finding::at(
            path,
            format!("namespace `{}` does not end with a number from 1 to 20", decided.namespace),
            "the number decides its node ports, and organization 21 would have those of orderers",
            "write a namespace like `org1`, or use `type: loadBalancer`",
        ));
    };
    if let Some(other) = numbers.insert(number, decided.name.clone()) {
        return Some(Finding::at(
            path,
            format!("`{}` and `{other}` are both organization {number}", decided.name),
            "they would have the same node ports",
            "number one of the two otherwise",
        ));
    }
    let highest = decided.peers.iter().map(|peer| peer.index).max().unwrap_or(0);
    (highest > HIGHEST_PEER).then(|| {
        Finding::at(
            organization.path.key("peers"),
            format!("the node ports of `peer{highest}` are those of organization {}", number + 1),
            "an organization has 100 ports: one for its CA, two for each peer",
            format!("stay at `peer{HIGHEST_PEER}`, or use `type: loadBalancer`"),
        )
    })
}

fn of_orderers(organization: &Organization<'_>, other: Option<&KeyPath>) -> Option<Finding> {
    let path = organization.path.key("orderers");
    if let Some(other) = other {
        let finding = Finding::at(
            path,
            format!(
                "the orderers of `{}` would have node ports that are taken",
                organization.decided.name
            ),
            "orderer0 of every organization is 32000",
            "let one organization have all orderers, or use `type: loadBalancer`",
        );
        return Some(finding.rests_on(other.clone()));
    }
    let highest = organization.decided.orderers.iter().map(|it| it.index).max().unwrap_or(0);
    (highest > HIGHEST_ORDERER).then(|| {
        Finding::at(
            path,
            format!("`orderer{highest}` would have node port {}", 32000 + highest),
            "Kubernetes gives nodes the ports up to 32767",
            format!("stay at `orderer{HIGHEST_ORDERER}`"),
        )
    })
}
