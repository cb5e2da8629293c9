//! FT508: an endorsement policy that names a stranger.

use std::collections::BTreeSet;

use fabric_artifacts::policy::SignaturePolicy;

use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::Severity;
use crate::spec::nearest;

pub(super) static RULE: Rule = Rule {
    code: "FT508",
    severity: Severity::Error,
    title: "an endorsement policy names members of the channel",
    about: "Fabric accepts a policy with an MSP id that nobody on the channel has; no transaction ever satisfies it.",
    fires: &[case(&[("AND('Org1MSP.peer','Org2MSP.peer')", "AND('Org1MSP.peer','Org2Msp.peer')")])],
    near_misses: &[case(&[(
        "AND('Org1MSP.peer','Org2MSP.peer')",
        "OR('Org1MSP.admin','Org2MSP.client')",
    )])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if !context.names_known("organizations") {
        return;
    }
    for chaincode in context.chaincodes() {
        let Some(said) = &chaincode.said.endorsement else { continue };
        let channel = context.channels().find(|it| it.decided.name == chaincode.decided.channel);
        let (Some(channel), Ok(policy)) = (channel, SignaturePolicy::parse(said)) else { continue };
        let members = context.members(&channel);
        let members: Vec<_> = members.map(|it| it.decided.organization.clone()).collect();
        let known: BTreeSet<&str> = context
            .organizations()
            .filter(|organization| members.contains(&organization.decided.name))
            .map(|organization| organization.decided.msp_id.as_str())
            .collect();
        for stranger in policy.msp_ids().into_iter().filter(|id| !known.contains(id)) {
            let list = known.iter().copied().collect::<Vec<_>>().join(", ");
            let fix = nearest(stranger, known.iter().copied()).map_or_else(
                || format!("name some of {list}"),
                |near| format!("did you mean `{near}`?"),
            );
            let finding = Finding::at(
                chaincode.path.key("endorsement"),
                format!("no member of `{}` has the MSP id `{stranger}`", channel.decided.name),
                "no transaction could ever satisfy the policy",
                fix,
            );
            findings.report(finding.rests_on(channel.path.key("members")));
        }
    }
}
