//! FT635: a directory of an organization in a crypto tree that cannot be one.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::grammar::is_subdomain;

pub(super) static RULE: Rule = Rule {
    code: "FT635",
    severity: Severity::Error,
    title: "an organization has a domain of its own in crypto-config",
    about: "`domain` is the name of the organization's directory in a tree `crypto-config` and the end of its nodes' names \
            there, as in cryptogen's configuration. It is no host name that anybody dials: those are `<node>.<namespace>`.",
    fires: &[
        case(&[("mspId: Org1MSP", "mspId: Org1MSP\n    domain: Org1/peers")]),
        case(&[("mspId: Org1MSP", "mspId: Org1MSP\n    domain: org2")]),
    ],
    near_misses: &[case(&[("mspId: Org1MSP", "mspId: Org1MSP\n    domain: org1.example.com")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut first = BTreeMap::new();
    for organization in context.organizations() {
        let domain = &organization.decided.domain;
        let said = organization.said.domain.is_some();
        let path = if said { organization.path.key("domain") } else { organization.path.clone() };
        if said && !is_subdomain(domain) {
            findings.report(Finding::at(
                path.clone(),
                format!("`{domain}` is no domain"),
                "it is the name of a directory and the end of names: labels with dots between, lower case",
                "write for example `org1` or `org1.example.com`",
            ));
        }
        let Some((other, place)) =
            first.insert(domain.clone(), (organization.decided.name.clone(), path.clone()))
        else {
            continue;
        };
        // Two equal namespaces are reported by FT205.
        if said || context.organization(&other).is_some_and(|other| other.said.domain.is_some()) {
            let finding = Finding::at(
                path,
                format!("`{domain}` is the domain of `{other}` as well"),
                "two organizations would share one directory of keys",
                "write another `domain:`",
            );
            findings.report(finding.beside(place, "first taken here"));
        }
    }
}
