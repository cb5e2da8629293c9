//! FT204: one MSP id for two organizations.

use std::collections::BTreeMap;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};

pub(super) static RULE: Rule = Rule {
    code: "FT204",
    severity: Severity::Error,
    title: "an MSP id belongs to one organization",
    about: "Fabric knows organizations by MSP id; two with the same id are refused as different versions of one MSP, and ids that differ in case only are a trap for people.",
    fires: &[case(&[("name: Org2,", "name: Org2, mspId: org1msp,")])],
    near_misses: &[case(&[("name: Org2,", "name: Org2, mspId: Org12MSP,")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut first: BTreeMap<String, KeyPath> = BTreeMap::new();
    for organization in context.organizations() {
        let msp_id = &organization.decided.msp_id;
        let key = if organization.said.msp_id.is_some() { "mspId" } else { "name" };
        let path = organization.path.key(key);
        match first.get(&msp_id.to_lowercase()) {
            None => {
                first.insert(msp_id.to_lowercase(), path);
            }
            Some(other) => findings.report(
                Finding::at(
                    path,
                    format!("MSP id `{msp_id}` is taken"),
                    "it is compared without case, and belongs to one organization",
                    "write a `mspId:` of its own for one of the two",
                )
                .beside(other.clone(), "first used here"),
            ),
        }
    }
}
