//! FT503: a chaincode whose Service name is too long.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::model::names;
use crate::spec::grammar::LONGEST_LABEL;

pub(super) static RULE: Rule = Rule {
    code: "FT503",
    severity: Severity::Error,
    title: "a chaincode's Service name has at most 63 characters",
    about: "The Service and the Deployment of a chaincode server are called `<chaincode>-<sequence>`; Kubernetes admits 63 \
            characters, and the sequence grows.",
    fires: &[case(&[(
        "name: asset",
        "name: a-chaincode-whose-name-says-everything-about-what-it-does-and-m",
    )])],
    near_misses: &[case(&[(
        "name: asset",
        "name: a-chaincode-whose-name-says-everything-about-what-it-does-and",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let name = &chaincode.decided.name;
        let service = names::chaincode_server(name, chaincode.decided.sequence);
        if service.len() > LONGEST_LABEL {
            findings.report(Finding::at(
                chaincode.path.key("name"),
                format!("Service `{service}` has {} characters", service.len()),
                "Kubernetes admits 63, sequence included",
                format!("shorten the name by {}", service.len() - LONGEST_LABEL),
            ));
        }
    }
}
