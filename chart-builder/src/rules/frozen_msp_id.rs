//! FT402: another MSP id of a built organization.

use super::frozen::changed;
use super::{Context, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT402",
    severity: Severity::Error,
    title: "an MSP id never changes",
    about: "Fabric refuses it (`attempted to change MSP ID`), and every identity of the organization would lose its rights.",
    fires: &[rebuilt(&[
        ("mspId: Org1MSP", "mspId: Org1NewMSP"),
        ("AND('Org1MSP.peer','Org2MSP.peer')", "AND('Org1NewMSP.peer','Org2MSP.peer')"),
    ])],
    near_misses: &[rebuilt(&[("    mspId: Org1MSP\n", "")])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for organization in context.organizations() {
        let now = &organization.decided.msp_id;
        let Some(locked) = context.lock.organizations.get(&organization.decided.name) else {
            continue;
        };
        if locked.msp_id != *now {
            let key = if organization.said.msp_id.is_some() { "mspId" } else { "name" };
            let fact = format!("the MSP id of `{}`", organization.decided.name);
            findings.report(changed(
                organization.path.key(key),
                &fact,
                (&locked.msp_id, now),
                "Fabric refuses to change an MSP id, and channel updates are not built yet",
            ));
        }
    }
}
