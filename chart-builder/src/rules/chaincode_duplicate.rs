//! FT506: a chaincode twice.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT506",
    severity: Severity::Error,
    title: "a chaincode's name is there once in the network",
    about: "Servers are called `<chaincode>-<sequence>` in the namespace of each member: two chaincodes of one name would \
            be one Service, even on two channels.",
    fires: &[case(&[(
        "removals: []\n",
        "  - {name: asset, channel: settlement, version: \"1\", image: cc/b:1}\n",
    )])],
    near_misses: &[case(&[(
        "removals: []\n",
        "  - {name: asset2, channel: settlement, version: \"1\", image: cc/b:1}\n",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut first = BTreeMap::new();
    for chaincode in context.chaincodes() {
        let path = chaincode.path.key("name");
        let name = chaincode.decided.name.as_str();
        let Some(other) = first.insert(name, path.clone()) else { continue };
        findings.report(
            Finding::at(
                path,
                format!("chaincode `{name}` is there twice"),
                "its servers' Services would have the same names in the same namespaces",
                "give one of the two another name",
            )
            .beside(other, "first written here"),
        );
    }
}
