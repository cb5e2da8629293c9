//! FT209: an MSP id that policies cannot name.

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::grammar;

pub(super) static RULE: Rule = Rule {
    code: "FT209",
    severity: Severity::Error,
    title: "an MSP id has letters, digits, dots and dashes",
    about: "Fabric's policy language reads `[A-Za-z0-9.-]` as an MSP id. An underscore passes configtxgen and fails when \
            the first policy that names the organization is parsed.",
    fires: &[case(&[("mspId: Org1MSP", "mspId: Org1_MSP")])],
    near_misses: &[case(&[
        ("mspId: Org1MSP", "mspId: Org1-MSP.example"),
        ("AND('Org1MSP.peer','Org2MSP.peer')", "OR('Org2MSP.peer')"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let Some(msp_id) = &organization.said.msp_id else { continue };
        if !grammar::is_plain(msp_id, 249) {
            let legal: String =
                msp_id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            findings.report(Finding::at(
                organization.path.key("mspId"),
                format!("`{msp_id}` is no MSP id"),
                "Fabric's policies read letters, digits, dots and dashes, and nothing else",
                format!("write `mspId: {}`", legal.trim_matches('-')),
            ));
        }
    }
}
