//! FT535: a chaincode on peers that run none.

use super::context::chaincode_field;
use super::{Context, Finding, Findings, Rule, case};
use crate::diagnostic::{KeyPath, Severity};
use crate::model::ChaincodeMode;

pub(super) static RULE: Rule = Rule {
    code: "FT535",
    severity: Severity::Error,
    title: "members of a channel run its chaincodes",
    about: "Peers of mode `none` commit blocks and start no chaincode; converge would wait for theirs for ever.",
    fires: &[case(&[(
        "{name: Org2, namespace: org2, peers: 2}",
        "{name: Org2, namespace: org2, peers: 2, chaincode: {mode: none}}",
    )])],
    near_misses: &[case(&[
        (
            "{name: Org2, namespace: org2, peers: 2}",
            "{name: Org2, namespace: org2, peers: 2, chaincode: {mode: none}}",
        ),
        ("      - Org2\n", ""),
        ("AND('Org1MSP.peer','Org2MSP.peer')", "OR('Org1MSP.peer')"),
    ])],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let Some(channel) = context.network.channel(&chaincode.decided.channel) else { continue };
        for member in channel.members.iter().filter(|member| !member.peers.is_empty()) {
            let Some(organization) = context.organization(&member.organization) else { continue };
            if organization.decided.chaincode_mode != ChaincodeMode::None {
                continue;
            }
            findings.report(
                Finding::at(
                    chaincode_field(&organization, |said| said.mode.is_some(), "mode"),
                    format!(
                        "peers of `{}` run no chaincode, and `{}` is on their channel",
                        member.organization, chaincode.decided.name
                    ),
                    "a definition is approved and called by every member with peers",
                    "let them run it, or take the chaincode off the channel",
                )
                .beside(KeyPath::root().key("chaincodes"), "the chaincodes"),
            );
        }
    }
}
