//! FT214: two parts of a network under one key of the chart's values.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::{NamespaceMode, names};

pub(super) static RULE: Rule = Rule {
    code: "FT214",
    severity: Severity::Error,
    title: "every part of a network has a key of its own in the chart's values",
    about: "The values of peers stand under `<namespace>`, of orderers under `<namespace>-orderers`, of a chaincode under \
            `chaincode-<name>`, of Kafka under `kafka`, each without the network's prefix; Helm and the charts keep `global`, `tests`, `enabled`, \
            `fabric-network` and `fabric-common`. Two parts under one key would read each other's settings.",
    fires: &[
        case(&[("namespace: org1\n", "namespace: global\n")]),
        case(&[("namespace: org1\n", "namespace: fabric-common\n")]),
        case(&[
            ("namespace: org1\n", "namespace: tests\n"),
            ("namespaces: plain", "namespaces: prefixed"),
        ]),
        case(&[("namespace: org1\n", "namespace: chaincode-asset\n")]),
        case(&[("namespace: org2,", "namespace: orgorderer1-orderers,")]),
    ],
    near_misses: &[
        case(&[("namespace: org1\n", "namespace: global1\n")]),
        case(&[("namespace: orgorderer1,", "namespace: global,")]),
        case(&[("namespace: org2,", "namespace: org1-orderers,")]),
    ],
    check,
};

/// What has values of its own. Two of a kind collide only when their names do, which is reported by other rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Peers,
    Orderers,
    Chaincode,
    Kafka,
}

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut first: BTreeMap<String, (Kind, KeyPath)> = BTreeMap::new();
    for (alias, kind, path) in parts(context) {
        let reserved = names::RESERVED_ALIASES.iter().find(|(reserved, _)| *reserved == alias);
        let message = format!("`{alias}` is the key of its values, and it is taken");
        let fix =
            "write another `namespace:` for the organization, or another `name:` for the chaincode";
        if let Some((_, owner)) = reserved {
            let why = format!("the key belongs to {owner}");
            findings.report(Finding::at(path, message, &why, fix));
            continue;
        }
        match first.get(&alias) {
            Some((other, place)) if *other != kind => {
                let why = "two parts under one key would read each other's settings";
                let finding = Finding::at(path, message, why, fix);
                findings.report(finding.beside(place.clone(), "first taken here"));
            }
            Some(_) => {}
            None => {
                first.insert(alias, (kind, path));
            }
        }
    }
}

/// Everything with values of its own: its key, its kind, and the word that the key comes from.
fn parts(context: &Context<'_>) -> Vec<(String, Kind, KeyPath)> {
    let network = context.network;
    let prefixed = network.namespaces == NamespaceMode::Prefixed;
    let mut parts = Vec::new();
    for organization in context.organizations() {
        let decided = organization.decided;
        let base = names::base_namespace(&network.name, &decided.namespace, prefixed);
        let key = if organization.said.namespace.is_some() { "namespace" } else { "name" };
        let path = organization.path.key(key);
        if !decided.peers.is_empty() {
            parts.push((names::peers_alias(base), Kind::Peers, path.clone()));
        }
        if !decided.orderers.is_empty() {
            parts.push((names::orderers_alias(base), Kind::Orderers, path));
        }
    }
    if network.kafka.is_some() {
        parts.push((names::KAFKA_ALIAS.to_owned(), Kind::Kafka, super::kafka_sizes::path(context)));
    }
    for chaincode in context.chaincodes() {
        let alias = names::chaincode_alias(&chaincode.decided.name);
        parts.push((alias, Kind::Chaincode, chaincode.path.key("name")));
    }
    parts
}
