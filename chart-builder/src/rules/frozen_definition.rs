//! FT415: another definition under a built sequence.

use super::{Context, Finding, Findings, Rule, rebuilt};
use crate::diagnostic::Severity;
use crate::model::EndorsementPolicy;

pub(super) static RULE: Rule = Rule {
    code: "FT415",
    severity: Severity::Error,
    title: "a changed definition has a new sequence",
    about: "Version, policy, collections and channel of a definition are fixed once it is committed; organizations that approve \
            something else under the same sequence never agree. The server's image is not part of the definition and \
            may change at any time.",
    fires: &[
        rebuilt(&[("version: \"1.0\"", "version: \"1.1\"")]),
        rebuilt(&[("AND('Org1MSP.peer','Org2MSP.peer')", "OR('Org1MSP.peer','Org2MSP.peer')")]),
        rebuilt(&[(
            "    sequence: 2\n",
            "    sequence: 2\n    collections: [{name: secret, members: [Org1]}]\n",
        )]),
    ],
    near_misses: &[
        rebuilt(&[("version: \"1.0\"", "version: \"1.1\""), ("sequence: 2", "sequence: 3")]),
        rebuilt(&[("image: cc/asset:1.0", "image: cc/asset:1.0.1")]),
    ],
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for chaincode in context.chaincodes() {
        let decided = chaincode.decided;
        let Some(locked) = context.lock.chaincodes.get(&decided.name) else { continue };
        if decided.sequence != locked.sequence {
            continue;
        }
        let default = "the channel's own";
        let policy = match &decided.endorsement {
            EndorsementPolicy::ChannelDefault => default,
            EndorsementPolicy::Signature(text) => text,
        };
        let frozen_policy = locked.endorsement.as_deref().unwrap_or(default);
        let facts = [
            ("version", locked.version.as_str(), decided.version.as_str()),
            ("endorsement", frozen_policy, policy),
        ];
        for (key, frozen, now) in facts.into_iter().filter(|(_, frozen, now)| frozen != now) {
            findings.report(Finding::at(
                chaincode.path.key(key),
                format!(
                    "{key} of `{}` was built as `{frozen}` and is now `{now}`, both with sequence {}",
                    decided.name, decided.sequence
                ),
                "a committed definition does not change under its sequence",
                format!("write `sequence: {}`", decided.sequence.saturating_add(1)),
            ));
        }
        if decided.collections != locked.collections {
            findings.report(Finding::at(
                chaincode.path.key("collections"),
                format!(
                    "`{}` has other collections than it was built with, both with sequence {}",
                    decided.name, decided.sequence
                ),
                "a committed definition does not change under its sequence",
                format!("write `sequence: {}`", decided.sequence.saturating_add(1)),
            ));
        }
    }
}
