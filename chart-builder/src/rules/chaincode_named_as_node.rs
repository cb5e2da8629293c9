//! FT511: a chaincode whose Secret is a node's.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::names;

pub(super) static RULE: Rule = Rule {
    code: "FT511",
    severity: Severity::Error,
    title: "no chaincode is called like a node",
    about: "The Secret of a chaincode's servers is `<chaincode>-tls`, and that of a node `<node>-tls`, in one namespace: a \
            chaincode `peer0` would share the key of the peer, and `ca` that of a Fabric CA.",
    fires: &[
        case(&[("name: asset", "name: peer0")]),
        case(&[("name: asset", "name: orderer12")]),
        case(&[("name: asset", "name: ca")]),
    ],
    near_misses: &[case(&[("name: asset", "name: peer0-assets")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let name = &chaincode.decided.name;
        let index = name.strip_prefix("peer").or_else(|| name.strip_prefix("orderer"));
        let is_node =
            |index: &str| !index.is_empty() && index.bytes().all(|it| it.is_ascii_digit());
        if index.is_some_and(is_node) || name == names::CA {
            findings.report(Finding::at(
                chaincode.path.key("name"),
                format!("chaincode `{name}` is called like a node"),
                "its Secret would have the name of the node's TLS Secret",
                format!("write for example `name: {name}-chaincode`"),
            ));
        }
    }
}
