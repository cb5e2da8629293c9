//! FT507: an endorsement policy that Fabric cannot read.

use fabric_artifacts::policy::SignaturePolicy;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;

pub(super) static RULE: Rule = Rule {
    code: "FT507",
    severity: Severity::Error,
    title: "an endorsement policy can be read",
    about: "Fabric's signature policies are `AND(…)`, `OR(…)` and `OutOf(n, …)` over `'<MSP id>.<role>'` with the roles \
            member, admin, client, peer and orderer.",
    fires: &[
        case(&[("AND('Org1MSP.peer','Org2MSP.peer')", "AND('Org1MSP.peer','Org2MSP.peer'")]),
        case(&[("AND('Org1MSP.peer','Org2MSP.peer')", "AND('Org1MSP.boss')")]),
    ],
    near_misses: &[case(&[(
        "AND('Org1MSP.peer','Org2MSP.peer')",
        "OutOf(1, 'Org1MSP.peer', 'Org2MSP.member')",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let Some(said) = &chaincode.said.endorsement else { continue };
        if let Err(error) = SignaturePolicy::parse(said) {
            findings.report(Finding::at(
                chaincode.path.key("endorsement"),
                format!("this policy cannot be read: {error}"),
                "peers would refuse the definition",
                "write for example `AND('Org1MSP.peer','Org2MSP.peer')`, or leave it out for a majority",
            ));
        }
    }
}
