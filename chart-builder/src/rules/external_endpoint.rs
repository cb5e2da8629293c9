//! FT720: an endpoint of an external organization that is none.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::Endpoint;

pub(super) static RULE: Rule = Rule {
    code: "FT720",
    severity: Severity::Error,
    title: "endpoints of external organizations are `host:port`",
    about: "They stand in channel configurations and are compared with TLS certificates, which are for DNS names: lower case, \
            no address, and the port that is dialled from outside.",
    fires: &[
        case(&[(
            "  - {name: Orderer,",
            "  - {name: Auditor, external: {anchors: [peer0.auditor.example.net]}}\n  - {name: Orderer,",
        )]),
        case(&[(
            "  - {name: Orderer,",
            "  - {name: Auditor, external: {anchors: [\"10.1.2.3:443\"]}}\n  - {name: Orderer,",
        )]),
    ],
    near_misses: &[case(&[(
        "  - {name: Orderer,",
        "  - {name: Auditor, external: {anchors: [\"peer0.auditor.example.net:443\"]}}\n  - {name: Orderer,",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let Some(external) = &organization.said.external else { continue };
        let path = organization.path.key("external");
        for (key, endpoints) in [("anchors", &external.anchors), ("orderers", &external.orderers)] {
            check_list(&path.key(key), endpoints, findings);
        }
    }
}

fn check_list(path: &KeyPath, endpoints: &[String], findings: &mut Findings<'_>) {
    for (index, text) in endpoints.iter().enumerate() {
        if Endpoint::parse(text).is_none() {
            findings.report(Finding::at(
                path.index(index),
                format!("`{text}` is no endpoint"),
                "it is dialled and compared with a certificate: a DNS name in lower case and a port",
                "write it like `peer0.auditor.example.net:443`",
            ));
        }
    }
}
